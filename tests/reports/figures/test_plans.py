"""The list of plans: the figures of each, and what became of what it left open."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from deliverables.counts import Counts
from deliverables.models import Deliverable
from plans.codes import Code
from plans.models import Plan, Visibility
from reports.figures.plans import CarriedOver, figures_of_plans
from tests.builders import TODAY, deliverable, new_plan, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def following(plan):
    """A plan that continues three of the sixteen open deliverables of 2018-2020, one of them by two of its own."""
    following = new_plan(deliverables=4)
    for number, code in enumerate(("L1M1D2", "L1M4D1", "L1M8D1", "L1M8D1"), start=1):
        Deliverable.objects.of_plan("2021-2023", Code(1, 1, number)).update(continues=deliverable(code))
    return following


def figures(today=TODAY, **lookup):
    return {row.plan.slug: row for row in figures_of_plans(list(Plan.objects.filter(**lookup)), today)}


def row_of(number):
    return Deliverable.objects.of_plan("2021-2023", Code(1, 1, number)).get()


def text_of(client):
    return " ".join(html.fromstring(client.get("/plans/").content).find("body").text_content().split())


def test_each_plan_has_its_counts(following, plan):
    assert {slug: row.counts for slug, row in figures().items()} == {
        "2018-2020": Counts(49, 10, 6, 0),
        "2021-2023": Counts(0, 0, 0, 4),
    }


def test_what_was_left_open_is_carried_over_or_not(following, plan, sofia):
    report(row_of(1), "attained", by=sofia)
    report(row_of(3), "attained", by=sofia)  # the other half of L1M8D1 is open
    row = figures()["2018-2020"]
    assert (row.left_open, row.carried_over, row.not_carried_over) == (16, (CarriedOver(following, 3, 1),), 13)


def test_what_is_withdrawn_is_neither_left_open_nor_carried_over(following, plan):
    Deliverable.objects.filter(pk=deliverable("L1M1D2").pk).update(withdrawn_on=TODAY)
    Deliverable.objects.filter(pk=row_of(2).pk).update(withdrawn_on=TODAY)
    row = figures()["2018-2020"]
    assert (row.left_open, row.carried_over[0].number, row.not_carried_over) == (15, 1, 14)


def test_what_was_attained_after_all_is_no_longer_open(following, plan, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    row = figures()["2018-2020"]
    assert (row.left_open, row.carried_over[0].number, row.not_carried_over) == (15, 2, 13)


def test_a_plan_that_runs_has_left_nothing_open(plan):
    assert figures(today=plan.ends_on)["2018-2020"].left_open is None


def test_a_plan_that_is_not_listed_is_not_named(following, plan):
    row = figures(slug="2018-2020")["2018-2020"]
    assert (row.left_open, row.carried_over, row.not_carried_over) == (16, (), 16)


def test_the_page_says_it(visitor, following, sofia):
    report(row_of(1), "attained", by=sofia)
    text = text_of(visitor)
    assert "49 attained 10 in progress 6 not developed" in text
    assert "16 left open: 3 carried over into Action Plan 2021–2023 (1 attained since) · 13 not carried over" in text


def test_visitors_do_not_read_of_a_draft(visitor, secretariat, following):
    Plan.objects.filter(pk=following.pk).update(visibility=Visibility.DRAFT)
    assert ["2021–2023" in text_of(client) for client in (visitor, secretariat)] == [False, True]


def test_a_cached_list_knows_what_was_recorded(visitor, following, sofia):
    assert "(0 attained since)" in text_of(visitor)
    report(row_of(1), "attained", by=sofia)
    assert "(1 attained since)" in text_of(visitor)


def test_the_number_of_queries_does_not_grow(visitor, following):
    visitor.get("/plans/")
    counts = []
    for number in range(5):
        Plan.objects.raise_revision()
        with CaptureQueriesContext(connection) as counted:
            visitor.get("/plans/")
        counts.append(len(counted))
        new_plan(f"plan-{number}", deliverables=2)
    assert len(set(counts)) == 1
