"""Reminders and digests: who is written to, about what, how often, and that nothing is lost."""

import contextlib
import re
import smtplib
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import lxml.html
import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command

from deliverables.models import Decision, Deliverable
from deliverables.plan_editing import structure
from plans.models import Visibility
from reports.mail.models import Follow, Message
from reports.mail.outbox import send_waiting
from reports.mail.reminders import make_digests, make_reminders
from tests.builders import deliverable, new_plan, publish, report

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 12, 1, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def morning(running, time_machine):
    """A morning on which the plan is still running."""
    time_machine.move_to(MORNING, tick=False)


class BrokenServer(EmailBackend):
    """A mail server that takes nothing."""

    problem = smtplib.SMTPServerDisconnected("gone")

    def send_messages(self, messages):
        raise self.problem


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
    (link,) = [link for link in lxml.html.fromstring(html).iter("a") if link.text_content().startswith("Annual")]
    assert (kind, link.get("href")) == ("text/html", "http://127.0.0.1:8000/plans/2018-2020/L2M5D1/")
    assert ["- Annual" in message.body, "<" in message.body, message.body.endswith("/\n")] == [True, False, True]


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


def test_what_is_open_and_nobody_confirmed_for_90_days_is_told(rashid):
    responsible(rashid, "L1M1D2", due_on=None)
    assert "Not attained, and not reported or confirmed for over 90 days" in send()[0].body


def test_nobody_is_reminded_of_what_is_attained(rashid):
    responsible(rashid, "L1M1D1", due_on=date(2026, 11, 1))
    assert send() == []


def test_nobody_is_reminded_of_a_plan_that_is_over(plan, rashid):
    responsible(rashid, "L1M1D2", "L2M5D1")
    type(plan).objects.filter(pk=plan.pk).update(ends_on=date(2026, 11, 30))
    assert send() == []


def test_nobody_is_reminded_of_a_draft(rashid, sofia):
    new_plan(visibility=Visibility.DRAFT)
    Deliverable.objects.of_plan("2021-2023").update(responsible=sofia, due_on=date(2026, 12, 20))
    assert send() == []


def test_answers_go_to_the_secretariat(rashid, settings):
    settings.CONTACT_EMAIL = "secretariat@metropolis.example"
    responsible(rashid, "L2M5D1")
    assert send()[0].reply_to == ["secretariat@metropolis.example"]


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


class Refusing(EmailBackend):
    """A mail server that takes nothing for some addresses, with the given code."""

    addresses, code, answer = ["rashid@metropolis.example"], 550, b"no such user"

    def send_messages(self, messages):
        (address,) = messages[0].to
        if address in self.addresses:
            raise smtplib.SMTPRecipientsRefused({address: (self.code, self.answer)})
        return super().send_messages(messages)


@pytest.fixture
def refusing(settings, monkeypatch):
    """Make the server refuse these addresses with this code."""

    def refuse(*people, code=550):
        settings.EMAIL_BACKEND = f"{__name__}.Refusing"
        monkeypatch.setattr(Refusing, "addresses", [someone.email for someone in people])
        monkeypatch.setattr(Refusing, "code", code)

    return refuse


def test_addresses_that_are_refused_keep_nobody_else_waiting(rashid, beatriz, adam, sofia, refusing):
    refusing(rashid, beatriz, adam)
    for someone, code in ((rashid, "L2M5D1"), (beatriz, "L1M3D2"), (adam, "L1M8D1"), (sofia, "L1M1D2")):
        responsible(someone, code)
    assert [message.to[0] for message in send()] == [sofia.email]


def test_a_refusal_for_good_ends_what_is_written_to_an_address(rashid, refusing, time_machine):
    refusing(rashid)
    responsible(rashid, "L2M5D1")
    send()
    attempts = [(send(days, time_machine), Message.objects.get().attempts)[1] for days in (1, 8, 30)]
    assert (attempts, Message.objects.get().refused_address) == ([1, 1, 1], rashid.email)


