"""How long ago somebody last said how a deliverable stands."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

FRESH_DAYS = 90


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
