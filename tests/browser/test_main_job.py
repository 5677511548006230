"""The main job, as people do it: find, sign in, record, see it counted, download."""

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.builders import deliverable, report

OVERVIEW = "/plans/2018-2020/"
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@WIDTHS
def test_a_newcomer_finds_a_deliverable_by_its_words(site, width):
    site.page.set_viewport_size({"width": width, "height": 900})
    page = site.open("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("A New Outlook for Rethinking Metropolitan Spaces")
    site.follow("Deliverables")
    page.get_by_label("Search").fill("ethical code")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Metropolis Ethical Code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Metropolis Ethical Code")


@WIDTHS
def test_the_secretariat_signs_in_records_and_sees_it_counted(site, sofia, width):
    site.page.set_viewport_size({"width": width, "height": 900})
    page = site.sign_in(sofia)
    page.goto(site.address + OVERVIEW + "L2M5D1/")
    page.locator(".choice.attained").click()
    page.get_by_label("What happened?").fill("Adopted by the Board in Montréal.")
    page.get_by_role("button", name="Record: attained").click()
    expect(page.get_by_role("status")).to_contain_text("Recorded: L2M5D1 is attained.")
    expect(page.locator(".timeline li").first).to_contain_text("Adopted by the Board in Montréal.")
    site.follow("Overview")
    expect(page.locator(".figure b")).to_have_text(["50", "9", "6"])


def order_of(page, *selectors):
    """Return the selectors by the place of their first element, from top to bottom."""
    return sorted(selectors, key=lambda selector: page.locator(selector).first.bounding_box()["y"])


def test_on_a_telephone_the_form_comes_before_what_there_is(site, sofia):
    parts = [".facts", ".jump", "#record", "#evidence", "#history"]
    site.page.set_viewport_size({"width": 390, "height": 844})
    site.be(sofia)
    page = site.open(OVERVIEW + "L2M5D1/")
    assert order_of(page, *reversed(parts)) == parts
    assert page.eval_on_selector_all(",".join(parts), "all => all.map(each => each.id || each.className)") == [
        part[1:] for part in parts
    ]
    page.get_by_role("link", name="Update this outcome").click()
    expect(page.locator("#record")).to_be_in_viewport()


def test_beside_the_form_stands_what_there_is(site, sofia):
    site.be(sofia)
    page = site.open(OVERVIEW + "L2M5D1/")
    form, evidence = (page.locator(each).bounding_box() for each in ("#record", "#evidence"))
    assert abs(form["y"] - evidence["y"]) < 40
    assert evidence["x"] < form["x"]


def test_the_same_status_again_is_named_on_the_button(site, sofia):
    site.be(sofia)
    page = site.open(OVERVIEW + "L2M5D1/")
    page.get_by_role("button", name="Record: still in progress").click()
    expect(page.locator(".timeline li").first).to_contain_text("Confirmed")


def test_a_status_is_recorded_with_the_keyboard_alone(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + OVERVIEW + "L1M4D1/")
    page.locator("[name=status]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.get_by_label("What happened?").focus()
    page.keyboard.type("Begun with two partners.")
    page.get_by_role("button", name="Record: in progress").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Recorded: L1M4D1 is in progress.")


def test_the_reason_is_asked_for_only_where_it_applies(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + OVERVIEW + "L2M5D1/")
    reason = page.get_by_label("Why it was not developed")
    expect(reason).to_be_hidden()
    page.locator(".choice.not_developed").click()
    expect(reason).to_be_visible()
    reason.select_option("Postponed")
    page.get_by_role("button", name="Record: not developed").click()
    expect(page.locator(".timeline li").first).to_contain_text("Postponed")


def test_wrong_input_comes_back_with_a_sentence_and_what_was_typed(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + OVERVIEW + "L2M5D1/")
    page.locator(".choice.attained").click()
    page.get_by_label("What happened?").fill("Minutes")
    page.get_by_role("button", name="Record: attained").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("“Attained” needs evidence")
    expect(page.get_by_label("What happened?")).to_have_value("Minutes")
    summary.get_by_role("link").click()
    expect(page.get_by_label("Evidence link")).to_be_focused()


def test_two_people_at_once_lose_nothing(site, sofia, adam):
    page = site.sign_in(sofia)
    page.goto(site.address + OVERVIEW + "L2M5D1/")
    report(deliverable("L2M5D1"), "in_progress", by=adam, note="Adam was faster.")
    page.locator(".choice.attained").click()
    page.get_by_label("What happened?").fill("What Sofia typed.")
    page.get_by_role("button", name="Record: attained").click()
    expect(page.get_by_role("alert")).to_contain_text("Adam was faster.")
    expect(page.get_by_label("What happened?")).to_have_value("What Sofia typed.")
    page.get_by_role("button", name="Record: attained").click()
    expect(page.locator(".timeline li").first).to_contain_text("What Sofia typed.")


def test_a_session_that_ended_loses_nothing(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + OVERVIEW + "L2M5D1/")
    page.get_by_label("What happened?").fill("Typed before the session ended.")
    page.locator(".choice.in_progress").click()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Record: still in progress").click()
    page.get_by_label("Email").fill(sofia.email)
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("What happened?")).to_have_value("Typed before the session ended.")
    page.get_by_role("button", name="Record: still in progress").click()
    expect(page.locator(".timeline li").first).to_contain_text("Typed before the session ended.")


def test_a_board_member_downloads_the_summary(site, beatriz):
    page = site.sign_in(beatriz)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report").click()
    assert download.value.suggested_filename.startswith("metropolis-2018-2020-summary-as-of-")
    document = PdfReader(io.BytesIO(download.value.path().read_bytes()))
    assert document.metadata.title == "A New Outlook for Rethinking Metropolitan Spaces"


def test_another_date_rules_the_page(site):
    page = site.open(OVERVIEW)
    page.get_by_text("See another date…").click()
    page.get_by_label("Show the situation as of").fill("2019-12-31")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("As of 31 December 2019.", exact=True)).to_be_visible()
    expect(page.locator(".figure.no_status b")).to_have_text("65")
    page.get_by_role("link", name="Back to today").click()
    expect(page.locator(".figure b")).to_have_text(["49", "10", "6"])


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_everything_works_without_javascript(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + OVERVIEW + "L2M5D1/")
    page.locator(".choice.not_developed").click()
    page.get_by_label("Why it was not developed").select_option("Postponed")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Recorded: L2M5D1 is not developed.")
