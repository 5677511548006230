"""What needs attention on a day: due dates, the age of the last report, and missing information."""

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
    """When a deliverable is due, seen from a day."""

    PAST = "past", _("Before today")
    SOON = "soon", _("In the next 30 days")
    LATER = "later", _("Later")
    NOT_SET = "not_set", _("No due date")


def due_when(due, deliverables, day):
    """Return the deliverables that are due at that time, seen from `day`, whatever their status."""
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
    """How long ago a deliverable was last reported on."""

    FRESH = "fresh", _("In the last 90 days")
    STALE = "stale", _("Not for over 90 days")
    NEVER = "never", _("Never")


def reported_when(freshness, deliverables, day):
    """Return the deliverables whose last report is this fresh on `day`. They need `with_current_status()`."""
    limit = day - timedelta(days=FRESH_DAYS)
    return deliverables.filter(
        **{
            Freshness.FRESH: {"current_status_on__gte": limit},
            Freshness.STALE: {"current_status_on__lt": limit},
            Freshness.NEVER: {"current_status_on": None},
        }[freshness]
    )


def freshness_text(deliverable, day):
    """Return as text when a deliverable was last reported or confirmed. It needs `with_current_status()`."""
    if deliverable.current_status_on is None:
        return _("never reported")

    days = (day - deliverable.current_status_on).days
    if days > FRESH_DAYS:
        years = days // 365
        if years > 1:
            return _("not reported for %(years)d years") % {"years": years}
        return _("not reported for %(days)d days") % {"days": days}

    if deliverable.current_status == deliverable.status_before:
        text = ngettext("confirmed %(days)d day ago", "confirmed %(days)d days ago", days)
        return text % {"days": days} if days else _("confirmed today")

    text = ngettext("reported %(days)d day ago", "reported %(days)d days ago", days)
    return text % {"days": days} if days else _("reported today")


class Attention(models.TextChoices):
    """Why a deliverable needs attention."""

    NO_STATUS = "no_status", _("No status yet")
    NO_EVIDENCE = "no_evidence", _("Attained, with only a note as evidence")
    NO_REASON = "no_reason", _("Not developed, reason not stated")
    STALE = "stale", _("Not reported or confirmed for over 90 days")
    OVERDUE = "overdue", _("Past the due date and not attained")
    DUE_SOON = "due_soon", _("Due in the next 30 days")


# Of a deliverable that is due soon, no information is missing yet.
MISSING_INFORMATION = [attention for attention in Attention if attention is not Attention.DUE_SOON]
TODO = [
    Attention.OVERDUE,
    Attention.DUE_SOON,
    Attention.NO_STATUS,
    Attention.STALE,
    Attention.NO_EVIDENCE,
    Attention.NO_REASON,
]  # most pressing first


def needing_attention(attention, deliverables, day):
    """Return the deliverables that need this kind of attention on `day`. They need `with_current_status()`."""
    only_a_note = StatusUpdate.objects.filter(evidence_title="", evidence_link="").values("pk")
    no_reason = StatusUpdate.objects.filter(reason__in=["", Reason.NOT_STATED]).values("pk")

    rules = {
        Attention.NO_STATUS: Q(current_status=Status.NO_STATUS),
        Attention.NO_EVIDENCE: Q(current_status=Status.ATTAINED, update_id__in=only_a_note),
        Attention.NO_REASON: Q(current_status=Status.NOT_DEVELOPED, update_id__in=no_reason),
        Attention.STALE: Q(current_status_on__lt=day - timedelta(days=FRESH_DAYS)),
        Attention.OVERDUE: Q(due_on__lt=day) & ~Q(current_status=Status.ATTAINED),
        Attention.DUE_SOON: Q(due_on__range=(day, day + timedelta(days=SOON_DAYS)))
        & ~Q(current_status=Status.ATTAINED),
    }
    return deliverables.filter(rules[attention])
