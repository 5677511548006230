"""Proposals: who may report on what, and how the secretariat answers. Nothing counts before."""

import io
import threading
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from lxml import html

from deliverables.evidence.attached import store_upload
from deliverables.models import (
    AlreadyAnswered,
    Conflict,
    Deliverable,
    Evidence,
    EvidenceFile,
    Proposal,
    ProposalItem,
    ProposalState,
    ReportingRound,
    StatusUpdate,
    Takedown,
)
from deliverables.plan_editing import structure
from deliverables.proposals.rights import Capacity, capacity_of, regions_of, reportable
from deliverables.verification import verify_history
from metropolis_tracker.accounts.roles import Role
from plans.models import Plan, Region, Visibility
from tests.builders import deliverable, form, report
from tests.conftest import browser_of, person
from tests.deliverables.evidence.files import PDF

pytestmark = pytest.mark.django_db
CODE = "L1M1D2"
PAGE = f"/plans/2018-2020/{CODE}/"
TODO = "/plans/2018-2020/todo/"


def give(code, *slugs):
    structure.set_regions(deliverable(code), list(Region.objects.filter(slug__in=slugs)))


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def africa(plan):
    return Region.objects.get(slug="africa")


@pytest.fixture
def amina(plan, africa):
    """The regional secretary for Africa, to which L1M1D2 belongs."""
    someone = person("Amina Diallo", Role.REGIONAL_SECRETARIES)
    someone.region = africa
    someone.save()
    give(CODE, "africa")
    return someone


@pytest.fixture
def client_of_amina(amina):
    return browser_of(amina)


def content(**fields):
    values = {
        "status": "in_progress", "reason": "", "effective_on": date(2021, 1, 14), "achieved": None,
        "note": "The agenda was agreed in Dakar.", "next_step": "", "expected_on": None, "evidence": (),
    }  # fmt: skip
    return values | fields


def propose(by, code=CODE, *, capacity=None, seen=None, **fields):
    on = deliverable(code)
    waiting = Proposal.objects.waiting().filter(deliverable=on, proposed_by=by).first()
    return Proposal.objects.propose(
        on,
        content(**fields),
        by=by,
        capacity=capacity or capacity_of(by, on),
        seen=on.last_sequence if seen is None else seen,
        submission=uuid.uuid4(),
        replaces=waiting and waiting.key,
    )


def stored(proposal):
    return Proposal.objects.for_page().get(pk=proposal.pk)


def filled_in(code=CODE, **fields):
    """What the form of a report sends."""
    defaults = {"status": "in_progress", "note": "The agenda was agreed in Dakar.", "submission": uuid.uuid4()}
    return form(deliverable(code), **defaults | fields)


def send(client, code=CODE, **fields):
    sent = filled_in(code, **fields)
    return client.post(f"/plans/2018-2020/{code}/propose/", sent)


def answer(client, proposal, verb, **fields):
    return client.post(f"/plans/2018-2020/proposals/{proposal.key}/{verb}/", fields)


def accept(client, proposal, **fields):
    return answer(client, proposal, "accept", seen=deliverable(str(proposal.deliverable.code)).last_sequence, **fields)


# Who may report on what


def test_the_secretary_of_a_region_may_report_on_what_it_has_and_on_nothing_else(amina, africa, plan):
    give("L2M1D1", "europe")
    assert capacity_of(amina, deliverable(CODE)) == Capacity(region=africa)
    assert capacity_of(amina, deliverable("L3M2D1")) == Capacity(region=africa)
    assert capacity_of(amina, deliverable("L2M1D1")) is None
    assert capacity_of(amina, deliverable("L1M1D1")) is None
    assert {str(row.code) for row in reportable(amina, plan).with_update()} == {CODE, "L3M2D1"}


def test_whoever_is_responsible_may_report_whatever_their_role(beatriz, plan):
    Deliverable.objects.filter(pk=deliverable(CODE).pk).update(responsible=beatriz)
    assert capacity_of(beatriz, deliverable(CODE)) == Capacity(person=beatriz)
    assert capacity_of(beatriz, deliverable("L1M1D1")) is None


