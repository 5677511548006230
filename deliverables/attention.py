"""What needs attention, as seen from a day: what is due, what was last reported when, what the record lacks."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from deliverables.models import StatusUpdate
from deliverables.status import Reason, Status

SOON_DAYS = 30
FRESH_DAYS = 90


class Due(models.TextChoices):
    PAST = "past", _("Before today")
    SOON = "soon", _("In the next 30 days")
    LATER = "later", _("Later")
    NOT_SET = "not_set", _("No due date")


def rows_due(due, deliverables, day):
    """Those of the deliverables that are due then, seen from a day, whatever their status."""
    soon = day + timedelta(days=SOON_DAYS)
    return deliverables.filter(
        **{
            Due.PAST: {"due_on__lt": day},
            Due.SOON: {"due_on__range": (day, soon)},
            Due.LATER: {"due_on__gt": soon},
            Due.NOT_SET: {"due_on": None},
        }[due]
    )


class Freshness(models.TextChoices):
    FRESH = "fresh", _("In the last 90 days")
    STALE = "stale", _("Not for over 90 days")
    NEVER = "never", _("Never")


def rows_that_are(freshness, deliverables, day):
    """Those of the `standing()` deliverables whose last report is this fresh on a day."""
    limit = day - timedelta(days=FRESH_DAYS)
    return deliverables.filter(
        **{
            Freshness.FRESH: {"standing_on__gte": limit},
            Freshness.STALE: {"standing_on__lt": limit},
            Freshness.NEVER: {"standing_on": None},
        }[freshness]
    )


def freshness_of(deliverable, day):
    """When a `standing()` deliverable was last reported on or confirmed, in words, as of a day."""
    if deliverable.standing_on is None:
        return _("never reported")
    days = (day - deliverable.standing_on).days
    if days > FRESH_DAYS:
        years = days // 365
        if years > 1:
            return _("not reported for %(years)d years") % {"years": years}
        return _("not reported for %(days)d days") % {"days": days}
    if deliverable.standing == deliverable.standing_before:
        words = ngettext("confirmed %(days)d day ago", "confirmed %(days)d days ago", days)
        return words % {"days": days} if days else _("confirmed today")
    words = ngettext("reported %(days)d day ago", "reported %(days)d days ago", days)
    return words % {"days": days} if days else _("reported today")


class Gap(models.TextChoices):
    NO_STATUS = "no_status", _("No status yet")
    NO_EVIDENCE = "no_evidence", _("Attained, with only a note as evidence")
    NO_REASON = "no_reason", _("Not developed, reason not stated")
    STALE = "stale", _("Not reported or confirmed for over 90 days")
    OVERDUE = "overdue", _("Past the due date and not attained")
    DUE_SOON = "due_soon", _("Due in the next 30 days")


LACKING = [gap for gap in Gap if gap is not Gap.DUE_SOON]  # what is only due soon is no fault of the record
WORK = [Gap.OVERDUE, Gap.DUE_SOON, Gap.NO_STATUS, Gap.STALE, Gap.NO_EVIDENCE, Gap.NO_REASON]  # most pressing first


def rows_with(gap, deliverables, day):
    """Those of the `standing()` deliverables that have this gap on a day."""
    only_a_note = StatusUpdate.objects.filter(evidence_title="", evidence_link="").values("pk")
    no_reason = StatusUpdate.objects.filter(reason__in=["", Reason.NOT_STATED]).values("pk")
    rules = {
        Gap.NO_STATUS: Q(standing=Status.NO_STATUS),
        Gap.NO_EVIDENCE: Q(standing=Status.ATTAINED, update_id__in=only_a_note),
        Gap.NO_REASON: Q(standing=Status.NOT_DEVELOPED, update_id__in=no_reason),
        Gap.STALE: Q(standing_on__lt=day - timedelta(days=FRESH_DAYS)),
        Gap.OVERDUE: Q(due_on__lt=day) & ~Q(standing=Status.ATTAINED),
        Gap.DUE_SOON: Q(due_on__range=(day, day + timedelta(days=SOON_DAYS))) & ~Q(standing=Status.ATTAINED),
    }
    return deliverables.filter(rules[gap])
