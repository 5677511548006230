"""Reminders and digests: who is written to, about what, how often, and that nothing is lost."""

import re
import smtplib
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command

from deliverables.models import Decision, Deliverable
from deliverables.plan_editing import structure
from plans.models import Visibility
from reports.mail.models import Follow, Message
from reports.mail.outbox import send_waiting
from tests.builders import deliverable, new_plan, publish, report

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 12, 1, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def morning(time_machine):
    time_machine.move_to(MORNING, tick=False)


class BrokenServer(EmailBackend):
    """A mail server that takes nothing."""

    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("gone")


@pytest.fixture
def broken(settings):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"


def responsible(person, *codes, due_on=date(2026, 12, 20)):
    for code in codes:
        Deliverable.objects.filter(pk=deliverable(code).pk).update(responsible=person, due_on=due_on)


def send(days=0, time_machine=None):
    if time_machine:
        time_machine.move_to(MORNING + timedelta(days=days), tick=False)
    mail.outbox.clear()
    call_command("send_reminders", stdout=StringIO())
    return mail.outbox


def test_those_responsible_get_one_message_for_all(rashid):
    responsible(rashid, "L2M5D1", "L1M3D2")
    (message,) = send()
    assert (message.to, message.subject) == ([rashid.email], "Metropolis Tracker: Please update 2 deliverables")
    assert ["Due in the next 30 days" in message.body, "L2M5D1" in message.body] == [True, True]


def test_it_comes_as_text_and_as_html(rashid):
    responsible(rashid, "L2M5D1")
    (message,) = send()
    ((html, kind),) = message.alternatives
    assert (kind, "<b>Annual" in html, "<b>" in message.body) == ("text/html", True, False)


@pytest.mark.parametrize(
    ("status", "due_on", "told"),
    [
        ("in_progress", date(2026, 11, 30), ["Past the due date and not attained"]),
        ("in_progress", date(2026, 12, 31), ["Due in the next 30 days"]),
        ("in_progress", date(2027, 1, 1), []),
        ("attained", date(2026, 11, 30), []),
        ("in_progress", None, []),
    ],
)
def test_what_is_told(rashid, sofia, status, due_on, told):
    responsible(rashid, "L2M5D1", due_on=due_on)
    report(deliverable("L2M5D1"), status, by=sofia, effective_on=date(2026, 11, 20))
    labels = ("Past the due date and not attained", "Due in the next 30 days", "Not reported", "No status yet")
    body = "".join(message.body for message in send())
    assert [label for label in labels if label in body] == told


def test_what_nobody_confirmed_for_90_days_is_told(rashid):
    responsible(rashid, "L1M1D1", due_on=None)
    assert "Not reported or confirmed for over 90 days" in send()[0].body


def test_the_same_is_not_told_again_within_a_week(rashid, time_machine):
    responsible(rashid, "L2M5D1")
    assert [len(send(days, time_machine)) for days in (0, 1, 6, 7, 8)] == [1, 0, 0, 1, 0]


def test_something_new_is_told_alone(rashid, time_machine):
    responsible(rashid, "L2M5D1")
    send()
    responsible(rashid, "L1M3D2")
    (message,) = send(1, time_machine)
    assert ["L1M3D2" in message.body, "L2M5D1" in message.body] == [True, False]


def test_who_left_or_wants_none_or_may_not_read_the_plan_gets_none(plan, rashid, beatriz, sofia):
    responsible(rashid, "L2M5D1")
    rashid.is_active = False
    rashid.save()
    responsible(sofia, "L1M3D2")
    sofia.reminders = False
    sofia.save()
    new_plan(visibility=Visibility.DRAFT)
    Deliverable.objects.of_plan("2021-2023").update(responsible=beatriz)
    assert send() == []


def test_a_title_is_text_and_never_markup_or_a_header(rashid):
    responsible(rashid, "L2M5D1")
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(title="<script>x</script>\nBcc: all@x.org")
    (message,) = send()
    assert "&lt;script&gt;" in message.alternatives[0][0]
    assert "\n" not in message.subject