def test_a_region_without_the_role_gives_no_right(beatriz, africa):
    beatriz.region = africa
    beatriz.save()
    give(CODE, "africa")
    assert capacity_of(beatriz, deliverable(CODE)) is None
    assert regions_of(beatriz) == []


def test_a_deputy_may_report_in_the_place_of_somebody(amina, rashid, africa):
    assert capacity_of(rashid, deliverable(CODE)) is None
    amina.deputy = rashid
    amina.save()
    assert capacity_of(rashid, deliverable(CODE)) == Capacity(region=africa)


@pytest.mark.parametrize("who", ["amina", "rashid"])
def test_nobody_who_was_deactivated_gives_a_right(amina, rashid, who):
    amina.deputy = rashid
    amina.is_active = False
    amina.save()
    assert capacity_of({"amina": amina, "rashid": rashid}[who], deliverable(CODE)) is None


def test_who_records_has_nothing_to_propose(sofia, plan):
    Deliverable.objects.filter(pk=deliverable(CODE).pk).update(responsible=sofia)
    assert capacity_of(sofia, deliverable(CODE)) is None


@pytest.mark.parametrize("code", ["L1M1D1", "L2M1D1"])
def test_other_deliverables_are_refused(client_of_amina, code):
    assert send(client_of_amina, code).status_code == 403
    assert not Proposal.objects.exists()


def test_a_visitor_signs_in(visitor, amina):
    assert send(visitor).url.startswith("/accounts/login/")


def test_a_draft_is_not_found(client_of_amina):
    Plan.objects.update(visibility=Visibility.DRAFT)
    assert send(client_of_amina).status_code == 404


def test_only_who_may_report_may_upload(client_of_amina, board, visitor, plan):
    def upload(client):
        return client.post("/plans/2018-2020/files/", {"files": SimpleUploadedFile("a.pdf", PDF)}).status_code

    assert [upload(client) for client in (client_of_amina, board, visitor)] == [200, 403, 302]


# Reporting


def test_a_report_is_sent_and_changes_nothing_that_visitors_read(client_of_amina, visitor, amina, africa):
    before, page = Plan.objects.get(), visitor.get(PAGE).content
    file = SimpleUploadedFile("Agenda.pdf", PDF)
    assert send(client_of_amina, evidence_link="https://metropolis.org", files=[file]).status_code == 302
    [proposal] = Proposal.objects.all()
    assert (proposal.proposed_by, proposal.region, proposal.state) == (amina, africa, ProposalState.WAITING)
    assert [str(piece) for piece in proposal.evidence] == ["https://metropolis.org", "Agenda"]
    after = Plan.objects.get()
    assert (after.revision, after.history_length) == (before.revision, before.history_length)
    assert after.reporting_revision == before.reporting_revision + 1
    assert visitor.get(PAGE).content == page
    assert deliverable(CODE).status == "not_developed"


def test_the_page_has_the_form_of_a_report(client_of_amina, board):
    page = text_of(client_of_amina.get(PAGE))
    assert "Send to the Secretariat" in page
    assert "Correct this" not in page
    assert "Send to the Secretariat" not in text_of(board.get(PAGE))


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"status": ""}, "Choose a status."),
        ({"status": "attained", "note": "Done"}, "“Attained” needs evidence"),
        ({"status": "not_developed"}, "Choose why it was not developed."),
        ({"effective_on": "2030-01-01"}, "future"),
        ({"evidence_link": "nowhere"}, "Enter a web address"),
    ],
)
def test_the_rules_of_reports_hold_and_nothing_typed_is_lost(client_of_amina, fields, error):
    answer = send(client_of_amina, next_step="Print it.", **fields)
    assert answer.status_code == 422
    assert error in text_of(answer)
    assert 'value="Print it."' in text_of(answer)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("seen", [10**6, 10**12, 10**30])
def test_an_update_that_nobody_can_have_seen_is_refused(client_of_amina, seen):
    answer = send(client_of_amina, seen=seen)
    assert answer.status_code == 422
    assert "The form is incomplete." in text_of(answer)


