"""Reporting rounds: opened, asked by mail, answered by link or on the page, reminded, closed."""

import io
import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail, signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from lxml import html
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from deliverables.models import Deliverable, Proposal, ProposalState, ReportingRound, open_deliverables
from deliverables.plan_editing import structure
from deliverables.rounds.board import Answer, board_of, progress_of_round
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from plans.models import ActionLine, Measure, Plan, Region, Visibility
from reports.mail.reminders import open_tasks
from reports.mail.report_links import SALT, token_for
from reports.mail.reporting import REMINDED_BEFORE, ask
from tests.builders import deliverable, form, new_plan, publish, report
from tests.conftest import browser_of, person
from tests.deliverables.evidence.files import PDF, hidden_data, picture, saved

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CLOSES = date(2026, 12, 15)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


def give(code, *slugs):
    structure.set_regions(deliverable(code), list(Region.objects.filter(slug__in=slugs)))


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def amina(running):
    """The regional secretary for Africa, with two deliverables that are still open."""
    someone = person("Amina Diallo", Role.REGIONAL_SECRETARIES)
    someone.region = Region.objects.get(slug="africa")
    someone.language = "fr"
    someone.save()
    give("L1M1D2", "africa")
    give("L1M2D1", "africa")
    Deliverable.objects.filter(pk=deliverable("L1M2D1").pk).update(status="in_progress")
    return someone


@pytest.fixture
def henrik(running):
    """Somebody of the Board who is responsible for a deliverable without a region."""
    someone = person("Henrik Olsen", Role.BOARD)
    Deliverable.objects.filter(pk=deliverable("L2M1D2").pk).update(responsible=someone, status="in_progress")
    return someone


CODES = ["L1M1D2", "L1M2D1", "L2M1D2"]


@pytest.fixture
def opened(running, amina, henrik, sofia):
    return ReportingRound.objects.begin(
        running, name="November round", closes_on=CLOSES, deliverables=[deliverable(code) for code in CODES], by=sofia
    )


def board(opened):
    return board_of(ReportingRound.objects.select_related("plan").get(pk=opened.pk))


def asks(opened):
    return {str(each.deliverable.code): (each.party.name, each.answer) for each in board(opened).asks}


def send_messages():
    mail.outbox.clear()
    call_command("send_messages", verbosity=0, stdout=io.StringIO())
    return {message.to[0].partition("@")[0]: message for message in mail.outbox}


def link_of(message):
    [(content, _kind)] = message.alternatives
    return re.search(r'https?://[^/]+(/[^"]*report/[^"]+/)"', content)[1]


# Opening


def open_by_form(client, **fields):
    sent = {"name": "November round", "closes_on": str(CLOSES), "scope": "open"} | fields
    return client.post(f"{PLAN}rounds/new/", sent)


def test_the_page_says_who_will_be_asked(secretariat, amina, henrik):
    page = secretariat.get(f"{PLAN}rounds/new/")
    assert {party.party.name: party.total for party in page.context["board"].parties} == {
        "Africa": 2, "Henrik Olsen": 1,
    }  # fmt: skip
    assert page.context["form"]["closes_on"].value() == date(2026, 12, 15)
    assert "November reporting round" in text_of(page)


def test_a_round_asks_about_what_is_open_and_writes_one_mail_a_person(secretariat, running, amina, henrik):
    answer = open_by_form(secretariat)
    assert answer.url == f"{PLAN}rounds/1/"
    [opened] = ReportingRound.objects.all()
    assert opened.deliverables.count() == len(open_deliverables(running)) == 18
    assert "2 e-mails go out within ten minutes." in text_of(secretariat.get(answer.url))
    sent = send_messages()
    assert sorted(sent) == ["amina", "henrik"]
    assert sent["amina"].subject == "Metropolis Tracker\u00a0: 2 rapports sont attendus d’ici le 15 décembre 2026"
    assert sent["henrik"].subject == "Metropolis Tracker: One report is due by 15 December 2026"
    assert "/fr/report/" in link_of(sent["amina"])


def test_it_can_ask_about_some_alone(secretariat, amina):
    open_by_form(secretariat, scope="chosen", deliverables=[deliverable("L1M1D2").pk])
    assert [row.code for row in ReportingRound.objects.get().deliverables.all()] == [deliverable("L1M1D2").code]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, "Enter a name."),
        ({"name": "x" * 81}, "Write at most 80 characters"),
        ({"closes_on": "2026-11-23"}, "This day is in the past."),
        ({"closes_on": "2028-01-01"}, "A round lasts a year at most."),
        ({"closes_on": "soon"}, "soon"),
        ({"scope": "chosen"}, "Choose what to ask about."),
        ({"scope": "chosen", "deliverables": ["0"]}, "The list has changed."),
    ],
)
def test_wrong_input_is_explained_and_kept(secretariat, amina, fields, error):
    answer = open_by_form(secretariat, **{"name": "The name I typed"} | fields)
    assert answer.status_code == 422
    assert error in text_of(answer)
    assert "name" in fields or 'value="The name I typed"' in text_of(answer)
    assert not ReportingRound.objects.exists()


