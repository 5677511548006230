"""What a worker remembers is what is stored, is bounded, and costs no query."""

from datetime import date

import pytest
from django.template import Context, Template

from deliverables.models.deliverable import current_standings, updates_of
from deliverables.status import Status
from deliverables.todo import standings_with_needs
from deliverables.views import deliverables_at
from metropolis_tracker.accounts.backend import person_with_roles
from plans.codes import Code
from plans.common.prepared import prepared
from plans.memory import Fragments, by_structure, fragments
from plans.models import Plan, plans_at
from reports.figures.progress import status_events
from reports.views import first_entries, latest_entries
from tests.builders import TODAY, deliverable, report

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
CELL = '{% fragment "reports/cell.html" code=code title=title status=status %}'
SHOWN = {"code": Code(1, 1, 1), "title": "An observatory", "status": Status.ATTAINED}


def drawn(template, **context):
    return Template(template).render(Context(context))


@pytest.fixture
def read(plan):
    """The plan as a page reads it."""
    plan.is_only_read = True
    return plan


def test_a_fragment_is_drawn_once_for_what_it_shows(read):
    first = drawn(CELL, plan=read, **SHOWN)
    assert (drawn(CELL, plan=read, **SHOWN), len(fragments.html)) == (first, 1)
    drawn(CELL, plan=read, **SHOWN | {"status": Status.IN_PROGRESS})
    drawn(CELL, plan=read, as_of=date(2020, 1, 1), **SHOWN)
    assert len(fragments.html) == 3


def test_a_fragment_is_drawn_anew_after_a_change_of_the_structure(read):
    drawn(CELL, plan=read, **SHOWN)
    Plan.objects.raise_revision(pk=read.pk)
    read.refresh_from_db()
    drawn(CELL, plan=read, **SHOWN)
    assert len(fragments.html) == 2


def test_a_fragment_sees_nothing_else_of_the_page(read):
    template = '{% fragment "components/status_badge.html" other=1 %}'
    assert "Attained" not in drawn(template, plan=read, status=Status.ATTAINED)


def test_an_object_of_the_database_is_no_value_of_a_fragment(read):
    with pytest.raises(TypeError, match="may have other fields"):
        drawn('{% fragment "reports/cell.html" row=plan %}', plan=read)


def test_a_plan_that_may_still_change_in_this_transaction_leaves_no_trace(plan):
    drawn(CELL, plan=plan, **SHOWN)
    assert (len(fragments.html), plan.regions is plan.regions) == (0, True)


def test_the_fragment_used_longest_ago_goes_first(monkeypatch):
    monkeypatch.setattr("plans.memory.KEY", 0)
    kept = Fragments(size=10)
    for key in "ab":
        kept.store(key, "12345")
    assert kept.get("a") == "12345"
    kept.store("c", "123")
    assert ([*kept.html], kept.used) == (["a", "c"], 8)
    kept.store("long", "x" * 11)
    assert ([*kept.html], kept.used) == ([], 0)


def test_what_follows_from_the_structure_is_computed_once(read):
    calls = []

    @by_structure
    def number(plan, factor):
        calls.append(factor)
        return factor * plan.pk

    assert [number(read, 2), number(read, 2), number(read, 3)] == [2 * read.pk, 2 * read.pk, 3 * read.pk]
    assert calls == [2, 3]


# Another worker has written, which this one sees within a second; what it writes itself, it sees at once.


def test_visitors_see_a_change_by_another_worker_when_the_second_is_over(visitor, monkeypatch):
    monkeypatch.setattr("plans.memory.SECONDS", 60)
    before = visitor.get(PLAN)
    Plan.objects.update(revision=9999)
    assert visitor.get(PLAN)["ETag"] == before["ETag"]
    monkeypatch.setattr("plans.memory.time.monotonic", lambda: float("inf"))
    assert visitor.get(PLAN)["ETag"] != before["ETag"]


def test_visitors_see_a_change_by_their_own_worker_at_once(visitor, sofia, monkeypatch):
    monkeypatch.setattr("plans.memory.SECONDS", 60)
    before = visitor.get(PLAN)
    report(deliverable("L1M1D2"), "attained", by=sofia)
    assert visitor.get(PLAN)["ETag"] != before["ETag"]


def test_a_page_asks_the_database_once_a_second(visitor, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("plans.memory.SECONDS", 60)
    visitor.get(PLAN)
    with django_assert_num_queries(0):
        visitor.get(PLAN)


# Prepared queries.


def ask(query, *args):
    """What a prepared query finds, and what the ORM finds with the same one."""
    return [list(map(values_of, found)) for found in (query(*args), query.__wrapped__(*args))]


def values_of(found):
    return found if isinstance(found, tuple) else {k: v for k, v in vars(found).items() if k != "_state"}


@pytest.mark.parametrize("as_of", [None, date(2020, 12, 31), TODAY])
def test_prepared_queries_of_a_plan_find_what_the_orm_finds(plan, sofia, as_of):
    report(deliverable("L1M1D2"), "in_progress", by=sofia)
    for query, *args in (
        (current_standings, plan.slug, as_of),
        (deliverables_at, plan.slug, 1, 1, 2, as_of),
        (latest_entries, plan.pk, as_of),
        (status_events, plan.pk, as_of or TODAY, None),
        (status_events, plan.pk, as_of or TODAY, 2),
        (standings_with_needs, plan.slug, as_of or TODAY),
    ):
        for _time in range(2):  # built, and used again
            found, wanted = ask(query, *args)
            assert (found, len(found) > 0) == (wanted, True), query


def test_prepared_queries_find_what_the_orm_finds_for_each_argument(plan, sofia, beatriz):
    report(deliverable("L1M1D2"), "in_progress", by=sofia)
    for row in (deliverable("L1M1D1"), deliverable("L1M1D2")):
        found, wanted = ask(updates_of, row.pk)
        assert [each["sequence"] for each in found] == [each["sequence"] for each in wanted]
        assert {each["deliverable_id"] for each in found} == {row.pk}
    found, wanted = ask(first_entries, plan.pk)
    assert (found, len(found)) == (wanted, 50)
    for person in (sofia, beatriz):
        ((found,), (wanted,)) = ask(person_with_roles, person.pk)
        assert (found["email"], found["role"]) == (wanted["email"], wanted["role"]) == (person.email, found["role"])
    assert [plans_at(plan.slug, "public"), plans_at(plan.slug, "draft"), plans_at("none", "public")] == [[plan], [], []]


def test_a_query_that_calculates_with_what_is_left_open_is_refused(plan):
    @prepared
    def after(number):
        return Plan.objects.filter(pk__gt=number + 1)

    with pytest.raises(ValueError, match="calculates with an argument"):
        after(plan.pk)


def test_a_query_whose_statement_depends_on_what_is_left_open_is_refused(plan):
    @prepared
    def first(number):
        return Plan.objects.all()[:number]

    with pytest.raises(ValueError, match="another way for each argument"):
        first(1)