def test_a_form_that_is_sent_twice_is_stored_once(client_of_amina):
    submission = str(uuid.uuid4())
    for _attempt in range(2):
        assert send(client_of_amina, submission=submission).status_code == 302
    assert Proposal.objects.count() == 1


def test_a_new_report_takes_the_place_of_the_one_that_waits(client_of_amina):
    send(client_of_amina)
    page = client_of_amina.get(PAGE)
    assert "The agenda was agreed in Dakar." in text_of(page)
    assert "This one takes its place." in text_of(page)
    assert send(client_of_amina, note="It was agreed in Rabat.", replaces=Proposal.objects.get().key).status_code == 302
    states = Proposal.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [ProposalState.WITHDRAWN, ProposalState.WAITING]


def test_a_page_that_was_opened_before_the_last_report_does_not_replace_it_unasked(client_of_amina):
    send(client_of_amina)
    answer = send(client_of_amina, note="It was agreed in Rabat.")
    assert answer.status_code == 422
    assert "“The agenda was agreed in Dakar.”. Send this one again to replace it." in text_of(answer)
    assert "It was agreed in Rabat." in text_of(answer)
    assert Proposal.objects.get().note == "The agenda was agreed in Dakar."
    again = {"replaces": answer.context["form"]["replaces"].value(), "note": "It was agreed in Rabat."}
    assert send(client_of_amina, **again).status_code == 302
    assert Proposal.objects.waiting().get().note == "It was agreed in Rabat."


def test_what_is_changed_after_it_was_sent_is_a_report_of_its_own(client_of_amina):
    """The form of one page, sent twice with other words: both have the same `submission`."""
    sent = filled_in()
    path = f"/plans/2018-2020/{CODE}/propose/"
    assert client_of_amina.post(path, sent).status_code == 302
    sent |= {"note": "It was agreed in Rabat.", "replaces": Proposal.objects.get().key}
    assert client_of_amina.post(path, sent).status_code == 302
    assert Proposal.objects.waiting().get().note == "It was agreed in Rabat."


def test_two_regions_report_on_one_deliverable_each_the_whole_quantity(amina, plan):
    europe = person("Lucie Martin", Role.REGIONAL_SECRETARIES)
    europe.region = Region.objects.get(slug="europe")
    europe.save()
    for someone, achieved in ((amina, 4), (europe, 5)):
        propose(someone, "L3M2D1", achieved=achieved)
    page = text_of(browser_of(person("Sofia Marín", Role.SECRETARIAT)).get("/plans/2018-2020/L3M2D1/"))
    assert "4 of 5 regional agendas" in page
    assert "5 of 5 regional agendas" in page


def test_the_quantity_of_something_without_a_target_is_refused(amina):
    with pytest.raises(ValidationError, match="has no target"):
        propose(amina, achieved=4)


def test_what_is_withdrawn_takes_no_reports(amina, plan):
    Deliverable.objects.filter(pk=deliverable(CODE).pk).update(withdrawn_on="2021-06-01")
    assert capacity_of(amina, deliverable(CODE)) is None
    with pytest.raises(ValidationError, match="withdrawn"):
        propose(amina, capacity=Capacity(region=amina.region))


def test_a_text_that_was_taken_down_does_not_come_back(amina, adam):
    update = report(deliverable(CODE), "in_progress", by=adam, note="It named Mr. Secret.")
    Takedown.objects.take_down(update, ["note-0"], reason="It named a person.", by=adam)
    with pytest.raises(ValidationError, match="taken down"):
        propose(amina, note="It named Mr. Secret.")


def test_taking_down_empties_the_proposal_too(amina, adam, sofia):
    proposal = propose(amina, note="It named Mr. Secret.", evidence=[Evidence("Title", "https://example.org/secret")])
    update = stored(proposal).accept(by=sofia, seen=deliverable(CODE).last_sequence)
    Takedown.objects.take_down(update, ["note-0", "link-1"], reason="It named a person.", by=adam)
    assert (stored(proposal).note, ProposalItem.objects.get().link) == ("", "")


def test_the_form_says_that_a_quantity_is_of_the_whole(client_of_amina):
    give("L3M2D1", "africa", "europe")
    assert "Count all regions, not only yours." in text_of(client_of_amina.get("/plans/2018-2020/L3M2D1/"))