def test_all_that_is_wrong_is_said_at_once(secretariat, amina):
    page = text_of(open_by_form(secretariat, name="", closes_on="2026-11-23", scope="chosen"))
    assert "Enter a name." in page
    assert "This day is in the past." in page
    assert "Choose what to ask about." in page


def test_one_round_is_open_at_a_time(secretariat, opened):
    assert "“November round” is still open. Close it first." in text_of(open_by_form(secretariat))
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportingRound.objects.bulk_create([ReportingRound(
            plan=opened.plan, number=2, name="x", closes_on=CLOSES, opened_at=NOW, opened_by=opened.opened_by
        )])  # fmt: skip


def test_the_page_that_opens_one_leads_to_the_one_that_is_open(secretariat, opened):
    answer = secretariat.get(f"{PLAN}rounds/new/", follow=True)
    assert answer.redirect_chain == [(f"{PLAN}rounds/1/", 302)]
    assert "“November round” is still open. Close it first." in text_of(answer)
    assert "Open a round" not in text_of(secretariat.get(f"{PLAN}rounds/"))


def test_what_waits_already_is_an_answer(running, amina, sofia):
    propose_by_page(browser_of(amina), "L1M1D2")
    rows = [deliverable("L1M1D2"), deliverable("L1M2D1")]
    opened = ReportingRound.objects.begin(running, name="Next", closes_on=CLOSES, deliverables=rows, by=sofia)
    assert asks(opened) == {"L1M1D2": ("Africa", Answer.WAITING), "L1M2D1": ("Africa", Answer.OPEN)}


def test_a_region_without_a_secretary_is_named(secretariat, opened):
    give("L2M1D2", "europe")
    assert "so nobody is asked for them: Europe" in text_of(secretariat.get(f"{PLAN}rounds/1/"))


def test_a_plan_that_is_over_has_no_rounds(secretariat, plan):
    assert "This plan is over" in text_of(open_by_form(secretariat))


def test_a_round_raises_its_own_revision_alone(running, amina, sofia):
    before = Plan.objects.get()
    rows = [deliverable("L1M1D2")]
    opened = ReportingRound.objects.begin(running, name="x", closes_on=CLOSES, deliverables=rows, by=sofia)
    opened.close(by=sofia)
    after = Plan.objects.get()
    assert after.reporting_revision == before.reporting_revision + 2
    assert after.revision == before.revision


# Who is asked, and who has answered


def filled_in(code, **fields):
    """What the form of a report sends."""
    defaults = {"status": "in_progress", "note": "It is under way in Dakar.", "submission": uuid.uuid4()}
    return form(deliverable(code), **defaults | fields)


def propose_by_page(client, code, **fields):
    sent = (
        form(deliverable(code), status="in_progress", note="It is under way in Dakar.", submission=uuid.uuid4())
        | fields
    )
    assert client.post(f"{PLAN}{code}/propose/", sent).status_code == 302
    return Proposal.objects.order_by("-pk").first()


def test_the_board_says_what_became_of_each_question(opened, amina, henrik, sofia):
    assert asks(opened) == {
        "L1M1D2": ("Africa", Answer.OPEN),
        "L1M2D1": ("Africa", Answer.OPEN),
        "L2M1D2": ("Henrik Olsen", Answer.OPEN),
    }
    first = propose_by_page(browser_of(amina), "L1M1D2")
    assert asks(opened)["L1M1D2"][1] == Answer.WAITING
    first.send_back(by=sofia, comment="Please add the list.")
    assert asks(opened)["L1M1D2"][1] == Answer.SENT_BACK
    second = propose_by_page(browser_of(amina), "L1M1D2")
    second.accept(by=sofia, seen=deliverable("L1M1D2").last_sequence)
    assert asks(opened)["L1M1D2"][1] == Answer.ACCEPTED
    report(deliverable("L2M1D2"), "in_progress", by=sofia)
    assert asks(opened)["L2M1D2"][1] == Answer.RECORDED
    assert (board(opened).answered, board(opened).total) == (2, 3)


