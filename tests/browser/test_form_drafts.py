"""What somebody has typed is still there: after a link, after another language, after the session has ended."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from plans.form_drafts import FormDraft
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
PLAN = "/plans/2018-2020/"
PAGE = PLAN + "L2M5D1/"
TYPED = "What Sofia typed, of several words."


@pytest.fixture
def page(site, sofia):
    site.be(sofia)
    return site.open(PAGE)


def type_note(page):
    page.get_by_label("What happened?").fill(TYPED)


def leave_by(page, link):
    """Follow a link. The page that it leads to opens once the draft is stored."""
    before = page.url
    link.click()
    page.wait_for_url(lambda url: url != before)
    assert FormDraft.objects.exists()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_link_of_the_menu_and_back_lose_nothing(page, site, width):
    page.set_viewport_size({"width": width, "height": 900})
    type_note(page)
    menu = site.menu() if width < 700 else page.get_by_role("navigation")
    leave_by(page, menu.get_by_role("link", name="Changes").first)
    page.go_back()
    expect(page.get_by_label("What happened?")).to_have_value(TYPED)
    expect(page.get_by_text("is in the form again. It is not saved yet.")).to_be_visible()


def test_another_language_loses_nothing(page):
    type_note(page)
    leave_by(page, page.get_by_role("button", name="Español"))
    expect(page.get_by_label("¿Qué ha sucedido?")).to_have_value(TYPED)


def test_what_is_typed_is_stored_while_somebody_thinks(page, site):
    with page.expect_response("**/drafts/"):
        type_note(page)
    page.close(run_before_unload=False)
    again = site.page.context.new_page()
    again.goto(site.address + PAGE)
    expect(again.get_by_label("What happened?")).to_have_value(TYPED)
    again.close()


def test_what_was_recorded_is_no_draft_any_more(page, site):
    type_note(page)
    page.get_by_label("In progress").check()
    page.get_by_role("button", name="Record: still in progress").click()
    expect(page.get_by_text("Recorded: L2M5D1")).to_be_visible()
    page.goto(site.address + PAGE)
    expect(page.get_by_label("What happened?")).to_have_value("")


def test_cancelling_discards_what_was_typed(page, site):
    page.goto(site.address + PLAN + "edit/L2M5D1/")
    page.get_by_label("Title", exact=True).fill(TYPED)
    with page.expect_response("**/drafts/discard/"):
        page.get_by_role("link", name="Cancel").click()
    page.goto(site.address + PLAN + "edit/L2M5D1/")
    expect(page.get_by_label("Title", exact=True)).not_to_have_value(TYPED)


def test_a_draft_is_discarded_by_its_button(page):
    type_note(page)
    leave_by(page, page.get_by_role("navigation").get_by_role("link", name="Changes").first)
    page.go_back()
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("What happened?")).to_have_value("")


def test_signing_in_again_leads_back_to_the_form_as_it_was(page, sofia):
    type_note(page)
    page.get_by_label("In progress").check()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Record: still in progress").click()
    page.get_by_label("Email").fill(sofia.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("What happened?")).to_have_value(TYPED)
    expect(page.get_by_label("In progress")).to_be_checked()
    page.get_by_role("button", name="Record: still in progress").click()
    expect(page.get_by_text("Recorded: L2M5D1")).to_be_visible()


def test_an_expired_form_is_sent_again_by_one_click(page):
    type_note(page)
    page.get_by_label("In progress").check()
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    page.get_by_role("button", name="Record: still in progress").click()
    expect(page.get_by_role("heading", name="This form has expired")).to_be_visible()
    expect(page.get_by_role("main").get_by_text(TYPED)).to_be_visible()
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("Recorded: L2M5D1")).to_be_visible()


def test_correcting_a_wrong_status_leaves_its_evidence_behind_and_brings_it_back(page, site):
    page.goto(site.address + PLAN + "L1M1D1/?correct=1")
    evidence = page.get_by_label("Evidence title")
    before = evidence.input_value()
    page.get_by_label("In progress").check()
    expect(evidence).to_have_value("")
    page.get_by_label("Attained").check()
    expect(evidence).to_have_value(before)


def test_what_is_typed_right_after_recording_is_stored(page, site):
    with page.expect_response("**/drafts/"):
        type_note(page)
    page.get_by_label("In progress").check()
    page.get_by_role("button", name="Record: still in progress").click()
    expect(page.get_by_text("Recorded: L2M5D1")).to_be_visible()
    page.get_by_label("What happened?").fill("A second note, of several words.")
    leave_by(page, page.get_by_role("navigation").get_by_role("link", name="Changes").first)
    page.goto(site.address + PAGE)
    expect(page.get_by_label("What happened?")).to_have_value("A second note, of several words.")


@pytest.mark.parametrize("cookie", [settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME])
def test_what_is_typed_after_signing_in_elsewhere_or_after_the_session_is_stored(page, cookie):
    page.context.clear_cookies(name=cookie)
    type_note(page)
    with page.expect_response(lambda response: response.url.endswith("/drafts/") and response.status == 204):
        page.wait_for_timeout(1600)
    assert FormDraft.objects.get().fields["note"] == [TYPED]


def test_closing_a_form_in_the_list_after_choosing_a_status_leaves_no_draft(page, site):
    page.goto(site.address + PLAN + "deliverables/?measure=L2M5")
    page.locator("#row-L2M5D1").get_by_role("link", name="Update").click()
    with page.expect_response("**/drafts/"):
        page.locator("tr.editor .choice.attained").click()
    with page.expect_response("**/drafts/discard/"):
        page.get_by_role("button", name="Close").click()
    assert not FormDraft.objects.exclude(fields={}).exists()
