"""What a plan can be compared with by name: the meetings of its organisation, and its published editions."""

from dataclasses import dataclass
from datetime import date

from django.utils.html import conditional_escape, escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from plans.common.dates import date_format
from plans.common.text import TranslatedText
from plans.memory import by_structure
from plans.models import Meeting


@dataclass(frozen=True)
class Baseline:
    """A meeting or an edition, since which the changes of a plan are shown.

    `value` is its name in `?since=`, `day` the first date of the comparison. `headline` is the headline of the page of
    changes, and `html` the same with the language of the meeting's name.
    """

    value: str
    label: TranslatedText
    day: date
    headline: str
    html: str
    place: str = ""


@by_structure
def baselines_of(plan, until):
    """Return the baselines of a plan by value: meetings since it began and editions, by the day `until`, newest first.

    Two queries.
    """
    meetings = Meeting.objects.since_start_of(plan, until)
    editions = plan.editions.for_list().filter(as_of__range=(plan.starts_on, until))
    found = [*(since_meeting(each, plan) for each in meetings), *(since_edition(each) for each in editions)]
    return {baseline.value: baseline for baseline in found}


def since_meeting(meeting, plan):
    """Return the baseline of a meeting, its name as the plan translates it."""
    texts = plan.translated_texts()
    text, name, day = (
        _("Since the meeting on %(day)s (%(meeting)s)"),
        texts.get(meeting.name),
        date_format(meeting.held_on),
    )
    return Baseline(
        value=f"meeting-{meeting.key}",
        label=meeting.label_in(texts),
        day=meeting.held_on,
        headline=text % {"meeting": name, "day": day},
        html=mark_safe(escape(text) % {"meeting": conditional_escape(name.html), "day": day}),  # noqa: S308 (escaped)
        place=meeting.place,
    )


def since_edition(edition):
    """Return the baseline of an edition: the day that it shows. Its label has the day on which it was published."""
    headline = _("Since edition %(number)d, as of %(day)s") % {
        "number": edition.number,
        "day": date_format(edition.as_of),
    }
    return Baseline(
        value=f"edition-{edition.number}",
        label=TranslatedText(f"{edition}, {date_format(edition.published_on)}", edition.localized_title.language),
        day=edition.as_of,
        headline=headline,
        html=escape(headline),
    )
