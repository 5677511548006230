"""The draft of a plan's next edition: what the secretariat writes until it is published."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from plans.models import Plan
from plans.translations import ENGLISH, OTHER_LANGUAGES


class EditionDraftManager(models.Manager):
    def of(self, plan):
        """Return the draft of a plan's next edition; one that is not stored where nobody has begun."""
        return self.filter(plan=plan).select_related("saved_by").first() or self.model(plan=plan)

    def store(self, plan, fields, *, by, at=None):
        """Store fields of the draft, by name. Those that are not given stay as they are. Return the draft.

        Nothing that a plan shows is written, so its revision stays.
        """
        draft, _is_new = self.get_or_create(plan=plan, defaults={"saved_at": at or timezone.now()})
        draft.fields |= {name: str(value) if isinstance(value, date) else value for name, value in fields.items()}
        draft.saved_by, draft.saved_at, draft.version = by, at or timezone.now(), F("version") + 1
        draft.save()
        draft.refresh_from_db(fields=["version"])
        return draft


class EditionDraft(models.Model):
    """The fields of the next edition of a plan, by their names in the form. Everybody who may publish works on it.

    `version` grows with each change: what was checked is what is published.
    """

    plan = models.OneToOneField(Plan, models.CASCADE, related_name="edition_draft")
    fields = models.JSONField(default=dict)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    objects = EditionDraftManager()

    class Meta:
        verbose_name = _("draft of an edition")
        verbose_name_plural = _("drafts of editions")

    def __str__(self):
        return f"{self.plan}: {self.saved_at}"

    def values(self, today):
        """Return the value of each field, with suggestions for those that nobody has filled in yet."""
        day = min(today, self.plan.ends_on) if today >= self.plan.starts_on else today
        suggested = {"as_of": str(day), "languages": []}
        stored = suggested | self.fields
        as_of = date.fromisoformat(stored["as_of"])
        titles = {"title": suggested_title(self.plan, as_of, ENGLISH)}
        titles |= {f"title_{code}": suggested_title(self.plan, as_of, code) for code, _name in OTHER_LANGUAGES}
        return titles | stored | {"as_of": as_of}


def suggested_title(plan, day, language):
    with override(language):
        return f"{plan.report_name_on(day)} {plan.period}"