def test_each_message_can_be_ended_by_one_click(rashid, visitor):
    responsible(rashid, "L2M5D1")
    headers = send()[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = re.fullmatch(r"<http://127\.0\.0\.1:8000(\S+)>", headers["List-Unsubscribe"])[1]
    assert visitor.get(page).status_code == 200
    rashid.refresh_from_db()
    assert rashid.reminders
    assert visitor.post(page, {"List-Unsubscribe": "One-Click"}).status_code == 200
    rashid.refresh_from_db()
    assert not rashid.reminders


@pytest.mark.parametrize("token", ["nonsense", "eyJhIjoxfQ:1abc:xyz"])
def test_a_token_that_is_none_of_ours_is_not_found(visitor, token):
    assert visitor.post(f"/mail/unsubscribe/{token}/").status_code == 404


# A failing mail server


def test_a_failing_mail_server_delays_and_loses_nothing(rashid, beatriz, broken, settings, time_machine):
    responsible(rashid, "L2M5D1")
    responsible(beatriz, "L1M3D2")
    with pytest.raises(CommandError, match=r"2 wait for the next run"):
        send()
    assert set(Message.objects.values_list("sent_at", "error")) == {(None, "SMTPServerDisconnected: gone")}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert sorted(message.to[0] for message in send(1, time_machine)) == [beatriz.email, rashid.email]
    assert not Message.objects.filter(sent_at=None).exists()


class OneRefused(EmailBackend):
    """A mail server that refuses one address."""

    def send_messages(self, messages):
        if messages[0].to == ["rashid@metropolis.example"]:
            raise smtplib.SMTPRecipientsRefused({"rashid@metropolis.example": (550, b"no such user")})
        return super().send_messages(messages)


def test_one_address_that_is_refused_keeps_nobody_else_waiting(rashid, beatriz, sofia, settings):
    settings.EMAIL_BACKEND = f"{__name__}.OneRefused"
    responsible(rashid, "L2M5D1")
    responsible(beatriz, "L1M3D2")
    responsible(sofia, "L1M1D1")
    with pytest.raises(CommandError, match="1 wait for the next run"):
        send()
    assert sorted(message.to[0] for message in mail.outbox) == [beatriz.email, sofia.email]


@pytest.mark.parametrize("change", [{"is_active": False}, {"reminders": False}])
def test_what_waits_for_somebody_who_wants_none_any_more_is_not_sent(rashid, broken, settings, change):
    responsible(rashid, "L2M5D1")
    with pytest.raises(CommandError):
        send()
    type(rashid).objects.filter(pk=rashid.pk).update(**change)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert (send(), Message.objects.count()) == ([], 0)


def test_one_message_names_a_deliverable_once(rashid):
    responsible(rashid, "L2M5D1", due_on=date(2026, 11, 1))
    assert send()[0].body.count("(L2M5D1)") == 1


def test_following_ends_also_after_the_plan_has_moved(follower, plan, sofia, visitor, time_machine):
    report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING + timedelta(days=1))
    link = send(8, time_machine)[0].extra_headers["List-Unsubscribe"]
    type(plan).objects.filter(pk=plan.pk).update(slug="moved")
    visitor.post(link.strip("<>").removeprefix("http://127.0.0.1:8000"))
    assert not Follow.objects.exists()


def test_what_was_stamped_before_a_digest_and_recorded_after_it_is_told_next(follower, sofia, time_machine):
    report(deliverable("L2M5D1"), "in_progress", by=sofia, at=MORNING + timedelta(days=1))
    send(8, time_machine)
    report(deliverable("L1M1D1"), "in_progress", by=sofia, at=MORNING + timedelta(days=2))
    assert "L1M1D1" in send(16, time_machine)[0].body


def test_recording_goes_on_while_the_mail_server_fails(rashid, sofia, broken):
    responsible(rashid, "L2M5D1")
    with pytest.raises(CommandError):
        send()
    assert report(deliverable("L2M5D1"), "attained", by=sofia).pk