def test_what_was_recorded_before_the_round_is_no_answer(running, amina, henrik, sofia):
    report(deliverable("L2M1D2"), "in_progress", by=sofia)
    rows = [deliverable("L2M1D2")]
    opened = ReportingRound.objects.begin(running, name="x", closes_on=CLOSES, deliverables=rows, by=sofia)
    assert asks(opened)["L2M1D2"][1] == Answer.OPEN


def test_every_region_is_asked_for_itself(running, amina, sofia):
    lucie = person("Lucie Martin", Role.REGIONAL_SECRETARIES)
    User.objects.filter(pk=lucie.pk).update(region=Region.objects.get(slug="europe"))
    give("L1M1D2", "africa", "europe", "north-america")
    rows = [deliverable("L1M1D2")]
    opened = ReportingRound.objects.begin(running, name="x", closes_on=CLOSES, deliverables=rows, by=sofia)
    propose_by_page(browser_of(amina), "L1M1D2")
    assert {each.party.name: each.answer for each in board(opened).asks} == {
        "Africa": Answer.WAITING, "Europe": Answer.OPEN,
    }  # fmt: skip


def test_a_responsible_secretary_is_asked_once(running, amina, sofia):
    Deliverable.objects.filter(pk=deliverable("L1M1D2").pk).update(responsible=amina)
    rows = [deliverable("L1M1D2")]
    opened = ReportingRound.objects.begin(running, name="x", closes_on=CLOSES, deliverables=rows, by=sofia)
    assert [each.party.name for each in board(opened).asks] == ["Africa"]


def test_about_some_nobody_is_asked_and_the_page_says_so(secretariat, running, amina, sofia):
    rows = [deliverable("L1M1D2"), deliverable("L3M3D1")]
    ReportingRound.objects.begin(running, name="x", closes_on=CLOSES, deliverables=rows, by=sofia)
    assert "About one deliverable nobody is asked" in text_of(secretariat.get(f"{PLAN}rounds/1/"))


def test_a_deputy_is_asked_too_and_reports_for_both(opened, amina, rashid, henrik):
    User.objects.filter(pk__in=[amina.pk, henrik.pk]).update(deputy=rashid)
    assert len(board(opened).asks_of(rashid)) == 3
    propose_by_page(browser_of(rashid), "L2M1D2")
    assert asks(opened)["L2M1D2"] == ("Henrik Olsen", Answer.WAITING)
    assert Proposal.objects.get().on_behalf_of == henrik


def test_who_is_secretary_and_deputy_is_asked_once_for_the_region(running, amina, sofia):
    """As `asked_capacity` says: for the responsible person, that person reports themselves."""
    someone = person("Lucia Ferrer", Role.BOARD)
    someone.deputy = amina
    someone.save()
    Deliverable.objects.filter(pk=deliverable("L1M1D2").pk).update(responsible=someone)
    opened = ReportingRound.objects.begin(
        running, name="R", closes_on=CLOSES, deliverables=[deliverable("L1M1D2")], by=sofia
    )
    assert [each.party.name for each in board(opened).asks_of(amina)] == ["Africa"]
    propose_by_page(browser_of(amina), "L1M1D2")
    assert [each.pk for each in ask(board(opened), now=NOW)] == [someone.pk]


def test_withdrawn_deliverables_are_asked_no_more(opened):
    Deliverable.objects.filter(pk=deliverable("L1M1D2").pk).update(withdrawn_on="2026-11-01")
    assert sorted(asks(opened)) == ["L1M2D1", "L2M1D2"]


def test_a_closed_round_stays_as_it_was(secretariat, opened, sofia, amina):
    propose_by_page(browser_of(amina), "L1M1D2")
    secretariat.post(f"{PLAN}rounds/1/close/")
    with time_machine.travel(NOW + timedelta(hours=1)):
        report(deliverable("L2M1D2"), "in_progress", by=sofia, at=NOW + timedelta(hours=1))
        User.objects.filter(pk=amina.pk).update(region=None)
        page = text_of(secretariat.get(f"{PLAN}rounds/1/"))
    opened.refresh_from_db()
    assert progress_of_round(opened) == (1, 3)
    assert "1 of 3 reports were in." in page


def test_the_page_of_the_round_shows_reports_and_who_is_late(secretariat, opened, amina):
    propose_by_page(browser_of(amina), "L1M1D2")
    page = text_of(secretariat.get(f"{PLAN}rounds/1/"))
    assert "1 of 3 reports are in." in page
    assert "1 report to check" in page
    assert "It is under way in Dakar." in page
    assert "Remind the 2 that are late" in page