def test_a_title_whose_file_is_gone_is_no_evidence(amina, sofia):
    file = store_upload(SimpleUploadedFile("Agenda.pdf", PDF))
    sent = propose(amina, status="attained", note="", evidence=(file, Evidence("", "https://example.org/a")))
    sent.send_back(by=sofia, comment="Please add the list.")
    Proposal.objects.filter(pk=sent.pk).drop_files()
    assert [piece.link for piece in stored(sent).evidence] == ["https://example.org/a"]


def test_old_files_go_but_not_while_a_round_asks_for_the_report(amina, sofia, plan):
    with time_machine.travel(datetime(2021, 1, 14, 12, tzinfo=UTC)):
        file = store_upload(SimpleUploadedFile("Agenda.pdf", PDF))
        sent = propose(amina, evidence=(file,))
        sent.send_back(by=sofia, comment="Please add the list.")
    Plan.objects.filter(pk=plan.pk).update(ends_on=date(2099, 12, 31))
    values = {"name": "Round", "closes_on": timezone.localdate() + timedelta(days=9)}
    opened = ReportingRound.objects.begin(Plan.objects.get(), deliverables=[deliverable(CODE)], by=sofia, **values)
    Proposal.objects.update(round=opened)
    for is_open in (True, False):
        call_command("clean_up", stdout=io.StringIO())
        assert bool(stored(sent).evidence) == EvidenceFile.objects.exists() == is_open
        opened.close(by=sofia)


# Answering


def test_the_card_shows_what_changes(secretariat, amina, sofia):
    report(deliverable(CODE), "in_progress", by=sofia, next_step="Print the agenda.")
    propose(amina)
    page = text_of(secretariat.get(TODO))
    assert "Removes the next step: <s>Print the agenda.</s>" in page.replace("> <", "><").replace("</p><p", "</p> <p")
    assert "as before, reported for 14 January 2021" in page


def test_attained_without_evidence_is_first_of_all_sent_back(secretariat, amina):
    propose(amina, status="attained", note="It is there: see the library.")
    assert "Send back: add evidence…" in text_of(secretariat.get(TODO))


def test_attained_without_evidence_is_accepted_as_in_progress_by_the_form(secretariat, amina):
    proposal = propose(amina, status="attained", note="It is there: see the library.")
    address = f"/plans/2018-2020/proposals/{proposal.key}/?status=in_progress"
    assert f'href="{address}&amp;next=' in text_of(secretariat.get(TODO))
    assert secretariat.get(address).context["form"]["status"].value() == "in_progress"


def test_all_three_answers_are_on_the_page_of_the_deliverable(secretariat, amina):
    proposal = propose(amina)
    page = text_of(secretariat.get(PAGE))
    assert f'href="/plans/2018-2020/proposals/{proposal.key}/?next=' in page
    assert "Accept: in progress" in page
    assert "Send back…" in page


def test_accepting_records_it_under_both_names(secretariat, sofia, amina):
    proposal = propose(amina, evidence=[Evidence("", "https://metropolis.org")], next_step="Print it.")
    answered = accept(secretariat, proposal)
    assert answered.url == TODO
    update = deliverable(CODE).updates.order_by("-sequence").first()
    assert (update.recorded_by, update.proposed_by, update.proposed_by_name) == (sofia, amina, "Amina Diallo")
    assert (update.note, update.next_step) == ("The agenda was agreed in Dakar.", "Print it.")
    assert update.evidence == (Evidence("", "https://metropolis.org"),)
    assert (stored(proposal).state, stored(proposal).update) == (ProposalState.ACCEPTED, update)
    verify_history(Plan.objects.get())
    page = text_of(secretariat.get(TODO))
    assert f"<b>Accepted: {deliverable(CODE).title}</b>" in page.replace("&quot;", '"')
    assert "Amina Diallo gets an e-mail." in page


def test_accepting_twice_records_once(secretariat, amina):
    proposal = propose(amina)
    for _attempt in range(2):
        assert accept(secretariat, proposal).status_code == 302
    assert StatusUpdate.objects.filter(proposed_by=amina).count() == 1


