"""The secretariat's workbench, as people use it: by mouse, by keyboard, on a phone, without JavaScript."""

import csv
import io
import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from deliverables.models import Deliverable, StatusUpdate
from plans.models import Plan, Visibility
from tests.browser.look import findings, overflow
from tests.builders import deliverable, new_plan, report

PLAN = "/plans/2018-2020/"
LIST = PLAN + "deliverables/"
WIDTHS = pytest.mark.parametrize("width", [1280, 390])
MINUTES = "https://example.org/minutes"


@pytest.fixture
def at(site, sofia):
    """Sofia, signed in, at a page and a width."""

    def go(path, width=1280):
        site.page.set_viewport_size({"width": width, "height": 900})
        if not site.page.context.cookies():
            site.be(sofia)
        return site.open(path)

    return go


def row(page, code):
    return page.locator(f"#row-{code}")


def editor(page):
    return page.locator("tr.editor")


# In place


@WIDTHS
def test_one_click_confirms(at, running, width):
    page = at(LIST + "?line=L1", width)
    row(page, "L1M1D2").get_by_role("button", name="Confirm").click()
    expect(page.locator("#notices")).to_contain_text("Confirmed: L1M1D2 is still not developed. Correct this")
    expect(row(page, "L1M1D2")).to_contain_text("confirmed today")
    expect(page.locator("#notices")).to_be_in_viewport()


def test_a_double_click_confirms_once(at, running):
    page = at(LIST + "?line=L1")
    row(page, "L1M1D2").get_by_role("button", name="Confirm").dblclick()
    expect(page.locator("#notices")).to_contain_text("Confirmed: L1M1D2 is still not developed.")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert StatusUpdate.objects.count() == 66


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_a_double_click_confirms_once(at, running):
    page = at(LIST + "?line=L1")
    row(page, "L1M1D2").get_by_role("button", name="Confirm").dblclick()
    expect(page.locator("#notices")).to_contain_text("Confirmed: L1M1D2 is still not developed.")
    assert page.url.endswith(LIST + "?line=L1")
    assert StatusUpdate.objects.count() == 66


def test_the_token_is_in_no_address(at, running):
    page, addresses = at(LIST + "?line=L1"), []
    page.on("request", lambda request: addresses.append(request.url))
    row(page, "L1M1D1").get_by_role("link", name="Update").click()
    expect(editor(page)).to_be_visible()
    row(page, "L1M1D2").focus()
    page.keyboard.press("p")
    expect(editor(page)).to_have_count(2)
    row(page, "L1M1D2").get_by_role("button", name="Confirm").click()
    expect(page.locator("#notices")).to_contain_text("Confirmed")
    assert [address for address in addresses if "csrf" in address] == []
    assert "csrf" not in page.evaluate("JSON.stringify([sessionStorage, localStorage])")
    here = "next=%2Fplans%2F2018-2020%2Fdeliverables%2F%3Fline%3DL1"
    queries = [address.partition("?")[2] for address in addresses if "/form/" in address]
    assert queries == [here, f"{here}&status=in_progress"]


@WIDTHS
def test_the_menu_changes_the_language_and_signs_out(at, width):
    page = at(LIST + "?line=L1", width)
    if width < 1000:
        page.locator(".menu > summary").click()
    page.get_by_role("button", name="Español").locator("visible=true").click()
    page.wait_for_url(f"**/es{LIST}?line=L1")
    page.locator(".menu > summary").click()
    page.locator("[formaction$='/logout/']").click()
    page.wait_for_url(lambda url: "deliverables" not in url)
    expect(page.locator("#act")).to_have_count(0)


