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
SETUP = "/accounts/2fa/"


@pytest.fixture(autouse=True)
def second_factor_required(settings):
    settings.SECOND_FACTOR = True


def current_code(secret):
    """Return the code that an app with this secret shows now. Wait for the next one if it is about to expire."""
    left = 30 - time.time() % 30
    if left < 4:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def app_secret(sofia):
    """The secret of Sofia's authenticator app."""
    secret = generate_totp_secret()
    TOTP.activate(sofia, secret)
    return secret


def sign_in(sofia):
    client = Client()
    client.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    return client


@pytest.mark.parametrize("path", ["/plans/", PAGE, "/mail/", "/es/plans/", PAGE + "form/"])
def test_the_secretariat_must_set_up_a_second_factor_first(secretariat, path):
    response = secretariat.get(path)
    assert (response.status_code, response.url.endswith(SETUP)) == (302, True)


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/"])
def test_the_admin_requires_a_second_factor(administrator, path):
    assert administrator.get(path).url == SETUP


def test_a_plan_named_accounts_requires_a_second_factor(secretariat):
    assert secretariat.get("/plans/accounts/").status_code == 302


def test_nothing_is_recorded_without_a_second_factor(secretariat):
    row = deliverable("L2M5D1")
    assert secretariat.post(PAGE + "status/", form(row)).url == SETUP
    assert row.last_sequence == deliverable("L2M5D1").last_sequence


def test_an_htmx_request_redirects_the_whole_page_to_setup(secretariat):
    response = secretariat.get(PAGE + "form/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == SETUP


def test_after_setup_a_link_leads_to_the_requested_page(secretariat, sofia):
    secretariat.get(PAGE + "?as_of=2020-12-31")
    assert "you wanted" not in secretariat.get(SETUP).content.decode()
    TOTP.activate(sofia, generate_totp_secret())
    assert f'href="{PAGE}?as_of=2020-12-31">Go on to the page you wanted' in secretariat.get(SETUP).content.decode()
    secretariat.get(PAGE)
    assert "you wanted" not in secretariat.get(SETUP).content.decode()


def test_after_setup_the_typed_text_is_restored(secretariat, sofia):
    secretariat.post(PAGE + "status/", form(deliverable("L2M5D1"), note="Seen in the minutes."))
    TOTP.activate(sofia, generate_totp_secret())
    assert f'href="{PAGE}">Go on' in secretariat.get(SETUP).content.decode()
    assert "Seen in the minutes." in secretariat.get(PAGE).content.decode()


def test_the_setup_page_says_why_it_is_required(secretariat):
    assert "Set one up to continue" in secretariat.get(SETUP).content.decode()


@pytest.mark.parametrize("path", ["/plans/", PAGE])
def test_members_who_only_read_need_no_second_factor(board, regional, path):
    assert [client.get(path).status_code for client in (board, regional)] == [200, 200]


def test_it_is_not_required_when_the_setting_is_off(secretariat, settings):
    settings.SECOND_FACTOR = False
    assert secretariat.get(PAGE).status_code == 200


def test_setting_up_an_app_opens_the_site_and_shows_recovery_codes_once(sofia):
    client = sign_in(sofia)
    page = client.get(SETUP + "totp/activate/")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.content.decode())[1]
    response = client.post(SETUP + "totp/activate/", {"code": current_code(secret)}, follow=True)
    assert len(re.findall(r"<li><code>\d{8}</code>", response.content.decode())) == 10
    assert "<li><code>" not in client.get(SETUP + "recovery-codes/").content.decode()
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("path", ["add/", "login/"])
def test_a_passkey_requires_a_pin_fingerprint_or_face(sofia, path):
    client = Client() if path == "login/" else sign_in(sofia)
    options = client.get(SETUP + "webauthn/" + path, headers={"Accept": "application/json"}).content.decode()
    assert re.findall(r'"userVerification": ?"(\w+)"', options) == ["required"]


def test_a_wrong_code_does_not_set_up_an_app(sofia):
    client = sign_in(sofia)
    client.get(SETUP + "totp/activate/")
    assert "Incorrect code" in client.post(SETUP + "totp/activate/", {"code": "000000"}).content.decode()
    assert client.get(PAGE).status_code == 302


def test_with_an_app_the_password_alone_does_not_sign_in(sofia, app_secret):
    client = Client()
    response = client.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    assert response.url.startswith("/accounts/2fa/authenticate/")
    assert client.get("/mail/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": current_code(app_secret)})
    assert client.get("/mail/").status_code == 200


def test_a_code_works_once(sofia, app_secret):
    code = current_code(app_secret)
    sign_in(sofia).post("/accounts/2fa/authenticate/", {"code": code})
    second = sign_in(sofia)
    second.post("/accounts/2fa/authenticate/", {"code": code})
    assert second.get("/mail/").status_code == 302


def test_a_recovery_code_works_once(sofia, app_secret):
    code = RecoveryCodes.activate(sofia).get_unused_codes()[0]
    first, second = sign_in(sofia), sign_in(sofia)
    for client in (first, second):
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert [client.get("/mail/").status_code for client in (first, second)] == [200, 302]


def test_a_password_reset_still_requires_the_second_factor(visitor, sofia, app_secret):
    visitor.post("/accounts/password/reset/", {"email": sofia.email})
    link = re.search(r"/accounts/password/reset/key/\S+", sent_mail()[0].body)[0]
    page = visitor.get(link, follow=True)
    new = {"password1": "a bridge of nine arches", "password2": "a bridge of nine arches"}
    visitor.post(page.request["PATH_INFO"], new)
    assert visitor.get("/mail/").status_code == 302


def test_guessing_codes_is_stopped_after_five_failures(sofia, app_secret):
    client = sign_in(sofia)
    answers = [client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code for _try in range(6)]
    assert answers == [200] * 5 + [429]


def test_removing_an_app_requires_the_password_again(sofia, app_secret):
    """A session left open on a shared computer must not be enough."""
    response = browser_of(sofia).post(SETUP + "totp/deactivate/")
    assert "/reauthenticate/" in response.url
    assert Authenticator.objects.filter(user=sofia).exists()


def test_secrets_are_encrypted_in_the_database(sofia, app_secret):
    stored = Authenticator.objects.get(user=sofia).data["secret"]
    assert app_secret not in stored
    assert MFAAdapter().decrypt(stored) == app_secret


def test_secrets_can_be_read_after_the_secret_key_changes(settings):
    encrypted = MFAAdapter().encrypt("a secret")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert MFAAdapter().decrypt(encrypted) == "a secret"


def test_an_administrator_can_remove_lost_second_factors(administrator, adam, sofia, app_secret):
    TOTP.activate(adam, generate_totp_secret())
    data = {"action": "remove_second_factors", "_selected_action": [sofia.pk]}
    response = administrator.post("/admin/accounts/user/", data, follow=True)
    assert "Sofia Marín can now sign in with the password alone" in response.content.decode()
    assert not Authenticator.objects.filter(user=sofia).exists()
