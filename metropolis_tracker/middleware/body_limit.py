"""Limit what a request may send: how much, so that it never reaches the disk, and for how long it may hold a thread.

granian hands a request over as soon as its head is there: whoever reads the body waits for the rest of it, however long
that takes. So a body is read here, from a seat of the waiting room.
"""

import re

from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError
from django.shortcuts import render
from django.utils.translation import gettext as _

from plans.common import upload_limits
from plans.common.paths import without_language
from plans.common.uploads import HashingUploadHandler, announced_length, is_too_large, larger_than
from plans.common.waiting import Busy, bodies, busy, uploads
from reports.imports.files.reading import too_large
from reports.mail.report_links import takes_files

LARGEST_FORM = upload_limits.FORM + upload_limits.OVERHEAD
HASHED_WHILE_READ = re.compile(r"/verify/")  # the view hashes a file while it arrives and stores nothing
IMPORT = re.compile(r"/plans/[-\w]+/import/")
WITH_FILES = re.compile(r"/plans/[-\w]+/(files|L\d+M\d+D\d+/(status|propose)|proposals/[-\w]+/accept)/")
BY_LINK = re.compile(r"/report/([^/]+)/(?:files|L\d+M\d+D\d+)/")
LAST_FIELD = "end"  # of every form with files: without it, a file in front of it may have lost its end
LARGEST_WITH_FILES = upload_limits.EVIDENCE + LARGEST_FORM
CHUNK = 65_536  # bytes


class BodyLimitMiddleware:
    """Answers 413 to a request whose announced body is over the limit, 400 to one that ends before its end.

    It must run before anything reads `request.POST`. The CSRF check does, which would store the whole body first.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            return self.answer(request)
        except Busy:
            return busy(request)

    def process_exception(self, request, exception):
        """Answer 503 where a view has found the waiting room full."""
        return busy(request) if isinstance(exception, Busy) else None

    def answer(self, request):
        if not announced_length(request):
            return self.get_response(request)

        path = without_language(request.path_info)
        is_import, is_hashed = IMPORT.fullmatch(path), HASHED_WHILE_READ.fullmatch(path)
        has_files = larger_than(request, LARGEST_FORM) and may_send_files(request, path)
        limit = upload_limits.EXPLAINED_LIMIT if is_import else LARGEST_WITH_FILES if has_files else LARGEST_FORM
        if larger_than(request, limit) and not is_hashed:
            discard_body(request)
            return refuse_as_too_large(request, too_large() if is_import else _("What you sent is too large."))
        if is_hashed and is_too_large(request):  # the view says why
            discard_body(request)
            return self.get_response(request)

        if is_hashed:
            request.upload_handlers = [HashingUploadHandler(request)]
        with (uploads if has_files else bodies).seat():
            is_complete = read_body(request, in_memory=not (is_import or is_hashed or has_files))
            if has_files and is_complete:
                is_complete = LAST_FIELD in request.POST
        if is_complete is None:
            return refuse_as_too_large(request, _("What you sent is too large."))
        if not is_complete:
            context = {"title": _("This is incomplete"), "reason": _("What you sent did not arrive. Send it again.")}
            return render(request, "400.html", context, status=400)
        return self.get_response(request)


def refuse_as_too_large(request, reason):
    context = {"title": _("This is too large"), "reason": _("%s Nothing was saved.") % reason}
    return render(request, "400.html", context, status=413)


def may_send_files(request, path):
    """Return whether this person may send files here. Strangers may not: a file is on the disk before it is checked."""
    if request.content_type != "multipart/form-data":
        return False
    if link := BY_LINK.fullmatch(path):
        return takes_files(link[1])
    return bool(WITH_FILES.fullmatch(path)) and request.user.is_authenticated


def read_body(request, *, in_memory):
    """Read the body. Return whether all of it came: granian gives a part of it if the client has left.

    Return None if its texts, without the files, are too large. Of a body that is not read `in_memory`, nobody can tell:
    an import changes nothing before its preview, and a form with files has its `LAST_FIELD`.
    """
    try:
        return len(request.body) >= announced_length(request) if in_memory else request.POST is not None
    except UnreadablePostError:
        return False
    except RequestDataTooBig:
        return None


def discard_body(request):
    """Read a body that is refused, and throw it away: a browser that is still sending would not see the answer.

    What is larger than any of our limits is not read to its end.
    """
    left = upload_limits.DISCARDED
    with bodies.seat():
        while left > 0 and (chunk := request.read(CHUNK)):
            left -= len(chunk)
