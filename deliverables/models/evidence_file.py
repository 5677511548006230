"""The files of evidence: a row for each file in the storage, which names it by the SHA-256 of its content."""

import errno
import hashlib
from contextlib import suppress
from datetime import timedelta

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from deliverables.models.evidence import EvidenceItem, StoredFile

UNUSED_AGE = timedelta(days=8)  # how long a file waits for its form to be sent; a form draft is kept for seven days
PART_SIZE = 1_000_000  # bytes that are read at once
MAX_REMOVED = 20  # unused files, with each upload
MAX_UNUSED_BYTES = 2_000_000_000  # of all files that wait for their form: nobody may fill the disk with uploads


def storage():
    return storages["evidence"]


def storage_name(sha256):
    """Return the name of a file in the storage. Two letters of it are a folder, since folders of thousands are slow."""
    return f"{sha256[:2]}/{sha256}"


class EvidenceFileManager(models.Manager):
    def store(self, clean_file, at):
        """Store a `CleanFile`, once however often it comes, and return its `StoredFile`.

        Raises `OSError` where the disk is full, or too much waits already, and what else the storage raises. Then
        nothing is stored.
        """
        waiting = self.unused().aggregate(total=models.Sum("size", default=0))["total"]
        if waiting + clean_file.size > MAX_UNUSED_BYTES:
            raise OSError(errno.EDQUOT, "too many uploaded files wait for their forms")

        # The content is written outside any transaction: on SQLite, everybody else who writes would wait for it.
        file = self.model(sha256=clean_file.sha256, size=clean_file.size, kind=clean_file.kind, stored_at=at)
        file.write(clean_file.content)
        values = {"size": file.size, "kind": file.kind, "stored_at": at}
        self.update_or_create(sha256=file.sha256, defaults=values)
        file.write(clean_file.content)  # again if `remove_unused` was faster: now that the row is new, it leaves it
        return file.stored_file

    def require(self, files):
        """Raise `ValidationError` unless all these files are still stored. They stay until the transaction ends."""
        wanted = {file.sha256 for file in files}
        rows = self.select_for_update().filter(sha256__in=wanted).order_by("pk")
        if wanted and len(rows.values_list("pk", flat=True)) < len(wanted):  # no count(): that locks nothing
            raise ValidationError({"files": _("A file is no longer there. Remove it, and upload it again.")})

    def unused(self):
        """Return the files that no evidence refers to."""
        used = [model.objects.filter(file=OuterRef("sha256")) for model in models_with_files()]
        files = self.all()
        for rows in used:
            files = files.exclude(Exists(rows))
        return files

    def remove_unused(self, *, before=None, only=None):
        """Remove unused files: those stored `before` a moment, or those whose SHA-256 is in `only`. Return how many.

        What the storage does not remove stays for the next time.
        """
        chosen = self.filter(stored_at__lt=before) if only is None else self.filter(sha256__in=only)
        removed = 0
        for sha256 in list((chosen & self.unused()).values_list("sha256", flat=True)[:MAX_REMOVED]):
            with suppress(OSError), transaction.atomic():
                # First the lock, then the question: somebody may have recorded or uploaded it meanwhile.
                if chosen.select_for_update().filter(sha256=sha256).first() is None:
                    continue
                if file := self.unused().filter(sha256=sha256).first():
                    storage().delete(file.storage_name)
                    file.delete()
                    removed += 1
        return removed


class EvidenceFile(models.Model):
    """A file in the storage. `size` is in bytes, `kind` one of `content.KINDS`, `stored_at` the last upload.

    It belongs to no plan: the same file may be evidence for several deliverables.
    """

    sha256 = models.CharField("SHA-256", max_length=64, primary_key=True)
    size = models.PositiveIntegerField(_("size"))
    kind = models.CharField(_("kind"), max_length=10)
    stored_at = models.DateTimeField(_("stored at"))

    objects = EvidenceFileManager()

    class Meta:
        verbose_name = _("evidence file")
        verbose_name_plural = _("evidence files")
        ordering = ["pk"]

    def __str__(self):
        return self.sha256

    @property
    def storage_name(self):
        return storage_name(self.sha256)

    @property
    def stored_file(self):
        return StoredFile(self.sha256, self.size, self.kind)

    @property
    def is_complete(self):
        """Return whether the storage has the file, with all its bytes."""
        return storage().exists(self.storage_name) and storage().size(self.storage_name) == self.size

    @property
    def is_intact(self):
        """Return whether the storage has the file, unchanged."""
        try:
            with self.open() as content:
                digest = hashlib.sha256()
                while part := content.read(PART_SIZE):
                    digest.update(part)
        except OSError:
            return False
        return digest.hexdigest() == self.sha256

    def write(self, content):
        """Write the content to the storage, unless all of it is there."""
        if not self.is_complete:
            storage().delete(self.storage_name)  # half of it may be there, after a crash
            content.seek(0)
            storage().save(self.storage_name, content)

    def open(self):
        return storage().open(self.storage_name, "rb")


def models_with_files():
    """Return the models whose rows may refer to a file."""
    return [EvidenceItem, apps.get_model("deliverables", "ProposalItem")]  # by name: its module needs this one
