"""Rate limits on sign-in, sessions, password rules, and a password reset that does not reveal who has an account."""

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from tests.conftest import PASSWORD, browser_of, sent_mail
from tests.server import free_port

LOGIN = "/accounts/login/"
OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def no_earlier_attempts(db):
    cache.clear()


def attempt(email, password="wrong", *, address=OFFICE, path=LOGIN, **headers):
    """Try to sign in. Return “in”, “refused”, or “stopped” where a limit was reached."""
    client = Client(REMOTE_ADDR=address)
    response = client.post(path, {"login": email, "password": password}, headers=headers, follow=True)
    if response.wsgi_request.user.is_authenticated:
        return "in"
    return "stopped" if response.status_code == 429 else "refused"


def test_an_account_is_stopped_after_five_failures(sofia):
    assert [attempt(sofia.email) for _try in range(6)] == ["refused"] * 5 + ["stopped"]
    assert attempt(sofia.email, PASSWORD) == "stopped"


def test_colleagues_at_the_same_address_can_still_sign_in(sofia, beatriz):
    for _try in range(6):
        attempt(sofia.email)
    assert attempt(beatriz.email, PASSWORD) == "in"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (LOGIN, "Try again in 3 minutes."),
        ("/es" + LOGIN, "Vuelva a intentarlo dentro de 3 minutos."),
        ("/fr" + LOGIN, "Réessayez dans 3 minutes."),
    ],
)
def test_a_stopped_person_sees_when_to_try_again(sofia, path, message):
    with time_machine.travel("2026-11-20 10:00:00Z", tick=False) as clock:
        for _try in range(5):
            attempt(sofia.email)
        clock.shift(130)
        response = Client(REMOTE_ADDR=OFFICE).post(path, {"login": sofia.email, "password": "wrong"})
    assert (response.status_code, response["Retry-After"]) == (429, "170")
    assert message in response.content.decode()


def test_after_that_time_signing_in_works(sofia):
    with time_machine.travel("2026-11-20 10:00:00Z", tick=False) as clock:
        for _try in range(6):
            attempt(sofia.email)
        clock.shift(300)
        assert attempt(sofia.email, PASSWORD) == "in"


def test_reauthentication_has_the_same_limit(sofia):
    client = browser_of(sofia)
    answers = [client.post("/accounts/reauthenticate/", {"password": "wrong"}).status_code for _try in range(6)]
    assert answers == [200] * 5 + [429]


def test_endless_attempts_on_one_account_do_not_stop_colleagues(sofia, beatriz):
    for _try in range(101):
        attempt(sofia.email)
    assert attempt(beatriz.email, PASSWORD) == "in"


def test_successful_sign_ins_are_not_counted(sofia):
    assert [attempt(sofia.email, PASSWORD) for _try in range(6)] == ["in"] * 6


def test_failures_at_another_address_do_not_stop_the_person(sofia):
    for _try in range(6):
        attempt(sofia.email, address=ELSEWHERE)
    assert attempt(sofia.email, PASSWORD) == "in"


def test_failures_from_many_addresses_stop_the_account(sofia):
    results = [attempt(sofia.email, address=f"203.0.113.{number}") for number in range(51)]
    assert results == ["refused"] * 50 + ["stopped"]
    assert attempt(sofia.email, PASSWORD, address="192.0.2.1") == "stopped"


def test_that_limit_does_not_apply_at_an_address_used_before(sofia):
    attempt(sofia.email, PASSWORD)
    for number in range(51):
        attempt(sofia.email, address=f"203.0.113.{number}")
    assert attempt(sofia.email, PASSWORD) == "in"


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "True-Client-IP"])
def test_headers_do_not_bypass_the_limit(sofia, name):
    results = [attempt(sofia.email, **{name: f"192.0.2.{number}"}) for number in range(6)]
    assert results[-1] == "stopped"


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LOCALHOST:{}"])
def test_another_host_or_port_does_not_bypass_the_limit(sofia, host):
    results = [attempt(sofia.email, Host=host.format(number)) for number in range(1, 7)]
    assert results[-1] == "stopped"


def test_addresses_of_one_ipv6_network_count_as_one(sofia):
    results = [attempt(sofia.email, address=f"2001:db8::{number}") for number in range(1, 7)]
    assert results[-1] == "stopped"
    assert attempt(sofia.email, PASSWORD, address="2001:db8:0:1::1") == "in"


def test_filling_the_cache_does_not_bypass_the_limit(sofia):
    for _try in range(5):
        attempt(sofia.email)
    cache.set_many({f"zz{number}": "" for number in range(400)})
    assert attempt(sofia.email) == "stopped"


