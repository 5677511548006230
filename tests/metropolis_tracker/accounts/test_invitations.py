"""Invitations: the mail that a new person gets, and what an administrator does when it cannot be sent."""

import re
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused

import lxml.html
import pytest
from django.contrib.auth.models import Group
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command

from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from metropolis_tracker.config.organisation_sign_in import organisation_sign_in
from plans.common.dates import date_format
from tests.conftest import person, sent_mail, sign_in
from tests.metropolis_tracker.accounts.test_people import NEW_PASSWORD, choose_password

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/accounts/user/"
EMAIL = "nadia@metropolis.example"
LINK = re.compile(r"http://127.0.0.1:8000\S*/accounts/password/reset/key/\S+/")
PRINTING = "django.core.mail.backends.console.EmailBackend"


class Refusing(EmailBackend):
    """A mail server that takes nothing, and repeats the address, as servers do."""

    def send_messages(self, messages):
        raise SMTPRecipientsRefused({EMAIL: (550, f"no such user: {EMAIL}".encode())})


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    """Run what waits for the end of the transaction, as after a request: see `act`."""
    return django_capture_on_commit_callbacks


@pytest.fixture
def act(administrator, committing):
    """Post to the admin and return the texts of the messages that follow."""

    def post(path, **fields):
        with committing(execute=True):
            page = administrator.post(PEOPLE + path, fields, follow=True)
        return [str(message) for message in page.context["messages"]]

    return post


@pytest.fixture
def add(act):
    def add_nadia(role=Role.SECRETARIAT, **fields):
        group = Group.objects.get(name=role).pk
        return act("add/", name="Nadia Fassi", email=EMAIL, role=group, **{"is_active": "on", "language": ""} | fields)

    return add_nadia


@pytest.fixture
def invite_again(act):
    return lambda *people: act("", action="send_invitations", _selected_action=[each.pk for each in people])


@pytest.fixture
def nadia(db, adam):
    return User.objects.create_user(EMAIL, name="Nadia Fassi", role=Role.BOARD)


def text_of(message):
    return " ".join(lxml.html.fromstring(message.alternatives[0][0]).text_content().split())


def test_a_new_person_is_invited_and_the_administrator_is_told_so(add):
    (said,) = [text for text in add() if "invitation" in text]
    (message,) = sent_mail()
    assert (message.to, message.subject) == ([EMAIL], "Metropolis Tracker: Adam Weiss invites you")
    assert said.startswith(f"An invitation was sent to Nadia Fassi, {EMAIL}. If it does not arrive")
    assert LINK.search(said) is None


def test_an_invitation_says_who_invites_to_what_and_what_the_role_may_do(add, settings):
    settings.CONTACT_EMAIL = "secretariat@metropolis.example"
    add()
    (message,) = sent_mail()
    for text in (text_of(message), " ".join(message.body.split())):
        assert "Dear Nadia Fassi, Adam Weiss has made an account for you in the Metropolis Tracker. It shows" in text
        assert "Your role: Secretariat. You can record what has been done, edit plans and publish reports." in text
        assert "The link works once and expires in three days." in text
    assert message.reply_to == ["secretariat@metropolis.example"]


def test_its_one_button_leads_to_choosing_a_password(add, visitor):
    add()
    (message,) = sent_mail()
    (button,) = lxml.html.fromstring(message.alternatives[0][0]).find_class("button")
    choose_password(visitor, button.get("href"))
    assert (button.text, button.get("href") in message.body) == ("Choose a password", True)
    assert User.objects.get(email=EMAIL).check_password(NEW_PASSWORD)


@pytest.mark.parametrize(("language", "path"), [("", "/accounts/"), ("en", "/accounts/"), ("fr", "/fr/accounts/")])
def test_it_is_in_the_language_of_the_person(add, language, path):
    add(language=language)
    (message,) = sent_mail()
    assert f"http://127.0.0.1:8000{path}password/reset/key/" in message.body
    assert f'<html lang="{language or "en"}"' in message.alternatives[0][0]


@pytest.mark.parametrize("role", Role)
def test_every_role_says_what_it_may_do(add, role):
    add(role)
    (message,) = sent_mail()
    assert f"Your role: {role.label}. {role.invitation}" in text_of(message)


def test_a_name_is_text_and_never_markup_or_a_header(add, adam):
    User.objects.filter(pk=adam.pk).update(name="<b>Adam</b>\nBcc: all@x.example")
    add()
    (message,) = sent_mail()
    assert ("\n" in message.subject, "<b>Adam" in message.alternatives[0][0]) == (False, False)


def test_somebody_added_as_inactive_is_not_invited(add):
    add(is_active="")
    assert (sent_mail(), User.objects.get(email=EMAIL).invited_at) == ([], None)


def test_nothing_is_sent_before_the_person_is_stored(administrator, committing, adam):
    fields = {"name": "Nadia Fassi", "email": EMAIL, "role": adam.groups.get().pk, "is_active": "on"}
    with committing() as waiting:
        administrator.post(f"{PEOPLE}add/", fields)
    assert (sent_mail(), len(waiting)) == ([], 1)


def test_an_invitation_is_sent_again_with_a_link_of_its_own(add, invite_again, time_machine):
    add()
    nadia = User.objects.get(email=EMAIL)
    later = nadia.invited_at + timedelta(minutes=2)
    time_machine.move_to(later, tick=False)
    invite_again(nadia)
    nadia.refresh_from_db()
    links = {LINK.search(message.body)[0] for message in sent_mail()}
    assert (len(links), nadia.invited_at) == (2, later)


