"""Limit what a request may send: how much, so that it never reaches the disk, and for how long it may hold a thread.

granian hands a request over as soon as its head is there: whoever reads the body waits for the rest of it, however long
that takes. So a body is read here, from a seat of the waiting room.
"""

import re

from django.http import UnreadablePostError
from django.shortcuts import render
from django.utils.translation import gettext as _

from plans.common import upload_limits
from plans.common.paths import without_language
from plans.common.uploads import announced_length, larger_than
from plans.common.waiting import Busy, busy, room
from reports.imports.reading import too_large

LARGEST_FORM = upload_limits.FORM + upload_limits.OVERHEAD
HASHED_WHILE_READ = re.compile(r"/verify/")  # the view hashes a file while it arrives and stores nothing
IMPORT = re.compile(r"/plans/[-\w]+/import/")
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
        limit = upload_limits.EXPLAINED_LIMIT if is_import else LARGEST_FORM
        if larger_than(request, limit) and not is_hashed:
            reason = too_large() if is_import else _("What you sent is too large.")
            return refuse(request, _("%s Nothing was saved.") % reason, status=413)

        if larger_than(request, upload_limits.FORM) or is_hashed:  # a file, which the view reads
            with room.seat():
                return self.get_response(request)
        with room.seat():
            is_complete = read_body(request)
        if not is_complete:
            return render(
                request, "400.html", {"reason": _("What you sent did not arrive. Send it again.")}, status=400
            )
        return self.get_response(request)


def read_body(request):
    """Read the body into memory. Return whether all of it came: granian gives a part of it if the client has left."""
    try:
        return len(request.body) >= announced_length(request)
    except UnreadablePostError:
        return False


def refuse(request, reason, *, status):
    """Return the page that says why. Read the body first, and throw it away: a browser that still sends sees no answer.

    What is larger than any of our limits is not read to its end.
    """
    left = upload_limits.DISCARDED
    with room.seat():
        while left > 0 and (chunk := request.read(CHUNK)):
            left -= len(chunk)
    return render(request, "400.html", {"reason": reason}, status=status)
