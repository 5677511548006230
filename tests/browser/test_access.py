"""What every page owes to everyone: no accessibility finding, no sideways scroll, no request to another host.

A page is opened once and then looked at in every way, since opening costs more than most looks.
"""

import pytest
from django.conf import settings

from plans.models import Visibility
from tests.browser.conftest import NARROW, WIDE
from tests.browser.look import findings, hidden_focus, on_paper, overflow, own_findings
from tests.browser.pages import OPEN, SIGNED_IN, in_language
from tests.builders import new_plan

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]  # English is looked at in every mode
PAGES = [("visitor", path) for path in OPEN] + [("secretariat", path) for path in SIGNED_IN]
SCREEN = {"media": "screen", "color_scheme": "light", "forced_colors": "none", "reduced_motion": "no-preference"}
SET_FONT = """family => ["sans", "serif", "mono"].forEach(
  kind => document.documentElement.style.setProperty("--" + kind, JSON.stringify(family)))"""

# Each way of looking: width, height, font, media, and what is checked then.
LOOKS = {
    "light": (1280, 900, WIDE, {}, (findings, own_findings, overflow)),
    "dark on a phone": (320, 900, WIDE, {"color_scheme": "dark"}, (findings, own_findings, overflow)),
    # The browser's own colours: nothing for axe to measure.
    "forced colours": (390, 900, WIDE, {"forced_colors": "active"}, (own_findings,)),
    # A link of three letters is narrower than a target may be, unless the page provides for it.
    "narrow font": (1280, 900, NARROW, {}, (own_findings, overflow)),
    "narrow font on a phone": (320, 900, NARROW, {}, (own_findings, overflow)),
    # Without motion, else the page would still be scrolling to the focused element.
    "focus": (1280, 600, WIDE, {"reduced_motion": "reduce"}, (hidden_focus,)),
    "focus on a phone": (320, 600, WIDE, {"reduced_motion": "reduce"}, (hidden_focus,)),
    # A sheet of A4 between its margins.
    "paper": (700, 900, WIDE, {"media": "print", "color_scheme": "dark"}, (on_paper,)),
}


@pytest.fixture(params=PAGES, ids=" ".join)
def viewed(request, site, translated_plan, sofia):
    """The site and a path of it, for a visitor or for one of the secretariat, who sees a draft of a plan."""
    who, path = request.param
    if who == "secretariat":
        new_plan(visibility=Visibility.DRAFT)
        site.be(sofia)
    requested = []
    site.page.on("request", lambda request: requested.append(request.url))
    yield site, path
    assert [url for url in requested if not url.startswith(site.address)] == []


def test_a_page_is_accessible_in_every_way_of_looking(viewed):
    site, path = viewed
    page, faults = site.open(path), []
    for name, (width, height, font, media, checks) in LOOKS.items():
        prepare_look(page, width, height, font, media)
        faults += [(name, fault) for check in checks for fault in check(page)]
    faults += [("large text", fault) for fault in overflow_with_large_text(page)]
    assert not faults, "\n".join(map(str, faults))


def test_a_page_fits_a_phone_in_every_language(viewed):
    (site, path), faults = viewed, []
    for language in LANGUAGES:
        page = site.open(in_language(path, language))
        for font in (WIDE, NARROW):
            prepare_look(page, 320, 900, font, {})
            faults += [(language, font, fault) for fault in [*own_findings(page), *overflow(page)]]
    assert not faults, "\n".join(map(str, faults))


def prepare_look(page, width, height, font, media):
    """Set the window up anew; nothing of the look before remains."""
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    page.evaluate(SET_FONT, font)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(**SCREEN | media)


def overflow_with_large_text(page):
    """Return what overflows for a reader whose browser shows text twice as large."""
    prepare_look(page, 1280, 900, WIDE, {})
    browser = page.context.new_cdp_session(page)
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    faults = []
    for width in (1280, 640):
        page.set_viewport_size({"width": width, "height": 900})
        faults += overflow(page)
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    browser.detach()
    return faults
