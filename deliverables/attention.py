"""What needs attention on a day: due dates, the age of the last report, and missing information.

Nobody is asked to confirm what is attained, or anything in a plan that is over, so neither is ever called stale.
"""

from datetime import timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from deliverables.models import EvidenceItem, LinkCheck, StatusUpdate, may_see_link_checks
from deliverables.status import Reason, Status
from plans.common.dates import date_format

SOON_DAYS = 30
FRESH_DAYS = 90


class Due(models.TextChoices):
    """When a deliverable is due, seen from a day."""

    PAST = "past", _("Before today")
    SOON = "soon", _("In the next 30 days")
    LATER = "later", _("Later")
    NOT_SET = "not_set", _("No due date")


def due_when(due, deliverables, day):
    """Return the deliverables that are due at that time, seen from `day`. They need `with_promises()`."""
    soon = day + timedelta(days=SOON_DAYS)
    return deliverables.filter(
        **{
            Due.PAST: {"due_as_of__lt": day},
            Due.SOON: {"due_as_of__range": (day, soon)},
            Due.LATER: {"due_as_of__gt": soon},
            Due.NOT_SET: {"due_as_of": None},
        }[due]
    )


class Freshness(models.TextChoices):
    """How long ago a deliverable was last reported on."""

    FRESH = "fresh", _("In the last 90 days")
    STALE = "stale", _("Not for over 90 days, and not attained")
    NEVER = "never", _("Never")


def reported_when(freshness, deliverables, day):
    """Return the deliverables whose last report is this fresh on `day`. They need `with_current_status()`."""
    rules = {
        Freshness.FRESH: Q(current_status_on__gte=oldest_fresh_day(day)),
        Freshness.STALE: stale_on(day),
        Freshness.NEVER: Q(current_status_on=None),
    }
    return deliverables.filter(rules[freshness])


def oldest_fresh_day(day):
    return day - timedelta(days=FRESH_DAYS)


def stale_on(day):
    """Return the condition for a report that is too old on `day`: never once attained, or once the plan is over."""
    return is_open_on(day) & Q(current_status_on__lt=oldest_fresh_day(day))


def is_open_on(day):
    """Return the condition for what people are asked about on `day`: see `is_open`."""
    return ~Q(current_status=Status.ATTAINED) & Q(measure__action_line__plan__ends_on__gte=day)


def is_open(deliverable, day):
    """Return whether people are asked about a deliverable on a day: not attained, in a plan that runs until then."""
    return deliverable.current_status != Status.ATTAINED and deliverable.ends_on >= day


def freshness_text(deliverable, day):
    """Return as text the day for which a deliverable was last confirmed, or reported too long ago; empty if neither.

    A report for an old day may be recorded today. The deliverable needs `with_current_status()`.
    """
    reported_on = deliverable.current_status_on
    if reported_on is None:
        return _("never reported")

    if is_open(deliverable, day) and reported_on < oldest_fresh_day(day):
        if reported_on == deliverable.current_since:
            return _("no report since")
        return _("last reported for %(day)s") % {"day": date_format(reported_on, "SHORT_DATE_FORMAT")}
    if reported_on > deliverable.current_since:
        if reported_on == day:
            return _("confirmed today")
        return _("confirmed %(day)s") % {"day": date_format(reported_on, "SHORT_DATE_FORMAT")}
    return ""


class Attention(models.TextChoices):
    """Why a deliverable needs attention."""

    NO_STATUS = "no_status", _("No status yet")
    NO_EVIDENCE = "no_evidence", _("Attained, without a link or file")
    NO_REASON = "no_reason", _("Not developed, reason not stated")
    STALE = "stale", _("Not attained, and not reported or confirmed for over 90 days")
    OVERDUE = "overdue", _("Past the due date and not attained")
    DUE_SOON = "due_soon", _("Due in the next 30 days")
    EXPECTED_PASSED = "expected_passed", _("Expected date passed and not attained")
    LINK_NOT_FOUND = "link_not_found", _("A link of the evidence was not found")


# Of a deliverable that is due soon, no information is missing yet. What other servers answer is no part of the record,
# and changes without a new revision of the plan: it is in no edition, and on no page for visitors.
MISSING_INFORMATION = [
    attention for attention in Attention if attention not in (Attention.DUE_SOON, Attention.LINK_NOT_FOUND)
]
TODO = [
    Attention.OVERDUE,
    Attention.DUE_SOON,
    Attention.EXPECTED_PASSED,
    Attention.NO_STATUS,
    Attention.STALE,
    Attention.NO_EVIDENCE,
    Attention.NO_REASON,
    Attention.LINK_NOT_FOUND,
]  # most pressing first
# Of a plan that is over, nobody is asked what comes of it: only its record may be completed.
TODO_AFTER_THE_END = [Attention.NO_STATUS, Attention.NO_EVIDENCE, Attention.NO_REASON, Attention.LINK_NOT_FOUND]


def visible_to(person, kinds):
    """Return those kinds of attention that somebody may see."""
    return [kind for kind in kinds if kind is not Attention.LINK_NOT_FOUND or may_see_link_checks(person)]


def needing_attention(attention, deliverables, day):
    """Return the deliverables that need this kind of attention on `day`. They need `with_current_status()`."""
    return deliverables.filter(attention_rules(day)[attention])


def attention_rules(day):
    """Return the condition of each kind of attention on `day`, for deliverables with `with_current_status()`."""
    links = EvidenceItem.objects.filter(update=OuterRef("pk")).exclude(link="", file="")
    no_link = StatusUpdate.objects.filter(~Exists(links), evidence_link="").values("pk")
    expected = StatusUpdate.objects.filter(expected_on__lt=day).values("pk")
    not_found = LinkCheck.objects.not_found().values("link")
    dead_link = StatusUpdate.objects.filter(Q(evidence_link__in=not_found) | Q(items__link__in=not_found)).values("pk")
    no_reason = StatusUpdate.objects.filter(reason__in=["", Reason.NOT_STATED]).values("pk")

    return {
        Attention.NO_STATUS: Q(current_status=Status.NO_STATUS),
        Attention.NO_EVIDENCE: Q(current_status=Status.ATTAINED, update_id__in=no_link),
        Attention.NO_REASON: Q(current_status=Status.NOT_DEVELOPED, update_id__in=no_reason),
        Attention.STALE: stale_on(day),
        Attention.OVERDUE: Q(due_as_of__lt=day) & ~Q(current_status=Status.ATTAINED),
        Attention.DUE_SOON: Q(due_as_of__range=(day, day + timedelta(days=SOON_DAYS)))
        & ~Q(current_status=Status.ATTAINED),
        Attention.EXPECTED_PASSED: is_open_on(day) & Q(update_id__in=expected),
        Attention.LINK_NOT_FOUND: Q(update_id__in=dead_link),
    }
