from datetime import date

import pytest

from deliverables.attention import Attention, needing
from deliverables.models import Deliverable
from tests.builders import deliverable, new_plan, report

pytestmark = pytest.mark.django_db
DAY = date(2021, 6, 30)


@pytest.fixture
def row(plan):
    new_plan()
    return Deliverable.objects.of_plan("2021-2023").get()


def gaps_of(row, day=DAY):
    current_status = Deliverable.objects.filter(pk=row.pk).with_current_status(day)
    return [gap for gap in Attention if needing(gap, current_status, day).exists()]


def test_a_row_without_a_report_lacks_a_status(row):
    assert gaps_of(row) == [Attention.NO_STATUS]


def test_attained_with_only_a_note_lacks_evidence(row, sofia):
    report(row, "attained", by=sofia, effective_on=DAY, note="In the minutes.")
    assert gaps_of(row) == [Attention.NO_EVIDENCE]


@pytest.mark.parametrize("evidence", [{"evidence_link": "https://metropolis.org"}, {"evidence_title": "Minutes, p. 3"}])
def test_attained_with_evidence_lacks_nothing(row, sofia, evidence):
    report(row, "attained", by=sofia, effective_on=DAY, **evidence)
    assert gaps_of(row) == []


@pytest.mark.parametrize(("reason", "gaps"), [("not_stated", [Attention.NO_REASON]), ("postponed", [])])
def test_not_developed_lacks_a_reason_where_none_is_stated(row, sofia, reason, gaps):
    report(row, "not_developed", by=sofia, effective_on=DAY, reason=reason)
    assert gaps_of(row) == gaps


@pytest.mark.parametrize(("day", "gaps"), [(date(2021, 4, 1), []), (date(2021, 3, 31), [Attention.STALE])])
def test_a_report_grows_stale_after_90_days(row, sofia, day, gaps):
    report(row, "in_progress", by=sofia, effective_on=day)
    assert gaps_of(row) == gaps


@pytest.mark.parametrize(
    ("due_on", "status", "gaps"),
    [
        (date(2021, 6, 29), "in_progress", [Attention.OVERDUE]),
        (DAY, "in_progress", [Attention.DUE_SOON]),
        (date(2021, 7, 30), "in_progress", [Attention.DUE_SOON]),
        (date(2021, 7, 31), "in_progress", []),
        (date(2021, 6, 29), "attained", []),
        (DAY, "attained", []),
    ],
)
def test_what_is_due_and_not_attained_is_overdue_or_soon_due(row, sofia, due_on, status, gaps):
    Deliverable.objects.filter(pk=row.pk).update(due_on=due_on)
    report(row, status, by=sofia, effective_on=DAY, evidence_title="Minutes")
    assert gaps_of(row) == gaps


def test_what_was_lacking_is_told_as_of_the_day(row, sofia):
    report(row, "attained", by=sofia, effective_on=date(2021, 7, 1))
    assert (gaps_of(row, DAY), gaps_of(row, date(2021, 7, 1))) == ([Attention.NO_STATUS], [Attention.NO_EVIDENCE])


def test_the_list_filters_on_what_is_missing(visitor):
    rows = visitor.get("/plans/2018-2020/deliverables/?attention=no_reason").context["page"]
    assert [str(row.code) for row in rows] == ["L1M1D2", "L1M4D1", "L1M8D1", "L2M10D1", "L2M10D2", "L2M10D3"]
    assert deliverable("L1M1D2").status == "not_developed"
