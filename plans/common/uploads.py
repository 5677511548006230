"""Hash uploaded files while they arrive, without storing them in memory or on disk."""

import hashlib
import io
import re

from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from plans.common import upload_limits

LONGEST_NUMBER = 20  # digits; Python refuses to read numbers of thousands of digits


class HashingUploadHandler(FileUploadHandler):
    """An upload handler that replaces Django's, which store the file. Its result has only a size and a `sha256`."""

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.hash = hashlib.sha256()

    def receive_data_chunk(self, raw_data, start):
        self.hash.update(raw_data)

    def file_complete(self, file_size):
        file = UploadedFile(io.BytesIO(), name=self.file_name, size=file_size)
        file.sha256 = self.hash.hexdigest()
        return file


def is_too_large(request):
    """Return whether the announced body is over the limit for a file, so that it can be rejected unread."""
    return larger_than(request, upload_limits.DOCUMENT + upload_limits.OVERHEAD)


def larger_than(request, limit):
    """Return whether the body announced in `Content-Length` has more bytes than `limit`."""
    return announced_length(request) > limit


def announced_length(request):
    """Return the bytes of the body that `Content-Length` announces, 0 without one.

    Whatever the server has let through counts, however it is written: who reads the body waits for that much.
    """
    announced = (request.META.get("CONTENT_LENGTH") or "0").strip()
    if not re.fullmatch("[0-9]+", announced):
        raise BadRequest
    return int(announced.lstrip("0")[:LONGEST_NUMBER] or "0")