def test_a_round_in_which_all_is_checked_says_so_and_offers_its_end(secretariat, opened, sofia):
    for code in CODES:
        report(deliverable(code), "in_progress", by=sofia, at=NOW + timedelta(hours=1))
    page = text_of(secretariat.get(f"{PLAN}rounds/1/"))
    assert "Nothing left to check" in page
    assert page.count("Close the round") == 1


@pytest.mark.parametrize("path", ["rounds/", "rounds/new/", "rounds/1/", "rounds/1/reminder/"])
def test_only_those_who_record_run_rounds(board, regional, visitor, opened, path):
    assert [client.get(PLAN + path).status_code for client in (board, regional, visitor)] == [403, 403, 302]


# Mails


def test_a_reminder_lists_only_what_is_missing(secretariat, opened, amina, henrik):
    propose_by_page(browser_of(amina), "L1M1D2")
    secretariat.post(f"{PLAN}rounds/1/remind/", {})
    sent = send_messages()
    assert sorted(sent) == ["amina", "henrik", "sofia"]
    assert "L1M2D1" in sent["amina"].body
    assert "L1M1D2" not in sent["amina"].body
    assert "Merci" in sent["amina"].body


def test_one_party_is_reminded_alone(secretariat, opened):
    secretariat.post(f"{PLAN}rounds/1/remind/", {"party": "africa"})
    assert sorted(send_messages()) == ["amina"]


def test_who_has_answered_meanwhile_gets_no_reminder(secretariat, opened, henrik):
    secretariat.post(f"{PLAN}rounds/1/remind/", {"party": str(henrik.pk)})
    propose_by_page(browser_of(henrik), "L2M1D2")
    assert "henrik" not in send_messages()


def test_a_round_reminds_once_by_itself_a_week_before_its_end(opened, clock):
    assert send_messages() == {}
    clock.move_to(datetime.combine(CLOSES - REMINDED_BEFORE, datetime.min.time(), UTC) + timedelta(hours=9))
    assert sorted(send_messages()) == ["amina", "henrik"]
    clock.shift(timedelta(days=1))
    assert send_messages() == {}


def test_who_wants_no_reminders_gets_the_first_question_only(secretariat, amina, henrik, clock):
    User.objects.filter(pk=amina.pk).update(reminders=False)
    open_by_form(secretariat)
    assert "amina" in send_messages()
    secretariat.post(f"{PLAN}rounds/1/remind/", {"party": "africa"})
    assert "amina" not in send_messages()


def test_nobody_is_asked_about_a_plan_they_may_not_read(secretariat, amina, henrik):
    Plan.objects.update(visibility=Visibility.DRAFT)
    open_by_form(secretariat)
    assert send_messages() == {}


def test_a_reminder_can_be_seen_before_it_is_sent(secretariat, opened):
    answer = secretariat.get(f"{PLAN}rounds/1/reminder/?party=africa")
    assert "2 reports are due by 15 December 2026" in text_of(answer)
    assert "/report/" not in answer.content.decode()
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_secretariat_gets_one_mail_about_new_reports(opened, amina, henrik, sofia, adam):
    for client, code in ((browser_of(amina), "L1M1D2"), (browser_of(henrik), "L2M1D2")):
        propose_by_page(client, code)
    sent = send_messages()
    assert sorted(sent) == ["sofia"]
    assert sent["sofia"].subject == "Metropolis Tracker: 2 reports to check"
    assert send_messages() == {}


def test_what_was_checked_before_the_mail_is_not_announced(opened, amina, sofia):
    propose_by_page(browser_of(amina), "L1M1D2").accept(by=sofia, seen=deliverable("L1M1D2").last_sequence)
    assert sorted(send_messages()) == ["amina"]


def test_the_author_gets_one_mail_with_the_answers(opened, amina, sofia):
    client = browser_of(amina)
    propose_by_page(client, "L1M1D2").send_back(by=sofia, comment="Please add the list.")
    propose_by_page(client, "L1M2D1").accept(by=sofia, seen=deliverable("L1M2D1").last_sequence)
    sent = send_messages()
    assert sorted(sent) == ["amina"]
    assert "“Please add the list.”" in sent["amina"].body
    assert "L1M2D1" in sent["amina"].body
    assert link_of(sent["amina"]).endswith("/L1M1D2/")
    assert send_messages() == {}


def test_an_answer_is_not_sent_once_its_author_has_reported_again(opened, amina, sofia):
    client = browser_of(amina)
    propose_by_page(client, "L1M1D2").send_back(by=sofia, comment="Please add the list.")
    propose_by_page(client, "L1M1D2")
    assert sorted(send_messages()) == ["sofia"]


