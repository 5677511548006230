"""The way in with a second factor: an app that shows codes, recovery codes, a passkey."""

import re

import pytest

from tests.browser.look import overflow
from tests.conftest import PASSWORD
from tests.metropolis_tracker.accounts.test_second_factor import current_code


@pytest.fixture
def page(page):
    page.set_viewport_size({"width": 390, "height": 800})
    return page


def sign_in(site, someone):
    page = site.open("/accounts/login/?next=/mail/")
    page.get_by_label("Email").fill(someone.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def test_an_app_is_set_up_on_a_phone_and_asked_for_next_time(site, sofia, settings):
    settings.SECOND_FACTOR = True
    page = sign_in(site, sofia)
    page.get_by_text("Set one up to continue").wait_for()
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator("code").inner_text()
    assert page.locator(".qr svg").bounding_box()["width"] > 150
    assert overflow(page) == []
    page.get_by_label("Authenticator code").fill(current_code(secret))
    page.get_by_role("button", name="Set it up").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    recovery = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="Go on to the page you wanted").click()
    page.wait_for_url(re.compile("/mail/$"))
    site.sign_out()
    page = sign_in(site, sofia)
    page.locator("[name=code]").fill(recovery)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile("/mail/$"))


ADMIN_PAGES = ["", "accounts/user/", "accounts/user/add/", "plans/plan/", "plans/theme/", "deliverables/deliverable/",
               "backups/backup/"]  # fmt: skip


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_the_admin_keeps_the_policy(site, adam, path):
    """The fixture fails on whatever the browser refuses."""
    site.be(adam)
    site.open(f"/admin/{path}").get_by_role("heading", level=1).first.wait_for()


def test_a_passkey_is_added_and_signs_in_without_a_password(site, sofia, settings):
    site.address = site.address.replace("127.0.0.1", "localhost")  # a passkey belongs to a name
    devices = site.page.context.new_cdp_session(site.page)
    devices.send("WebAuthn.enable")
    traits = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    traits |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": traits})
    page = sign_in(site, sofia)
    page.wait_for_url(re.compile("/mail/$"))
    site.open("/accounts/2fa/webauthn/add/")
    page.get_by_label("Name").fill("The phone")
    page.locator("[name=passwordless]").check()
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    site.sign_out()
    site.open("/accounts/login/?next=/mail/").get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile("/mail/$"))
