"""Limits on trying, sessions that can be ended, passwords that are refused, a reset that tells nobody anything."""

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from tests.conftest import PASSWORD, browser_of, sent_mail
from tests.server import free_port

LOGIN = "/accounts/login/"
OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def nobody_tried_yet(db):
    cache.clear()


def attempt(email, password="wrong", *, address=OFFICE, path=LOGIN, **headers):
    """Whether signing in was let through, refused, or stopped by a limit."""
    client = Client(REMOTE_ADDR=address)
    response = client.post(path, {"login": email, "password": password}, headers=headers, follow=True)
    if response.wsgi_request.user.is_authenticated:
        return "in"
    return "stopped" if response.status_code == 429 else "refused"


def test_an_account_is_stopped_after_five_failures(sofia):
    assert [attempt(sofia.email) for _try in range(6)] == ["refused"] * 5 + ["stopped"]
    assert attempt(sofia.email, PASSWORD) == "stopped"


def test_colleagues_at_the_same_address_are_not_kept_out(sofia, beatriz):
    for _try in range(6):
        attempt(sofia.email)
    assert attempt(beatriz.email, PASSWORD) == "in"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (LOGIN, "Try again in 3 minutes."),
        ("/es" + LOGIN, "Vuelva a intentarlo dentro de 3 minutos."),
        ("/fr" + LOGIN, "Réessayez dans 3 minutes."),
    ],
)
def test_whoever_is_stopped_is_told_when_to_try_again(sofia, path, said):
    with time_machine.travel("2026-11-20 10:00:00Z", tick=False) as clock:
        for _try in range(5):
            attempt(sofia.email)
        clock.shift(130)
        response = Client(REMOTE_ADDR=OFFICE).post(path, {"login": sofia.email, "password": "wrong"})
    assert (response.status_code, response["Retry-After"]) == (429, "170")
    assert said in response.content.decode()


def test_after_that_time_they_are_let_through(sofia):
    with time_machine.travel("2026-11-20 10:00:00Z", tick=False) as clock:
        for _try in range(6):
            attempt(sofia.email)
        clock.shift(300)
        assert attempt(sofia.email, PASSWORD) == "in"


def test_whoever_proves_who_they_are_again_has_the_same_limit(sofia):
    client = browser_of(sofia)
    answers = [client.post("/accounts/reauthenticate/", {"password": "wrong"}).status_code for _try in range(6)]
    assert answers == [200] * 5 + [429]


def test_one_colleague_who_never_stops_does_not_use_up_the_office(sofia, beatriz):
    for _try in range(101):
        attempt(sofia.email)
    assert attempt(beatriz.email, PASSWORD) == "in"


def test_signing_in_costs_nothing(sofia):
    assert [attempt(sofia.email, PASSWORD) for _try in range(6)] == ["in"] * 6


def test_a_stranger_elsewhere_does_not_keep_a_person_out(sofia):
    for _try in range(6):
        attempt(sofia.email, address=ELSEWHERE)
    assert attempt(sofia.email, PASSWORD) == "in"


def test_a_stranger_with_many_addresses_meets_a_limit_of_the_account(sofia):
    tried = [attempt(sofia.email, address=f"203.0.113.{number}") for number in range(51)]
    assert tried == ["refused"] * 50 + ["stopped"]
    assert attempt(sofia.email, PASSWORD, address="192.0.2.1") == "stopped"


def test_that_limit_does_not_hold_where_they_signed_in_before(sofia):
    attempt(sofia.email, PASSWORD)
    for number in range(51):
        attempt(sofia.email, address=f"203.0.113.{number}")
    assert attempt(sofia.email, PASSWORD) == "in"


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "True-Client-IP"])
def test_headers_are_no_way_around_the_limit(sofia, name):
    tried = [attempt(sofia.email, **{name: f"192.0.2.{number}"}) for number in range(6)]
    assert tried[-1] == "stopped"


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LOCALHOST:{}"])
def test_asking_for_another_host_or_port_is_no_way_around_the_limit(sofia, host):
    tried = [attempt(sofia.email, Host=host.format(number)) for number in range(1, 7)]
    assert tried[-1] == "stopped"


def test_the_addresses_of_one_ipv6_network_are_one(sofia):
    tried = [attempt(sofia.email, address=f"2001:db8::{number}") for number in range(1, 7)]
    assert tried[-1] == "stopped"
    assert attempt(sofia.email, PASSWORD, address="2001:db8:0:1::1") == "in"


def test_filling_the_cache_is_no_way_around_the_limit(sofia):
    for _try in range(5):
        attempt(sofia.email)
    cache.set_many({f"zz{number}": "" for number in range(400)})
    assert attempt(sofia.email) == "stopped"


