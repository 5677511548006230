from datetime import timedelta

import pytest
from django.utils import timezone

from deliverables.models import Deliverable
from tests.builders import new_plan

pytestmark = pytest.mark.django_db
TODO = "/plans/2018-2020/todo/"


@pytest.fixture
def theirs(plan, rashid):
    """Rashid is responsible for one that is overdue and one that is soon due."""
    today = timezone.localdate()
    for code, due in (("In progress one", -1), ("In progress two", 5)):
        row = Deliverable.objects.of_plan("2018-2020").filter(status="in_progress", responsible=None).first()
        Deliverable.objects.filter(pk=row.pk).update(responsible=rashid, due_on=today + timedelta(days=due), title=code)


def sections(response):
    return {gap.value: len(found) for gap, found, _rows in response.context["tasks"]}


def test_ones_own_work_comes_first(regional, theirs):
    response = regional.get(TODO)
    assert (response.context["who"], sections(response)) == ("me", {"overdue": 1, "due_soon": 1, "stale": 2})


def test_everybodys_work_is_a_choice_away(regional, theirs):
    assert sections(regional.get(TODO + "?who=all")) == {"overdue": 1, "due_soon": 1, "stale": 65, "no_reason": 6}


def test_whoever_is_responsible_for_nothing_sees_everybodys(board, theirs):
    assert board.get(TODO).context["who"] == "all"


def test_an_empty_list_says_what_to_do(board):
    text = board.get(TODO + "?who=me").content.decode()
    assert "You are responsible for no deliverable of this plan." in text


def test_a_plan_in_which_nothing_waits_says_so(board):
    new_plan(deliverables=0)
    assert "This plan has no deliverables yet" in board.get("/plans/2021-2023/todo/").content.decode()


def test_every_number_leads_to_its_rows(regional, theirs):
    response = regional.get(TODO)
    for gap, found, _rows in response.context["tasks"]:
        page = regional.get(f"/plans/2018-2020/deliverables/?attention={gap.value}&responsible=me")
        assert page.context["counts"].total == len(found)


@pytest.mark.parametrize(
    ("query", "number"), [("responsible=nobody", 63), ("due=past", 1), ("due=soon", 1), ("due=not_set", 63)]
)
def test_the_list_filters_by_person_and_due_date(regional, theirs, query, number):
    assert regional.get(f"/plans/2018-2020/deliverables/?{query}").context["counts"].total == number


def test_a_visitor_is_not_told_who_is_responsible(visitor, theirs, rashid):
    text = visitor.get(f"/plans/2018-2020/deliverables/?responsible={rashid.pk}").content.decode()
    assert [rashid.name in text, "Responsible" in text] == [False, False]


@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_does_not_grow(secretariat, django_assert_num_queries, rows):
    new_plan(deliverables=rows)
    with django_assert_num_queries(15):
        secretariat.get("/plans/2021-2023/todo/")
