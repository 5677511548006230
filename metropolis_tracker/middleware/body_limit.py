"""A body that nothing here could want is refused before anything reads it, and so before it is on the disk."""

import re

from django.shortcuts import render
from django.utils.translation import gettext as _

from plans.common.uploads import larger_than

LARGEST = 2_600_000  # bytes: a form of ours is smaller by far, see DATA_UPLOAD_MAX_MEMORY_SIZE
LARGEST_IMPORT = 10_000_000  # its page says that 5 MB are the most, and keeps what was chosen
READS_ITSELF = re.compile(r"(?:/[a-z]{2})?/verify/")  # hashes a file as it comes in, and keeps nothing
IMPORT = re.compile(r"(?:/[a-z]{2})?/plans/[-\w]+/import/")


class BodyLimitMiddleware:
    """Comes before anything asks for what was sent: the check of a form's token reads all of it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        limit = LARGEST_IMPORT if IMPORT.fullmatch(request.path_info) else LARGEST
        if larger_than(request, limit) and not READS_ITSELF.fullmatch(request.path_info):
            reason = _("What was sent is larger than the tracker takes. Nothing of it was read or kept.")
            return render(request, "400.html", {"reason": reason}, status=413)
        return self.get_response(request)
