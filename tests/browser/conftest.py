"""A real Chromium, the system's own. Every page it opens must keep the Content-Security-Policy."""

import os
import re
from pathlib import Path

import fontpkg_pt_sans_narrow
import fontpkg_sora
import pytest

from tests.conftest import PASSWORD, browser_of

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--renderer-process-limit=1", "--disable-site-isolation-trials"]  # fmt: skip
WIDE, NARROW = (package.FAMILY for package in (fontpkg_sora, fontpkg_pt_sans_narrow))
FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{wide}</dir>
  <dir>{narrow}</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern"><edit name="family" mode="append_last"><string>{family}</string></edit></match>
</fontconfig>
"""
REFUSED = re.compile("the server responded with a status of 4|Response Status Error Code 4")


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser_type_launch_args(tmp_path_factory):
    """Chromium with the two fonts of the tests and none of the machine's: every page is in the wide one at first."""
    folder = tmp_path_factory.mktemp("fonts")
    wide, narrow = (package.ROOT / "files" for package in (fontpkg_sora, fontpkg_pt_sans_narrow))
    fonts = FONTCONFIG.format(wide=wide, narrow=narrow, cache=folder / "cache", family=WIDE)
    Path(folder, "fonts.conf").write_text(fonts)
    return {
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": FLAGS,
        "env": os.environ | {"FONTCONFIG_FILE": str(folder / "fonts.conf")},
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return browser_context_args | {"locale": "en-GB", "timezone_id": "UTC"}


@pytest.fixture(scope="session", autouse=True)
def allow_the_database_beside_playwright():
    """Playwright's own loop runs in this thread; Django takes it for an asynchronous view and would refuse."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def warm_context(browser, browser_context_args):
    """The profile that tests use one after the other: starting a fresh one costs as much as three pages."""
    context = browser.new_context(**browser_context_args)
    context.new_page()  # stays open, and with it the process that renders all pages
    yield context
    context.close()


@pytest.fixture
def page(request, warm_context):
    """A page of its own, in a profile without cookies, storage and cache. Marked tests get a fresh profile."""
    if request.node.get_closest_marker("browser_context_args"):
        yield request.getfixturevalue("context").new_page()
        return
    page = warm_context.new_page()
    yield page
    first, *opened = warm_context.pages
    for each in opened:
        each.close()  # before the profile is emptied: an answer still on its way would set a cookie again
    warm_context.set_storage_state({"cookies": [], "origins": []})
    warm_context.new_cdp_session(first).send("Network.clearBrowserCache")


@pytest.fixture
def site(page, live_server, plan):
    """The tracker at the address of the test's server, in a browser that reports every error."""
    errors = errors_of(page)
    yield Site(page, live_server.url, errors)
    assert errors == []


def errors_of(page):
    """Return the list of what goes wrong in the page, which grows while it is used. A refused request is no error."""
    errors = []

    def add(text):
        if not REFUSED.search(text):
            errors.append(text)

    page.on("console", lambda message: add(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: add(str(error)))
    return errors


class Site:
    def __init__(self, page, address, errors=()):
        self.page, self.address, self.errors = page, address, errors
        page.set_default_timeout(30_000)  # beside two busy processes, too

    def open(self, path):
        self.page.goto(self.address + path)
        return self.page

    def be(self, someone):
        """Signed in as somebody without the way through the form, which other tests go."""
        session = browser_of(someone).cookies["sessionid"].value
        self.page.context.add_cookies([{"name": "sessionid", "value": session, "url": self.address}])

    def sign_in(self, someone):
        page = self.open("/accounts/login/")
        page.get_by_label("Email").fill(someone.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.locator(".menu.is-person").wait_for()
        return page

    def menu(self):
        """Open the menu: of everything on a telephone, of the person on a wide screen. Return what it holds."""
        self.page.locator(".menu > summary").click()
        return self.page.locator(".menu-sheet")

    def follow(self, name):
        """Follow a link of the main menu, which a telephone shows in its one menu."""
        is_phone = self.page.viewport_size["width"] < 700
        where = self.menu() if is_phone else self.page.locator(".primary")
        where.get_by_role("link", name=name, exact=True).click()

    def sign_out(self):
        self.menu().get_by_role("button", name="Sign out").click()
        self.page.locator(".menu:not(.is-person)").wait_for(state="attached")
