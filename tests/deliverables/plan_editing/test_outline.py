"""The edit page of a long plan: it opens line by line."""

import re

import pytest

from plans.models import Visibility
from tests.shapes import plan_of_shape

pytestmark = pytest.mark.django_db
EDIT = "/plans/2031-2033/edit/"
IN_PLACE = {"HX-Request": "true"}


@pytest.fixture
def long_plan(plan):
    return plan_of_shape(lines=30, deliverables=760, visibility=Visibility.DRAFT)


def codes(response):
    """The codes of the deliverables that a page shows with their actions."""
    return re.findall(r'<li id="(L\d+M\d+D\d+)"', response.content.decode())


def test_a_plan_of_65_is_open_as_a_whole(secretariat):
    assert len(codes(secretariat.get("/plans/2018-2020/edit/"))) == 65


def test_all_lines_of_a_long_plan_are_closed_at_first(secretariat, long_plan):
    response = secretariat.get(EDIT)
    assert (codes(response), response.content.count(b"data-outline")) == ([], 30)


def test_the_line_in_the_address_is_open(secretariat, long_plan):
    shown = codes(secretariat.get(EDIT + "?line=3"))
    assert (len(shown), {code.partition("M")[0] for code in shown}) == (28, {"L3"})


@pytest.mark.parametrize("line", ["", "99", "x", "3 "])
def test_a_line_that_there_is_not_leaves_all_closed(secretariat, long_plan, line):
    assert codes(secretariat.get(EDIT, {"line": line})) == []


def test_a_line_opened_in_place_comes_alone(secretariat, long_plan):
    response = secretariat.get(EDIT + "?line=3", headers=IN_PLACE)
    assert (len(codes(response)), b"<html" in response.content) == (28, False)


def test_a_line_that_was_removed_meanwhile_is_not_found_in_place(secretariat, long_plan):
    assert secretariat.get(EDIT + "?line=31", headers=IN_PLACE).status_code == 404


def test_saving_a_part_leads_back_to_its_open_line(secretariat, long_plan):
    page = EDIT + "L4M1D2/"
    form = secretariat.get(page).context["form"]
    fields = {"title": form.instance.title, "number": 2, "was": form["was"].value(), "due_on": "2027-01-31"}
    response = secretariat.post(page, fields)
    assert response.url == EDIT + "?line=4#L4M1D2"
    assert "L4M1D2" in codes(secretariat.get(response.url))


@pytest.mark.parametrize("query", ["", "?line=2"])
def test_the_edit_page_asks_as_many_queries_whatever_the_plan_holds(secretariat, django_assert_max_num_queries, query):
    plan_of_shape("long", lines=30, deliverables=760)
    plan_of_shape("less", lines=6, deliverables=240)
    counts = []
    for slug in ("long", "less"):
        secretariat.get(f"/plans/{slug}/edit/{query}")
        with django_assert_max_num_queries(20) as queries:
            secretariat.get(f"/plans/{slug}/edit/{query}")
        counts.append(len(queries))
    assert counts[0] == counts[1]
