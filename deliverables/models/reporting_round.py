"""Reporting rounds: a time in which named people and regions are asked to report on what is still open."""

import uuid
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.models.deliverable import Deliverable
from deliverables.status import Status
from plans.common.dates import date_format
from plans.common.text import NormalisedTexts
from plans.memory import by_reporting
from plans.models import Plan

MAX_DAYS = 365  # of a round; a longer one is a typing error


class ReportingRoundQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at=None)

    def open_in(self, plan):
        """Return the open round of a plan, or None."""
        return self.open().filter(plan=plan).first()

    def asking_about(self, deliverable):
        """Return the open round that asks about a deliverable, or None."""
        return self.open().filter(deliverables=deliverable).first()

    def begin(self, plan, *, name, closes_on, deliverables, by, at=None):
        """Open a round and return it. One round of a plan is open at a time.

        Raises `ValidationError` when a rule is broken. Then nothing is written.
        """
        now = at or timezone.now()
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=plan.pk)
            if other := self.open_in(plan):
                raise ValidationError(_("“%s” is still open. Close it first.") % other.name)
            if plan.ends_on < timezone.localdate(now):
                raise ValidationError(_("This plan is over: nobody is asked to report on it any more."))
            if not deliverables:
                raise ValidationError({"deliverables": _("Choose what to ask about.")})

            last = self.filter(plan=plan).aggregate(last=models.Max("number", default=0))["last"]
            opened = self.model(
                plan=plan,
                number=last + 1,
                name=name,
                closes_on=closes_on,
                opened_at=now,
                opened_by=by,
                opened_by_name=by.name,
                opened_after=plan.history_length,
            )
            opened.clean_fields(exclude={field.name for field in self.model._meta.fields} - {"name", "closes_on"})
            opened.clean()
            opened.save()
            opened.deliverables.set(deliverables)
            # What waits already is an answer: nobody is asked for it again.
            plan.proposals.waiting().filter(deliverable__in=deliverables).update(round=opened)
            Plan.objects.raise_reporting_revision(plan)
        return opened


def open_deliverables(plan):
    """Return what a round asks about by default: what is not attained and not withdrawn, in natural order."""
    rows = Deliverable.objects.of_plan(plan.slug).not_withdrawn().with_current_status()
    return rows.exclude(current_status=Status.ATTAINED)


class ReportingRound(NormalisedTexts, models.Model):
    """A round asks about its `deliverables` until it is closed. `closes_on` is the last day for reports.

    `number` counts the rounds of a plan from 1. `opened_after` is the number of the last entry of the plan's history
    when it was opened. `reminded_on` is the day of the reminder that goes out by itself. `result` says who had reported
    when it was closed, as `RoundBoard.result` does: what changes later does not change it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField()
    name = models.CharField(_("name"), max_length=80)
    closes_on = models.DateField(_("reports are due on"))
    deliverables = models.ManyToManyField(Deliverable, related_name="rounds")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_by_name = models.CharField(max_length=150)
    opened_after = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    reminded_on = models.DateField(null=True)
    result = models.JSONField(default=list)

    objects = ReportingRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("reporting round")
        verbose_name_plural = _("reporting rounds")
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="round_number_unique_in_plan"),
            models.UniqueConstraint(fields=["plan"], condition=Q(closed_at=None), name="round_one_is_open"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        opened_on = timezone.localdate(self.opened_at)
        if self.closes_on and self.closes_on < opened_on:
            raise ValidationError({"closes_on": _("This day is in the past. Choose today or a later day.")})
        if self.closes_on and (self.closes_on - opened_on).days > MAX_DAYS:
            raise ValidationError({"closes_on": _("A round lasts a year at most. Choose an earlier day.")})

    @property
    def is_open(self):
        return self.closed_at is None

    @property
    def opened_on(self) -> date:
        return timezone.localdate(self.opened_at)

    @property
    def closed_on(self):
        return self.closed_at and timezone.localdate(self.closed_at)

    def takes_reports_on(self, day):
        """Return whether links from mails still work: the round is open, and its last day is not over."""
        return self.is_open and day <= self.closes_on

    def close(self, *, by, result=(), at=None):
        """Close the round with its `result`. What was proposed in it still waits for its answer.

        Closing twice changes nothing.
        """
        values = {"closed_at": at or timezone.now(), "closed_by": by, "result": list(result)}
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=self.plan_id)
            if ReportingRound.objects.open().filter(pk=self.pk).update(**values):
                Plan.objects.raise_reporting_revision(plan)
        self.refresh_from_db()

    def extend(self, closes_on, *, at=None):
        """Move the last day for reports. Raises `ValidationError` for a day in the past, or once it is closed."""
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=self.plan_id)
            self.refresh_from_db()
            if not self.is_open:
                raise ValidationError(_("This round is closed. Open a new one."))
            today = timezone.localdate(at)
            if closes_on < today:
                raise ValidationError({"closes_on": _("This day is in the past. Choose today or a later day.")})
            self.closes_on = closes_on
            self.clean()
            self.reminded_on = None
            self.save(update_fields=["closes_on", "reminded_on"])
            Plan.objects.raise_reporting_revision(plan)

    @property
    def label(self):
        """Return the name with the last day for reports."""
        return _("%(name)s, reports are due on %(day)s") % {"name": self.name, "day": date_format(self.closes_on)}


@by_reporting
def open_round_of(plan):
    """Return the open round of a plan, or None, to be shown."""
    return ReportingRound.objects.open_in(plan)
