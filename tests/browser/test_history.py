"""The history in people's hands: confirm, correct, compare, look back."""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.builders import deliverable, report

PLAN = "/plans/2018-2020/"
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@WIDTHS
def test_a_status_is_confirmed_from_the_list_in_one_click(site, running, sofia, width):
    page = site.sign_in(sofia)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site.address + PLAN + "deliverables/?measure=L2M10")
    page.get_by_role("button", name="Confirm L2M10D2").click()
    expect(page.get_by_role("status").first).to_contain_text("Confirmed: L2M10D2 is still not developed.")
    expect(page.get_by_label("Measure")).to_have_value("L2M10")
    expect(page.get_by_role("row", name="L2M10D2")).to_contain_text("confirmed today")


def test_a_status_is_confirmed_from_its_page(site, running, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + PLAN + "L2M5D1/")
    page.get_by_role("button", name="Confirm: still in progress").click()
    expect(page.locator(".timeline li").first).to_contain_text("Confirmed")


@WIDTHS
def test_a_mistake_is_corrected_and_stays_readable(site, sofia, width):
    report(deliverable("L2M5D1"), "attained", by=sofia, note="Recorded on the wrong line.")
    page = site.sign_in(sofia)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site.address + PLAN + "L2M5D1/")
    page.get_by_role("link", name="Correct this entry 66").click()
    page.locator(".choice.in_progress").click()
    page.get_by_label("What happened?").fill("Still being drafted.")
    page.get_by_role("button", name="Record: in progress").click()
    struck = page.locator(".timeline del")
    expect(struck).to_contain_text("Recorded on the wrong line.")
    expect(struck).to_contain_text("Corrected by entry 67; no longer counts")
    expect(page.locator(".facts .status")).to_have_text("In progress")


def test_two_dates_are_compared(site, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    page = site.open(PLAN + "changes/")
    page.get_by_label("From").fill("2020-12-31")
    page.get_by_label("To").fill("2021-12-31")
    page.get_by_role("button", name="Compare these dates").click()
    expect(page.get_by_role("heading", name="Attained since (1)")).to_be_visible()
    expect(page.get_by_role("row", name="Attained").first).to_contain_text("49")


def test_the_chart_has_its_figures_as_a_table(site, sofia):
    report(deliverable("L1M1D1"), "in_progress", by=sofia, effective_on=date(2019, 7, 2))
    page = site.open(PLAN)
    page.get_by_text("The figures of this chart as a table").click()
    table = page.get_by_role("table", name="Progress over time")
    cells = table.get_by_role("row").last.locator("th, td")
    expect(cells).to_have_text(["31 Dec 2020", "49", "10", "6", "0"])