def test_who_has_signed_in_or_is_inactive_is_not_invited_again(invite_again, nadia, beatriz):
    User.objects.filter(pk=nadia.pk).update(is_active=False)
    sign_in(beatriz)
    said = " ".join(invite_again(nadia, beatriz))
    assert ["Nadia Fassi is not active." in said, "Beatriz Soler has signed in" in said] == [True, True]
    assert sent_mail() == []


def test_who_lost_an_invitation_can_ask_for_a_link_on_the_page_it_names(add, visitor):
    add()
    page = re.search(r"Ask for a new link:\nhttp://127.0.0.1:8000(\S+)", sent_mail()[0].body)[1]
    visitor.post(page, {"email": EMAIL})
    assert [message.to for message in sent_mail()] == [[EMAIL]] * 2


# Where mail does not work


@pytest.mark.parametrize("backend", ["console", "dummy", "filebased"])
def test_where_no_mail_is_sent_the_administrator_gets_the_link(add, settings, backend, capsys):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    said = " ".join(add())
    assert "The tracker has no mail server (EMAIL_URL), so Nadia Fassi was not sent an invitation." in said
    assert LINK.search(said)
    sent_mail()
    assert LINK.search(capsys.readouterr().out) is None
    assert User.objects.get(email=EMAIL).invited_at is None


def listed(administrator, query=""):
    page = administrator.get(PEOPLE + query)
    rows = lxml.html.fromstring(page.content.decode()).xpath("//table[@id='result_list']/tbody/tr")
    return {row.xpath("string(th)"): row.xpath("string(td[@class='field-signed_in'])") for row in rows}


def test_the_list_shows_who_has_never_signed_in(administrator, adam, nadia, beatriz, add):
    invited = datetime(2026, 12, 1, 9, tzinfo=UTC)
    User.objects.filter(pk=nadia.pk).update(invited_at=invited)
    User.objects.filter(pk=beatriz.pk).update(invited_at=invited, invitation_failed=True)
    person("Sofia Marín", Role.SECRETARIAT)
    assert listed(administrator, "?signed_in=never") == {
        "Beatriz Soler": "Never. The invitation could not be sent.",
        "Nadia Fassi": "Never. Invited on 1 December 2026.",
        "Sofia Marín": "Never",
    }
    adam.refresh_from_db()
    assert listed(administrator)["Adam Weiss"] == date_format(adam.last_login)


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_shown_in_the_list_and_logged_without_the_address(adam, settings, caplog):
    caplog.set_level("INFO", "tracker.security")
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    administrator = sign_in(adam)
    fields = {"name": "Nadia Fassi", "email": EMAIL, "role": adam.groups.get().pk, "is_active": "on"}
    administrator.post(f"{PEOPLE}add/", fields)
    sent_mail()
    assert listed(administrator)["Nadia Fassi"] == "Never. The invitation could not be sent."
    assert "An e-mail could not be sent: SMTPRecipientsRefused. Check EMAIL_URL." in caplog.text
    assert [record.message for record in caplog.records if EMAIL in f"{record.message}{record.exc_text}"] == []
    events = [record.message for record in caplog.records if record.name == "tracker.security"]
    assert [event for event in events if event.startswith("invitation")] == ["invitation sent", "invitation not sent"]

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    nadia = User.objects.get(email=EMAIL)
    administrator.post(PEOPLE, {"action": "send_invitations", "_selected_action": [nadia.pk]})
    nadia.refresh_from_db()
    assert (len(sent_mail()), nadia.invitation_failed) == (1, False)


# The command


def run(capsys, *options):
    call_command("add_person", EMAIL, "Nadia Fassi", "--role", "board", *options)
    return capsys.readouterr()


def test_the_command_sends_an_invitation_and_prints_no_link(plan, capsys):
    said = run(capsys, "--invite")
    assert said.out == f"Added Nadia Fassi as Board. An invitation was sent to {EMAIL}.\n"
    (message,) = sent_mail()
    assert message.subject == "Metropolis Tracker: You are invited"
    assert "Dear Nadia Fassi, There is an account for you" in text_of(message)


@pytest.mark.parametrize("backend", [PRINTING, f"{__name__}.Refusing"])
def test_where_mail_does_not_work_the_command_prints_the_link_and_says_why(plan, settings, capsys, backend):
    settings.EMAIL_BACKEND = backend
    said = run(capsys, "--invite")
    assert "The invitation could not be sent. Check EMAIL_URL." in said.err
    assert LINK.search(said.out)


def test_with_the_organisation_s_sign_in_it_leads_to_the_button_and_speaks_of_no_new_password(add, settings):
    settings.OIDC = organisation_sign_in(
        url="https://login.example",
        client_id="tracker",
        secret="s3cret",
        name="Metropolis",
        roles=[],
        roles_claim="roles",
        trust_email=False,
    )
    add()
    (message,) = sent_mail()
    (button,) = lxml.html.fromstring(message.alternatives[0][0]).find_class("button")
    assert (button.text, button.get("href")) == ("Sign in with Metropolis", f"{settings.SITE_URL}/accounts/login/")
    for text in (text_of(message), " ".join(message.body.split())):
        assert f"You sign in with your account of Metropolis, {EMAIL}. You need no other password." in text
        assert "expire" not in text
