"""What the pages say of the links: to people who are signed in, and never to visitors, whose pages are cached."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deliverables.link_checks.run import store
from deliverables.models import Evidence, LinkCheck, LinkState
from tests.builders import deliverable, report
from tests.deliverables.link_checks.form_1 import add_entry_of_form_1

pytestmark = pytest.mark.django_db
PAGE, LIST, TODO = "/plans/2018-2020/L1M1D2/", "/plans/2018-2020/deliverables/", "/plans/2018-2020/todo/"
FILE = "/plans/2018-2020/summary.csv?attention=link_not_found"
LINK, GONE = "https://docs.example/report", "https://docs.example/gone"
CHECKED = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORKS, MISSING = "Works, checked 20 November 2026", "Not found since 20 November 2026"


@pytest.fixture(autouse=True)
def switched_on(settings):
    settings.CHECK_LINKS = True


@pytest.fixture
def checked(voice, sofia):
    """L1M1D2 has a link that works, and one that was not found."""
    report(voice, "in_progress", by=sofia, evidence=[Evidence("Report", LINK), Evidence("Old", GONE)])
    LinkCheck.objects.store(LINK, LinkState.WORKS, at=CHECKED)
    LinkCheck.objects.store(GONE, LinkState.NOT_FOUND, at=CHECKED)


def text_of(response):
    return " ".join(response.content.decode().split())


def says(response):
    return [sentence in text_of(response) for sentence in (WORKS, MISSING)]


def found(browser, path=LIST):
    return [str(row.code) for row in browser.get(f"{path}?attention=link_not_found").context["page"]]


def tasks(browser):
    return {attention.value: len(rows) for attention, rows, _shown in browser.get(TODO).context["tasks"]}


def test_the_page_says_beside_each_link_what_its_check_found(board, checked):
    text = text_of(board.get(PAGE))
    evidence = text[text.index('id="evidence"') : text.index('id="history"')]
    report, old = evidence.split("</li>")[:2]
    assert [WORKS in report, MISSING in report, WORKS in old, MISSING in old] == [True, False, False, True]


def test_a_link_without_a_check_has_no_sentence(board, checked):
    LinkCheck.objects.all().delete()
    assert says(board.get(PAGE)) == [False, False]


def test_a_visitor_sees_none_of_it(visitor, board, checked):
    board.get(PAGE)
    assert says(visitor.get(PAGE)) == [False, False]


def queries_about_checks(browser):
    with CaptureQueriesContext(connection) as queries:
        text = text_of(browser.get(PAGE))
    return text, [query["sql"] for query in queries if "deliverables_linkcheck" in query["sql"]]


def test_a_visitors_page_asks_for_no_checks(visitor, checked):
    assert queries_about_checks(visitor)[1] == []


@pytest.mark.parametrize("number", [1, 5])
def test_the_checks_of_a_page_take_one_query(board, voice, sofia, number):
    links = [f"{LINK}/{each}" for each in range(number)]
    report(voice, "in_progress", by=sofia, evidence=[Evidence("", link) for link in links])
    for link in links:
        LinkCheck.objects.store(link, LinkState.WORKS, at=CHECKED)
    text, queries = queries_about_checks(board)
    assert (text.count(WORKS), len(queries)) == (number, 1)


def test_to_do_lists_a_deliverable_whose_evidence_has_a_link_that_is_not_found(board, checked):
    assert tasks(board)["link_not_found"] == 1
    assert found(board) == ["L1M1D2"]


def test_evidence_of_form_1_is_listed_too(board, plan):
    add_entry_of_form_1(GONE)
    LinkCheck.objects.store(GONE, LinkState.NOT_FOUND, at=CHECKED)
    assert (found(board), says(board.get(PAGE))) == (["L1M1D2"], [False, True])


def test_a_plan_that_runs_lists_it_too(board, running, checked):
    assert tasks(board)["link_not_found"] == 1


def test_a_link_that_could_not_be_asked_since_is_still_listed(board, checked):
    LinkCheck.objects.store(GONE, LinkState.UNKNOWN, at=CHECKED)
    assert found(board) == ["L1M1D2"]


@pytest.mark.parametrize("state", [LinkState.WORKS, LinkState.UNKNOWN])
def test_only_links_that_are_not_found_are_listed(board, voice, sofia, state):
    report(voice, "in_progress", by=sofia, evidence=[Evidence("Report", LINK)])
    LinkCheck.objects.store(LINK, state, at=CHECKED)
    assert (found(board), "link_not_found" in tasks(board)) == ([], False)


def test_only_the_evidence_of_the_current_status_counts(board, checked, sofia):
    report(deliverable("L1M1D2"), "in_progress", by=sofia, evidence=[Evidence("Report", LINK)])
    assert (found(board), says(board.get(PAGE))) == ([], [True, True])


def test_a_visitor_cannot_filter_by_it(visitor, checked):
    response = visitor.get(f"{LIST}?attention=link_not_found")
    assert response.context["counts"].total == 0
    assert "“link_not_found” is not a valid choice." in text_of(response)
    assert "link_not_found" not in visitor.get(LIST).content.decode()
    assert visitor.get(FILE).status_code == 400


def test_it_is_no_missing_information_of_an_edition(secretariat, checked):
    page = secretariat.get("/plans/2018-2020/editions/new/check/")
    assert "link_not_found" not in [kind.value for kind in page.context["missing"]]


def test_a_file_of_these_rows_is_made_again_after_a_check(board, checked):
    first = board.get(FILE)
    assert board.get(FILE, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert store(GONE, LinkState.WORKS, at=CHECKED.replace(hour=13))
    again = board.get(FILE, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, "L1M1D2" in first.content.decode(), "L1M1D2" in again.content.decode()) == (
        200, True, False,
    )  # fmt: skip


def test_where_links_are_not_checked_nothing_is_shown(board, checked, settings):
    settings.CHECK_LINKS = False
    assert (says(board.get(PAGE)), "link_not_found" in tasks(board)) == ([False, False], False)
    assert "link_not_found" not in board.get(LIST).content.decode()
