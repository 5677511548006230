"""A button that works for a while says so, keeps its place, and does nothing when it is pressed again."""

import re

import pytest
from playwright.sync_api import expect

from deliverables.models import StatusUpdate

PLAN = "/plans/2018-2020/"
UPLOAD = PLAN + "import/"


def sent_to(page, end):
    """Return the list of what the page sends to an address that ends so. The page stays as it is: no answer comes."""
    sent = []

    def stay(route):
        sent.append(route)
        route.fulfill(status=204)

    page.route(re.compile(f"{end}$"), stay)
    return sent


@pytest.fixture
def uploading(site, sofia):
    """Sofia, who has just pressed “Preview” of an import: the button, its width before, and what was sent."""
    site.be(sofia)
    page = site.open(UPLOAD)
    sent = sent_to(page, "/import/")
    width = page.get_by_role("button", name="Preview").bounding_box()["width"]
    page.get_by_role("button", name="Preview").click()
    return page.get_by_role("button", name="Reading the file…"), width, sent


def test_a_busy_button_says_so_and_does_not_shrink(uploading):
    button, width, _sent = uploading
    expect(button).to_have_attribute("aria-disabled", "true")
    assert button.bounding_box()["width"] >= width
    assert button.evaluate("button => getComputedStyle(button, '::before').animationName") == "turn"


def test_it_is_announced_politely(uploading, site):
    expect(site.page.locator("#notices[role=status]")).to_contain_text("Reading the file…")


def test_a_second_press_sends_nothing(uploading):
    button, _width, sent = uploading
    expect(button).to_be_visible()
    button.click(force=True)
    button.press("Enter")
    assert len(sent) == 1


def test_nothing_turns_where_motion_is_not_wanted(uploading, site):
    button, _width, _sent = uploading
    site.page.emulate_media(reduced_motion="reduce")
    assert button.evaluate("button => getComputedStyle(button, '::before').animationName") == "none"


def test_a_page_shown_again_as_it_was_left_is_not_busy(uploading, site):
    button, _width, _sent = uploading
    expect(button).to_be_visible()
    site.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(site.page.get_by_role("button", name="Preview")).not_to_have_attribute("aria-disabled", "true")


def test_a_form_that_is_not_sent_is_not_busy(site, sofia):
    site.be(sofia)
    page = site.open(UPLOAD)
    page.evaluate("document.addEventListener('submit', event => event.preventDefault())")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("button", name="Preview")).not_to_have_attribute("aria-disabled", "true")


def test_a_form_in_a_list_is_busy_until_it_is_answered(site, sofia):
    site.be(sofia)
    page, sent = site.open(PLAN + "deliverables/?line=L2"), []
    page.route(re.compile("/L2M5D1/status/$"), lambda route: sent.append(route))
    page.locator("#row-L2M5D1").get_by_role("link", name="Update").click()
    page.locator("tr.editor .choice.attained").click()
    page.get_by_label("Evidence link").fill("https://example.org/minutes")
    page.get_by_role("button", name="Record: attained").click()
    button = page.get_by_role("button", name="Recording…")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    sent[0].continue_()
    expect(page.locator("tr.editor")).to_have_count(0)
    assert (len(sent), StatusUpdate.objects.latest("recorded_at").status) == (1, "attained")


def test_a_visitor_who_checks_a_document_sees_it_too(site):
    page = site.open("/verify/")
    sent = sent_to(page, "/verify/")
    page.get_by_label("Or a hash or link from the report").fill("a" * 64)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("button", name="Checking…")).to_have_attribute("aria-disabled", "true")
    assert len(sent) == 1
