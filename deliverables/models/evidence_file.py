"""The files of evidence: a row for each file in the storage, which names it by the SHA-256 of its content."""

import errno
import hashlib
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
        with transaction.atomic():
            # The lock on the row keeps `remove_unused` from removing the content that is written or found here.
            values = {"size": clean_file.size, "kind": clean_file.kind, "stored_at": at}
            file, is_new = self.select_for_update().get_or_create(sha256=clean_file.sha256, defaults=values)
            if not is_new:
                file.stored_at = at
                file.save(update_fields=["stored_at"])
            if not file.is_complete:
                storage().delete(file.storage_name)  # half of it may be there, after a crash
                storage().save(file.storage_name, clean_file.content)
        return file.stored_file

    def require(self, files):
        """Raise `ValidationError` unless all these files are still stored. They stay until the transaction ends."""
        wanted = {file.sha256 for file in files}
        if wanted and self.select_for_update().filter(sha256__in=wanted).count() < len(wanted):
            raise ValidationError({"files": _("A file is no longer there. Remove it, and upload it again.")})

    def unused(self):
        """Return the files that no evidence refers to."""
        used = [model.objects.filter(file=OuterRef("sha256")) for model in models_with_files()]
        files = self.all()
        for rows in used:
            files = files.exclude(Exists(rows))
        return files

    def remove_unused(self, *, before=None, only=None):
        """Remove unused files: those stored `before` a moment, or those whose SHA-256 is in `only`."""
        files = self.unused().filter(stored_at__lt=before) if only is None else self.unused().filter(sha256__in=only)
        for sha256 in list(files.values_list("sha256", flat=True)[:MAX_REMOVED]):
            with transaction.atomic():
                # Checked again under the lock: somebody may have recorded it meanwhile.
                if file := self.unused().select_for_update(of=("self",)).filter(sha256=sha256).first():
                    storage().delete(file.storage_name)
                    file.delete()


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

    def open(self):
        return storage().open(self.storage_name, "rb")


def models_with_files():
    """Return the models whose rows may refer to a file."""
    return [EvidenceItem, apps.get_model("deliverables", "ProposalItem")]  # by name: its module needs this one
