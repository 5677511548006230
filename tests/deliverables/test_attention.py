from datetime import date, timedelta

import pytest

from deliverables.attention import Attention, freshness_text, needing_attention
from deliverables.models import Deliverable
from tests.builders import deliverable, new_plan, report

pytestmark = pytest.mark.django_db
DAY = date(2021, 6, 30)


@pytest.fixture
def row(plan):
    new_plan()
    return Deliverable.objects.of_plan("2021-2023").get()


def attention_of(row, day=DAY):
    current_status = Deliverable.objects.filter(pk=row.pk).with_current_status(day)
    return [attention for attention in Attention if needing_attention(attention, current_status, day).exists()]


def test_a_deliverable_without_a_report_has_no_status(row):
    assert attention_of(row) == [Attention.NO_STATUS]


@pytest.mark.parametrize("days", [89, 90, 91])
@pytest.mark.parametrize("status", ["in_progress", "attained"])
def test_a_row_says_that_its_report_is_old_where_it_needs_attention_for_that(row, sofia, status, days):
    report(row, status, by=sofia, effective_on=DAY - timedelta(days=days), evidence_link="https://metropolis.org/3")
    shown = Deliverable.objects.with_current_status(DAY).get(pk=row.pk)
    is_stale = Attention.STALE in attention_of(row)
    assert is_stale is (status != "attained" and days > 90)
    assert ("no report since" in str(freshness_text(shown, DAY))) is is_stale


def test_attained_with_only_a_note_has_no_evidence(row, sofia):
    report(row, "attained", by=sofia, effective_on=DAY, note="In the minutes.")
    assert attention_of(row) == [Attention.NO_EVIDENCE]


def test_attained_with_a_document_that_nobody_can_open_lacks_a_link(row, sofia):
    report(row, "attained", by=sofia, effective_on=DAY, evidence_title="Minutes, p. 3")
    assert attention_of(row) == [Attention.NO_EVIDENCE]


def test_attained_with_a_link_needs_no_attention(row, sofia):
    report(row, "attained", by=sofia, effective_on=DAY, evidence_link="https://metropolis.org")
    assert attention_of(row) == []


@pytest.mark.parametrize(
    ("status", "days", "expected"),
    [
        ("in_progress", -1, [Attention.EXPECTED_PASSED]),
        ("in_progress", 0, []),
        ("not_developed", -1, [Attention.EXPECTED_PASSED]),
    ],
)
def test_an_expected_date_that_has_passed_is_a_task_of_its_own(row, sofia, status, days, expected):
    reason = "postponed" if status == "not_developed" else ""
    fields = {"effective_on": DAY - timedelta(days=5), "expected_on": DAY + timedelta(days=days), "reason": reason}
    report(row, status, by=sofia, **fields)
    assert attention_of(row) == expected


def test_only_the_expected_date_of_the_last_report_counts(row, sofia):
    fields = {"effective_on": DAY - timedelta(days=5), "expected_on": DAY - timedelta(days=1)}
    report(row, "in_progress", by=sofia, **fields)
    report(row, "in_progress", by=sofia, effective_on=DAY)
    assert attention_of(row) == []


@pytest.mark.parametrize(("reason", "expected"), [("not_stated", [Attention.NO_REASON]), ("postponed", [])])
def test_not_developed_needs_a_stated_reason(row, sofia, reason, expected):
    report(row, "not_developed", by=sofia, effective_on=DAY, reason=reason)
    assert attention_of(row) == expected


@pytest.mark.parametrize(("day", "expected"), [(date(2021, 4, 1), []), (date(2021, 3, 31), [Attention.STALE])])
def test_a_report_is_stale_after_90_days(row, sofia, day, expected):
    report(row, "in_progress", by=sofia, effective_on=day)
    assert attention_of(row) == expected


@pytest.mark.parametrize(
    ("due_on", "status", "expected"),
    [
        (date(2021, 6, 29), "in_progress", [Attention.OVERDUE]),
        (DAY, "in_progress", [Attention.DUE_SOON]),
        (date(2021, 7, 30), "in_progress", [Attention.DUE_SOON]),
        (date(2021, 7, 31), "in_progress", []),
        (date(2021, 6, 29), "attained", []),
        (DAY, "attained", []),
    ],
)
def test_an_unattained_deliverable_is_due_soon_or_overdue(row, sofia, due_on, status, expected):
    Deliverable.objects.filter(pk=row.pk).update(due_on=due_on)
    report(row, status, by=sofia, effective_on=DAY, evidence_link="https://metropolis.org")
    assert attention_of(row) == expected


def test_missing_information_is_shown_as_of_the_day(row, sofia):
    report(row, "attained", by=sofia, effective_on=date(2021, 7, 1))
    assert attention_of(row, DAY) == [Attention.NO_STATUS]
    assert attention_of(row, date(2021, 7, 1)) == [Attention.NO_EVIDENCE]


def test_the_list_filters_by_missing_information(visitor):
    rows = visitor.get("/plans/2018-2020/deliverables/?attention=no_reason").context["page"]
    assert [str(row.code) for row in rows] == ["L1M1D2", "L1M4D1", "L1M8D1", "L2M10D1", "L2M10D2", "L2M10D3"]
    assert deliverable("L1M1D2").status == "not_developed"
