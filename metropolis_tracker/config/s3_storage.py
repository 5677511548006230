"""The object storage of FILES_URL and BACKUP_URL. Only then is this imported, since its packages are optional."""

import base64
import hashlib
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from plans.common import upload_limits

ONE_REQUEST = TransferConfig(multipart_threshold=5_000_000_000, use_threads=False)  # the most that S3 takes in one
PATIENCE = {"connect_timeout": 5, "read_timeout": 10, "retries": {"mode": "standard", "total_max_attempts": 2}}


class PrivateS3Storage(S3Storage):
    """A bucket, or a folder in one. Each file is sent as one request, with its SHA-256, which the server compares.

    Credentials come from where the SDK looks for them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the machine's
    role. A server that does not answer, or refuses, raises `OSError` as a disk does.
    """

    def __init__(self, *, addressing_style="auto", **options):
        super().__init__(
            **options,
            file_overwrite=True,  # the name says what is in it, and a request replaces it at once
            default_acl=None,  # private, and buckets without access lists refuse any
            transfer_config=ONE_REQUEST,
            client_config=Config(s3={"addressing_style": addressing_style}, **PATIENCE),
            max_memory_size=upload_limits.FORM,  # what is larger is read by way of a temporary file
        )

    def _save(self, name, content):
        with errors_of_a_disk():
            return super()._save(name, content)

    def _get_write_parameters(self, name, content=None):
        content.seek(0)
        digest = hashlib.file_digest(content, "sha256").digest()
        return super()._get_write_parameters(name, content) | {"ChecksumSHA256": base64.b64encode(digest).decode()}

    def _open(self, name, mode="rb"):
        with errors_of_a_disk():
            stored = super()._open(name, mode)
            try:
                stored.seek(0)  # reads it now, so that an error is raised here
            except BaseException:
                stored.close()
                raise
            return stored

    def exists(self, name):
        with errors_of_a_disk():
            return super().exists(name)

    def size(self, name):
        with errors_of_a_disk():
            return super().size(name)

    def delete(self, name):
        with errors_of_a_disk():
            super().delete(name)

    def listdir(self, name):
        with errors_of_a_disk():
            return super().listdir(name)

    def list_files(self, folder="", *, are_nested=False):
        """Return the name, size and time of each file directly in a folder, or also of those in folders below it.

        A request gives a thousand, while `size` needs one for each.
        """
        start = f"{self.location.rstrip('/')}/" if self.location else ""
        options = {"Prefix": start + folder} | ({} if are_nested else {"Delimiter": "/"})
        with errors_of_a_disk():
            found = list(self.bucket.objects.filter(**options))
        return [(each.key.removeprefix(start), each.size, each.last_modified) for each in found]

    def url(self, name, **_options):
        raise ValueError("Evidence has no URL of its own.")


@contextmanager
def errors_of_a_disk():
    """Raise the errors of the SDK as `OSError`."""
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise OSError(f"The object storage failed: {error}") from error
