"""Dates: how they are written in the language of the page, and the rules that all forms, imports and models share.

French writes the first of a month as an ordinal: `1er janvier`.
"""

import math
import re

from django.utils import formats
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy
from django.utils.translation import gettext as _

NOT_A_DATE = gettext_lazy("This is not a date. Write it as year-month-day, such as 2019-12-31.")

# How far away a day is, in the unit that people would use: up to how many days, how many a unit has, and the texts.
DISTANCES = [
    (13, 1, ngettext_lazy("%(n)d day ago", "%(n)d days ago", "n"), ngettext_lazy("in %(n)d day", "in %(n)d days", "n")),
    (
        59,
        7,
        ngettext_lazy("%(n)d week ago", "%(n)d weeks ago", "n"),
        ngettext_lazy("in %(n)d week", "in %(n)d weeks", "n"),
    ),
    (
        729,
        30.44,
        ngettext_lazy("%(n)d month ago", "%(n)d months ago", "n"),
        ngettext_lazy("in %(n)d month", "in %(n)d months", "n"),
    ),
    (
        math.inf,
        365.25,
        ngettext_lazy("%(n)d year ago", "%(n)d years ago", "n"),
        ngettext_lazy("in %(n)d year", "in %(n)d years", "n"),
    ),
]


def date_format(day, form="DATE_FORMAT"):
    """Return a date or datetime as text, in a format named in `metropolis_tracker/formats` (`form`)."""
    text = formats.date_format(day, form)
    return re.sub(r"^1\b", "1er", text) if get_language() == "fr" and not form.startswith("Y") else text


def distance_text(day, today):
    """Return how far a day is from today as text, such as “in 7 months” or “3 days ago”."""
    days = abs((day - today).days)
    if days == 0:
        return _("today")

    past, future, number = next(
        (past, future, round(days / length)) for longest, length, past, future in DISTANCES if days <= longest
    )
    return (past if day < today else future) % {"n": number}


def not_a_date(text):
    """Return the error for a text that is no date, quoting its first 40 characters."""
    return _("“%s” is not a date. Write it as year-month-day, such as 2019-12-31.") % text[:40].replace("\0", "")


def future_error(day, today):
    """Return the error for a day after today, None for any other."""
    return _("%s is in the future. Choose today or an earlier date.") % date_format(day) if day > today else None


def start_error(day, plan):
    """Return the error for a day before the plan starts, None for any other."""
    if day >= plan.starts_on:
        return None
    return _("The plan starts on %s. Choose that day or a later one.") % date_format(plan.starts_on)
