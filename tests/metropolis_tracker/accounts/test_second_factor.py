import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from metropolis_tracker.accounts.second_factor import MFAAdapter
from tests.builders import deliverable, form
from tests.conftest import PASSWORD, browser_of, sent_mail

PAGE = "/plans/2018-2020/L2M5D1/"
SETTING_UP = "/accounts/2fa/"


@pytest.fixture(autouse=True)
def required(settings):
    settings.SECOND_FACTOR = True


def code_of(secret):
    """What an app shows that was given this secret: the next code where this one is about to end."""
    left = 30 - time.time() % 30
    if left < 4:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def with_app(sofia):
    """Sofia has an app; its secret."""
    secret = generate_totp_secret()
    TOTP.activate(sofia, secret)
    return secret


def signed_in(sofia):
    client = Client()
    client.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    return client


@pytest.mark.parametrize("path", ["/plans/", PAGE, "/mail/", "/es/plans/", PAGE + "form/"])
def test_the_secretariat_sets_one_up_before_anything_else(secretariat, path):
    response = secretariat.get(path)
    assert (response.status_code, response.url.endswith(SETTING_UP)) == (302, True)


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/"])
def test_the_admin_is_no_way_around_it(administrator, path):
    assert administrator.get(path).url == SETTING_UP


def test_a_plan_called_accounts_is_no_way_around_it(secretariat):
    assert secretariat.get("/plans/accounts/").status_code == 302


def test_nothing_is_recorded_without_it(secretariat):
    row = deliverable("L2M5D1")
    assert secretariat.post(PAGE + "status/", form(row)).url == SETTING_UP
    assert row.last_sequence == deliverable("L2M5D1").last_sequence


def test_a_form_in_place_leads_there_too(secretariat):
    response = secretariat.get(PAGE + "form/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == SETTING_UP


def test_they_go_on_to_the_page_they_wanted(secretariat, sofia):
    secretariat.get(PAGE + "?as_of=2020-12-31")
    assert "you wanted" not in secretariat.get(SETTING_UP).content.decode()
    TOTP.activate(sofia, generate_totp_secret())
    assert (
        f'href="{PAGE}?as_of=2020-12-31">Go on to the page you wanted' in secretariat.get(SETTING_UP).content.decode()
    )
    secretariat.get(PAGE)
    assert "you wanted" not in secretariat.get(SETTING_UP).content.decode()


def test_what_they_typed_is_there_when_they_come_back(secretariat, sofia):
    secretariat.post(PAGE + "status/", form(deliverable("L2M5D1"), note="Seen in the minutes."))
    TOTP.activate(sofia, generate_totp_secret())
    assert f'href="{PAGE}">Go on' in secretariat.get(SETTING_UP).content.decode()
    assert "Seen in the minutes." in secretariat.get(PAGE).content.decode()


def test_the_page_says_why(secretariat):
    assert "Set one up to go on" in secretariat.get(SETTING_UP).content.decode()


@pytest.mark.parametrize("path", ["/plans/", PAGE])
def test_who_only_reads_needs_none(board, regional, path):
    assert [client.get(path).status_code for client in (board, regional)] == [200, 200]


def test_it_is_not_asked_where_the_setting_is_off(secretariat, settings):
    settings.SECOND_FACTOR = False
    assert secretariat.get(PAGE).status_code == 200


def test_setting_up_an_app_lets_them_on_and_shows_recovery_codes_once(sofia):
    client = signed_in(sofia)
    page = client.get(SETTING_UP + "totp/activate/")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.content.decode())[1]
    response = client.post(SETTING_UP + "totp/activate/", {"code": code_of(secret)}, follow=True)
    assert len(re.findall(r"<li><code>\d{8}</code>", response.content.decode())) == 10
    assert "<li><code>" not in client.get(SETTING_UP + "recovery-codes/").content.decode()
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("path", ["add/", "login/"])
def test_a_key_asks_for_a_pin_finger_or_face(sofia, path):
    client = Client() if path == "login/" else signed_in(sofia)
    options = client.get(SETTING_UP + "webauthn/" + path, headers={"Accept": "application/json"}).content.decode()
    assert re.findall(r'"userVerification": ?"(\w+)"', options) == ["required"]


def test_a_wrong_code_sets_nothing_up(sofia):
    client = signed_in(sofia)
    client.get(SETTING_UP + "totp/activate/")
    assert "Incorrect code" in client.post(SETTING_UP + "totp/activate/", {"code": "000000"}).content.decode()
    assert client.get(PAGE).status_code == 302


def test_the_password_alone_no_longer_signs_in(sofia, with_app):
    client = Client()
    response = client.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    assert response.url.startswith("/accounts/2fa/authenticate/")
    assert client.get("/mail/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": code_of(with_app)})
    assert client.get("/mail/").status_code == 200


def test_a_code_is_good_once(sofia, with_app):
    code = code_of(with_app)
    signed_in(sofia).post("/accounts/2fa/authenticate/", {"code": code})
    second = signed_in(sofia)
    second.post("/accounts/2fa/authenticate/", {"code": code})
    assert second.get("/mail/").status_code == 302


def test_a_recovery_code_is_good_once(sofia, with_app):
    code = RecoveryCodes.activate(sofia).get_unused_codes()[0]
    first, second = signed_in(sofia), signed_in(sofia)
    for client in (first, second):
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert [client.get("/mail/").status_code for client in (first, second)] == [200, 302]


def test_a_new_password_is_no_way_around_it(visitor, sofia, with_app):
    visitor.post("/accounts/password/reset/", {"email": sofia.email})
    link = re.search(r"/accounts/password/reset/key/\S+", sent_mail()[0].body)[0]
    page = visitor.get(link, follow=True)
    new = {"password1": "a bridge of nine arches", "password2": "a bridge of nine arches"}
    visitor.post(page.request["PATH_INFO"], new)
    assert visitor.get("/mail/").status_code == 302


def test_codes_cannot_be_guessed(sofia, with_app):
    client = signed_in(sofia)
    answers = [client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code for _try in range(6)]
    assert answers == [200] * 5 + [429]


def test_an_app_is_taken_away_only_by_who_proves_who_they_are(sofia, with_app):
    """A session that somebody left open is not enough."""
    response = browser_of(sofia).post(SETTING_UP + "totp/deactivate/")
    assert "/reauthenticate/" in response.url
    assert Authenticator.objects.filter(user=sofia).exists()


def test_secrets_are_unreadable_in_the_database(sofia, with_app):
    stored = Authenticator.objects.get(user=sofia).data["secret"]
    assert with_app not in stored
    assert MFAAdapter().decrypt(stored) == with_app


def test_a_changed_secret_key_reads_what_the_old_one_wrote(settings):
    kept = MFAAdapter().encrypt("a secret")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert MFAAdapter().decrypt(kept) == "a secret"


def test_an_administrator_helps_who_lost_it(adam, sofia, with_app):
    TOTP.activate(adam, generate_totp_secret())
    data = {"action": "remove_second_factors", "_selected_action": [sofia.pk]}
    response = browser_of(adam).post("/admin/accounts/user/", data, follow=True)
    assert "Sofia Marín now signs in with the password alone" in response.content.decode()
    assert not Authenticator.objects.filter(user=sofia).exists()
