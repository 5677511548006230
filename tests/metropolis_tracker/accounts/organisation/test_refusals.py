"""What a provider must not achieve: broken twins of a right answer, and a provider that is down, slow or talks sense
no more. Each is a page and a line in the security log, and nobody is signed in."""

import threading
import time

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.oidc import CLIENT, Browser, environment_with, heading, tracker_with
from tests.server import prepared_environment

NOT_GENUINE = (502, "The answer of Metropolis could not be verified")
MISCONFIGURED = (502, "The tracker and Metropolis do not understand each other")
AWAY = (503, "Metropolis does not answer")
OTHER_KEY = rsa.generate_private_key(65537, 2048)
NOW = int(time.time())


@pytest.fixture
def someone(tracker, provider):
    """A browser; the provider does right again."""
    provider.be()
    yield Browser(tracker.address)
    provider.be()


def test_a_right_answer_signs_in(someone):
    someone.sign_in()
    assert someone.person == "sofia@metropolis.example"


BROKEN = {
    "another audience": ({"token": {"aud": "another-client"}}, "InvalidAudienceError"),
    "another client among the audiences": (
        {"token": {"aud": ["tracker", "another"], "azp": "another"}},
        "issued to another client",
    ),
    "several audiences without a client": ({"token": {"aud": ["tracker", "another"]}}, "issued to another client"),
    "another issuer": ({"token": {"iss": "https://evil.example"}}, "InvalidIssuerError"),
    "another nonce": ({"token": {"nonce": "of another sign-in"}}, "made for another sign-in"),
    "no nonce": ({"token": {"nonce": None}}, "made for another sign-in"),
    "no subject": ({"token": {"sub": None}}, "MissingRequiredClaimError"),
    "an empty subject": ({"token": {"sub": ""}}, "no usable subject"),
    "a subject that is no text": ({"token": {"sub": 7}}, "InvalidSubjectError"),
    "an expired token": (
        {"token": {"exp": NOW - 3600}},
        "ExpiredSignatureError: compare the clocks of this machine and the provider",
    ),
    "a clock that is an hour ahead": (
        {"token": {"iat": NOW + 7200, "nbf": NOW + 7200, "exp": NOW + 7500}},
        "ImmatureSignatureError: compare the clocks of this machine and the provider",
    ),
    "another key": ({"key": OTHER_KEY}, "InvalidSignatureError"),
    "no signature": ({"algorithm": "none", "key": None}, "InvalidAlgorithmError"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_token_that_is_not_right_signs_nobody_in(someone, tracker, provider, name):
    wrong, detail = BROKEN[name]
    provider.be(**wrong)
    assert heading(someone.sign_in()) == NOT_GENUINE
    assert someone.person is None
    assert tracker.reasons()[-1] == ("not_genuine", detail)


def test_a_clock_that_is_half_a_minute_off_is_no_problem(someone, provider):
    provider.be(token={"iat": int(time.time()) + 30, "nbf": int(time.time()) + 30})
    someone.sign_in()
    assert someone.person == "sofia@metropolis.example"


def test_an_address_that_the_token_lacks_is_asked_for(someone, tracker, provider):
    tracker.add("asked@metropolis.example")
    about = {"sub": "s-2", "email": "asked@metropolis.example", "email_verified": True}
    provider.be({"sub": "s-2"}, userinfo=about)
    answer = someone.sign_in()
    assert someone.person == "asked@metropolis.example", (answer.status_code, answer.url, tracker.reasons()[-3:])


@pytest.mark.parametrize("vouched", ["email_verified", "xms_edov"])
def test_the_token_does_not_vouch_for_an_address_that_it_lacks(someone, provider, vouched):
    about = {"sub": "s-4", "email": "sofia@metropolis.example"}
    provider.be({"sub": "s-4", vouched: True}, userinfo=about)
    assert heading(someone.sign_in()) == (403, "Metropolis has not verified your e-mail address")
    assert someone.person is None


def test_a_problem_is_told_in_the_language_in_which_the_sign_in_began(someone, provider):
    provider.be(token={"nonce": "of another sign-in"})
    answer = someone.sign_in(page="/es/accounts/login/?next=/es/mail/")
    assert answer.status_code == 502
    assert 'lang="es"' in answer.text


def test_userinfo_about_somebody_else_signs_nobody_in(someone, tracker, provider):
    provider.be({"sub": "s-3"}, userinfo={"sub": "s-1", "email": "sofia@metropolis.example", "email_verified": True})
    assert heading(someone.sign_in()) == NOT_GENUINE
    assert tracker.reasons()[-1] == ("not_genuine", "userinfo is about somebody else")


DESCRIPTIONS = {
    "another issuer": ({"issuer": "https://login.example"}, "OIDC_URL should be 'https://login.example'"),
    "no token endpoint": ({"token_endpoint": None}, "an address of the provider is missing or not https"),
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_a_description_that_is_not_right_is_refused_before_anybody_leaves(new_tracker, provider, name):
    description, detail = DESCRIPTIONS[name]
    provider.be(description=description)
    assert heading(Browser(new_tracker.address).start()) == MISCONFIGURED
    assert new_tracker.reasons()[-1] == ("misconfigured", detail)
    provider.be()
    assert "Refresh" in Browser(new_tracker.address).start().headers


@pytest.mark.parametrize("answer", [b"<html>", b"[]"])
def test_userinfo_without_sense_is_a_page(someone, provider, answer):
    provider.be({"sub": "s-3"}, userinfo=answer)
    assert heading(someone.sign_in()) in (AWAY, MISCONFIGURED)
    assert someone.person is None


def test_a_wrong_secret_says_in_the_log_what_to_check(provider, django_db_setup, tmp_path):
    provider.be()
    environment = environment_with(prepared_environment(tmp_path), provider.url, OIDC_CLIENT_SECRET="wrong")
    with tracker_with(environment, tmp_path) as tracker:
        assert heading(Browser(tracker.address).sign_in()) == MISCONFIGURED
        assert tracker.reasons() == [("misconfigured", "invalid_client: check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")]
        assert CLIENT["OIDC_CLIENT_SECRET"] not in tracker.log.read_text()


def test_a_provider_that_is_down_is_a_page_and_the_password_still_works(django_db_setup, tmp_path):
    environment = environment_with(prepared_environment(tmp_path), "http://127.0.0.1:1")
    with tracker_with(environment, tmp_path) as tracker:
        answer = Browser(tracker.address).start()
        assert heading(answer) == AWAY
        assert "Sign in another way" in answer.text
        assert tracker.reasons() == [("away", "ConnectionError")]


def test_a_provider_that_hangs_leaves_threads_for_everybody_else(new_tracker, provider):
    """Ten people press the button: the pages of others come in a second, and all ten are told in ten."""
    provider.be(seconds={"/.well-known/openid-configuration": 8})
    browsers = [Browser(new_tracker.address) for _number in range(10)]
    answers = []
    threads = [threading.Thread(target=lambda each=each: answers.append(each.start())) for each in browsers]
    began = time.monotonic()
    for thread in threads:
        thread.start()

    time.sleep(2)
    asked = time.monotonic()
    page = requests.get(f"{new_tracker.address}/plans/2018-2020/", timeout=10)
    waited = time.monotonic() - asked
    for thread in threads:
        thread.join()
    provider.be()

    assert (page.status_code, waited < 1) == (200, True)
    assert {heading(answer) for answer in answers} == {AWAY}
    assert time.monotonic() - began < 12


def test_a_provider_that_is_slow_leaves_threads_for_everybody_else(new_tracker, provider):
    """Twenty answers come back at once, each to be asked about for 0.4 seconds. They would take eight, one by one."""
    browsers = [Browser(new_tracker.address) for _number in range(20)]
    addresses = [browser.start().headers["Refresh"].removeprefix("0; url=") for browser in browsers]
    provider.be(seconds={"/token": 0.4})
    answers = []
    threads = [
        threading.Thread(target=lambda pair=pair: answers.append(pair[0].session.get(pair[1], timeout=30)))
        for pair in zip(browsers, addresses, strict=True)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    asked = time.monotonic()
    page = requests.get(f"{new_tracker.address}/healthz", timeout=10)
    waited = time.monotonic() - asked
    for thread in threads:
        thread.join()

    assert (page.status_code, waited < 1) == (200, True)
    assert time.monotonic() - began < 5
    assert AWAY in {heading(answer) for answer in answers if answer.status_code == 503}
    assert any(answer.url.endswith("/mail/") for answer in answers)
