"""An uploaded file that is only hashed as it comes in: nothing of it is kept, in memory or on disk."""

import hashlib
import io

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

LARGEST = 20_000_000  # bytes; no document of ours comes near it
FORM_AROUND = 10_000  # bytes that a browser may send around a file


class HashingUploadHandler(FileUploadHandler):
    """Takes the place of Django's handlers, which keep an upload. The file it gives has a size and a `sha256`."""

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
    """Whether the browser announces more than a file may have: such a body is not read at all."""
    return larger_than(request, LARGEST + FORM_AROUND)


def larger_than(request, limit):
    """Whether the body that a browser announces has more bytes than the limit."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return announced.isdecimal() and int(announced) > limit
