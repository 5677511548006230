"""The uploaded files of a backup: copied beside it unless they are there already, and read back.

Each is read once in the storage, which finds those that have changed there, and once beside the backup, by the trial
restore or a real one. At most one is in memory at a time.
"""

import errno
import hashlib
from dataclasses import dataclass, field

from django.core.files.base import ContentFile

from deliverables.models import EvidenceFile
from deliverables.models.evidence_file import storage

BATCH_SIZE = 1000  # rows


class DamagedFile(Exception):
    """Raised where a file is missing, or is not what its name says."""


@dataclass
class FilesOfBackup:
    """The SHA-256 of uploaded files: those that the backup has, those that it could not get, those damaged in the
    storage (of which the backup may have a good copy from before), and how many were copied now."""

    stored: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    copied: int = 0

    @property
    def line(self):
        """Return what the backup says about its files."""
        return {"files": self.stored, "missing": self.missing}


def copy_files(destination):
    """Copy the uploaded files that the destination does not have, and return `FilesOfBackup`.

    A file with the right name and size counts as there: its content is read by the trial restore. One that is missing
    or damaged in the storage stops no backup.
    """
    there, result = destination.files(), FilesOfBackup()

    for file in EvidenceFile.objects.order_by("pk").iterator(BATCH_SIZE):
        is_there = file.sha256 in there and there[file.sha256].size == file.size
        try:
            content = read_checked(file, file.sha256)
        except DamagedFile:
            result.damaged.append(file.sha256)
            (result.stored if is_there else result.missing).append(file.sha256)
            continue
        if not is_there:
            destination.save_file(file.sha256, content)
            result.copied += 1
        result.stored.append(file.sha256)

    return result


def read_checked(file, sha256):
    """Return the content of what `file.open` opens. Raise `DamagedFile` unless it has this SHA-256.

    A storage that cannot be reached raises its own error: nobody may take all files for damaged ones.
    """
    try:
        with file.open() as opened:
            content = opened.read()
    except FileNotFoundError:
        raise DamagedFile from None
    except OSError as error:
        if error.errno == errno.EIO:  # a part of the disk that is broken
            raise DamagedFile from None
        raise
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DamagedFile
    return content


@dataclass(frozen=True)
class CopiedFile:
    """An uploaded file beside the backups of a destination."""

    destination: object
    sha256: str

    def open(self):
        return self.destination.open_file(self.sha256)


def restore_files(destination, hashes, *, trial):
    """Store the files of these hashes in the storage, if it does not have them; on `trial`, only read them.

    Return the hashes of those that are missing or damaged beside the backup.
    """
    damaged = []
    for sha256 in hashes:
        if not trial and EvidenceFile(sha256=sha256).is_intact:
            continue
        try:
            content = read_checked(CopiedFile(destination, sha256), sha256)
        except DamagedFile:
            damaged.append(sha256)
            continue
        if not trial:
            storage().save(EvidenceFile(sha256=sha256).storage_name, ContentFile(content))
    return damaged
