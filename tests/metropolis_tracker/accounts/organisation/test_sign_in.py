"""The way through a real provider, oidc-provider-mock, to the page that somebody wanted, and who is not let in."""

from itertools import count

import pytest
import requests

from tests.oidc import Browser, heading

numbers = count(1)


@pytest.fixture
def nadia(office, url):
    """Somebody of the Secretariat, in the tracker and at the provider, who is new in each test. Return the address."""
    email = f"nadia{next(numbers)}@metropolis.example"
    claim(url, email, email=email.title(), email_verified=True, name="Nadia Fassi")
    return email


def claim(url, sub, **claims):
    """Let the provider say this about somebody. Their `sub` is the address under which the tests know them."""
    requests.put(f"{url}/users/{sub}", json=claims, timeout=10).raise_for_status()


@pytest.fixture
def someone(office):
    return Browser(office.address)


def test_a_known_person_signs_in_and_comes_where_they_wanted(someone, nadia):
    answer = someone.sign_in(nadia)
    assert (answer.url, someone.person) == (f"{someone.address}/mail/", nadia)


def test_nobody_is_asked_for_a_second_factor_whose_provider_asks_for_one(someone, nadia):
    someone.sign_in(nadia)
    assert heading(someone.get("/plans/2018-2020/todo/")) == (200, "To do")


def test_who_has_no_password_is_offered_no_page_about_one(someone, nadia):
    someone.sign_in(nadia)
    assert "Password" not in someone.get("/accounts/sessions/").text
    assert someone.get("/accounts/password/set/").status_code == 404


def test_a_linked_person_is_known_by_their_subject_when_the_address_has_changed(someone, office, url, nadia):
    someone.sign_in(nadia)
    claim(url, nadia, email="another@metropolis.example", email_verified=False)
    later = Browser(office.address)
    later.sign_in(nadia)
    assert later.person == nadia


def test_an_address_that_is_linked_opens_nothing_to_its_next_owner(someone, office, url, nadia):
    someone.sign_in(nadia)
    claim(url, f"next-{nadia}", email=nadia, email_verified=True)
    later = Browser(office.address)
    answer = later.sign_in(f"next-{nadia}")
    assert heading(answer) == (403, "This address belongs to another account of Metropolis")
    assert later.person is None


@pytest.mark.parametrize("verified", [{}, {"email_verified": False}])
def test_an_address_that_is_not_verified_matches_nobody(someone, url, nadia, verified):
    claim(url, nadia, email=nadia, **verified)
    assert heading(someone.sign_in(nadia)) == (403, "Metropolis has not verified your e-mail address")
    assert someone.person is None


def test_a_stranger_is_told_whom_to_ask_and_gets_no_account(someone, office, url):
    claim(url, "stranger", email="stranger@metropolis.example", email_verified=True)
    answer = someone.sign_in("stranger")
    assert heading(answer) == (403, "You have no account in the tracker")
    assert "mailto:administrator@metropolis.example" in answer.text
    assert "<bdi>stranger@metropolis.example</bdi>" in answer.text
    assert office.run("print(User.objects.filter(email__startswith='stranger').exists())") == "False"


def test_somebody_deactivated_stays_out(someone, office, nadia):
    someone.sign_in(nadia)
    office.run(f"User.objects.filter(email='{nadia}').update(is_active=False)")
    assert someone.person is None
    assert heading(someone.sign_in(nadia)) == (403, "You have no account in the tracker")


def test_a_refusal_by_the_provider_is_a_page_and_a_line_in_the_log(someone, office, nadia):
    assert heading(someone.sign_in("deny")) == (403, "Metropolis did not sign you in")
    assert ("refused", "access_denied") in office.reasons()


def test_a_sign_in_ends_only_in_the_browser_in_which_it_began(someone, office, nadia):
    address = someone.start().headers["Refresh"].removeprefix("0; url=")
    back = requests.post(address, {"sub": nadia}, allow_redirects=False, timeout=10).headers["Location"]
    victim = Browser(office.address)
    assert heading(victim.session.get(back, timeout=10)) == (400, "This sign-in has expired")
    assert victim.person is None


def test_the_pages_are_in_the_language_in_which_the_sign_in_began(someone, url, nadia):
    claim(url, nadia, email=nadia, email_verified=True)
    answer = someone.sign_in(nadia, "/es/accounts/login/?next=/es/mail/")
    assert (answer.url, answer.headers["Content-Language"]) == (f"{someone.address}/es/mail/", "es")


def test_a_way_back_to_another_site_is_not_gone(someone, nadia):
    answer = someone.sign_in(nadia, "/accounts/login/", next="https://evil.example/")
    assert answer.url.startswith(someone.address)


def test_the_admin_leads_to_the_same_way_in(someone, office, url):
    claim(url, "adam", email="administrator@metropolis.example", email_verified=True)
    answer = someone.sign_in("adam", "/admin/")
    assert (answer.url, answer.status_code) == (f"{someone.address}/admin/", 200)