@WIDTHS
def test_four_interactions_record_a_status_with_evidence(at, width):
    page = at(LIST + "?line=L2", width)
    row(page, "L2M5D1").get_by_role("link", name="Update").click()
    page.locator("tr.editor .choice.attained").click()
    page.get_by_label("Evidence link").fill(MINUTES)
    page.get_by_role("button", name="Record: attained").click()
    expect(page.locator("#notices")).to_contain_text("Recorded: L2M5D1 is attained. Correct this")
    expect(editor(page)).to_have_count(0)
    expect(row(page, "L2M5D1").locator(".status")).to_have_text("Attained")
    expect(page.locator("#list-counts")).to_contain_text("23 attained")
    expect(page.locator("#list-counts svg")).to_have_attribute(
        "aria-label", "23 attained, 1 in progress, 3 not developed"
    )
    expect(row(page, "L2M5D1")).to_be_focused()
    expect(row(page, "L2M5D1")).to_be_in_viewport()


@WIDTHS
def test_the_notice_leads_to_the_correction(at, running, width):
    page = at(LIST + "?line=L2", width)
    row(page, "L2M5D1").get_by_role("button", name="Confirm").click()
    page.locator("#notices").get_by_role("link", name="Correct this").click()
    expect(page.get_by_text("This corrects entry 66")).to_be_visible()


@WIDTHS
def test_wrong_input_stays_in_place_with_what_was_typed(at, width):
    page = at(LIST + "?line=L2", width)
    row(page, "L2M5D1").get_by_role("link", name="Update").click()
    page.locator("tr.editor .choice.attained").click()
    page.get_by_label("What happened?").fill("Minutes")
    page.get_by_role("button", name="Record: attained").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("What happened?")).to_have_value("Minutes")
    page.get_by_label("Evidence link").fill(MINUTES)
    page.get_by_role("button", name="Record: attained").click()
    expect(page.locator("#notices")).to_contain_text("Recorded: L2M5D1 is attained.")


def test_two_forms_may_be_open_and_neither_loses_what_was_typed(at):
    page = at(LIST + "?line=L2")
    for code in ("L2M5D1", "L2M6D1"):
        row(page, code).get_by_role("link", name="Update").click()
        expect(page.locator(f"#row-{code} + tr.editor")).to_be_visible()
    page.locator("#row-L2M5D1 + tr.editor").get_by_label("What happened?").fill("Typed in the first.")
    page.locator("#row-L2M6D1 + tr.editor .choice.in_progress").click()
    page.locator("#row-L2M6D1 + tr.editor").get_by_role("button", name="Record: in progress").click()
    expect(editor(page)).to_have_count(1)
    expect(page.get_by_label("What happened?")).to_have_value("Typed in the first.")


def test_somebody_faster_is_shown_in_place(at, adam):
    page = at(LIST + "?line=L2")
    row(page, "L2M5D1").get_by_role("link", name="Update").click()
    page.locator("tr.editor .choice.in_progress").click()
    page.get_by_label("What happened?").fill("What Sofia typed.")
    report(deliverable("L2M5D1"), "in_progress", by=adam, note="Adam was faster.")
    page.get_by_role("button", name="Record: still in progress").click()
    expect(page.get_by_role("alert")).to_contain_text("Adam was faster.")
    expect(page.get_by_label("What happened?")).to_have_value("What Sofia typed.")


def test_a_conflict_on_confirming_keeps_the_row(at, running, adam):
    page = at(LIST + "?line=L2")
    report(deliverable("L2M5D1"), "not_developed", by=adam, note="Adam was faster.", reason="postponed")
    row(page, "L2M5D1").get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("Adam was faster.")
    expect(row(page, "L2M5D1").locator(".status")).to_have_text("Not developed")
    page.get_by_role("button", name="Close").click()
    row(page, "L2M5D1").get_by_role("button", name="Confirm").click()
    expect(page.locator("#notices")).to_contain_text("Confirmed: L2M5D1")


def test_rows_stay_chosen_while_one_of_them_is_confirmed(at, running):
    page = at(LIST + "?line=L1")
    for code in ("L1M1D1", "L1M1D2"):
        page.get_by_label(f"Select {code}", exact=True).check()
    row(page, "L1M1D2").get_by_role("button", name="Confirm").click()
    expect(page.locator("#notices")).to_contain_text("Confirmed: L1M1D2")
    expect(page.get_by_label("Select L1M1D2", exact=True)).to_be_checked()
    expect(page.get_by_role("button", name="Update 2 selected…")).to_be_visible()


