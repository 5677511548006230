"""Every page leads to itself in the three languages: for visitors by links, for members by buttons that remember."""

import re

import pytest
from lxml import html

from plans.models import Visibility
from tests.browser.pages import DRAFT, OPEN, SIGNED_IN
from tests.builders import new_plan, publish

pytestmark = pytest.mark.django_db
WITHOUT_MASTHEAD = {"/plans/2018-2020/summary/", "/plans/2018-2020/embed/"}  # a file, and what other sites frame
PAGES = [path for path in OPEN if path not in WITHOUT_MASTHEAD]
ADMIN = ["", "accounts/user/", "accounts/user/add/", "plans/theme/", "plans/theme/1/change/", "plans/theme/1/history/"]
CODES = ["en", "es", "fr"]


def in_each_language(path):
    """The path of a page in the three languages, whichever it was asked in."""
    path = re.sub("^/(es|fr)(?=/)", "", path)
    return [path, f"/es{path}", f"/fr{path}"]


def links(response):
    """The paths that the masthead of a page leads to, by its links to the languages."""
    tree = html.fromstring(response.content)
    return tree.xpath("//header//*[contains(@class, 'tools')]//nav[contains(@class, 'languages')]/a/@href")


def buttons(response):
    """The codes of a page's buttons for the languages, and the path that they come back to."""
    tree = html.fromstring(response.content)
    codes = tree.xpath("//header//*[contains(@class, 'tools')]//button[contains(@formaction, '/language/')]/@value")
    return codes, tree.get_element_by_id("act").fields["next"]


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize("path", PAGES)
def test_a_visitors_page_links_to_itself_in_each_language(visitor, path, language):
    assert links(visitor.get(language + path)) == in_each_language(path)


@pytest.mark.parametrize("path", SIGNED_IN)
def test_a_members_page_has_a_button_for_each_language(administrator, path):
    new_plan(visibility=Visibility.DRAFT) if path.startswith(DRAFT) else None
    response = administrator.get(path, follow=True)
    assert buttons(response) == (CODES, response.request["PATH_INFO"] + query_of(response))


def query_of(response):
    query = response.request["QUERY_STRING"]
    return f"?{query}" if query else ""


@pytest.mark.parametrize("page", ADMIN)
def test_a_page_of_the_admin_has_a_button_for_each_language(administrator, plan, page):
    path = f"/admin/{page}"
    assert buttons(administrator.get(path)) == (CODES, path)


def test_an_editions_page_links_to_itself_in_each_language(visitor, plan, sofia):
    publish(plan, by=sofia)
    path = "/plans/2018-2020/editions/1/"
    assert links(visitor.get(path)) == in_each_language(path)


@pytest.mark.parametrize(
    ("path", "fields"), [("/verify/", {"hash": "x"}), ("/accounts/login/", {"login": "x"}), ("/nowhere/", {})]
)
def test_the_answer_to_a_form_links_to_the_page_of_the_form(visitor, plan, path, fields):
    assert links(visitor.post("/es" + path, fields)) == in_each_language(path)


def test_a_form_that_is_sent_elsewhere_leads_back_to_the_page_above(secretariat, plan):
    response = secretariat.post("/plans/2018-2020/L2M5D1/status/", {})
    assert buttons(response) == (CODES, "/plans/2018-2020/L2M5D1/")


def test_a_language_chosen_on_a_page_that_does_not_exist_is_the_language_of_its_answer(secretariat, plan):
    response = secretariat.post("/language/", {"language": "fr", "next": "/nowhere/"})
    assert response["Location"] == "/fr/nowhere/"


@pytest.mark.parametrize("page", ["/es//example.com/", "/es/\\example.com/", "/fr///example.com"])
def test_choosing_a_language_never_leads_to_another_host(secretariat, plan, page):
    response = secretariat.post("/language/", {"language": "en", "next": page})
    assert re.match(r"/(?![/\\])", response["Location"])
