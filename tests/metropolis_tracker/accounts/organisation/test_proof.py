"""Who signed in by the provider proves there, again, who they are. No password is asked for."""

import time

import pytest

from tests.oidc import Browser, heading

EMAIL = "boss@metropolis.example"
CLAIMS = {"sub": "boss", "email": EMAIL, "email_verified": True}
PEOPLE = "/admin/accounts/user/add/"
LONG_AGO = """
from django.contrib.sessions.models import Session
from django.contrib.sessions.backends.db import SessionStore
for row in Session.objects.all():
    session = SessionStore(row.session_key)
    for record in session.get("account_authentication_methods", []):
        record["at"] -= 3600
    if "organisation_proved_at" in session:
        session["organisation_proved_at"] -= 3600
    session.save()
"""

OF_ANOTHER_PROVIDER = LONG_AGO.replace('record["at"] -= 3600', 'record["provider"] = "https://earlier.example"')


@pytest.fixture(scope="module")
def with_boss(tracker):
    tracker.add(EMAIL, role="Administrators")
    tracker.run(f"boss = User.objects.get(email='{EMAIL}'); boss.set_password('correct horse battery'); boss.save()")
    return tracker


@pytest.fixture
def someone(with_boss, provider):
    yield Browser(with_boss.address)
    provider.be()


@pytest.fixture
def boss(with_boss, provider):
    """An administrator with a password, who signed in by the provider an hour ago."""
    provider.be(CLAIMS)
    someone = Browser(with_boss.address)
    someone.sign_in(page="/accounts/login/?next=/plans/")
    with_boss.run(LONG_AGO)
    yield someone
    provider.be()


def test_a_proof_at_the_provider_opens_the_page(boss, provider):
    answer = boss.get(PEOPLE)
    assert heading(answer) == (200, "Is it you?")
    assert 'name="password"' not in answer.text
    leaving = boss.start(PEOPLE)
    assert [part for part in ("prompt=login", "max_age=0") if part not in leaving.headers["Refresh"]] == []
    provider.be(CLAIMS, token={"auth_time": int(time.time())})
    assert heading(boss.sign_in(page=PEOPLE)) == (200, "Add person")


def test_the_proof_counts_for_a_while_and_then_no_longer(boss, with_boss):
    boss.sign_in(page=PEOPLE)
    assert heading(boss.get(PEOPLE)) == (200, "Add person")
    with_boss.run(LONG_AGO)
    assert heading(boss.get(PEOPLE)) == (200, "Is it you?")


def test_a_proof_of_an_hour_ago_is_none(boss, provider, with_boss):
    provider.be(CLAIMS, token={"auth_time": int(time.time()) - 3600})
    assert heading(boss.sign_in(page=PEOPLE))[0] == 502
    assert with_boss.reasons()[-1] == ("not_genuine", "the provider did not ask again")
    assert heading(boss.get(PEOPLE)) == (200, "Is it you?")


MOMENTS = {
    "none": (lambda now: None, "no auth_time: let the provider add this claim to the ID token"),
    "a text": (str, "the provider did not ask again"),
    "a moment to come": (lambda now: now + 7200, "the provider did not ask again"),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_a_proof_without_a_fresh_moment_is_none(boss, provider, with_boss, name):
    """The browser could have removed from the address that the provider is to ask again."""
    moment, detail = MOMENTS[name]
    provider.be(CLAIMS, token={"auth_time": moment(int(time.time()))})
    assert heading(boss.sign_in(page=PEOPLE))[0] == 502
    assert with_boss.reasons()[-1] == ("not_genuine", detail)
    assert heading(boss.get(PEOPLE)) == (200, "Is it you?")


@pytest.mark.parametrize("auth_time", [1_700_000_000, None])
def test_signing_in_where_the_provider_asks_nobody_is_no_proof(someone, provider, auth_time):
    """Otherwise somebody at a browser left alone would sign out and in again."""
    provider.be(CLAIMS, token={"auth_time": auth_time})
    someone.sign_in()
    assert someone.person == EMAIL
    assert heading(someone.get(PEOPLE)) == (200, "Is it you?")


def test_signing_in_with_the_password_of_the_provider_is_a_proof(someone, provider):
    provider.be(CLAIMS)
    someone.sign_in()
    assert heading(someone.get(PEOPLE)) == (200, "Add person")


def test_a_session_of_a_provider_of_earlier_settings_proves_nothing(boss, with_boss):
    with_boss.run(OF_ANOTHER_PROVIDER)
    answer = boss.get(PEOPLE)
    assert "Add person" not in heading(answer)[1]
    assert "/accounts/organisation/" not in answer.text


def test_somebody_else_s_proof_is_none(boss, provider):
    provider.be()
    assert heading(boss.sign_in(page=PEOPLE)) == (403, "You proved that you are somebody else")
    assert boss.person == EMAIL
    assert heading(boss.get(PEOPLE)) == (200, "Is it you?")


def test_an_administrator_removes_the_link_of_somebody_whose_account_was_made_anew(boss, with_boss, provider):
    with_boss.add("lina@metropolis.example")
    first = {"sub": "first", "email": "lina@metropolis.example", "email_verified": True}
    provider.be(first)
    Browser(with_boss.address).sign_in()
    anew = first | {"sub": "anew"}
    provider.be(anew)
    assert heading(Browser(with_boss.address).sign_in())[0] == 403

    provider.be(CLAIMS)
    boss.sign_in(page=PEOPLE)
    lina = with_boss.run("print(User.objects.get(email='lina@metropolis.example').pk)")
    answer = boss.send("/admin/accounts/user/", action="remove_links", _selected_action=lina)
    assert "is linked again when they next sign in" in answer.text

    provider.be(anew)
    someone = Browser(with_boss.address)
    someone.sign_in()
    assert someone.person == "lina@metropolis.example"


def test_the_pages_for_passwords_lead_to_the_provider_too(boss):
    assert heading(boss.get("/accounts/reauthenticate/")) == (200, "Is it you?")
    assert 'name="password"' not in boss.get("/accounts/reauthenticate/").text
