"""Uploaded files on their way into a plan, and what was chosen for tables with the same heads."""

import hashlib
import json
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plans.common.text import fold
from plans.models import Organisation, Plan
from reports.imports.files.csv_text import samples
from reports.imports.files.source import Source
from reports.imports.mapping.choices import REMEMBERED, Choices, Reading

STORED_FOR = timedelta(days=1)  # of a file that nobody applied
MAX_WAITING = 20  # files of a person that are not applied; the oldest goes
LISTED_FOR = timedelta(days=90)  # of what an applied one did


class ImportQuerySet(models.QuerySet):
    def applied(self):
        """Return those that were applied, the latest first."""
        return self.exclude(applied_at=None).select_related("by").order_by("-applied_at", "-pk")


class Import(models.Model):
    """A file that somebody uploaded, how it is to be read, and what it did once it was applied.

    `content` holds the bytes of a CSV whose encoding is a choice. The file itself is deleted when it is applied, or
    after a day; `result` then has the numbers that the page shows.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=200)
    uploaded_at = models.DateTimeField()
    content = models.BinaryField(null=True)
    source = models.JSONField(null=True)
    choices = models.JSONField(default=dict)
    applied_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self):
        return self.file_name

    def store(self, reading, at):
        """Store this import with the `Reading` of its file, and delete those that nobody applied within a day."""
        Import.objects.filter(applied_at=None, uploaded_at__lt=at - STORED_FOR).delete()
        Import.objects.filter(applied_at__lt=at - LISTED_FOR).delete()
        waiting = Import.objects.filter(by=self.by, applied_at=None).order_by("-uploaded_at", "-pk")
        Import.objects.filter(pk__in=list(waiting.values_list("pk", flat=True)[MAX_WAITING:])).delete()
        self.uploaded_at, self.source = at, reading.source.as_json()
        self.choices = reading.choices.as_json()
        self.save(force_insert=True)

    def choose(self, reading):
        """Store the choices of a person about this file, and the file as it is read in the chosen encoding."""
        self.choices, self.source = reading.choices.as_json(), reading.source.as_json()
        self.save(update_fields=["choices", "source"])

    def finish(self, result, at):
        """Store what this import did, and delete the file."""
        self.result, self.applied_at, self.content, self.source = result, at, None, None
        self.save(update_fields=["result", "applied_at", "content", "source"])

    @property
    def choices_digest(self):
        """Return a digest of the choices: a preview shows what follows from these."""
        return hashlib.sha256(json.dumps(self.choices, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def samples(self):
        """Return how a line of the file reads in each encoding, where that is a choice."""
        return samples(bytes(self.content), self.source["encodings"]) if self.content else {}

    @property
    def reading(self):
        """Return the stored `Reading`: the file and the choices about it."""
        return Reading(Source.from_json(self.source), Choices.from_json(self.choices))


class ColumnMapping(models.Model):
    """What the columns of a table became, offered again to an organisation for a table with the same heads."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="column_mappings")
    heads_sha256 = models.CharField(max_length=64)
    choices = models.JSONField()
    used_at = models.DateTimeField()

    class Meta:
        verbose_name = _("column mapping")
        verbose_name_plural = _("column mappings")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "heads_sha256"], name="column_mapping_unique_by_heads")
        ]

    def __str__(self):
        return self.heads_sha256[:12]

    @staticmethod
    def remember(plan, reading):
        """Store what the columns and words of a `Reading` became. A table without heads cannot be known again."""
        if not any(reading.table.heads):
            return
        chosen = {name: getattr(reading.choices, name) for name in REMEMBERED}
        ColumnMapping.objects.update_or_create(
            organisation=plan.organisation,
            heads_sha256=digest_of(reading.table.heads),
            defaults={"choices": chosen, "used_at": timezone.now()},
        )

    @staticmethod
    def find(plan, heads):
        """Return what was chosen for the same heads before, by the names of `Choices`; empty for new ones."""
        if not any(heads):
            return {}
        stored = ColumnMapping.objects.filter(organisation=plan.organisation_id, heads_sha256=digest_of(heads)).first()
        return stored.choices if stored else {}


def digest_of(heads):
    """Return the SHA-256 of heads, whatever their case and spaces."""
    return hashlib.sha256(json.dumps([fold(head) for head in heads]).encode()).hexdigest()