def test_closing_asks_before_what_was_typed_is_lost(at):
    page = at(LIST + "?line=L1")
    row(page, "L1M1D1").get_by_role("link", name="Update").click()
    page.get_by_label("What happened?").fill("Much was typed.")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.keyboard.press("Escape")
    expect(page.get_by_label("What happened?")).to_have_value("Much was typed.")
    assert asked == ["Close without recording what you typed?"]


def test_control_and_enter_record_from_the_note(at):
    page = at(LIST + "?line=L1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("p")
    expect(page.get_by_label("What happened?")).to_be_focused()
    page.keyboard.type("Begun.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices")).to_contain_text("Recorded: L1M1D1 is in progress.")


def test_a_session_that_ended_leads_to_sign_in_and_back(at, sofia):
    page = at(LIST + "?line=L2")
    row(page, "L2M5D1").get_by_role("link", name="Update").click()
    page.locator("tr.editor .choice.in_progress").click()
    page.get_by_label("What happened?").fill("Typed before the session ended.")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Record: still in progress").click()
    page.get_by_label("Email").fill(sofia.email)
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("What happened?")).to_have_value("Typed before the session ended.")


def test_a_server_that_does_not_answer_is_told_and_nothing_is_lost(at):
    page = at(LIST + "?line=L2")
    row(page, "L2M5D1").get_by_role("link", name="Update").click()
    page.locator("tr.editor .choice.in_progress").click()
    page.get_by_label("What happened?").fill("Typed meanwhile.")
    page.context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="Record: still in progress").click()
    expect(page.get_by_role("alert")).to_contain_text("Not recorded")
    expect(page.get_by_label("What happened?")).to_have_value("Typed meanwhile.")
    page.wait_for_load_state("networkidle")  # another token has come meanwhile: trying again works
    page.get_by_role("button", name="Record: still in progress").click()
    expect(page.locator("#notices")).to_contain_text("Recorded: L2M5D1 is in progress.")


# By keyboard


