"""Who gets which statuses as a workbook to be filled in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deliverables.models import Deliverable, ReportingRound
from deliverables.plan_editing import structure
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from plans.memory import forget_all
from plans.models import Plan, Region, Visibility
from reports.imports.files.reading import read_source
from tests.conftest import browser_of, person
from tests.shapes import plan_of_shape

pytestmark = pytest.mark.django_db
PLAN = "/plans/2031-2033/"
AFRICA = PLAN + "regions/africa/to-fill-in.xlsx"


@pytest.fixture
def running(plan):
    """A plan of eight deliverables that runs: two are Africa's, one is Europe's."""
    today = timezone.localdate()
    running = plan_of_shape(deliverables=8, starts_on=today - timedelta(90), ends_on=today + timedelta(900))
    for row, slug in zip(Deliverable.objects.of_plan("2031-2033"), ["africa", "africa", "europe"], strict=False):
        structure.set_regions(row, list(Region.objects.filter(slug=slug)))
    return running


@pytest.fixture
def amina(running):
    amina = person("Amina Diallo", Role.REGIONAL_SECRETARIES)
    User.objects.filter(pk=amina.pk).update(region=Region.objects.get(slug="africa"))
    return browser_of(User.objects.get(pk=amina.pk))


@pytest.fixture
def opened(running, amina, sofia):
    closes_on = timezone.localdate() + timedelta(20)
    rows = list(Deliverable.objects.of_plan("2031-2033"))[1:4]
    return ReportingRound.objects.begin(running, name="Autumn", closes_on=closes_on, deliverables=rows, by=sofia)


def codes(response):
    return [cells[0] for _row, cells in read_source(response.content).sheets[0].rows[1:]]


def test_the_secretariat_gets_the_whole_plan(secretariat, running):
    assert len(codes(secretariat.get(PLAN + "to-fill-in.xlsx"))) == 8


def test_a_regional_secretary_gets_their_region_alone(amina):
    assert codes(amina.get(AFRICA)) == ["L1M1D1", "L1M1D2"]
    paths = ["to-fill-in.xlsx", "regions/europe/to-fill-in.xlsx"]
    assert [amina.get(PLAN + path).status_code for path in paths] == [403, 403]


def test_the_secretariat_gets_any_region(secretariat, running):
    assert codes(secretariat.get(PLAN + "regions/europe/to-fill-in.xlsx")) == ["L1M1D3"]


def test_a_round_asks_a_secretary_what_is_theirs_and_the_secretariat_gets_all_of_it(secretariat, amina, opened):
    path = PLAN + "rounds/1/to-fill-in.xlsx"
    assert codes(amina.get(path)) == ["L1M1D2"]
    assert codes(secretariat.get(path)) == ["L1M1D2"]


def test_a_board_member_gets_none(running, opened):
    beatriz = browser_of(person("Beatriz Soler", Role.BOARD))
    paths = ["to-fill-in.xlsx", "regions/africa/to-fill-in.xlsx", "rounds/1/to-fill-in.xlsx"]
    assert [beatriz.get(PLAN + path).status_code for path in paths] == [403, 403, 403]


def test_a_visitor_signs_in_first(visitor, opened):
    paths = ["to-fill-in.xlsx", "regions/africa/to-fill-in.xlsx", "rounds/1/to-fill-in.xlsx"]
    assert [visitor.get(PLAN + path).status_code for path in paths] == [302, 302, 302]


def test_a_draft_and_a_round_that_is_closed_are_not_found(secretariat, amina, opened, sofia):
    opened.close(by=sofia)
    assert secretariat.get(PLAN + "rounds/1/to-fill-in.xlsx").status_code == 404
    Plan.objects.filter(slug="2031-2033").update(visibility=Visibility.DRAFT)
    assert amina.get(AFRICA).status_code == 404


def test_the_name_of_the_file_says_plan_region_and_day_and_nobody_stores_it(amina):
    response = amina.get("/es" + AFRICA)
    day = timezone.localdate()
    name = f'attachment; filename="metropolis-2031-2033-africa-to-fill-in-{day}-es.xlsx"'
    headers = [response.headers[each] for each in ("Content-Disposition", "Cache-Control", "Content-Language")]
    assert headers == [name, "private, no-store", "es"]


@pytest.mark.parametrize("path", ["regions/africa/", "rounds/1/", "todo/"])
def test_the_pages_of_the_secretariat_link_to_it(secretariat, opened, path):
    assert b"/to-fill-in.xlsx" in secretariat.get(PLAN + path).content


def test_a_secretary_finds_it_on_their_region_and_no_visitor_does(amina, visitor, opened):
    pages = [reader.get(PLAN + "regions/africa/").content for reader in (amina, visitor)]
    assert [(b"africa/to-fill-in.xlsx" in page, b"rounds/1/to-fill-in.xlsx" in page) for page in pages] == [
        (True, True), (False, False),
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["to-fill-in.xlsx", "regions/africa/to-fill-in.xlsx"])
def test_as_many_queries_whatever_the_plan_holds(secretariat, running, django_assert_max_num_queries, path):
    plan_of_shape("large", lines=4, deliverables=60)
    africa = list(Region.objects.filter(slug="africa"))
    for row in list(Deliverable.objects.of_plan("large"))[:30]:
        structure.set_regions(row, africa)
    counts = []
    secretariat.get(PLAN + path)
    for slug in ("2031-2033", "large"):
        forget_all()
        with django_assert_max_num_queries(30) as queries:
            secretariat.get(f"/plans/{slug}/{path}")
        counts.append(len(queries))
    assert counts[0] == counts[1]
