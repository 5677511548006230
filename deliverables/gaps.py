"""What a plan's record lacks, and what is soon due: what the secretariat does next."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliverables.freshness import FRESH_DAYS
from deliverables.status import Reason, Status
from deliverables.updates import StatusUpdate

SOON_DAYS = 30


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
