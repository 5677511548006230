"""Where a plan is in its period, as a sentence: how it ended, or how much is attained and the time that is left."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliverables.status import Status
from plans.common.dates import date_format

DAYS_IN_DAYS, DAYS_IN_MONTHS = 60, 3 * 366  # up to so many days, the time left is given in days, or in months


def period_sentence(progress, as_of):
    """Return the sentence for a `Progress` as of a date, None for today. A plan is over after its last day.

    An earlier page is looked back at: as of its last day, the plan is over too.
    """
    day, ends_on = progress.latest.day, progress.ends_on
    if has_ended(progress, as_of):
        return ended_sentence(progress)
    if day < progress.starts_on:
        return _("This plan begins on %(day)s.") % {"day": date_format(progress.starts_on)}

    counts = progress.latest.counts
    if not counts.total:
        return ""
    text = ngettext(
        "%(attained)d of %(total)d outcomes is attained, %(time)s.",
        "%(attained)d of %(total)d outcomes are attained, %(time)s.",
        counts.attained,
    )
    return text % {"attained": counts.attained, "total": counts.total, "time": time_left(day, ends_on)}


def has_ended(progress, as_of):
    return progress.latest.day > progress.ends_on or as_of == progress.ends_on


def finding(progress, as_of):
    """Return the sentence as a headline: for a plan that runs, once something is attained. Otherwise an empty text."""
    runs = progress.starts_on <= progress.latest.day and not has_ended(progress, as_of)
    return period_sentence(progress, as_of).removesuffix(".") if runs and progress.latest.counts.attained else ""


def ended_sentence(progress):
    """Return how the plan stood on its last day and, where that has changed since, how it is now."""
    values = {"day": date_format(progress.ends_on), "counts": counts_of_total(progress.last.counts)}
    if not progress.last.counts.total:
        return _("This plan ended on %(day)s.") % values

    sentences = [_("This plan ended on %(day)s: %(counts)s.") % values]
    if progress.latest.counts != progress.last.counts:
        values = {"day": date_format(progress.latest.day), "counts": counts_of_total(progress.latest.counts)}
        sentences.append(_("By %(day)s: %(counts)s.") % values)
    return " ".join(sentences)


def counts_of_total(counts):
    """Return counts as text: “49 of 65 attained, 10 in progress, 6 not developed”."""
    first = ngettext("%(attained)d of %(total)d attained", "%(attained)d of %(total)d attained", counts.attained)
    others = [part.as_text for part in counts.parts if part.status is not Status.ATTAINED]
    return ", ".join([first % {"attained": counts.attained, "total": counts.total}, *others])


def time_left(day, ends_on):
    """Return the time from a day to the plan's last day, in whole days, months or years."""
    days = (ends_on - day).days
    months = 12 * (ends_on.year - day.year) + ends_on.month - day.month - (ends_on.day < day.day)
    if not days:
        return _("on the plan's last day")
    if days <= DAYS_IN_DAYS:
        return ngettext("with %(number)d day to go", "with %(number)d days to go", days) % {"number": days}
    if days <= DAYS_IN_MONTHS:
        return ngettext("with %(number)d month to go", "with %(number)d months to go", months) % {"number": months}
    years = months // 12
    return ngettext("with %(number)d year to go", "with %(number)d years to go", years) % {"number": years}