def test_a_message_taken_by_another_process_is_not_sent_twice(rashid, time_machine):
    responsible(rashid, "L2M5D1")
    send()
    Message.objects.update(sent_at=None, claimed_at=MORNING)
    found = []
    for minutes in (14, 16):
        time_machine.move_to(MORNING + timedelta(minutes=minutes), tick=False)
        found.append(send_waiting())
    assert found == [(0, None), (1, None)]


def test_sent_again_it_is_the_same_message(rashid):
    responsible(rashid, "L2M5D1")
    first = send()[0].extra_headers["Message-ID"]
    Message.objects.update(sent_at=None, claimed_at=None)
    assert send()[0].extra_headers["Message-ID"] == first


# Digests


@pytest.fixture
def follower(plan, regional, rashid):
    regional.post("/plans/2018-2020/follow/", {"on": "1"})
    return rashid


def test_a_follower_is_told_of_a_weeks_changes(follower, plan, sofia, time_machine):
    time_machine.move_to(MORNING + timedelta(days=1), tick=False)
    report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING + timedelta(days=1), note="<b>done</b>")
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("The Board, point 7", date(2021, 6, 1)))
    publish(plan, by=sofia, at=MORNING + timedelta(days=1))
    (message,) = send(7, time_machine)
    assert message.subject == "Metropolis Tracker: Action Plan 2018–2020: 3 changes"
    told = ["capacity building (L2M5D1)", "The Board, point 7", "Three-year report 2018–2020, edition 1"]
    assert [words in message.body for words in told] == [True, True, True]


def test_a_digest_comes_once_a_week(follower, sofia, time_machine):
    found = []
    for days in range(16):
        time_machine.move_to(MORNING + timedelta(days=days), tick=False)
        report(deliverable("L2M5D1"), "in_progress", by=sofia, at=MORNING + timedelta(days=days, minutes=-1))
        found.append(len(send(days, time_machine)))
    assert [days for days, number in enumerate(found) if number] == [7, 14]


def test_a_week_without_changes_brings_none(follower, time_machine):
    assert send(7, time_machine) == []


def test_each_change_is_in_one_digest_alone(follower, sofia, time_machine):
    report(deliverable("L2M5D1"), "in_progress", by=sofia, at=MORNING + timedelta(days=1))
    first = send(8, time_machine)[0].body
    report(deliverable("L1M1D1"), "in_progress", by=sofia, at=MORNING + timedelta(days=9))
    second = send(15, time_machine)[0].body
    assert [("L2M5D1" in body, "L1M1D1" in body) for body in (first, second)] == [(True, False), (False, True)]


def test_whoever_may_no_longer_read_the_plan_is_told_nothing(follower, plan, sofia, time_machine):
    report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING + timedelta(days=1))
    plan.visibility = Visibility.DRAFT
    plan.save(update_fields=["visibility"])
    assert send(8, time_machine) == []


def test_following_ends_by_one_click(follower, sofia, visitor, time_machine):
    report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING + timedelta(days=1))
    link = send(8, time_machine)[0].extra_headers["List-Unsubscribe"]
    visitor.post(link.strip("<>").removeprefix("http://127.0.0.1:8000"))
    assert not Follow.objects.exists()


def test_the_page_of_ones_e_mails_switches_both(regional, rashid, plan):
    regional.post("/mail/reminders/", {"on": "0"})
    regional.post("/plans/2018-2020/follow/", {"on": "1"})
    text = regional.get("/mail/").content.decode()
    assert ["You get no reminders." in text, "Unsubscribe" in text] == [True, True]
    regional.post("/mail/reminders/", {"on": "1"})
    regional.post("/plans/2018-2020/follow/", {"on": "0"})
    rashid.refresh_from_db()
    assert (rashid.reminders, Follow.objects.count()) == (True, 0)


def test_the_page_is_for_those_with_an_account(visitor):
    assert visitor.get("/mail/").url == "/accounts/login/?next=/mail/"
