"""Where backups are stored: in a folder, or in an object storage (S3).

Beside the backups, `files` holds the uploaded files that they need, each once, named by the SHA-256 of its content.
"""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from deliverables.models.evidence_file import storage, storage_name
from metropolis_tracker.config.evidence_storage import FolderStorage, evidence_storage, sync_folder

FILES = "files"
S3 = "s3://"


class UnusableDestination(Exception):
    """Raised where no backup can be stored or found. The message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """What a destination says about a file without opening it. `path` is that inside it, `size` is in bytes."""

    path: str
    size: int
    changed_at: datetime


class Destination:
    """What folders and object storages have in common. All errors of reading and writing are `OSError`."""

    def __init__(self, storage):
        self.storage = storage

    def open(self, name):
        return self.storage.open(name, "rb")

    def delete(self, name):
        self.storage.delete(name)

    def open_file(self, sha256):
        return self.open(f"{FILES}/{storage_name(sha256)}")

    def save_file(self, sha256, content):
        """Store the content of an uploaded file, in place of what may be there."""
        self.storage.save(f"{FILES}/{storage_name(sha256)}", ContentFile(content))


class Folder(Destination):
    def __init__(self, path):
        super().__init__(FolderStorage(path))
        self.path = Path(path)

    def __str__(self):
        return str(self.path)

    def location(self, name):
        """Return what `restore` takes to find a backup."""
        return str(self.path.resolve() / name)

    @contextmanager
    def create(self, name):
        """Write a new file, which its owner alone can read. What could not be written completely is removed."""
        path = self.path / name
        try:
            with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def rename(self, old, new):
        os.rename(self.path / old, self.path / new)
        sync_folder(self.path)

    def backups(self):
        """Return an `Entry` for each file beside the uploaded ones, by name."""
        return self.entries("*")

    def files(self):
        """Return an `Entry` for each uploaded file, by name: its SHA-256, or that of a draft which a crash has left."""
        return self.entries(f"{FILES}/??/*")

    def entries(self, pattern):
        found = {}
        for path in filter(Path.is_file, self.path.glob(pattern)):
            state, inside = path.stat(), path.relative_to(self.path)
            found[path.name] = Entry(str(inside), state.st_size, datetime.fromtimestamp(state.st_mtime, UTC))
        return found


class Bucket(Destination):
    def __init__(self, url):
        super().__init__(storages.create_storage(evidence_storage(url, None, setting="BACKUP_URL")))
        self.url = url

    def __str__(self):
        return self.url.partition("?")[0]

    def location(self, name):
        address, mark, options = self.url.partition("?")
        return f"{address.rstrip('/')}/{name}{mark}{options}"

    @contextmanager
    def create(self, name):
        with TemporaryFile() as draft:
            yield draft
            draft.seek(0)
            self.storage.save(name, File(draft))

    def rename(self, old, new):
        with self.open(old) as file:
            self.storage.save(new, file)
        self.delete(old)

    def backups(self):
        return {listed[0]: Entry(*listed) for listed in self.storage.list_files()}

    def files(self):
        entries = self.storage.list_files(f"{FILES}/", are_nested=True)
        return {listed[0].rpartition("/")[2]: Entry(*listed) for listed in entries}


def find(text):
    """Return the destination that a text means, and the name of a backup there, empty if it names none.

    The text is a URL, a folder or a file. Without one, it is BACKUP_URL. Raise `UnusableDestination`.
    """
    if not text:
        make_default_folder()
    text = str(text or settings.BACKUP_URL)
    if text.startswith(S3):
        address, mark, options = text.partition("?")
        folder, _slash, name = address.rpartition("/")
        return (Bucket(f"{folder}{mark}{options}"), name) if ".gz" in name else (Bucket(text), "")

    path = Path(text)
    if path.is_dir():
        return Folder(path), ""
    if not path.suffix:  # most likely a folder
        raise UnusableDestination(f"There is no folder {path}. Create it, or choose a file such as {path}.gz.")
    if not path.parent.is_dir():
        raise UnusableDestination(f"There is no folder {path.parent}. Create it or choose another.")
    return Folder(path.parent), path.name


def make_default_folder():
    """Make the folder in DATA_DIR. One that BACKUP_URL names is on a disk that may not be mounted: it is not made."""
    if Path(settings.BACKUP_URL) == settings.DATA_DIR / "backups":
        Path(settings.BACKUP_URL).mkdir(mode=0o700, exist_ok=True)


def check_is_apart(destination):
    """Raise `UnusableDestination` if the backups would be mixed with the uploaded files that they are to save."""
    backups, evidence = place(destination.storage), place(storage())
    if backups[:1] != evidence[:1]:  # another bucket or another kind of storage
        return
    ours, theirs = backups[1] / FILES, evidence[1]
    if backups[1].is_relative_to(theirs) or ours.is_relative_to(theirs) or theirs.is_relative_to(ours):
        raise UnusableDestination(
            f"The uploaded files are stored in {theirs}, which backups in {destination} would change. Choose another"
            " folder for the backups, better still on another machine."
        )


def place(storage):
    """Return where a storage stores its files: the server and bucket, None for this machine, and the folder."""
    if isinstance(storage, FolderStorage):
        return None, Path(storage.location).resolve()
    server = (storage.endpoint_url or "").rstrip("/")
    return (server, storage.bucket_name), Path("/", storage.location)
