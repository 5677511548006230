"""What other sites may read: the files of public plans, as every visitor gets them, and nothing else."""

import pytest

from metropolis_tracker.accounts.roles import Role
from plans.models import Plan, Visibility
from tests.builders import publish
from tests.conftest import person
from tests.plans.test_page_cache import database_down

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
FILES = [
    *(f"summary.{name}" for name in ("csv", "json", "xlsx", "stratml.xml")),
    *("history.json", "changes.atom", "calendar.ics", "regions/africa/calendar.ics", "editions/1/summary.json"),
]
ORIGIN = {"Origin": "https://other.example"}
ASKING = ORIGIN | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
ALLOW = "Access-Control-Allow-Origin"


def allowed(response):
    """What a response says to other sites. None of them ever allows credentials."""
    assert "Access-Control-Allow-Credentials" not in response
    return response.get(ALLOW)


@pytest.fixture(scope="module")
def edition(shared_by_module):
    """An edition of the plan, which the tests only read."""
    publish(Plan.objects.get(), by=person("Sofia Marín", Role.SECRETARIAT))


@pytest.mark.parametrize("path", [PLAN + name for name in FILES] + ["/es" + PLAN + "summary.csv"])
def test_a_file_of_a_public_plan_is_for_every_site(visitor, edition, path):
    first, cached = visitor.get(path, headers=ORIGIN), visitor.get(path, headers=ORIGIN)
    unchanged = visitor.get(path, headers=ORIGIN | {"If-None-Match": first["ETag"]})
    assert [first.status_code, cached.status_code, unchanged.status_code] == [200, 200, 304]
    assert [allowed(each) for each in (first, cached, unchanged)] == ["*"] * 3
    assert first["Access-Control-Expose-Headers"] == "ETag, Content-Disposition"
    assert "Cookie" in first["Vary"]


def test_the_schema_is_for_every_site(visitor):
    assert allowed(visitor.get("/data/summary.schema.json", headers=ORIGIN)) == "*"


def test_a_stale_copy_is_for_every_site(visitor, plan):
    visitor.get(PLAN + "summary.csv")
    with database_down():
        response = visitor.get(PLAN + "summary.csv", headers=ORIGIN)
    assert (response.status_code, allowed(response)) == (200, "*")


@pytest.mark.parametrize("visibility", [Visibility.MEMBERS, Visibility.DRAFT])
@pytest.mark.parametrize("path", FILES)
def test_no_file_of_another_plan_is(visitor, secretariat, edition, path, visibility):
    Plan.objects.update(visibility=visibility)
    for client, status in ((visitor, 404), (secretariat, 200)):
        response = client.get(PLAN + path, headers=ORIGIN)
        assert (response.status_code, allowed(response)) == (status, None)


@pytest.mark.parametrize("path", FILES)
def test_nothing_that_a_session_has_a_part_in_is(board, edition, path):
    response = board.get(PLAN + path, headers=ORIGIN)
    assert (response.status_code, allowed(response)) == (200, None)
    unchanged = board.get(PLAN + path, headers=ORIGIN | {"If-None-Match": response["ETag"]})
    assert (unchanged.status_code, allowed(unchanged)) == (304, None)


@pytest.mark.parametrize("path", ["/", PLAN, PLAN + "deliverables/", PLAN + "summary/", "/accounts/login/", "/data/"])
def test_no_page_is(visitor, plan, path):
    assert allowed(visitor.get(path, headers=ORIGIN)) is None
    assert allowed(visitor.options(path, headers=ASKING)) is None


@pytest.mark.parametrize("path", ["to-fill-in.xlsx", "import/template-plan.csv", "editions/new/summary.html"])
def test_no_file_for_which_one_signs_in_is(secretariat, visitor, plan, path):
    for client in (visitor, secretariat):
        assert allowed(client.get(PLAN + path, headers=ORIGIN)) is None
        assert allowed(client.options(PLAN + path, headers=ASKING)) is None


def test_no_error_is(visitor, plan):
    response = visitor.get(PLAN + "summary.csv?as_of=soon", headers=ORIGIN)
    assert (response.status_code, allowed(response)) == (400, None)


@pytest.mark.parametrize("path", [PLAN + name for name in FILES] + ["/data/summary.schema.json"])
def test_a_browser_may_ask_whether_a_file_is_unchanged(visitor, plan, path):
    response = visitor.options(path, headers=ASKING)
    assert (response.status_code, allowed(response)) == (204, "*")
    assert response["Access-Control-Allow-Headers"] == "If-None-Match"
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD"


@pytest.mark.parametrize("visibility", [Visibility.MEMBERS, Visibility.DRAFT])
def test_a_browser_learns_nothing_of_a_plan_that_is_not_public(visitor, plan, visibility):
    Plan.objects.update(visibility=visibility)
    there, nowhere = (visitor.options(f"/plans/{slug}/summary.csv", headers=ASKING) for slug in ("2018-2020", "none"))
    assert (there.status_code, allowed(there)) == (nowhere.status_code, allowed(nowhere)) == (405, None)


def test_options_without_a_question_of_a_browser_are_refused_as_before(visitor, plan):
    assert visitor.options(PLAN + "summary.csv").status_code == 405
