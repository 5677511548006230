"""When a deliverable is due, as seen from a day."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from deliverables.gaps import SOON_DAYS


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