def test_the_author_learns_that_it_was_changed(opened, amina, sofia):
    proposal = propose_by_page(browser_of(amina), "L1M1D2")
    changed = proposal.report | {"note": "It is under way in Dakar and Rabat."}
    proposal.accept(by=sofia, seen=deliverable("L1M1D2").last_sequence, report=changed)
    User.objects.filter(pk=amina.pk).update(language="en")
    assert "Accepted with changes" in send_messages()["amina"].body


def test_a_question_that_waits_is_made_again_once_something_is_answered(opened, amina):
    User.objects.filter(pk=amina.pk).update(language="en")
    ask(board(opened), now=NOW)
    propose_by_page(browser_of(amina), "L1M1D2")
    send_messages()
    [message] = [message for message in mail.outbox if message.to == [amina.email]]
    assert message.subject == "Metropolis Tracker: One report is due by 15 December 2026"
    assert "L1M1D2" not in message.body


def test_nobody_is_reminded_twice_a_day_by_the_button_for_all(secretariat, opened, henrik):
    secretariat.post(f"{PLAN}rounds/1/remind/", {})
    assert "goes out soon" in text_of(secretariat.get(f"{PLAN}rounds/1/"))
    assert "Remind them tomorrow" in text_of(secretariat.post(f"{PLAN}rounds/1/remind/", {}, follow=True))
    assert send_messages()["henrik"].subject == "Metropolis Tracker: One report is due by 15 December 2026"
    assert "goes out soon" not in text_of(secretariat.get(f"{PLAN}rounds/1/"))
    assert "Remind them tomorrow" in text_of(secretariat.post(f"{PLAN}rounds/1/remind/", {}, follow=True))
    assert send_messages() == {}
    secretariat.post(f"{PLAN}rounds/1/remind/", {"party": str(henrik.pk)})
    assert send_messages()["henrik"].subject == "Metropolis Tracker: Reminder: One report is due by 15 December 2026"


def test_a_round_that_is_over_leaves_people_to_their_usual_reminders(opened, henrik):
    def codes(day):
        return {str(row.code) for _need, rows in open_tasks(henrik, day) for row in rows}

    Plan.objects.update(ends_on=date(2099, 12, 31))
    Deliverable.objects.filter(pk=deliverable("L2M1D2").pk).update(due_on=date(2026, 12, 1))
    assert codes(CLOSES) == set()
    assert codes(CLOSES + timedelta(days=1)) == {"L2M1D2"}


def test_nobody_is_reminded_after_the_last_day(secretariat, opened, clock):
    clock.move_to(datetime(2026, 12, 16, 9, tzinfo=UTC))
    secretariat = browser_of(opened.opened_by)
    assert "takes no more reports" in text_of(secretariat.post(f"{PLAN}rounds/1/remind/", follow=True))
    assert send_messages() == {}


# By link


@pytest.fixture
def link(opened, amina):
    """The address of Amina's link, and a browser in which nobody is signed in."""
    return Client(), f"/report/{token_for(opened, amina)}/"


def send_by_link(link, code="L1M1D2", **fields):
    client, path = link
    sent = (
        form(deliverable(code), status="in_progress", note="It is under way in Dakar.", submission=uuid.uuid4())
        | fields
    )
    return client.post(f"{path}{code}/", sent)


def test_a_link_opens_what_its_person_is_asked(link):
    client, path = link
    page = client.get(path)
    assert [str(row.deliverable.code) for row in page.context["asked"].missing] == ["L1M1D2", "L1M2D1"]
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert not client.cookies.get("sessionid")


def test_a_report_by_link_is_that_of_its_person(link, amina):
    client, path = link
    assert send_by_link(link).url == path
    [proposal] = Proposal.objects.all()
    assert (proposal.proposed_by, proposal.region.slug, proposal.round.name) == (amina, "africa", "November round")
    assert "Sent to the Secretariat." in text_of(client.get(path))


def test_a_photo_is_sent_along(link):
    client, path = link
    photo = SimpleUploadedFile("IMG_1.jpg", saved(picture(), "jpeg", exif=hidden_data()))
    answer = client.post(f"{path}files/", {"files": photo, "end": "1"})
    [token] = html.fromstring(answer.content).xpath("//input[@name='files-token']/@value")
    assert send_by_link(link, **{"files-token": [token]}).status_code == 302
    assert Proposal.objects.get().evidence[0].file.kind == "jpeg"


def test_an_error_keeps_what_was_typed_and_the_file(link):
    answer = send_by_link(link, status="", next_step="Print it.", files=[SimpleUploadedFile("a.pdf", PDF)])
    assert answer.status_code == 422
    assert 'value="Print it."' in text_of(answer)
    assert len(html.fromstring(answer.content).xpath("//input[@name='files-token']")) == 1


