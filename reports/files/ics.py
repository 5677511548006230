"""Write the dates of a plan as a calendar (iCalendar, RFC 5545): due dates, meetings and the last day of the plan.

Calendar programs ask for it again and again. The same state of the plan gives the same bytes, and an event keeps its
UID when its day or its text changes. Due dates are as they are today, and nothing in it is for members alone.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration, vText

from deliverables.models import Amendment, StatusUpdate
from deliverables.status import Status
from plans.common.text import printable
from plans.translations import colon
from reports.files.identifiers import uuid_of

PRODUCT = "-//Metropolis//Metropolis Tracker//EN"
REFRESH = timedelta(hours=6)  # how often programs should ask; they decide


def write_ics(summary, region=None):
    """Return the calendar of a plan, or of the deliverables of a region, as bytes in the active language.

    A region for which the plan has nothing of its own gets the whole calendar, as its page shows the whole network.
    """
    plan, texts = summary.plan, summary.plan.translated_texts()
    name = f"{plan.organisation.name}{colon()}{texts.get(plan.title)}"
    calendar = Calendar()
    add(calendar, "PRODID", PRODUCT)
    add(calendar, "VERSION", "2.0")
    add(calendar, "METHOD", "PUBLISH")
    for property_name in ("NAME", "X-WR-CALNAME"):
        add(calendar, property_name, f"{name} ({texts.get(region.name)})" if region else name)
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))

    for row in rows_with_dates(summary, region):
        calendar.add_component(due_event(plan, row.translated(texts)))
    for meeting in reversed(plan.meetings):
        calendar.add_component(meeting_event(plan, meeting, texts))
    calendar.add_component(last_day_event(plan, texts))
    stamp(calendar.events, last_change_of(plan))
    return calendar.to_ical()


def stamp(events, moment):
    for event in events:
        event.add("DTSTAMP", moment)
        event.add("LAST-MODIFIED", moment)


def last_change_of(plan):
    """Return the moment of the last report or decision, that of its first day without any. Two queries."""
    histories = StatusUpdate.objects.filter(plan=plan), Amendment.objects.filter(plan=plan)
    moments = [history.aggregate(Max("recorded_at"))["recorded_at__max"] for history in histories]
    return max(filter(None, moments), default=datetime.combine(plan.starts_on, time(), UTC)).astimezone(UTC)


def add(component, name, text):
    component.add(name, vText(printable(str(text))))


def rows_with_dates(summary, region):
    """Return the rows that are due on a day, withdrawn ones too: a program that has them must learn that."""
    rows = [row for row in summary.listed_rows if row.due_on]
    return [row for row in rows if region.name in row.regions] if region and summary.of_region(region) else rows


def due_event(plan, row):
    """Return the event of a deliverable. Its title says whether it is still due."""
    title = f"{row.title} ({row.code})"
    url = reverse("deliverable", args=[plan.slug, row.code])
    event = event_on(plan, row.due_on, f"{state_of(row)}{colon()}{title}", uuid_of(plan, "due", row.code), url)
    event.add("STATUS", "CANCELLED" if row.withdrawn_on else "CONFIRMED")
    status = _("Withdrawn") if row.withdrawn_on else row.status.label
    add(event, "DESCRIPTION", f"{status}. {row.statement}")
    return event


def state_of(row):
    if row.withdrawn_on:
        return _("Withdrawn")
    return row.status.label if row.status == Status.ATTAINED else _("Due")


def meeting_event(plan, meeting, texts):
    event = event_on(plan, meeting.held_on, texts.get(meeting.name), meeting.key, plan.get_absolute_url())
    if meeting.place:
        add(event, "LOCATION", texts.get(meeting.place))
    return event


def last_day_event(plan, texts):
    title = _("Last day of the plan: %s") % texts.get(plan.title)
    return event_on(plan, plan.ends_on, title, uuid_of(plan, "last day"), plan.get_absolute_url())


def event_on(plan, day, title, uid, path):
    """Return an event of a whole day. Its sequence number is the revision of the plan, which only grows."""
    event = Event()
    add(event, "UID", uid)
    event.add("SEQUENCE", plan.revision)
    event.add("DTSTART", day)
    if day < date.max:  # without an end, an event takes its day
        event.add("DTEND", day + timedelta(days=1))
    add(event, "SUMMARY", title)
    event.add("TRANSP", "TRANSPARENT")  # nobody is busy on that day
    event.add("URL", settings.SITE_URL + path)
    return event
