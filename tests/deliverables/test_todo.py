from datetime import date, timedelta

import pytest
from django.utils import timezone

from deliverables.models import Deliverable
from plans.models import Plan
from tests.builders import new_plan

pytestmark = pytest.mark.django_db
TODO = "/plans/2018-2020/todo/"


@pytest.fixture
def rashids_tasks(running, rashid):
    """Rashid is responsible for two deliverables: one is overdue, one is due soon."""
    today = timezone.localdate()
    for title, days in (("In progress one", -1), ("In progress two", 5)):
        row = Deliverable.objects.of_plan("2018-2020").filter(status="in_progress", responsible=None).first()
        due_on = today + timedelta(days=days)
        Deliverable.objects.filter(pk=row.pk).update(responsible=rashid, due_on=due_on, title=title)


def sections(response):
    return {attention.value: len(deliverables) for attention, deliverables, _rows in response.context["tasks"]}


def test_a_persons_own_tasks_are_the_default(regional, rashids_tasks):
    response = regional.get(TODO)
    assert (response.context["who"], sections(response)) == ("me", {"overdue": 1, "due_soon": 1, "stale": 2})


def test_all_tasks_can_be_chosen(regional, rashids_tasks):
    assert sections(regional.get(TODO + "?who=all")) == {
        "overdue": 1,
        "due_soon": 1,
        "stale": 16,
        "no_evidence": 49,
        "no_reason": 6,
    }


def test_nobody_is_asked_to_confirm_a_plan_that_is_over(regional):
    assert sections(regional.get(TODO)) == {"no_evidence": 49, "no_reason": 6}


def test_a_plan_that_is_over_asks_for_nothing_but_what_its_record_lacks(regional, rashids_tasks, plan):
    Plan.objects.filter(pk=plan.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    response = regional.get(TODO + "?who=all")
    assert sections(response) == {"no_evidence": 49, "no_reason": 6}
    assert "nothing has to be confirmed any more" in response.content.decode()


def test_a_person_without_responsibilities_sees_all_tasks(board, rashids_tasks):
    assert board.get(TODO).context["who"] == "all"


def test_an_empty_list_says_why(board):
    text = board.get(TODO + "?who=me").content.decode()
    assert "You are not responsible for any deliverable of this plan." in text


def test_an_empty_plan_says_that_it_has_no_deliverables(board):
    new_plan(deliverables=0)
    assert "This plan has no deliverables yet" in board.get("/plans/2021-2023/todo/").content.decode()


def test_every_number_matches_the_filtered_list(regional, rashids_tasks):
    response = regional.get(TODO)
    for attention, deliverables, _rows in response.context["tasks"]:
        page = regional.get(f"/plans/2018-2020/deliverables/?attention={attention.value}&responsible=me")
        assert page.context["counts"].total == len(deliverables)


@pytest.mark.parametrize(
    ("query", "number"), [("responsible=nobody", 63), ("due=past", 1), ("due=soon", 1), ("due=not_set", 63)]
)
def test_the_list_filters_by_person_and_due_date(regional, rashids_tasks, query, number):
    assert regional.get(f"/plans/2018-2020/deliverables/?{query}").context["counts"].total == number


def test_a_visitor_does_not_see_who_is_responsible(visitor, rashids_tasks, rashid):
    text = visitor.get(f"/plans/2018-2020/deliverables/?responsible={rashid.pk}").content.decode()
    assert [rashid.name in text, "Responsible" in text] == [False, False]


@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_is_constant(secretariat, django_assert_num_queries, rows):
    plan = new_plan(deliverables=rows)
    Plan.objects.filter(pk=plan.pk).update(ends_on=date(2027, 12, 31))
    with django_assert_num_queries(10):
        secretariat.get("/plans/2021-2023/todo/")