def test_it_can_be_changed_before_it_is_accepted(secretariat, amina):
    proposal = propose(amina)
    page = secretariat.get(f"/plans/2018-2020/proposals/{proposal.key}/")
    assert "The agenda was agreed in Dakar." in text_of(page)
    sent = filled_in(note="Agreed in Dakar, said the secretariat.")
    answer(secretariat, proposal, "accept", **sent)
    update = deliverable(CODE).updates.order_by("-sequence").first()
    assert (update.note, update.proposed_by) == ("Agreed in Dakar, said the secretariat.", amina)


def test_a_changed_one_follows_the_rules_too(secretariat, amina):
    proposal = propose(amina)
    sent = filled_in(status="not_developed", note="No.")
    answered = answer(secretariat, proposal, "accept", **sent)
    assert answered.status_code == 422
    assert "Choose why it was not developed." in text_of(answered)
    assert stored(proposal).is_waiting


def test_it_is_sent_back_with_a_comment_and_reported_again(secretariat, client_of_amina, amina):
    proposal = propose(amina)
    assert answer(secretariat, proposal, "send-back", comment="Please add the list.").status_code == 302
    page = text_of(client_of_amina.get(PAGE))
    assert "Please add the list." in page
    assert "The agenda was agreed in Dakar.</textarea>" in page
    send(client_of_amina, note="It was agreed, with the list.")
    assert Proposal.objects.waiting().get().note == "It was agreed, with the list."


def test_sending_back_needs_a_comment(secretariat, amina):
    proposal = propose(amina)
    answered = answer(secretariat, proposal, "send-back", comment=" ")
    assert answered.status_code == 422
    assert "Write what is missing" in text_of(answered)
    assert stored(proposal).is_waiting


def test_its_author_withdraws_it_and_nobody_else(client_of_amina, board, secretariat, amina):
    proposal = propose(amina)
    assert answer(board, proposal, "withdraw").status_code == 404
    assert answer(secretariat, proposal, "withdraw").status_code == 404
    assert "Withdraw my report" in text_of(client_of_amina.get(PAGE))
    assert answer(client_of_amina, proposal, "withdraw").status_code == 302
    assert stored(proposal).state == ProposalState.WITHDRAWN
    assert accept(secretariat, proposal).url == PAGE
    assert "has withdrawn this report" in text_of(secretariat.get(PAGE))


def test_what_is_accepted_cannot_be_withdrawn(client_of_amina, amina, sofia):
    proposal = propose(amina)
    stored(proposal).accept(by=sofia, seen=deliverable(CODE).last_sequence)
    answer(client_of_amina, proposal, "withdraw")
    assert stored(proposal).state == ProposalState.ACCEPTED
    assert "has accepted this already" in text_of(client_of_amina.get(PAGE))


def test_one_on_an_older_state_says_so(secretariat, amina, sofia):
    proposal = propose(amina)
    assert "based on an older state" not in text_of(secretariat.get(TODO))
    report(deliverable(CODE), "in_progress", by=sofia)
    assert "based on an older state" in text_of(secretariat.get(TODO))
    assert accept(secretariat, proposal).status_code == 302


def test_accepting_what_one_has_not_seen_is_a_conflict(secretariat, amina, sofia):
    proposal = propose(amina)
    seen = deliverable(CODE).last_sequence
    report(deliverable(CODE), "in_progress", by=sofia, note="Meanwhile somebody saw this.")
    answered = answer(secretariat, proposal, "accept", seen=seen)
    assert answered.status_code == 409
    assert "Meanwhile somebody saw this." in text_of(answered)
    assert stored(proposal).is_waiting
    page = html.fromstring(answered.content)
    [button] = [each for each in page.forms if (each.action or "").endswith("/accept/") and "status" not in each.fields]
    assert button.fields["seen"] == str(deliverable(CODE).last_sequence)


@pytest.mark.parametrize("verb", ["accept", "send-back"])
def test_others_may_not_answer(board, client_of_amina, amina, verb):
    proposal = propose(amina)
    for client in (board, client_of_amina):
        assert answer(client, proposal, verb, seen=0, comment="x y").status_code == 403
    assert client_of_amina.get(f"/plans/2018-2020/proposals/{proposal.key}/").status_code == 403


