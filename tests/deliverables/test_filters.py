import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict

from deliverables.counts import Counts
from deliverables.filters import DeliverableFilter
from tests.builders import deliverable, report

pytestmark = pytest.mark.django_db


def filter_deliverables(plan, query):
    return DeliverableFilter(QueryDict(query), plan=plan, reader=AnonymousUser())


def codes(plan, query):
    return [str(row.code) for row in filter_deliverables(plan, query).rows]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 65),
        ("status=attained", 49),
        ("status=in_progress", 10),
        ("status=not_developed", 6),
        ("status=no_status", 0),
        ("line=L1", 17),
        ("line=L2", 27),
        ("line=L3", 21),
        ("measure=L2M10", 3),
        ("theme=gender", 10),
        ("theme=youth", 4),
        ("line=L2&status=not_developed&theme=youth", 3),
        ("q=L2M3", 4),
        ("q=l2m3d1", 1),
        ("q=observatory", 6),
        ("q=OBSERVATORY website", 1),
        ("q=100%25_", 0),
    ],
)
def test_a_filter_returns_the_matching_rows(plan, query, number):
    assert len(codes(plan, query)) == number


def test_counts_are_of_the_filtered_rows(plan):
    assert filter_deliverables(plan, "theme=gender").counts == Counts(attained=7, in_progress=3)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("status=done", "There is no status “done”"),
        ("line=L9", "This plan has no action line “L9”"),
        ("measure=L1M99", "This plan has no measure “L1M99”"),
        ("theme=sport", "This plan has no theme “sport”"),
        ("sort=responsible__password", "The list cannot be sorted by “responsible__password”"),
        ("as_of=soon", "Enter a valid date"),
        ("q=%00", "Null characters are not allowed"),
        (f"q={'x' * 201}", "at most 200 characters"),
    ],
)
def test_an_invalid_filter_shows_an_error_and_no_rows(plan, query, message):
    filtered = filter_deliverables(plan, query)
    assert message in str(filtered.errors)
    assert (list(filtered.rows), filtered.counts) == ([], Counts())


def test_the_natural_order_is_the_default(plan):
    assert codes(plan, "measure=L2M10") + codes(plan, "q=L2M9") == ["L2M10D1", "L2M10D2", "L2M10D3", "L2M9D1"]


def test_sorting_by_code_descending_reverses_the_natural_order(plan):
    assert codes(plan, "sort=-code") == codes(plan, "")[::-1]


def test_sorting_by_title(plan):
    assert codes(plan, "sort=title&line=L3")[:2] == ["L3M2D1", "L3M6D6"]


def test_sorting_by_status_follows_the_legend_and_not_the_alphabet(plan):
    statuses = [row.current_status.value for row in filter_deliverables(plan, "sort=status").rows]
    assert statuses == ["attained"] * 49 + ["in_progress"] * 10 + ["not_developed"] * 6


def test_sorting_by_date_descending_puts_the_latest_first(plan, sofia):
    report(deliverable("L3M1D1"), "in_progress", by=sofia)
    assert codes(plan, "sort=-effective_on")[:2] == ["L3M1D1", "L1M1D1"]