def test_behind_a_proxy_only_what_the_proxy_wrote_counts(sofia, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    written = [f"192.0.2.{number}, {ELSEWHERE}" for number in range(6)]
    assert [attempt(sofia.email, **{"X-Forwarded-For": each}) for each in written][-1] == "stopped"
    assert attempt(sofia.email, PASSWORD, **{"X-Forwarded-For": OFFICE}) == "in"


def test_writing_the_address_otherwise_is_no_way_around_it(sofia):
    tried = [attempt(email) for email in [sofia.email, sofia.email.upper(), sofia.email.title()] * 2]
    assert tried[-1] == "stopped"


def test_the_admin_has_the_same_limit(adam):
    assert Client().get("/admin/").url == "/admin/login/?next=/admin/"
    assert attempt(adam.email, PASSWORD, path="/admin/login/?next=/admin/") == "refused"  # it takes no password
    through = Client().get("/admin/login/?next=/admin/").url
    assert through.startswith("/accounts/login/")
    assert [attempt(adam.email, path=through) for _try in range(6)][-1] == "stopped"


def test_one_address_that_tries_many_accounts_is_stopped(sofia):
    for number in range(100):
        attempt(f"nobody{number}@metropolis.example")
    assert attempt(sofia.email, PASSWORD) == "stopped"


def test_resets_are_limited_and_say_so_politely(sofia):
    client = Client()
    answers = [client.post("/accounts/password/reset/", {"email": sofia.email}).status_code for _try in range(4)]
    assert len(sent_mail()) == 3
    assert answers == [302] * 3 + [429]


def test_a_reset_tells_nobody_who_has_an_account(sofia):
    answers = []
    for email in (sofia.email, "nobody@metropolis.example"):
        response = Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        answers.append((response.redirect_chain, response.content.decode().replace(email, "…")))
    assert answers[0] == answers[1]
    assert [message.to for message in sent_mail()] == [[sofia.email]]


def test_a_mail_server_that_is_down_tells_nobody_either(sofia, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    emails = (sofia.email, "nobody@metropolis.example")
    answers = [Client().post("/accounts/password/reset/", {"email": email}).status_code for email in emails]
    sent_mail()
    assert answers == [302, 302]
    assert "A mail could not be sent" in caplog.text


def test_a_reset_leads_to_the_site_whatever_host_was_asked_for(sofia):
    client = Client(headers={"Host": "localhost:6666"})
    client.post("/accounts/password/reset/", {"email": sofia.email})
    (message,) = sent_mail()
    assert "http://127.0.0.1:8000/accounts/password/reset/key/" in message.body
    assert "6666" not in message.body


def test_a_failure_is_the_same_whether_there_is_an_account(sofia):
    answers = []
    for email in (sofia.email, "nobody@metropolis.example"):
        page = Client().post(LOGIN, {"login": email, "password": "wrong"}).content.decode()
        answers.append(page.replace(email, "…").partition("errorlist")[2].partition("</form>")[0])
    assert answers[0] == answers[1] != ""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short words", "at least 12"),
        ("sofía marín 1", "too similar"),
        ("qwerty123456", "too common"),
        ("our metropolis 2026", "metropolis"),
        ("the Tracker of cities", "tracker"),
    ],
)
def test_a_password_that_others_would_guess_is_refused(secretariat, sofia, password, why):
    assert why in change(secretariat, password).content.decode()
    sofia.refresh_from_db()
    assert sofia.check_password(PASSWORD)


@pytest.mark.parametrize(
    "password", ["a bridge of nine arches", "鉄道と橋と川と町と人々と空", "x " * 64, "¿!ß lamp — ünder"]
)
def test_any_characters_and_length_will_do(secretariat, sofia, password):
    change(secretariat, password)
    sofia.refresh_from_db()
    assert sofia.check_password(password)


def change(client, new, old=PASSWORD):
    return client.post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new})


def test_a_new_password_needs_the_old_one(secretariat, sofia):
    change(secretariat, "a bridge of nine arches", old="wrong")
    sofia.refresh_from_db()
    assert sofia.check_password(PASSWORD)


def test_a_new_password_ends_all_other_sessions(sofia):
    here, there = browser_of(sofia), browser_of(sofia)
    change(here, "a bridge of nine arches")
    assert [client.get("/mail/").status_code for client in (here, there)] == [200, 302]


def signed_in(sofia, agent):
    client = Client(headers={"User-Agent": agent})
    client.post(LOGIN, {"login": sofia.email, "password": PASSWORD})
    return client


def test_sessions_are_listed_and_ended(sofia):
    here, there = signed_in(sofia, "Firefox at the desk"), signed_in(sofia, "Safari on a phone")
    page = here.get("/accounts/sessions/").content.decode()
    assert "Firefox at the desk" in page
    assert "Safari on a phone" in page
    here.post("/accounts/sessions/")
    assert [client.get("/mail/").status_code for client in (here, there)] == [200, 302]


def test_an_administrator_ends_somebodys_sessions(administrator, sofia):
    there = signed_in(sofia, "Safari on a phone")
    administrator.post("/admin/accounts/user/", {"action": "end_sessions", "_selected_action": [sofia.pk]})
    assert there.get("/mail/").status_code == 302


def test_somebody_deactivated_is_out_at_the_next_request(sofia, secretariat):
    sofia.is_active = False
    sofia.save()
    assert secretariat.get("/mail/").status_code == 302


def test_a_role_taken_away_is_gone_at_the_next_request(sofia, secretariat):
    assert secretariat.get("/plans/2018-2020/edit/").status_code == 200
    sofia.groups.clear()
    assert secretariat.get("/plans/2018-2020/edit/").status_code == 403
    assert secretariat.post("/plans/2018-2020/L2M5D1/status/").status_code == 403
