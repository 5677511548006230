"""Meetings of an organisation, such as its general assembly. Comparisons and amendments name them."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plans.common.dates import date_format
from plans.common.text import NormalisedTexts, TranslatedText


class MeetingQuerySet(models.QuerySet):
    def get_by_natural_key(self, key):
        return self.get(key=key)

    def of_plan(self, plan):
        """Return the meetings in the period of a plan, and those that its amendments name."""
        in_period = Q(organisation=plan.organisation_id, held_on__range=(plan.starts_on, plan.ends_on))
        return self.filter(in_period | Q(pk__in=plan.amendments.values("meeting")))

    def since_start_of(self, plan, until):
        """Return the meetings held since a plan began, those on the day `until` included."""
        return self.filter(organisation=plan.organisation_id, held_on__range=(plan.starts_on, until))


class Meeting(NormalisedTexts, models.Model):
    """A meeting of an organisation. `name` has no article, and `place` may be “online”.

    Both are texts of the plans that show the meeting: each plan has its translations.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "plans.Organisation", models.PROTECT, related_name="meetings", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=200)
    place = models.CharField(_("place"), max_length=200, blank=True)
    held_on = models.DateField(_("date"))

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-held_on", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name", "held_on"],
                name="meeting_unique_in_organisation",
                violation_error_message=_("There is a meeting with this name on this day already."),
            ),
        ]

    def __str__(self):
        return f"{self.name}, {self.held_on}"

    def natural_key(self):
        return (self.key,)

    natural_key.dependencies = ["plans.organisation"]

    def label_in(self, texts):
        """Return the name and the day as one text, the name in the language of a plan's `TranslatedTexts`."""
        name = texts.get(self.name)
        return TranslatedText(f"{name}, {date_format(self.held_on)}", name.language)

    def store(self, fields=()):
        """Save a new meeting, or the given `fields` of an existing one. Return it as stored.

        Raises `ValidationError` when a rule is broken, or when somebody has removed the meeting meanwhile.
        """
        with transaction.atomic():
            self._raise_revisions()
            stored = self if self._state.adding else type(self).objects.filter(pk=self.pk).first()
            if stored is None:
                raise ValidationError(_("Meanwhile somebody removed this meeting. Nothing was saved."))

            if "held_on" in fields and self.held_on != stored.held_on and stored.amendments.exists():
                text = _("An amendment names this meeting, so its date cannot be changed any more.")
                raise ValidationError({"held_on": text})
            for name in fields:
                setattr(stored, name, getattr(self, name))
            stored.full_clean()
            stored.save(update_fields=None if stored._state.adding else fields)
        return stored

    def remove(self):
        """Delete the meeting. Raises `ValidationError` if an amendment names it."""
        with transaction.atomic():
            self._raise_revisions()
            if self.amendments.exists():
                raise ValidationError(_("An amendment names this meeting: it cannot be removed."))
            self.delete()

    def _raise_revisions(self):
        """Raise the revision of all plans of the organisation, which may show the meeting.

        It comes first: an amendment locks its plan and then the meeting, so the order must be the same here.
        """
        self.organisation.plans.raise_revision()
