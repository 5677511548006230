"""“Back” shows a page at once, from the memory of the browser: not after signing out, and not an old one."""

from contextlib import suppress

import pytest
from playwright.sync_api import Error

from plans.models import Plan
from tests.browser.conftest import Site, errors_of

PLAN = "/plans/2018-2020/"
NOTE_RESTORING = "addEventListener('pageshow', (event) => { window.wasRestored = event.persisted; })"


@pytest.fixture
def site(browser_type, browser_type_launch_args, browser_context_args, live_server, plan):
    """The tracker in a browser that goes back as those of people do: Playwright switches it off."""
    browser = browser_type.launch(**browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache"])
    page = browser.new_context(**browser_context_args).new_page()
    page.add_init_script(NOTE_RESTORING)
    errors = errors_of(page)
    yield Site(page, live_server.url, errors)
    browser.close()
    assert errors == []


def go_back(page):
    """Playwright's own way waits for a page to load, which none does here."""
    page.evaluate("history.back()")


def wait_until(page, condition):
    """Ask the page again and again. Playwright's own way evaluates text in it, which our policy forbids."""
    for _time in range(100):
        with suppress(Error):  # the page is being replaced
            if page.evaluate(condition):
                return
        page.wait_for_timeout(100)
    raise AssertionError(f"{page.url} did not come to: {condition}")


@pytest.mark.parametrize("path", ["deliverables/", "L1M1D1/", "todo/"])
def test_a_page_comes_back_as_it_was_left(site, sofia, path):
    site.be(sofia)
    site.open(PLAN + path)  # which gives the browser its cookies
    page = site.open(PLAN + path)
    page.evaluate("window.isTheSame = true")
    site.open(PLAN + "reports/")
    go_back(page)
    wait_until(page, f"location.pathname === '{PLAN}{path}'")  # no page loads
    page.wait_for_timeout(500)  # so long as a page that is not the same would take to be replaced
    assert page.evaluate("[window.wasRestored, window.isTheSame]") == [True, True]


def test_a_page_that_has_changed_is_replaced(site, sofia):
    site.be(sofia)
    site.open(PLAN + "deliverables/")
    page = site.open(PLAN + "deliverables/")
    page.evaluate("window.isTheSame = true")
    site.open(PLAN + "reports/")
    Plan.objects.raise_revision()
    go_back(page)
    wait_until(page, "window.wasRestored === false && !window.isTheSame")
    page.get_by_role("heading", name="Deliverables", level=1).wait_for()


def test_nothing_comes_back_after_signing_out(site, sofia):
    site.be(sofia)
    site.open(PLAN + "deliverables/")
    page = site.open(PLAN + "deliverables/")
    assert sofia.name in page.content()
    site.sign_out()
    page.get_by_text("You have signed out").wait_for()
    go_back(page)
    page.wait_for_url("**/deliverables/")
    wait_until(page, "window.wasRestored === false")
    assert sofia.name not in page.content()
