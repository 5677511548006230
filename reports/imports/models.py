"""Uploaded tables that are not applied yet."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from plans.models import Plan
from reports.imports.reading import Table

STORED_FOR = timedelta(days=1)


class Import(models.Model):
    """A table that somebody uploaded. It is deleted when it is applied, or after a day."""

    class Kind(models.TextChoices):
        STATUSES = "statuses", _("Statuses: what was done")
        PLAN = "plan", _("The plan: lines, measures, deliverables, dates")

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="imports")
    kind = models.CharField(max_length=10, choices=Kind)
    file_name = models.CharField(max_length=200)
    table = models.JSONField()
    uploaded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self):
        return self.file_name

    def store(self, table, at):
        """Store this import with its table, and delete those that nobody applied within a day."""
        Import.objects.filter(uploaded_at__lt=at - STORED_FOR).delete()
        self.table, self.uploaded_at = {"heads": table.heads, "lines": table.lines}, at
        self.save(force_insert=True)

    @property
    def rows(self):
        """Return the stored `Table`."""
        return Table(self.table["heads"], [(number, line) for number, line in self.table["lines"]])