def test_the_keyboard_alone_confirms_and_records(at, running):
    page = at(LIST + "?status=not_developed")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("c")
    expect(page.locator("#notices")).to_contain_text("Confirmed: L1M1D2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("a")
    expect(page.get_by_label("Evidence link")).to_be_focused()
    page.keyboard.type(MINUTES)
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("Recorded: L1M4D1 is attained.")
    expect(row(page, "L1M4D1")).to_be_focused()


def test_a_fast_hand_confirms_one_row_after_the_other(at, running):
    page = at(LIST + "?status=not_developed")
    for _row in range(3):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("c")
    for code in ("L1M1D2", "L1M4D1", "L1M8D1"):
        expect(row(page, code)).to_contain_text("confirmed today")
    expect(row(page, "L2M10D1")).not_to_contain_text("confirmed today")


@pytest.mark.parametrize(("key", "field"), [("p", "What happened?"), ("n", "Why it was not developed")])
def test_a_status_by_its_key_leads_to_what_it_needs(at, key, field):
    page = at(LIST + "?line=L1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(key)
    expect(page.get_by_label(field)).to_be_focused()
    page.keyboard.press("Escape")
    expect(editor(page)).to_have_count(0)
    expect(row(page, "L1M1D1")).to_be_focused()


def test_keys_search_and_list_themselves_and_can_be_switched_off(at):
    page = at(LIST)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("confirm that its status is still correct")
    page.get_by_label("Use single-key shortcuts on this device").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).not_to_be_focused()
    page.reload()
    page.get_by_role("button", name="Shortcuts ?").click()
    page.get_by_label("Use single-key shortcuts on this device").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("a?c")
    expect(page.get_by_label("Search")).to_have_value("a?c")


# Bulk update


def grid_row(page, name):
    """The row of a deliverable in the grid, by a part of its name."""
    return page.get_by_role("group", name=re.compile(name))


def open_grid(at, width=1280, codes=("L1M1D1", "L1M1D2", "L2M5D1")):
    page = at(LIST, width)
    for code in codes:
        page.get_by_label(f"Select {code}", exact=True).check()
    page.get_by_role("button", name=f"Update {len(codes)} selected…").click()
    return page


@WIDTHS
def test_three_rows_are_recorded_one_of_them_mended_and_corrected_at_once(at, sofia, width):
    page = open_grid(at, width)
    for name, status in (("Calendar", "In progress"), ("Voice", "Attained"), ("capacity building", "Not developed")):
        grid_row(page, name).get_by_label("Status").select_option(status)
    grid_row(page, "Calendar").get_by_label("What happened?").fill("It is being revised.")
    grid_row(page, "capacity building").get_by_label("Reason").select_option("Postponed")
    page.get_by_role("button", name="Record 3 updates").click()

    page.get_by_role("alert").get_by_role("link", name=re.compile("Voice of the Mayors.*Evidence link")).click()
    expect(grid_row(page, "Voice").get_by_label("Evidence link")).to_be_focused()
    assert findings(page) == []
    assert overflow(page) == []
    page.keyboard.type(MINUTES)
    page.get_by_role("button", name="Record 3 updates").click()
    expect(page.get_by_role("heading", name="3 updates recorded")).to_be_visible()

    page.get_by_role("link", name="Correct these").click()
    grid_row(page, "Calendar").get_by_label("Status").select_option("Attained")
    grid_row(page, "Calendar").get_by_label("Evidence title").fill("The calendar of 2021")
    page.get_by_role("button", name="Record the corrections").click()
    expect(page.get_by_role("heading", name="1 update recorded")).to_be_visible()
    expect(page.get_by_text("Corrects entry 66")).to_be_visible()
    assert [deliverable(code).status for code in ("L1M1D1", "L1M1D2", "L2M5D1")] == [
        "attained", "attained", "not_developed",
    ]  # fmt: skip


@WIDTHS
def test_what_goes_for_all_rows_is_filled_in_visibly(at, width):
    page = open_grid(at, width)
    everywhere = page.get_by_role("group", name="For all rows")
    grid_row(page, "Calendar").get_by_label("Status").select_option("Not developed")
    everywhere.get_by_label("Status").select_option("In progress")
    everywhere.get_by_label("Reason").select_option("Postponed")
    everywhere.get_by_label("What happened?").fill("Reported to the Board.")
    page.get_by_role("button", name="Fill in the rows").click()
    expect(grid_row(page, "Calendar").get_by_label("Status")).to_have_value("not_developed")
    expect(grid_row(page, "Calendar").get_by_label("Reason")).to_have_value("postponed")
    expect(grid_row(page, "Voice").get_by_label("Status")).to_have_value("in_progress")
    expect(grid_row(page, "Voice").get_by_label("What happened?")).to_have_value("Reported to the Board.")
    grid_row(page, "capacity building").get_by_label("Status").select_option("No change")
    expect(page.get_by_role("button", name="Record 2 updates")).to_be_visible()


def test_on_a_phone_a_row_that_is_left_alone_is_short(at):
    page = open_grid(at, 390)
    expect(grid_row(page, "Voice").get_by_label("What happened?")).to_be_hidden()
    grid_row(page, "Voice").get_by_label("Status").select_option("In progress")
    expect(grid_row(page, "Voice").get_by_label("What happened?")).to_be_visible()


def test_a_grid_is_filled_in_and_recorded_by_keyboard(at):
    page = open_grid(at)
    grid_row(page, "Calendar").get_by_label("Status").focus()
    page.keyboard.type("I")  # one letter: slow keys would be several searches, and a blank opens the list
    for _field in ("month", "day", "year", "picker", "note"):
        page.keyboard.press("Tab")
    page.keyboard.type("Being revised.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # goes down a row, and records nothing
    expect(grid_row(page, "Voice").get_by_label("Evidence title")).to_be_focused()
    page.get_by_role("button", name="Record 1 update").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 update recorded")).to_be_visible()
    assert deliverable("L1M1D1").current_update(None).note == "Being revised."


def test_the_buttons_do_not_cover_the_field_that_has_the_focus(at):
    page = at(LIST + "?status=in_progress", 800)
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Update 10 selected…").click()
    page.get_by_role("group", name="For all rows").get_by_label("Evidence link").focus()
    is_above_the_buttons = """() => {
      const bar = document.querySelector(".bulk-grid > .actions").getBoundingClientRect();
      return document.activeElement.getBoundingClientRect().bottom <= bar.top + 1;
    }"""
    for _field in range(17):
        page.keyboard.press("Tab")
        page.wait_for_function(is_above_the_buttons, timeout=3000)
    expect(page.locator(".bulk-row:not(.shared) :focus")).to_have_count(1)


def test_what_is_typed_in_the_grid_is_there_after_leaving_the_page(at):
    page = open_grid(at)
    grid_row(page, "Voice").get_by_label("What happened?").fill("Typed and left.")
    page.get_by_role("link", name="Overview").click()
    page.wait_for_url(f"**{PLAN}")
    page = open_grid(at)
    expect(grid_row(page, "Voice").get_by_label("What happened?")).to_have_value("Typed and left.")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_the_workbench_works_without_javascript(at):
    page = at(LIST + "?status=in_progress")
    page.get_by_label("Select L2M5D1", exact=True).check()
    page.get_by_role("button", name="Update selected…").click()
    page.get_by_role("group", name="For all rows").get_by_label("Status").select_option("In progress")
    page.get_by_role("button", name="Record the updates").click()
    expect(page.get_by_role("heading", name="1 update recorded")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    row(page, "L2M5D1").get_by_role("link", name="Update").click()
    expect(page.get_by_role("heading", name="Update", exact=True)).to_be_visible()


# To do


@WIDTHS
def test_work_lists_what_waits_and_records_it_in_place(at, running, sofia, width):
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(responsible=sofia, due_on="2021-01-31")
    page = at(PLAN + "todo/", width)
    expect(page.get_by_role("heading", name="1 Past the due date and not attained")).to_be_visible()
    overdue = page.locator("#overdue-L2M5D1")
    overdue.get_by_role("link", name="Update").click()
    page.locator("tr.editor .choice.attained").click()
    page.get_by_label("Evidence link").fill(MINUTES)
    page.get_by_role("button", name="Record: attained").click()
    expect(page.locator("#notices")).to_contain_text("Recorded: L2M5D1 is attained.")
    expect(page.locator("#overdue")).to_have_count(0)  # it waits no longer


# Editing


@WIDTHS
def test_a_plan_is_made_from_another_and_edited(at, plan, width):
    page = at("/plans/", width)
    page.get_by_role("link", name="New plan").click()
    page.get_by_label("Title").fill("Metropolitan Futures")
    page.get_by_label("Address").fill("2027-2029")
    page.get_by_label("First day").fill("2027-01-01")
    page.get_by_label("Last day").fill("2029-12-31")
    page.get_by_label("Start from").select_option("plan")
    page.get_by_label("The other plan").select_option(str(plan.pk))
    page.get_by_role("button", name="Create the plan").click()
    page.get_by_role("button", name="Move L1M1D1 down").click()
    expect(page.locator("#L1M1D2")).to_contain_text("Calendar of international events")
    page.get_by_role("link", name="Edit L1M1D2", exact=True).click()
    page.get_by_label("Title").fill("A calendar for 2027")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#L1M1D2")).to_contain_text("A calendar for 2027")


@WIDTHS
def test_a_draft_is_cut_and_opened_to_everyone_with_care(at, width):
    new_plan(deliverables=2, visibility=Visibility.DRAFT)
    page = at("/plans/2021-2023/edit/", width)
    page.get_by_role("link", name="Remove… L1M1D1").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#L1M1D1")).to_have_count(0)
    page.get_by_role("link", name="Text, dates and visibility of the plan").click()
    page.get_by_label("Visibility").select_option("public")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("its codes are fixed")
    page.get_by_label("Open the plan to everyone, permanently").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The plan is now public.")).to_be_visible()
    expect(page.get_by_text("This plan is public: its codes stay")).to_be_visible()


@WIDTHS
def test_a_public_plan_is_amended_with_a_decision(at, width):
    page = at(PLAN + "edit/", width)
    page.get_by_role("link", name="Edit L1M1D1", exact=True).click()
    page.get_by_label("Title").fill("Calendar of events")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("enter the decision behind the change")
    page.get_by_label("Decision", exact=True).fill("Board of Directors, point 7")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Amendments").click()
    expect(page.locator(".rewording del")).to_have_text("international")
    expect(page.get_by_text("Board of Directors, point 7")).to_be_visible()


@WIDTHS
def test_people_and_dates_are_set_on_one_page(at, rashid, width):
    page = at(PLAN + "edit/L1M1/people/", width)
    page.get_by_label("Responsible person").first.select_option("Rashid Amrani")
    page.get_by_label("Due date").first.fill("2027-01-31")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("enter the decision behind the change")
    page.get_by_label("Decision", exact=True).fill("Board of Directors, point 7")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#L1M1D1")).to_contain_text("Due 31 Jan 2027 · Responsible: Rashid Amrani")


# Import


def exported(page, **cells):
    """The list's own CSV, as a spreadsheet would give it back with other cells in the row of L2M5D1."""
    with page.expect_download() as download:
        page.locator("#list-counts").get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_bytes().decode("utf-8-sig"))))
    next(each for each in rows if each["code"] == "L2M5D1").update(cells)
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, list(rows[0]), delimiter=";")
    table.writeheader()
    table.writerows(rows)
    return {"name": "statuses.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}


@WIDTHS
def test_an_export_is_changed_and_imported(at, width):
    page = at(LIST, width)
    file = exported(page, status="attained", effective_on="2021-01-14", evidence_link=MINUTES)
    page.goto(page.url.partition("deliverables")[0] + "import/")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".import-changes tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Apply all changes").click()
    expect(page.get_by_role("heading", name="The file was applied")).to_be_visible()


