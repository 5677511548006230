"""Who signs in by the organisation alone gets no password by e-mail. The page does not tell."""

import time

import pytest

from tests.oidc import Browser, environment_with, tracker_with
from tests.server import prepared_environment

RESET, REFUSED = "/accounts/password/reset/", "password reset refused: signs in by the organisation"
EMAIL, LINK = "sofia@metropolis.example", "/accounts/password/reset/key/"


@pytest.fixture
def folder(tmp_path):
    """The folder of the e-mails."""
    folder = tmp_path / "mail"
    folder.mkdir()
    return folder


@pytest.fixture
def sofia(provider, django_db_setup, tmp_path, folder):
    """A tracker of whose people Sofia asks."""
    environment = environment_with(prepared_environment(tmp_path), provider.url, EMAIL_URL=f"filemail:///{folder}")
    with tracker_with(environment, tmp_path) as tracker:
        tracker.add("sofia@metropolis.example")
        yield tracker


def ask(tracker, email):
    """Ask for a new password. Return where the page leads and what it says."""
    answer = Browser(tracker.address).send(RESET, email=email)
    return answer.url, answer.text.replace(email, "…").partition("<main")[2].partition("</main>")[0]


def mail_in(folder):
    """Return the e-mail, which is written after the answer."""
    deadline = time.monotonic() + 20
    while not (texts := [text for path in folder.iterdir() if (text := path.read_text()).endswith("-" * 79 + "\n")]):
        assert time.monotonic() < deadline, "no e-mail"
        time.sleep(0.1)
    (text,) = texts
    return text


def test_a_linked_person_without_a_password_is_sent_the_button_instead(sofia, folder):
    Browser(sofia.address).sign_in()
    page = ask(sofia, EMAIL)
    mail = mail_in(folder)
    assert LINK not in mail
    assert "Sign in with Metropolis" in mail
    assert REFUSED in sofia.log.read_text()
    assert page == ask(sofia, "nobody@metropolis.example")


def test_who_is_not_linked_yet_is_sent_a_link(sofia, folder):
    ask(sofia, EMAIL)
    assert LINK in mail_in(folder)


def test_who_is_linked_and_has_a_password_is_sent_a_link(sofia, folder):
    Browser(sofia.address).sign_in()
    sofia.run(f"user = User.objects.get(email='{EMAIL}'); user.set_password('a b c d e'); user.save()")
    ask(sofia, EMAIL)
    assert LINK in mail_in(folder)
