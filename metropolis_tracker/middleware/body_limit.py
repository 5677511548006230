"""Reject request bodies over the limit before they are read, so that they never reach the disk."""

import re

from django.shortcuts import render
from django.utils.translation import gettext as _

from plans.common import upload_limits
from plans.common.paths import without_language
from plans.common.uploads import larger_than

LARGEST_FORM = upload_limits.FORM + upload_limits.OVERHEAD
HASHED_WHILE_READ = re.compile(r"/verify/")  # the view hashes a file while it arrives and stores nothing
IMPORT = re.compile(r"/plans/[-\w]+/import/")


class BodyLimitMiddleware:
    """Answers 413 to a request whose announced body is over the limit.

    It must run before anything reads `request.POST`. The CSRF check does, which would store the whole body first.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        path = without_language(request.path_info)
        limit = upload_limits.EXPLAINED_LIMIT if IMPORT.fullmatch(path) else LARGEST_FORM
        if larger_than(request, limit) and not HASHED_WHILE_READ.fullmatch(path):
            reason = _("What you sent is too large. Nothing was saved.")
            return render(request, "400.html", {"reason": reason}, status=413)
        return self.get_response(request)