def test_a_proposal_of_another_plan_is_not_found(secretariat, amina):
    assert answer(secretariat, type("", (), {"key": uuid.uuid4()}), "accept", seen=0).status_code == 404


def test_to_do_lists_them_for_those_who_answer_alone(secretariat, board, client_of_amina, amina):
    propose(amina)
    assert "1 report to check" in text_of(secretariat.get(TODO))
    for client in (board, client_of_amina):
        assert "to check" not in text_of(client.get(TODO))


def test_the_pages_of_others_do_not_show_it(visitor, board, secretariat, amina):
    propose(amina)
    for client in (visitor, board):
        assert "The agenda was agreed in Dakar." not in text_of(client.get(PAGE))
    assert "The agenda was agreed in Dakar." in text_of(secretariat.get(PAGE))


def test_its_file_is_read_by_author_and_secretariat_alone(visitor, board, secretariat, client_of_amina):
    send(client_of_amina, files=[SimpleUploadedFile("Agenda.pdf", PDF)])
    path = f"/files/{ProposalItem.objects.get().file}/"
    assert [client.get(path).status_code for client in (visitor, board)] == [404, 404]
    assert [client.get(path).status_code for client in (secretariat, client_of_amina)] == [200, 200]


@pytest.mark.parametrize("number", [1, 12])
def test_the_number_of_queries_does_not_grow(secretariat, amina, django_assert_max_num_queries, number):
    plan = Plan.objects.get()
    rows = Deliverable.objects.of_plan(plan.slug).with_current_status()[:number]
    for row in rows:
        give(str(row.code), "africa")
        propose(amina, str(row.code))
    secretariat.get(TODO)
    with django_assert_max_num_queries(21):
        secretariat.get(TODO)


# Under load: what happens at once is decided one after the other


def test_the_database_lets_one_wait_for_a_person(amina):
    copy = stored(propose(amina))
    copy.pk, copy.key, copy.submission = None, uuid.uuid4(), uuid.uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def at_once(*calls):
    """Call functions in threads of their own at the same moment; return what each returned or raised."""
    start, results = threading.Barrier(len(calls)), {}

    def run(number, call):
        start.wait()
        try:
            results[number] = call()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[number] for number in range(len(calls))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["accept", "send back", "withdraw", "record"])
def test_of_two_answers_at_once_one_counts(amina, sofia, adam, other):
    proposal, seen = propose(amina), deliverable(CODE).last_sequence
    others = {
        "accept": lambda: stored(proposal).accept(by=adam, seen=seen),
        "send back": lambda: stored(proposal).send_back(by=adam, comment="Please add it."),
        "withdraw": lambda: stored(proposal).withdraw(by=amina),
        "record": lambda: report(deliverable(CODE), "in_progress", by=adam, seen=seen),
    }
    results = at_once(lambda: stored(proposal).accept(by=sofia, seen=seen), others[other])
    failed = [result for result in results if isinstance(result, Exception)]
    assert len(failed) == 1
    assert isinstance(failed[0], AlreadyAnswered | Conflict)
    assert StatusUpdate.objects.filter(deliverable=proposal.deliverable, sequence__gt=seen).count() <= 1
    assert (stored(proposal).state == ProposalState.ACCEPTED) == bool(stored(proposal).update)
    verify_history(Plan.objects.get())


@pytest.mark.django_db(transaction=True)
def test_reports_and_updates_at_once_are_all_there(amina, sofia):
    codes = [str(row.code) for row in Deliverable.objects.of_plan("2018-2020").with_update()[:4]]
    for code in codes:
        give(code, "africa")
    seen = {code: deliverable(code).last_sequence for code in codes}
    results = at_once(
        *(lambda code=code: propose(amina, code, seen=seen[code]) for code in codes),
        *(lambda code=code: report(deliverable(code), "in_progress", by=sofia, seen=seen[code]) for code in codes),
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    assert Proposal.objects.waiting().count() == len(codes)
    verify_history(Plan.objects.get())
