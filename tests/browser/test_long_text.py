"""Texts longer than anybody expects, and texts of other scripts, stay inside the page."""

import pytest
from playwright.sync_api import expect

from deliverables.models import Deliverable
from plans.models import ActionLine, Measure, Plan, Visibility
from tests.browser.look import overflow
from tests.browser.pages import PLAN, SIGNED_IN
from tests.builders import deliverable, report
from tests.shapes import ENGLISH, TEXTS, long_text, plan_of_shape

LONG = "Donaudampfschifffahrtsgesellschaft" * 6
TITLES = {name: texts["title"] for name, texts in {"english": ENGLISH, **TEXTS}.items()}


def faults_on(site, paths):
    faults = []
    for path in paths:
        page = site.open(path)
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            faults += [(path, width, fault) for fault in overflow(page)]
    return "\n".join(map(str, faults))


def test_long_words_stay_inside_the_page(site, sofia):
    Deliverable.objects.filter(number=1).update(title=LONG)
    Measure.objects.update(statement=LONG)
    ActionLine.objects.update(title=LONG)
    Plan.objects.update(title=LONG[:200])
    report(
        deliverable("L1M1D1"), "attained", by=sofia, note=LONG, evidence_title=LONG, evidence_link="https://a.example"
    )
    site.be(sofia)
    assert faults_on(site, [path for path in SIGNED_IN if PLAN in path]) == ""


@pytest.mark.parametrize("script", TITLES)
def test_titles_of_1000_characters_stay_inside_the_page(site, sofia, script):
    Deliverable.objects.filter(number__lte=2).update(title=long_text(TITLES[script], 1000))
    ActionLine.objects.update(title=long_text(TITLES[script], 300))
    report(deliverable("L1M1D1"), "in_progress", by=sofia, note=TITLES[script], next_step=TITLES[script])
    site.be(sofia)
    assert faults_on(site, [path for path in SIGNED_IN if PLAN in path]) == ""


def test_arabic_starts_at_the_right_of_its_lines(site, plan):
    plan_of_shape(texts=TEXTS["arabic"])
    title = site.open("/plans/2031-2033/L1M1D1/").locator("h1 span")
    look = title.evaluate("title => [getComputedStyle(title).direction, getComputedStyle(title).display]")
    assert look == ["rtl", "inline-block"]


def test_a_line_of_a_long_plan_opens_in_place(site, sofia):
    plan_of_shape(lines=30, deliverables=240, visibility=Visibility.DRAFT)
    site.be(sofia)
    page = site.open("/plans/2031-2033/edit/")
    page.locator("#L3").click()
    expect(page.locator("#L3M1D2")).to_be_visible()
    expect(page.locator("#L4M1D1")).to_have_count(0)


def test_a_link_to_a_part_opens_its_line(site, sofia):
    plan_of_shape(lines=30, deliverables=240, visibility=Visibility.DRAFT)
    site.be(sofia)
    page = site.open("/plans/2031-2033/edit/#L3M1D2")
    expect(page.locator("#L3M1D2")).to_be_in_viewport()


def test_a_list_shows_the_first_lines_of_a_title_and_its_link_has_all_of_it(site, plan):
    row = Deliverable.objects.filter(pk=deliverable("L1M1D1").pk)
    row.update(title=long_text(ENGLISH["title"], 1000))
    page = site.open(PLAN + "deliverables/")
    link = page.get_by_role("link", name=row.get().title, exact=True)
    assert 40 < link.bounding_box()["height"] < 240