def test_it_opens_nothing_else(link):
    client, path = link
    assert send_by_link(link, "L2M1D2").status_code == 404
    assert client.get(f"{path}L1M1D1/").status_code == 404
    for other in (f"{PLAN}todo/", f"{PLAN}rounds/1/", "/mail/"):
        assert client.get(other).status_code == 302
    assert client.post(f"{PLAN}L1M1D2/propose/", {}).status_code == 302


@pytest.mark.parametrize("change", ["forged", "salt", "other person", "cut"])
def test_a_forged_link_is_not_found(opened, amina, change):
    token = token_for(opened, amina)
    names = {"round": str(opened.key), "person": str(uuid.uuid4())}
    tokens = {
        "forged": token[:-1] + ("a" if token[-1] != "a" else "b"),
        "salt": signing.dumps({"round": str(opened.key), "person": str(amina.pk)}, salt="stop-mail"),
        "other person": signing.dumps(names, salt=SALT),
        "cut": token[:20],
    }
    for path in ("", "L1M1D2/"):
        assert Client().get(f"/report/{tokens[change]}/{path}").status_code == 404
    assert Client().post(f"/report/{tokens[change]}/files/", {}).status_code == 404


def test_a_link_ends_with_the_last_day(link, clock):
    client, path = link
    clock.move_to(datetime(2026, 12, 15, 20, tzinfo=UTC))
    assert client.get(path).status_code == 200
    clock.move_to(datetime(2026, 12, 16, 9, tzinfo=UTC))
    answer = client.get(path)
    assert answer.status_code == 410
    assert "This link has ended" in text_of(answer)
    assert send_by_link(link).status_code == 410
    assert client.post(f"{path}files/", {"files": SimpleUploadedFile("a.pdf", PDF)}).status_code == 410
    assert not Proposal.objects.exists()


def test_a_link_ends_when_the_round_is_closed(link, opened, sofia):
    opened.close(by=sofia)
    assert link[0].get(link[1]).status_code == 410


def test_a_link_of_somebody_who_left_is_not_found(link, amina):
    User.objects.filter(pk=amina.pk).update(is_active=False)
    assert link[0].get(link[1]).status_code == 404


def test_a_link_opens_nothing_once_the_region_is_anothers(link, amina):
    User.objects.filter(pk=amina.pk).update(region=None)
    assert link[0].get(link[1]).context["asked"].rows == ()
    assert send_by_link(link).status_code == 404


def test_a_link_works_for_a_plan_that_visitors_may_not_read(link):
    Plan.objects.update(visibility=Visibility.MEMBERS)
    assert link[0].get(link[1]).status_code == 200
    assert link[0].get(PLAN).status_code == 404


def test_a_large_file_needs_a_genuine_link(link):
    big = SimpleUploadedFile("a.txt", b"word " * 700_000)
    client, path = link
    assert client.post(f"{path}files/", {"files": big, "end": "1"}).status_code == 200
    big.seek(0)
    assert client.post("/report/forged/files/", {"files": big, "end": "1"}).status_code == 413


def test_rounds_and_reports_by_link_are_logged_without_the_link(secretariat, sofia, amina, caplog):
    caplog.set_level("INFO", "tracker.security")
    open_by_form(secretariat)
    token = token_for(ReportingRound.objects.get(), amina)
    send_by_link((Client(), f"/report/{token}/"))
    secretariat.post(f"{PLAN}rounds/1/close/")
    logged = [record.fields for record in caplog.records if record.name == "tracker.security"]
    assert [(fields["event"], fields["person"], fields.get("account")) for fields in logged] == [
        ("reporting round opened", str(sofia.pk), None),
        ("report by link", None, str(amina.pk)),
        ("reporting round closed", str(sofia.pk), None),
    ]
    assert token[:20] not in str(logged)


def test_the_link_says_what_was_sent_back(link, amina, sofia):
    send_by_link(link)
    Proposal.objects.get().send_back(by=sofia, comment="Please add the list.")
    assert "Please add the list." in text_of(link[0].get(link[1]))
    page = text_of(link[0].get(f"{link[1]}L1M1D2/"))
    assert "Please add the list." in page
    assert "It is under way in Dakar." in page


