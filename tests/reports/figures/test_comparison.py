from dataclasses import replace
from datetime import date

import pytest
import time_machine

from deliverables.models import Decision
from deliverables.plan_editing import structure
from deliverables.status import Status
from reports.figures.comparison import RANK, Comparison, compare
from reports.figures.summary import summarise
from tests.builders import deliverable, report

pytestmark = pytest.mark.django_db
START, END = date(2020, 12, 31), date(2021, 12, 31)


def texts(response):
    return " ".join(response.content.decode().split())


CATEGORIES = ["attained", "moved_on", "moved_back", "first_reported", "without_status"]


def categories(comparison):
    return [getattr(comparison, name) for name in CATEGORIES]


def codes(moves):
    return [str(move.row.code) for move in moves]


@pytest.fixture
def busy_year(plan, sofia):
    """2021: one attained, one moved back, one resumed, one newly evidenced, one confirmed, one corrected."""
    report(deliverable("L1M1D2"), "attained", by=sofia)
    report(deliverable("L1M1D1"), "in_progress", by=sofia)
    report(deliverable("L1M4D1"), "in_progress", by=sofia)
    report(deliverable("L1M3D1"), "attained", by=sofia)
    mistake = report(deliverable("L2M1D1"), "in_progress", by=sofia, effective_on=date(2021, 2, 1))
    report(deliverable("L2M1D1"), "attained", by=sofia, effective_on=date(2021, 2, 2), corrects=mistake)
    return compare(plan, START, END)


def test_what_was_attained_since(busy_year):
    assert codes(busy_year["comparison"].attained) == ["L1M1D2"]


def test_what_moved_back(busy_year):
    assert codes(busy_year["comparison"].moved_back) == ["L1M1D1"]


def test_what_moved_on(busy_year):
    assert codes(busy_year["comparison"].moved_on) == ["L1M4D1"]


def test_what_was_confirmed(busy_year):
    assert [str(update.deliverable.code) for update in busy_year["confirmed"]] == ["L1M3D1"]


@time_machine.travel("2026-11-24 12:00 +0000")
def test_what_was_corrected_is_told_by_the_day_of_correcting(plan, busy_year):
    before, after = compare(plan, START, END), compare(plan, START, date(2026, 11, 24))
    assert [len(found["corrected"]) for found in (before, after)] == [0, 1]


def test_what_is_newly_evidenced(plan, sofia):
    calendar = deliverable("L1M1D1")
    report(calendar, "attained", by=sofia, effective_on=date(2021, 1, 1), note="Seen in the minutes.")
    report(calendar, "attained", by=sofia, effective_on=date(2021, 6, 1), evidence_link="https://metropolis.org/a")
    found = compare(plan, date(2021, 1, 1), END)["comparison"]
    assert (codes(found.newly_evidenced), found.moves) == (["L1M1D1"], [])


def test_every_status_reconciles(busy_year):
    flows = busy_year["comparison"].flows
    assert [(flow.start, flow.gained, flow.lost, flow.end) for flow in flows] == [
        (49, 1, 1, 49),
        (10, 2, 0, 12),
        (6, 0, 2, 4),
        (0, 0, 0, 0),
    ]


def test_the_first_report_is_no_step_and_reconciles(plan):
    found = compare(plan, date(2020, 12, 30), START)["comparison"]
    assert [len(moves) for moves in categories(found)] == [49, 0, 0, 16, 0]
    assert [flow.start + flow.gained - flow.lost - flow.end for flow in found.flows] == [0, 0, 0, 0]


def test_every_move_is_in_one_list(busy_year):
    found = busy_year["comparison"]
    assert sorted(code for moves in categories(found) for code in codes(moves)) == sorted(codes(found.moves))


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_each_pair_of_statuses_is_in_one_category(plan, before, after):
    """Between two editions even a deliverable without a status since: the earlier edition holds what was corrected."""
    summary = summarise(plan, today=START)
    code, rows = summary.rows[0].code, {status: with_status(summary, status) for status in (before, after)}
    found = Comparison(rows[before], rows[after])
    expected = {
        Status.ATTAINED: "attained",
        Status.NO_STATUS: "without_status",
    }.get(after) or ("first_reported" if before == Status.NO_STATUS else "")
    expected = expected or ("moved_on" if RANK[after] > RANK[before] else "moved_back")
    in_categories = [name for name in CATEGORIES if code in [move.row.code for move in getattr(found, name)]]
    assert in_categories == ([] if before == after else [expected])


def with_status(summary, status):
    """The summary with another status of its first deliverable."""
    line, *lines = summary.lines
    measure, *measures = line.measures
    measure = replace(measure, rows=(replace(measure.rows[0], status=status), *measure.rows[1:]))
    return replace(summary, lines=(replace(line, measures=(measure, *measures)), *lines))


def test_an_entry_that_moved_back_is_not_confirmed(plan, sofia):
    """It repeated the status of its time; a late entry between the two made it a step back."""
    row = deliverable("L1M1D2")
    report(row, "not_developed", by=sofia, reason="postponed", effective_on=date(2021, 6, 1))
    report(row, "attained", by=sofia, effective_on=date(2021, 3, 1))
    found = compare(plan, date(2021, 4, 1), END)
    assert (codes(found["comparison"].moved_back), found["confirmed"]) == (["L1M1D2"], [])


@pytest.mark.parametrize(
    ("start", "reported_on"), [(date(2021, 1, 1), date(2021, 2, 1)), (date(2021, 6, 15), date(2021, 7, 1))]
)
def test_what_was_withdrawn_is_not_confirmed(plan, sofia, start, reported_on):
    report(deliverable("L1M1D1"), "attained", by=sofia, effective_on=reported_on)
    structure.withdraw(deliverable("L1M1D1"), by=sofia, decision=Decision("Board", date(2021, 6, 1)))
    plan.refresh_from_db()
    assert compare(plan, start, END)["confirmed"] == []


def test_the_page_compares_two_dates(visitor, busy_year):
    text = texts(visitor.get("/plans/2018-2020/changes/?from=2020-12-31&to=2021-12-31"))
    assert "Changes after 31 December 2020 and up to 31 December 2021." in text
    assert "Attained since (1)" in text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from=2021-01-01&to=2020-01-01", "This day is before the first one."),
        ("from=soon&to=2020-01-01", "This is not a date."),
        ("to=2020-01-01", "Enter a date."),
        ("from=1900-01-01&to=2020-01-01", "The plan starts on 1 January 2018."),
        ("from=2020-01-01&to=2999-01-01", "is in the future."),
        ("from=%00&to=2020-01-01", "This is not a date."),
    ],
)
def test_dates_that_cannot_be_compared_are_told_beside_their_field(visitor, query, message):
    response = visitor.get(f"/plans/2018-2020/changes/?{query}")
    assert (response.status_code, message in texts(response)) == (200, True)


def test_the_second_date_is_the_as_of_date_where_it_is_left_out(visitor, busy_year):
    text = texts(visitor.get("/plans/2018-2020/changes/?from=2020-12-31&as_of=2021-06-30"))
    assert "Changes after 31 December 2020 and up to 30 June 2021." in text
