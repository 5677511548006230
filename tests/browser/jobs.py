"""The ten commonest jobs: how many interactions each takes, and how long the browser and the server need for it.

A click, a key, a choice and a filled field are an interaction each. `make bench` prints the table.
"""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.test_workbench import LIST, MINUTES, exported


class Hand:
    """Counts what is done to a page."""

    def __init__(self, page):
        self.page, self.interactions = page, 0

    def __call__(self, act, *args):
        self.interactions += 1
        act(*args)

    def key(self, name):
        self(self.page.keyboard.press, name)


def confirm(page, hand):
    hand(page.locator("#row-L1M1D2").get_by_role("button", name="Confirm").click)
    expect(page.locator("#notices")).to_contain_text("Confirmed: L1M1D2")


def confirm_by_keyboard(page, hand):
    hand.key("ArrowDown")
    hand.key("ArrowDown")
    hand.key("c")
    expect(page.locator("#notices")).to_contain_text("Confirmed: L1M1D2")


def record(page, hand):
    hand(page.locator("#row-L2M5D1").get_by_role("link", name="Update").click)
    hand(page.locator("tr.editor .choice.attained").click)
    hand(page.get_by_label("Evidence link").fill, MINUTES)
    hand(page.get_by_role("button", name="Record: attained").click)
    expect(page.locator("#notices")).to_contain_text("Recorded: L2M5D1")


def record_by_keyboard(page, hand):
    hand.key("ArrowDown")
    hand.key("a")
    expect(page.get_by_label("Evidence link")).to_be_focused()
    hand(page.keyboard.type, MINUTES)
    hand.key("Enter")
    expect(page.locator("#notices")).to_contain_text("Recorded: L1M1D1")


def correct(page, hand):
    record(page, Hand(page))
    hand(page.locator("#notices").get_by_role("link", name="Correct this").click)
    hand(page.locator(".choice.in_progress").click)
    hand(page.get_by_role("button", name="Record: in progress").click)
    expect(page.locator("#notices")).to_contain_text("Recorded: L2M5D1 is in progress.")


def find(page, hand):
    hand.key("/")
    hand(page.keyboard.type, "ethical code")
    hand.key("Enter")
    hand(page.get_by_role("link", name="Metropolis Ethical Code").click)
    expect(page.get_by_role("heading", level=1)).to_have_text("Metropolis Ethical Code")


def record_bulk(page, hand):
    hand(page.get_by_label("Select all on this page").check)
    hand(page.get_by_role("button", name="Update 65 selected…").click)
    everywhere = page.get_by_role("group", name="For all rows")
    hand(everywhere.get_by_label("Status").select_option, "Attained")
    hand(everywhere.get_by_label("Evidence link").fill, MINUTES)
    hand(page.get_by_role("button", name="Record 65 updates").click)
    expect(page.get_by_role("heading", name="65 updates recorded")).to_be_visible()


def see_my_work(page, hand):
    hand(page.get_by_role("link", name="To do", exact=True).click)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def give_to_somebody(page, hand):
    page.goto(page.url.partition("deliverables")[0])
    hand(page.get_by_role("link", name="Edit the plan").click)
    hand(page.get_by_role("link", name="People and dates L1M1", exact=True).click)
    hand(page.get_by_label("Responsible person").first.select_option, "Sofia Marín")
    hand(page.get_by_label("Due date").first.fill, "2027-01-31")
    hand(page.get_by_role("button", name="Save").click)
    expect(page.locator("#L1M1D1")).to_contain_text("Due 31 Jan 2027")


def import_statuses(page, hand):
    file = exported(page, status="attained", effective_on="2021-01-14", evidence_link=MINUTES)
    page.goto(page.url.partition("deliverables")[0])
    hand(page.get_by_role("link", name="Import a spreadsheet").click)
    hand(page.get_by_label("File", exact=True).set_input_files, file)
    hand(page.get_by_role("button", name="Preview").click)
    hand(page.get_by_role("button", name="Apply all changes").click)
    expect(page.get_by_role("heading", name="The file was applied")).to_be_visible()


JOBS = {
    "confirm a status": confirm,
    "confirm, by keyboard": confirm_by_keyboard,
    "record a status with evidence": record,
    "the same, by keyboard": record_by_keyboard,
    "correct what was just recorded": correct,
    "find a deliverable by its words": find,
    "record the same on 65": record_bulk,
    "see what waits": see_my_work,
    "give a deliverable to somebody, with a date": give_to_somebody,
    "import a changed export": import_statuses,
}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("job", JOBS)
def test_a_job(site, running, sofia, job, width):
    site.page.set_viewport_size({"width": width, "height": 900})
    site.be(sofia)
    page, hand = site.open(LIST), Hand(site.page)
    begin = time.perf_counter()
    JOBS[job](page, hand)
    print(f"\n{job:45} {width:5} {hand.interactions} interactions {time.perf_counter() - begin:5.2f} s")
