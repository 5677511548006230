"""The way in by the organisation's provider in a real browser, which enforces the Content-Security-Policy."""

import re

import pytest

from tests.browser.conftest import Site, errors_of
from tests.browser.look import overflow
from tests.oidc import environment_with, provider_of_others, register, tracker_with
from tests.server import prepared_environment

EMAIL = "sofia@metropolis.example"


@pytest.fixture(scope="module")
def office(django_db_setup, tmp_path_factory):
    """A tracker that serves with the sign-in of the organisation on, and oidc-provider-mock, which knows Sofia."""
    folder = tmp_path_factory.mktemp("office")
    claims = {"sub": "sofia", "email": EMAIL, "email_verified": True}
    with provider_of_others(claims) as url:
        environment = prepared_environment(folder)
        environment = environment_with(environment, url) | register(url, environment)
        with tracker_with(environment, folder) as tracker:
            tracker.add(EMAIL)
            yield tracker


@pytest.mark.parametrize(("language", "button"), [("", "Sign in with Metropolis")])
def test_the_button_leads_to_the_provider_and_back_to_the_page_wanted(page, office, language, button):
    page.set_viewport_size({"width": 390, "height": 800})
    errors = errors_of(page)
    site = Site(page, office.address)
    site.open(f"{language}/plans/2018-2020/todo/")
    page.get_by_role("button", name=button).wait_for()
    assert overflow(page) == []
    assert tab_order(page)[0] == button
    page.get_by_role("button", name=button).focus()
    page.keyboard.press("Enter")
    assert errors == []

    page.get_by_role("button", name="sofia", exact=True).click()  # a page of the provider
    page.wait_for_url(re.compile("/plans/2018-2020/todo/$"))
    errors = errors_of(page)
    page.get_by_role("heading", name="To do", level=1).wait_for()
    site.sign_out()
    assert errors == []


def tab_order(page):
    """Return the names of what the tabulator reaches in the main part of the page."""
    shown = "main button:visible, main input:visible, main a:visible"
    return [" ".join(text.split()) for text in page.locator(shown).all_inner_texts()]
