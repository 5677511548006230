"""Where uploaded evidence is stored: in a folder, or in the object storage (S3) that FILES_URL names.

Names come from the content, so storing a file again replaces it with the same one. Nothing has a URL of its own: the
tracker serves each file, after it has checked who may read it.
"""

import importlib.util
import os
import re
from pathlib import Path
from tempfile import mkstemp
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

S3_PACKAGES = ("storages", "boto3")
S3_OPTIONS = ("endpoint_url", "region_name", "addressing_style")
ADDRESSING_STYLES = ("auto", "path", "virtual")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
ENDPOINT = re.compile(r"https?://(?:[a-zA-Z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?/?")
PREFIX = re.compile(r"(?:/[\w-][\w.-]*)*/?", re.ASCII)


class FolderStorage(FileSystemStorage):
    """A private folder. A file is in it completely or not at all, and stays there if the machine loses power.

    A file that cannot be written, as on a full disk, raises `OSError` and leaves nothing. Only a process that is killed
    while it writes leaves a draft, whose name ends in `.part`.
    """

    def __init__(self, location):
        super().__init__(location, file_permissions_mode=0o600, directory_permissions_mode=0o700, allow_overwrite=True)

    def _save(self, name, content):
        path = Path(self.path(name))
        make_folder(path.parent)
        handle, draft = mkstemp(dir=path.parent, suffix=".part")  # readable for its owner alone

        try:
            with open(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise

        sync_folder(path.parent)
        return name

    def url(self, name):
        raise ValueError("Evidence has no URL of its own.")


def make_folder(path):
    """Create a folder, and those above it, so that they are still there after a loss of power."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)


def sync_folder(path):
    """Wait until the names in a folder are on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def evidence_storage(url, folder, setting="FILES_URL"):
    """Return the entry of `STORAGES` for evidence: S3 as the URL says, or the folder if that is empty.

    Raise `ImproperlyConfigured` if the URL cannot be used. `setting` is where it comes from: backups use this as well.
    """
    if not url:
        return {"BACKEND": f"{__name__}.{FolderStorage.__name__}", "OPTIONS": {"location": folder}}

    options = s3_options(url, setting)
    if not all(importlib.util.find_spec(package) for package in S3_PACKAGES):
        raise ImproperlyConfigured(
            f"{setting} needs packages that are not installed. Install those of .ci/requirements-optional.txt, as"
            " docs/operating.md says."
        )
    return {"BACKEND": "metropolis_tracker.config.s3_storage.PrivateS3Storage", "OPTIONS": options}


def s3_options(url, setting="FILES_URL"):
    """Return the options of the S3 storage in a URL such as `s3://bucket/folder?region_name=eu-south-2`."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise wrong_url(setting, "It cannot be read.") from None

    if "@" in parts.netloc:
        raise wrong_url(
            setting, "Take the credentials out of it, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead."
        )
    if parts.scheme != "s3" or not BUCKET.fullmatch(parts.netloc) or parts.fragment:
        raise wrong_url(setting, "It begins with s3:// and the name of a bucket.")
    if not PREFIX.fullmatch(parts.path):
        raise wrong_url(setting, "The folder after the bucket has letters, digits and . _ - only.")
    options = dict(query)
    if set(options) - set(S3_OPTIONS) or len(options) < len(query):
        raise wrong_url(setting, f"Its options are {', '.join(S3_OPTIONS)}, each once.")
    check_options(setting, **options)
    return {"bucket_name": parts.netloc, "location": parts.path.strip("/")} | options


def check_options(setting, *, endpoint_url="https://s3.example", region_name="region", addressing_style="auto"):
    """Raise `ImproperlyConfigured` for a value that no S3 server could have."""
    if not ENDPOINT.fullmatch(endpoint_url):
        raise wrong_url(
            setting, "Its endpoint_url is that of a server, such as https://s3.example, without credentials."
        )
    if not re.fullmatch("[a-z0-9-]+", region_name):
        raise wrong_url(setting, "Its region_name is one such as eu-south-2.")
    if addressing_style not in ADDRESSING_STYLES:
        raise wrong_url(setting, f"Its addressing_style is one of {', '.join(ADDRESSING_STYLES)}.")


def wrong_url(setting, rule):
    """Return the error that says what is wrong with the URL, without repeating it: it may hold a password."""
    return ImproperlyConfigured(f"{setting} is no URL that the tracker can use, see docs/settings.md. {rule}")


def backup_url(text, folder):
    """Return where backups are stored by default: the URL of S3 or the folder of BACKUP_URL, or this folder.

    Raise `ImproperlyConfigured` if BACKUP_URL is neither.
    """
    if text.startswith("s3:"):
        evidence_storage(text, folder, "BACKUP_URL")
    elif text and not Path(text).is_absolute():
        raise ImproperlyConfigured(
            "BACKUP_URL is neither the absolute path of a folder nor a URL such as s3://bucket/folder: see"
            " docs/settings.md."
        )
    return text or str(folder)
