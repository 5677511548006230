from datetime import UTC, date, datetime

import pytest

from deliverables.models import Deliverable, ReportingRound
from plans.models import Meeting
from reports.figures.next_dates import MOST, next_dates
from reports.figures.summary import summarise
from tests.builders import new_plan, report

pytestmark = pytest.mark.django_db
DAY = date(2022, 6, 6)
PAGE = "/plans/2021-2023/"


@pytest.fixture
def running(plan):
    return new_plan(deliverables=5)


def set_due(plan, *days):
    for row, day in zip(Deliverable.objects.of_plan(plan.slug), days, strict=False):
        Deliverable.objects.filter(pk=row.pk).update(due_on=day)


def dates_of(plan, reader, day=DAY):
    return next_dates(summarise(plan, day, today=day), reader)


def test_the_days_on_which_work_is_due_come_in_order(running, sofia):
    set_due(running, date(2022, 12, 31), date(2022, 9, 30), date(2022, 9, 30), DAY)
    assert [(each.day, each.due) for each in dates_of(running, sofia)] == [
        (date(2022, 9, 30), 2),
        (date(2022, 12, 31), 1),
    ]


def test_what_is_attained_is_not_due_any_more(running, sofia):
    set_due(running, date(2022, 9, 30))
    report(Deliverable.objects.of_plan(running.slug)[0], "attained", by=sofia, effective_on=date(2022, 1, 1))
    running.refresh_from_db()
    assert dates_of(running, sofia) == []


def test_a_meeting_is_a_date(running, sofia):
    meeting = Meeting.objects.create(
        organisation=running.organisation, name="Board of Directors", held_on=date(2022, 12, 6)
    )
    assert [(each.day, each.meetings) for each in dates_of(running, sofia)] == [(date(2022, 12, 6), (meeting,))]


def test_members_alone_see_the_end_of_a_round(running, sofia, visitor):
    rows = list(Deliverable.objects.of_plan(running.slug))
    options = {"name": "June round", "closes_on": date(2022, 7, 1), "deliverables": rows, "by": sofia}
    ReportingRound.objects.begin(running, **options, at=datetime(2022, 6, 6, tzinfo=UTC))
    anyone = visitor.get(PAGE).wsgi_request.user
    assert [each.reporting_round.name for each in dates_of(running, sofia)] == ["June round"]
    assert dates_of(running, anyone) == []


def test_a_page_shows_few_dates(running, sofia):
    set_due(running, *(date(2022, month, 1) for month in range(7, 12)))
    assert len(dates_of(running, sofia)) == MOST


def test_a_plan_that_is_over_has_no_next_date(running, sofia):
    set_due(running, date(2024, 1, 31))
    assert dates_of(running, sofia, running.ends_on) == []