def test_behind_a_proxy_only_the_address_from_the_proxy_counts(sofia, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    forwarded = [f"192.0.2.{number}, {ELSEWHERE}" for number in range(6)]
    assert [attempt(sofia.email, **{"X-Forwarded-For": each}) for each in forwarded][-1] == "stopped"
    assert attempt(sofia.email, PASSWORD, **{"X-Forwarded-For": OFFICE}) == "in"


def test_another_spelling_of_the_e_mail_does_not_bypass_the_limit(sofia):
    results = [attempt(email) for email in [sofia.email, sofia.email.upper(), sofia.email.title()] * 2]
    assert results[-1] == "stopped"


def test_the_admin_has_the_same_limit(adam):
    assert Client().get("/admin/").url == "/admin/login/?next=/admin/"
    assert attempt(adam.email, PASSWORD, path="/admin/login/?next=/admin/") == "refused"  # it takes no password
    login_url = Client().get("/admin/login/?next=/admin/").url
    assert login_url.startswith("/accounts/login/")
    assert [attempt(adam.email, path=login_url) for _try in range(6)][-1] == "stopped"


def test_one_address_that_tries_many_accounts_is_stopped(sofia):
    for number in range(100):
        attempt(f"nobody{number}@metropolis.example")
    assert attempt(sofia.email, PASSWORD) == "stopped"


def test_password_resets_are_limited(sofia):
    client = Client()
    answers = [client.post("/accounts/password/reset/", {"email": sofia.email}).status_code for _try in range(4)]
    assert len(sent_mail()) == 3
    assert answers == [302] * 3 + [429]


def test_a_password_reset_does_not_reveal_who_has_an_account(sofia):
    answers = []
    for email in (sofia.email, "nobody@metropolis.example"):
        response = Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        answers.append((response.redirect_chain, response.content.decode().replace(email, "…")))
    assert answers[0] == answers[1]
    assert [message.to for message in sent_mail()] == [[sofia.email]]


def test_a_failing_mail_server_does_not_reveal_who_has_an_account(sofia, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    emails = (sofia.email, "nobody@metropolis.example")
    answers = [Client().post("/accounts/password/reset/", {"email": email}).status_code for email in emails]
    sent_mail()
    assert answers == [302, 302]
    assert "An e-mail could not be sent" in caplog.text


def test_a_reset_link_leads_to_the_site_whatever_the_host_header(sofia):
    client = Client(headers={"Host": "localhost:6666"})
    client.post("/accounts/password/reset/", {"email": sofia.email})
    (message,) = sent_mail()
    assert "http://127.0.0.1:8000/accounts/password/reset/key/" in message.body
    assert "6666" not in message.body


def test_a_failed_sign_in_does_not_reveal_who_has_an_account(sofia):
    answers = []
    for email in (sofia.email, "nobody@metropolis.example"):
        page = Client().post(LOGIN, {"login": email, "password": "wrong"}).content.decode()
        answers.append(page.replace(email, "…").partition("errorlist")[2].partition("</form>")[0])
    assert answers[0] == answers[1] != ""


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short words", "at least 12"),
        ("sofía marín 1", "too similar"),
        ("qwerty123456", "too common"),
        ("our metropolis 2026", "metropolis"),
        ("the Tracker of cities", "tracker"),
    ],
)
def test_a_guessable_password_is_refused(secretariat, sofia, password, reason):
    assert reason in change_password(secretariat, password).content.decode()
    sofia.refresh_from_db()
    assert sofia.check_password(PASSWORD)


@pytest.mark.parametrize(
    "password", ["a bridge of nine arches", "鉄道と橋と川と町と人々と空", "x " * 64, "¿!ß lamp — ünder"]
)
def test_any_characters_and_length_are_accepted(secretariat, sofia, password):
    change_password(secretariat, password)
    sofia.refresh_from_db()
    assert sofia.check_password(password)


def change_password(client, new, old=PASSWORD):
    return client.post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new})


def test_a_new_password_needs_the_old_one(secretariat, sofia):
    change_password(secretariat, "a bridge of nine arches", old="wrong")
    sofia.refresh_from_db()
    assert sofia.check_password(PASSWORD)


def test_a_new_password_ends_all_other_sessions(sofia):
    here, there = browser_of(sofia), browser_of(sofia)
    change_password(here, "a bridge of nine arches")
    assert [client.get("/mail/").status_code for client in (here, there)] == [200, 302]


def signed_in(sofia, agent):
    client = Client(headers={"User-Agent": agent})
    client.post(LOGIN, {"login": sofia.email, "password": PASSWORD})
    return client


def test_sessions_are_listed_and_can_be_ended(sofia):
    here, there = signed_in(sofia, "Firefox at the desk"), signed_in(sofia, "Safari on a phone")
    page = here.get("/accounts/sessions/").content.decode()
    assert "Firefox at the desk" in page
    assert "Safari on a phone" in page
    here.post("/accounts/sessions/")
    assert [client.get("/mail/").status_code for client in (here, there)] == [200, 302]


def test_an_administrator_can_end_a_persons_sessions(administrator, sofia):
    there = signed_in(sofia, "Safari on a phone")
    administrator.post("/admin/accounts/user/", {"action": "end_sessions", "_selected_action": [sofia.pk]})
    assert there.get("/mail/").status_code == 302


def test_a_deactivated_person_is_signed_out_at_the_next_request(sofia, secretariat):
    sofia.is_active = False
    sofia.save()
    assert secretariat.get("/mail/").status_code == 302


def test_a_removed_role_is_gone_at_the_next_request(sofia, secretariat):
    assert secretariat.get("/plans/2018-2020/edit/").status_code == 200
    sofia.groups.clear()
    assert secretariat.get("/plans/2018-2020/edit/").status_code == 403
    assert secretariat.post("/plans/2018-2020/L2M5D1/status/").status_code == 403
