"""An uploaded table between its preview and its being applied."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from plans.models import Plan
from reports.imports.reading import Table

KEPT = timedelta(days=1)


class Import(models.Model):
    """What somebody uploaded and has not applied yet. Kept for a day; gone once it is applied."""

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

    @classmethod
    def begin(cls, plan, table, *, kind, file_name, by, at):
        """Keep an uploaded table for its preview, and forget those that nobody applied."""
        cls.objects.filter(uploaded_at__lt=at - KEPT).delete()
        content = {"heads": table.heads, "lines": table.lines}
        return cls.objects.create(plan=plan, table=content, kind=kind, file_name=file_name[:200], by=by, uploaded_at=at)

    @property
    def rows(self):
        return Table(self.table["heads"], [(number, line) for number, line in self.table["lines"]])