def test_a_report_is_withdrawn_by_link(link, amina):
    client, path = link
    assert "Withdraw my report" not in text_of(client.get(f"{path}L1M1D2/"))
    send_by_link(link)
    assert "Withdraw my report" in text_of(client.get(f"{path}L1M1D2/"))
    key = Proposal.objects.get().key
    assert client.post(f"{path}withdraw/{uuid.uuid4()}/").status_code == 404
    assert Proposal.objects.get().is_waiting
    assert client.post(f"{path}withdraw/{key}/").url == path
    assert Proposal.objects.get().state == ProposalState.WITHDRAWN
    assert "has withdrawn this report" in text_of(client.post(f"{path}withdraw/{key}/", follow=True))


def test_a_link_withdraws_nothing_that_its_round_does_not_ask_about(link, amina):
    give("L2M1D2", "africa")
    give("L2M1D3", "africa")
    Deliverable.objects.filter(pk=deliverable("L2M1D3").pk).update(status="in_progress")
    other = propose_by_page(browser_of(amina), "L2M1D3")
    assert link[0].post(f"{link[1]}withdraw/{other.key}/").status_code == 404
    assert Proposal.objects.get().is_waiting


def test_a_link_of_a_plan_that_became_a_draft_is_not_found(link):
    client, path = link
    Plan.objects.update(visibility=Visibility.DRAFT)
    for method, address in ((client.get, path), (client.get, f"{path}L1M1D2/"), (client.post, f"{path}files/")):
        assert method(address).status_code == 404


# Pages of people


def test_a_deputy_is_told_for_whom(opened, amina, rashid, secretariat):
    rashid.deputy_of.set([amina])
    text = "You are asked as the deputy of Amina Diallo."
    ask(board(opened), now=NOW)
    sent = send_messages()
    assert text in sent["rashid"].body
    assert "adjoint" not in sent["amina"].body
    assert text in text_of(browser_of(rashid).get(f"{PLAN}mine/"))
    assert text in text_of(Client().get(f"/report/{token_for(opened, rashid)}/"))


def test_a_page_as_of_a_date_says_that_its_regions_are_those_of_today(visitor, amina):
    text = "Which region has a deliverable is shown as it is today."
    assert text in text_of(visitor.get(f"{PLAN}regions/africa/?as_of=2020-06-30"))
    assert text not in text_of(visitor.get(f"{PLAN}regions/africa/"))
    for query, is_there in (("?as_of=2020-06-30", True), ("", False)):
        pdf = PdfReader(io.BytesIO(visitor.get(f"{PLAN}regions/africa/summary.pdf{query}").content))
        book = CalamineWorkbook.from_filelike(
            io.BytesIO(visitor.get(f"{PLAN}regions/africa/summary.xlsx{query}").content)
        )
        assert (text in " ".join(pdf.pages[0].extract_text().split())) == is_there
        assert (text in str(book.get_sheet_by_name("Summary").to_python())) == is_there


def test_a_secretary_lands_on_the_region_and_sees_what_is_asked(opened, amina):
    client = browser_of(amina)
    assert client.get("/", follow=True).request["PATH_INFO"] == f"/fr{PLAN}regions/africa/"
    page = client.get(f"/fr{PLAN}regions/africa/")
    assert [str(row.deliverable.code) for row in page.context["asked"].missing] == ["L1M1D2", "L1M2D1"]


def test_others_do_not_see_what_a_region_is_asked(opened, secretariat, visitor, board):
    for client in (secretariat, visitor, board):
        assert "Report this round" not in text_of(client.get(f"{PLAN}regions/africa/"))


def test_who_is_responsible_lands_on_their_reports(opened, henrik):
    client = browser_of(henrik)
    assert client.get("/").url == f"{PLAN}mine/"
    assert "You have one deliverable to report on by 15 December 2026." in text_of(client.get(f"{PLAN}mine/"))


def test_without_a_round_the_page_lists_what_one_may_report_on(running, henrik):
    page = browser_of(henrik).get(f"{PLAN}mine/")
    assert [str(row.deliverable.code) for row in page.context["asked"].missing] == ["L2M1D2"]
    assert "What you can report on" in text_of(page)


def test_others_land_on_the_plan(running, board, secretariat, visitor):
    assert {client.get("/").url for client in (board, secretariat)} == {PLAN}


def test_what_was_sent_back_is_over_once_the_secretariat_has_recorded_it(running, amina, sofia, clock):
    client = browser_of(amina)
    propose_by_page(client, "L1M1D2").send_back(by=sofia, comment="Please add the list.")
    page = f"/fr{PLAN}regions/africa/"
    assert "Please add the list." in text_of(client.get(page))
    clock.shift(timedelta(minutes=5))
    report(deliverable("L1M1D2"), "in_progress", by=sofia, at=NOW + timedelta(minutes=5))
    assert "Please add the list." not in text_of(client.get(page))
    assert "It is under way in Dakar." not in text_of(client.get(f"{PLAN}L1M1D2/"))