@WIDTHS
def test_what_is_wrong_in_a_file_is_told_by_row(at, width):
    page = at(LIST, width)
    file = exported(page, effective_on="2999-01-01")
    page.goto(page.url.partition("deliverables")[0] + "import/")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_text("is in the future. Choose today or an earlier date.")).to_be_visible()
    expect(page.get_by_role("button", name="Apply all changes")).to_have_count(0)


# E-mails and help


@WIDTHS
def test_a_plan_is_followed_and_left(at, width):
    page = at(PLAN + "changes/", width)
    page.get_by_role("link", name="Follow by e-mail").click()
    page.get_by_role("button", name="Follow Action Plan").click()
    expect(page.get_by_text("You follow this plan")).to_be_visible()
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_text("You no longer follow this plan.")).to_be_visible()


@WIDTHS
def test_one_click_in_a_mail_ends_it(site, sofia, mailoutbox, width):
    site.page.set_viewport_size({"width": width, "height": 900})
    Plan.objects.update(ends_on="2030-12-31")
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(responsible=sofia, due_on="2021-01-31")
    call_command("send_reminders")
    link = mailoutbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    page = site.open(link)
    page.get_by_role("button", name="No more reminders").click()
    expect(page.get_by_role("heading", name="You get no more reminders")).to_be_visible()


@WIDTHS
def test_help_is_a_click_away(at, width):
    page = at(PLAN, width)
    page.get_by_role("contentinfo").get_by_role("link", name="Help").click()
    page.get_by_role("link", name="Secretariat", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For the Secretariat")


# For everyone


@WIDTHS
def test_a_list_with_an_open_form_and_a_notice_is_accessible(at, running, width):
    page = at(LIST + "?line=L1", width)
    row(page, "L1M1D2").get_by_role("button", name="Confirm").click()
    row(page, "L1M1D1").get_by_role("link", name="Update").click()
    expect(page.locator("tr.editor h2")).to_be_visible()
    assert findings(page) == []
    assert overflow(page) == []
    assert StatusUpdate.objects.count() == 66