@pytest.mark.parametrize(
    ("code", "answer", "is_dead"),
    [
        (550, "no such user", True),
        (550, "5.1.1 The email account does not exist", True),
        (550, "5.2.1 The account is disabled", True),
        (556, "5.1.10 The domain takes no mail", True),
        (554, "5.7.1 Client host [192.0.2.1] blocked", False),
        (550, "relay not permitted", False),
        (550, "5.1.8 Sender address rejected: domain not found", False),
        (552, "5.2.2 The mailbox is full", False),
        (450, "4.2.1 Try again later", False),
    ],
)
def test_only_an_address_that_does_not_exist_is_dead(rashid, refusing, monkeypatch, code, answer, is_dead):
    refusing(rashid, code=code)
    monkeypatch.setattr(Refusing, "answer", answer.encode())
    responsible(rashid, "L2M5D1")
    with contextlib.suppress(CommandError):
        send()
    message = Message.objects.get()
    assert (message.refused_address, message.ended_at is not None) == (rashid.email if is_dead else "", is_dead)


@pytest.mark.parametrize("problem", [UnicodeError("smtp..example"), ValueError("our fault")])
def test_a_fault_of_ours_marks_no_address(rashid, sofia, settings, monkeypatch, problem):
    monkeypatch.setattr(BrokenServer, "problem", problem)
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    responsible(rashid, "L2M5D1")
    with pytest.raises(CommandError):
        send()
    assert list(Message.objects.values_list("refused_address", "attempts", "ended_at")) == [("", 0, None)]


@pytest.mark.parametrize("code", [450, 550])
def test_an_address_that_is_refused_is_no_failure_of_the_command(rashid, beatriz, refusing, capsys, code):
    """Its timer would sound an alarm every day, while all others get their mail."""
    refusing(rashid, code=code)
    responsible(rashid, "L2M5D1")
    responsible(beatriz, "L1M3D2")
    call_command("send_reminders")
    told = capsys.readouterr().out
    assert "Sent 1 messages." in told
    assert ("1 messages were refused for now" if code == 450 else "1 addresses do not exist") in told


def test_a_server_that_shuts_down_uses_up_no_attempts(rashid, beatriz, refusing, time_machine):
    refusing(rashid, beatriz, code=421)
    responsible(rashid, "L2M5D1")
    responsible(beatriz, "L1M3D2")
    for days in range(6):
        with pytest.raises(CommandError):
            send(days, time_machine)
    assert set(Message.objects.values_list("attempts", "ended_at")) == {(0, None)}


def test_an_address_that_is_none_is_dead(rashid):
    type(rashid).objects.filter(pk=rashid.pk).update(email="rashid at metropolis")
    responsible(rashid, "L2M5D1")
    assert (send(), Message.objects.get().refused_address) == ([], "rashid at metropolis")


def test_the_admin_can_have_an_address_written_to_again(rashid, refusing, administrator, settings, time_machine):
    refusing(rashid)
    responsible(rashid, "L2M5D1")
    send()
    administrator.post("/admin/accounts/user/", {"action": "write_again", "_selected_action": [rashid.pk]})
    refusing()
    assert [message.to[0] for message in send(7, time_machine)] == [rashid.email]


def test_what_a_refused_digest_told_comes_into_the_next_one(follower, sofia, refusing, time_machine):
    refusing(follower, code=450)
    report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING + timedelta(days=1))
    for days in range(8, 14):
        with contextlib.suppress(CommandError):
            send(days, time_machine)
    refusing()
    assert [len(send(days, time_machine)) for days in (14, 15)] == [0, 1]
    assert "L2M5D1" in mail.outbox[0].body


def test_a_digest_that_waited_while_its_plan_was_private_comes_later(
    follower, plan, sofia, broken, settings, time_machine
):
    report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING + timedelta(days=1))
    with contextlib.suppress(CommandError):
        send(8, time_machine)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    found = []
    for days, visibility in ((9, Visibility.DRAFT), (10, Visibility.PUBLIC)):
        type(plan).objects.filter(pk=plan.pk).update(visibility=visibility)
        found.append(len(send(days, time_machine)))
    assert (found, "L2M5D1" in mail.outbox[0].body) == ([0, 1], True)


def test_a_corrected_address_gets_mail_again(rashid, refusing, time_machine):
    refusing(rashid)
    responsible(rashid, "L2M5D1")
    send()
    type(rashid).objects.filter(pk=rashid.pk).update(email="rashid.amrani@metropolis.example")
    assert [message.to[0] for message in send(7, time_machine)] == ["rashid.amrani@metropolis.example"]


