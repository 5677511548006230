"""What the eye gets: nothing moves while a page loads, the first row is near, one menu on a phone, titles of blocks."""

import pytest
from playwright.sync_api import expect

from tests.browser.look import findings, overflow

PLAN = "/plans/2018-2020/"
LIST = PLAN + "deliverables/"
SHIFTS = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().map(each => each.value)))
  .observe({ type: "layout-shift", buffered: true }) || setTimeout(() => done([]), 300))"""
TOP_OF_FIRST_ROW = "document.querySelector('.rows tbody tr').getBoundingClientRect().top + scrollY"


@pytest.fixture
def phone(site):
    site.page.set_viewport_size({"width": 390, "height": 844})
    return site


@pytest.mark.parametrize("path", [PLAN, LIST, PLAN + "L2/", PLAN + "changes/"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_a_page_loads(site, path, width):
    """Also not on a slow machine, which would draw the page in parts."""
    site.page.set_viewport_size({"width": width, "height": 844})
    devtools = site.page.context.new_cdp_session(site.page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    page = site.open(path)
    page.evaluate("document.fonts.ready")
    assert page.evaluate(SHIFTS) == []


def test_the_font_of_headings_is_loaded(site):
    page = site.open(PLAN)
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('600 20px \"Tracker Serif\"')")


@pytest.mark.parametrize("language", ["", "/es", "/fr"])
def test_the_first_row_of_the_list_is_near_on_a_phone(phone, translated_plan, language):
    assert phone.open(language + LIST).evaluate(TOP_OF_FIRST_ROW) < 500


def test_the_first_row_is_near_for_those_who_record(phone, sofia):
    phone.be(sofia)
    assert phone.open(LIST).evaluate(TOP_OF_FIRST_ROW) < 500


def test_filters_open_on_a_phone_and_those_in_use_can_be_removed(phone):
    page = phone.open(LIST)
    expect(page.get_by_label("Theme")).to_be_hidden()
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Theme").select_option("Gender")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Theme")).to_be_hidden()
    page.get_by_role("link", name="Theme: Gender Remove this filter").click()
    expect(page).to_have_url(phone.address + LIST)


def test_filters_stand_in_one_line_on_a_wide_screen(site):
    site.page.set_viewport_size({"width": 1280, "height": 900})
    fields = site.open(LIST).locator(".filters > .field, .fold > .fields > .field, .filters > .button")
    bottoms = {round(box["y"] + box["height"]) for box in [each.bounding_box() for each in fields.all()]}
    assert (fields.count(), len(bottoms)) == (6, 1)


def test_one_menu_holds_everything_on_a_phone(phone, sofia):
    phone.be(sofia)
    page = phone.open(LIST)
    assert page.locator(".masthead").bounding_box()["height"] < 66
    menu = phone.menu()
    links = [" ".join(text.split()) for text in menu.get_by_role("link").all_inner_texts()]
    assert links == ["Overview", "Deliverables", "To do", "Changes", "Reports", "All plans", "Your sign-in", "Help"]
    buttons = menu.get_by_role("button").all_inner_texts()
    assert [text.strip() for text in buttons] == ["Sign out", "English", "Español", "Français"]
    assert (findings(page), overflow(page)) == ([], [])


@pytest.mark.parametrize("way", ["hover", "focus"])
def test_a_block_shows_its_title(site, way):
    site.page.set_viewport_size({"width": 1280, "height": 900})
    page = site.open(PLAN)
    page.emulate_media(reduced_motion="reduce")  # else it still scrolls to the block while that is measured
    cell = page.locator(f".cell[href='{PLAN}L1M4D1/']")
    page.keyboard.press("Tab")  # so that focus counts as that of the keyboard
    getattr(cell, way)()
    tip = cell.locator(".tip").bounding_box()
    assert (tip["width"] > 100, tip["x"] >= 0, tip["y"] + tip["height"] < cell.bounding_box()["y"] + 1) == (True,) * 3


def test_escape_hides_the_title_of_a_block_until_it_is_left(site):
    site.page.set_viewport_size({"width": 1280, "height": 900})
    page = site.open(PLAN)
    cell, other = (page.locator(f".cell[href='{PLAN}{code}/']") for code in ("L1M4D1", "L1M5D1"))
    widths = []
    for step in (cell.hover, lambda: page.keyboard.press("Escape"), other.hover, cell.hover):
        step()
        widths.append(cell.locator(".tip").bounding_box()["width"] > 100)
    assert widths == [True, False, False, True]


def test_a_measure_opens_its_titles_on_a_phone(phone):
    page = phone.open(PLAN)
    row = page.locator(".measure").nth(3)
    assert row.bounding_box()["height"] >= 48
    row.click()
    expect(row.get_by_role("link", name="Liaison with partners")).to_be_visible()