def test_the_banner_of_a_round_is_for_those_who_run_it(secretariat, board, opened):
    assert f"{PLAN}rounds/1/" in text_of(secretariat.get(f"{PLAN}todo/"))
    assert f"{PLAN}rounds/1/" not in text_of(board.get(f"{PLAN}todo/"))


# Closing, and the edition


def test_a_round_is_closed_and_its_reports_still_accepted(secretariat, opened, amina):
    proposal = propose_by_page(browser_of(amina), "L1M1D2")
    assert secretariat.post(f"{PLAN}rounds/1/close/").status_code == 302
    assert "The round was closed on 24 November 2026." in text_of(secretariat.get(f"{PLAN}rounds/1/"))
    seen = deliverable("L1M1D2").last_sequence
    assert secretariat.post(f"{PLAN}proposals/{proposal.key}/accept/", {"seen": seen}).status_code == 302
    assert Proposal.objects.get().state == ProposalState.ACCEPTED
    assert "nobody is asked any more" in text_of(secretariat.post(f"{PLAN}rounds/1/remind/", follow=True))


def test_the_last_day_of_a_closed_round_stays(secretariat, opened):
    secretariat.post(f"{PLAN}rounds/1/close/")
    answer = secretariat.post(f"{PLAN}rounds/1/extend/", {"closes_on": "2026-12-20"}, follow=True)
    assert "This round is closed. Open a new one." in text_of(answer)


def test_its_last_day_can_be_moved(secretariat, opened):
    assert secretariat.post(f"{PLAN}rounds/1/extend/", {"closes_on": "2026-12-20"}).status_code == 302
    assert ReportingRound.objects.get().closes_on == date(2026, 12, 20)
    answer = secretariat.post(f"{PLAN}rounds/1/extend/", {"closes_on": "2026-11-01"})
    assert answer.status_code == 422
    assert "This day is in the past." in text_of(answer)
    opened.close(by=opened.opened_by)
    with pytest.raises(ValidationError, match="closed"):
        opened.extend(date(2026, 12, 30))


def test_the_next_edition_has_the_round_on_its_checklist(secretariat, opened, amina, sofia):
    propose_by_page(browser_of(amina), "L1M1D2")
    page = text_of(secretariat.get(f"{PLAN}editions/new/check/"))
    assert "November round</bdi>: 1 of 3 reports are in, the round is still open" in page
    assert "<b>One</b> report to check: it is not in the edition" in page
    assert publish(Plan.objects.get(), by=sofia).number == 1


# Size


def large_round(sofia):
    """A plan of 650 deliverables with 200 people who are responsible, 5 regions, and a third reported."""
    plan = new_plan("2025-2027", deliverables=0)
    Plan.objects.filter(pk=plan.pk).update(ends_on=date(2027, 12, 31))
    plan.refresh_from_db()
    people = User.objects.bulk_create(
        User(email=f"p{number}@metropolis.example.org", name=f"Person {number:03}") for number in range(200)
    )
    line = ActionLine.objects.get(plan=plan)
    measures = Measure.objects.bulk_create(
        Measure(action_line=line, number=number, statement="That it is done.") for number in range(2, 67)
    )
    rows = Deliverable.objects.bulk_create(
        Deliverable(
            measure=measure, number=number, title=f"Thing {number}", responsible=people[(10 * index + number) % 200]
        )
        for index, measure in enumerate(measures)
        for number in range(1, 11)
    )
    return ReportingRound.objects.begin(plan, name="Large", closes_on=CLOSES, deliverables=rows, by=sofia)


@pytest.mark.parametrize("is_large", [False, True])
def test_the_number_of_queries_does_not_grow(secretariat, opened, sofia, django_assert_max_num_queries, is_large):
    page = f"{PLAN}rounds/1/"
    if is_large:
        large_round(sofia)
        page = "/plans/2025-2027/rounds/1/"
    secretariat.get(page)
    with django_assert_max_num_queries(18):
        answer = secretariat.get(page)
    assert answer.context["board"].total == (650 if is_large else 3)


def test_a_report_link_is_on_no_page_of_another_one(opened, amina, henrik):
    """The fields of a form are drawn once for all: not the address to which one person uploads files."""
    for someone in (amina, henrik):
        link = f"/report/{token_for(opened, someone)}/"
        codes = re.findall(rf"{link}(L\d+M\d+D\d+)/", Client().get(link).content.decode())
        page = Client().get(f"{link}{codes[0]}/").content.decode()
        assert re.findall(r'data-upload="([^"]*)"', page) == [f"{link}files/"], someone
