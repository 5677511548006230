"""The dates of a plan as a calendar, read back by a program, and line by line as RFC 5545 asks for."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override
from icalendar import Calendar

from deliverables.models import Deliverable
from plans.common.text import printable
from plans.models import Meeting, Plan, Region
from reports.figures.summary import summarise
from reports.files.ics import write_ics
from tests import demo
from tests.any_text import on_any_texts
from tests.builders import TODAY, deliverable, new_plan, report

pytestmark = pytest.mark.django_db
ADDRESS = "/plans/2018-2020/calendar.ics"
LINE = re.compile(r"[A-Z-]+(?:;[A-Z-]+=[^;:\"]+)*:.*", re.DOTALL)


def written(plan, region=None, *, language="en"):
    with override(language):
        return write_ics(summarise(plan, today=TODAY, with_reports=False), region)


def events(content):
    """The events of a calendar that keeps the rules, by their UID."""
    check(content)
    found = {str(event["UID"]): event for event in Calendar.from_ical(content).events}
    assert len(found) == content.count(b"BEGIN:VEVENT\r\n") > 0
    return found


def check(content):
    """Assert what RFC 5545 asks of lines and of events (3.1, 3.6.1)."""
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert [line for line in lines if len(line) > 75 or b"\n" in line or b"\r" in line] == []
    assert [line for line in lines if not line.strip()] == []
    unfolded = content.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")
    assert [line for line in unfolded if not LINE.fullmatch(line)] == []
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", content.decode().replace("\r\n", ""))
    for name in ("UID", "DTSTAMP", "DTSTART;VALUE=DATE", "SEQUENCE"):
        assert sum(line.startswith(f"{name}:") for line in unfolded) == unfolded.count("BEGIN:VEVENT")
    assert [line for line in unfolded if line.startswith(("VERSION", "METHOD"))] == ["VERSION:2.0", "METHOD:PUBLISH"]
    assert {"REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H"} <= set(unfolded)


def titles(content):
    return [str(event["SUMMARY"]) for event in events(content).values()]


def due(code, day):
    row = deliverable(code)
    Deliverable.objects.filter(pk=row.pk).update(due_on=day)
    Plan.objects.raise_revision(slug="2018-2020")
    return row


def due_event(plan, code="L2M10D1"):
    plan = Plan.objects.get(pk=plan.pk)
    (found,) = [event for event in events(written(plan)).values() if f"({code})" in str(event["SUMMARY"])]
    return found


def test_a_plan_without_due_dates_has_its_meetings_and_its_last_day(plan):
    assert titles(written(plan)) == [
        "General Assembly of Members",
        f"Last day of the plan: {plan.title}",
    ]


def test_a_plan_with_nothing_is_a_valid_calendar():
    Meeting.objects.all().delete()
    assert titles(written(new_plan(deliverables=0))) == ["Last day of the plan: A plan"]


def test_a_due_date_is_an_event_of_the_whole_day(plan):
    due("L1M1D1", date(2020, 6, 30))
    event = due_event(plan, "L1M1D1")
    assert str(event["SUMMARY"]) == "Attained: Calendar of international events (L1M1D1)"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2020, 6, 30), date(2020, 7, 1))
    assert str(event["URL"]) == "http://127.0.0.1:8000/plans/2018-2020/L1M1D1/"


def test_the_last_day_of_all_has_no_end(plan):
    due("L2M10D1", date.max)
    assert (due_event(plan)["DTSTART"].dt, "DTEND" in due_event(plan)) == (date.max, False)


def test_what_is_not_attained_is_due(plan):
    due("L1M1D2", date(2020, 6, 30))
    assert str(due_event(plan, "L1M1D2")["SUMMARY"]).startswith("Due: ")


def test_another_day_keeps_the_uid_and_raises_the_sequence(plan):
    due("L2M10D1", date(2020, 6, 30))
    before = due_event(plan)
    due("L2M10D1", date(2020, 9, 30))
    after = due_event(plan)
    assert before["UID"] == after["UID"]
    assert (after["DTSTART"].dt, after["SEQUENCE"] > before["SEQUENCE"]) == (date(2020, 9, 30), True)


def test_the_same_state_gives_the_same_bytes_and_a_report_another_moment(plan, sofia):
    due("L2M10D1", date(2020, 6, 30))
    plan = Plan.objects.get(pk=plan.pk)
    assert written(plan) == written(plan)
    before = due_event(plan)["LAST-MODIFIED"].dt
    report(deliverable("L2M10D1"), "in_progress", by=sofia, at=timezone.now() + timedelta(minutes=1))
    assert due_event(plan)["LAST-MODIFIED"].dt > before


def test_what_is_withdrawn_is_cancelled(example):
    (gone,) = summarise(example, today=TODAY).withdrawn
    event = due_event(example, str(gone.code))
    assert (str(event["STATUS"]), str(event["SUMMARY"]).startswith("Withdrawn: ")) == ("CANCELLED", True)


def test_the_example_has_an_event_for_each_due_date_and_none_of_its_people_and_rounds(example):
    content = written(example)
    assert len(events(content)) == 66 + len(demo.MEETINGS) + 1
    text = content.replace(b"\r\n ", b"").decode()
    assert [name for name, _role in demo.PEOPLE.values() if name in text] == []


def test_a_region_has_its_own_due_dates(example):
    africa = Region.objects.get(organisation=example.organisation, slug="africa")
    rows = [row for row in summarise(example, today=TODAY).listed_rows if africa.name in row.regions]
    mine = [title for title in titles(written(example, africa)) if re.search(r"\(L\d", title)]
    assert 0 < len(mine) == len(rows) < 66


def test_it_is_in_the_language_of_its_address(visitor, plan):
    due("L1M1D1", date(2020, 6, 30))
    response = visitor.get(f"/es{ADDRESS}")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="metropolis-2018-2020-calendar-es.ics"'
    assert any(title.startswith("Alcanzado: ") for title in titles(response.content))


def test_a_program_that_has_it_is_told_that_nothing_has_changed(visitor, plan):
    etag = visitor.get(ADDRESS)["ETag"]
    assert visitor.get(ADDRESS, headers={"If-None-Match": etag}).status_code == 304
    due("L1M1D2", date(2020, 6, 30))
    assert visitor.get(ADDRESS, headers={"If-None-Match": etag}).status_code == 200


@on_any_texts(15)
def test_any_text_comes_back(plan):
    Deliverable.objects.of_plan(plan.slug).update(due_on=date(2022, 1, 1))
    Plan.objects.raise_revision(pk=plan.pk)
    found = titles(written(Plan.objects.get(pk=plan.pk)))
    for row in Deliverable.objects.of_plan(plan.slug):
        assert any(printable(f"{row.title} ({row.code})") in title for title in found)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(b"\r\n", b"\n"), (b"UID:", b"ID:"), (b"VERSION", b"A\x07"), (b"PRODID:", b"PRODID:" + 80 * b"x")],
)
def test_the_check_notices_what_is_not_allowed(plan, right, wrong):
    with pytest.raises(AssertionError):
        check(written(plan).replace(right, wrong))


def test_the_number_of_queries_stays(django_assert_num_queries, plan):
    for number in (1, 30):
        plan = new_plan(f"plan-{number}", deliverables=number)
        Deliverable.objects.of_plan(plan.slug).update(due_on=date(2022, 1, 1))
        summary = summarise(plan, today=TODAY, with_reports=False)
        with django_assert_num_queries(3):
            write_ics(summary)
