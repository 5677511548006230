"""What every page owes to everyone: no accessibility finding, no sideways scroll, no request to another host."""

import pytest
from django.conf import settings

from deliverables.models import Deliverable
from plans.models import ActionLine, Measure, Plan, Visibility
from tests.browser.conftest import Site
from tests.browser.look import findings, hidden_focus, on_paper, overflow, own_findings
from tests.browser.pages import OPEN, PLAN, SIGNED_IN, in_language
from tests.builders import deliverable, new_plan, report

MODES = [(1280, {"color_scheme": "light"}), (320, {"color_scheme": "dark"})]
FORCED = (390, {"color_scheme": "light", "forced_colors": "active", "reduced_motion": "reduce"})
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]  # English is looked at in every mode
PARTS = 4  # each list of pages in so many tests, for both cores


@pytest.fixture(params=["open", "signed in"])
def pages(request, site, sofia):
    """The pages to look at, somebody being signed in for those that want it."""
    if request.param == "open":
        return OPEN
    new_plan(visibility=Visibility.DRAFT)
    site.be(sofia)
    return SIGNED_IN


@pytest.fixture
def nothing_from_elsewhere(site):
    """Fails where a page asks another host for anything."""
    elsewhere = []
    site.page.on("request", lambda request: elsewhere.append(request.url) if site.address not in request.url else None)
    yield
    assert elsewhere == []


def seen(page, width, media):
    """The page at a width, in a scheme of colours; what was set before is set back."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(**{"forced_colors": "none", "reduced_motion": "no-preference"} | media)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_page_is_accessible_in_every_mode(site, pages, nothing_from_elsewhere, part):
    found = []
    for path in pages[part::PARTS]:
        page = site.open(path)
        for width, media in MODES:
            seen(page, width, media)
            faults = [*findings(page), *own_findings(page), *(["scrolls sideways"] if overflow(page) else [])]
            found += [(path, width, media, fault) for fault in faults]
        seen(page, *FORCED)  # the browser's own colours: nothing for axe to measure
        found += [(path, FORCED, fault) for fault in own_findings(page)]
    assert not found, "\n".join(map(str, found))


@pytest.fixture(scope="session")
def large_text(browser_type, browser_type_launch_args):
    """A browser whose user has set text twice as large."""
    args = [*browser_type_launch_args["args"], "--blink-settings=defaultFontSize=32"]
    browser = browser_type.launch(**browser_type_launch_args | {"args": args})
    yield browser
    browser.close()


def test_a_page_fits_in_every_language(site, pages):
    site.page.set_viewport_size({"width": 320, "height": 900})
    found = []
    for address in [in_language(path, language) for path in pages for language in LANGUAGES]:
        page = site.open(address)
        found += [(address, fault) for fault in own_findings(page)] + [(address, overflow(page))] * bool(overflow(page))
    assert not found, "\n".join(map(str, found))


def test_a_page_fits_with_text_twice_as_large(site, pages, large_text):
    large = Site(large_text.new_page(viewport={"width": 1280, "height": 900}), site.address)
    large.page.context.add_cookies(site.page.context.cookies())
    found = []
    for path in pages:
        page = large.open(path)
        for width in (1280, 640):
            page.set_viewport_size({"width": width, "height": 900})
            found += [(path, width, overflow(page))] if overflow(page) else []
    large.page.close()
    assert not found, "\n".join(map(str, found))


def test_focus_is_seen_wherever_it_goes(site, pages):
    found = []
    site.page.emulate_media(reduced_motion="reduce")  # else the page would still be gliding there
    for path in pages:
        page = site.open(path)
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 600})
            found += [(path, width, fault) for fault in hidden_focus(page)]
    assert not found, "\n".join(map(str, found))


def test_paper_gets_the_page_without_what_only_a_screen_can_use(site, pages):
    found = []
    for path in pages:
        page = site.open(path)
        page.set_viewport_size({"width": 700, "height": 900})  # a sheet of A4 between its margins
        page.emulate_media(media="print", color_scheme="dark")
        found += [(path, fault) for fault in on_paper(page)]
        page.emulate_media(media="screen")
    assert not found, "\n".join(map(str, found))


LONG = "Donaudampfschifffahrtsgesellschaft" * 6


@pytest.mark.parametrize("width", [1280, 320])
def test_long_words_stay_inside_the_page(site, sofia, width):
    Deliverable.objects.filter(number=1).update(title=LONG)
    Measure.objects.update(statement=LONG)
    ActionLine.objects.update(title=LONG)
    Plan.objects.update(title=LONG[:200])
    report(deliverable("L1M1D1"), "attained", by=sofia, note=LONG, evidence_title=LONG)
    site.be(sofia)
    site.page.set_viewport_size({"width": width, "height": 900})
    found = [path for path in SIGNED_IN if PLAN in path and overflow(site.open(path))]
    assert not found, "\n".join(map(str, found))


def test_the_admin_keeps_the_policy(site, adam):
    site.be(adam)
    for path in ("", "plans/plan/", "deliverables/deliverable/", "accounts/user/add/"):
        site.open(f"/admin/{path}")
