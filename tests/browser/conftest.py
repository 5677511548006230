"""A real Chromium, the system's own. Every page it opens must keep the Content-Security-Policy."""

import os
import re

import pytest

from tests.conftest import PASSWORD, browser_of

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"), "args": FLAGS}


@pytest.fixture(scope="session", autouse=True)
def allow_the_database_beside_playwright():
    """Playwright's own loop runs in this thread; Django takes it for an asynchronous view and would refuse."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture
def site(page, live_server, plan):
    """The tracker at the address of the test's server, in a browser that reports every error."""
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(10_000)
    yield Site(page, live_server.url)
    refused = re.compile("the server responded with a status of 4|Response Status Error Code 4")
    assert [error for error in errors if not refused.search(error)] == []


class Site:
    def __init__(self, page, address):
        self.page, self.address = page, address

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
        page.get_by_role("link", name=someone.name).wait_for()
        return page