def test_the_admin_shows_whose_address_is_refused(rashid, refusing, administrator):
    refusing(rashid)
    responsible(rashid, "L2M5D1")
    send()
    people = administrator.get("/admin/accounts/user/").context["cl"].result_list
    assert [someone.name for someone in people if not someone.has_valid] == ["Rashid Amrani"]


def test_what_is_refused_for_now_is_tried_again_but_not_for_ever(follower, sofia, refusing, time_machine):
    refusing(follower, code=450)
    report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING + timedelta(days=1))
    for days in range(8, 14):
        with contextlib.suppress(CommandError):
            send(days, time_machine)
    message = Message.objects.get()
    assert (message.attempts, message.ended_at is not None, message.refused_address) == (5, True, "")


def test_after_weeks_without_a_server_one_reminder_is_sent(rashid, sofia, broken, settings, time_machine):
    """Of what is still open, not one for each week."""
    responsible(rashid, "L2M5D1", "L1M3D2", due_on=date(2027, 2, 1))
    for days in range(50, 80):
        with contextlib.suppress(CommandError):
            send(days, time_machine)
    report(deliverable("L2M5D1"), "attained", by=sofia, effective_on=date(2026, 11, 20))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    (message,) = send(80, time_machine)
    assert ["L1M3D2" in message.body, "L2M5D1" in message.body] == [True, False]


def test_what_is_done_between_making_and_sending_is_not_sent(rashid, sofia):
    responsible(rashid, "L2M5D1", "L1M3D2")
    make_reminders(MORNING)
    report(deliverable("L2M5D1"), "attained", by=sofia, effective_on=date(2026, 11, 20))
    assert send_waiting() == (1, None)
    assert ["L1M3D2" in mail.outbox[0].body, "L2M5D1" in mail.outbox[0].body] == [True, False]


@pytest.mark.parametrize("change", [{"visibility": Visibility.DRAFT}, {"ends_on": date(2026, 11, 30)}])
def test_what_waits_about_a_plan_that_is_over_or_no_longer_to_be_read_is_not_sent(running, rashid, change):
    responsible(rashid, "L2M5D1")
    make_reminders(MORNING)
    type(running).objects.filter(pk=running.pk).update(was_public=True, **change)
    assert (send_waiting(), Message.objects.count()) == ((0, None), 0)


def test_a_message_that_waited_for_two_weeks_is_dropped(follower, sofia, time_machine):
    report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING + timedelta(days=1))
    make_digests(MORNING + timedelta(days=8))
    time_machine.move_to(MORNING + timedelta(days=23), tick=False)
    assert (send_waiting(), Message.objects.count()) == ((0, None), 0)
    assert "L2M5D1" in send()[0].body  # it comes into the next digest instead


def test_digests_that_wait_become_one(follower, sofia, broken, settings, time_machine):
    for week, code in enumerate(("L2M5D1", "L1M1D2", "L1M3D2")):
        report(deliverable(code), "in_progress", by=sofia, at=MORNING + timedelta(days=7 * week + 1))
        with contextlib.suppress(CommandError):
            send(7 * week + 8, time_machine)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    (message,) = send(30, time_machine)
    assert [code in message.body for code in ("L2M5D1", "L1M1D2", "L1M3D2")] == [True, True, True]


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


def test_late_entries_and_corrections_are_marked_in_a_digest(follower, sofia, time_machine):
    mistake = report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING)
    report(deliverable("L2M5D1"), "in_progress", by=sofia, at=MORNING, corrects=mistake)
    report(deliverable("L1M1D2"), "in_progress", by=sofia, at=MORNING, effective_on=date(2019, 3, 1))
    (message,) = send(8, time_machine)
    marks = ["corrected by entry 67; no longer counts", "corrects entry 66", "late entry: it did not change"]
    html = " ".join(message.alternatives[0][0].split())
    assert [mark in text for text in (message.body, html) for mark in marks] == [True] * 6


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
    report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING + timedelta(days=1), note="<b>done and dusted</b>")
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("The Board, point 7", date(2021, 6, 1)))
    publish(plan, by=sofia, at=MORNING + timedelta(days=1))
    (message,) = send(7, time_machine)
    assert message.subject == "Metropolis Tracker: Action Plan 2018–2027: 3 changes"
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
