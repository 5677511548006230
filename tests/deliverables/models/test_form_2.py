"""What a status update holds since release 1.3: next step, quantity, evidence items, salted hashes."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from deliverables.models import Deliverable, Evidence, EvidenceItem, StatusUpdate, Takedown
from deliverables.verification import BrokenChain, verify_history
from plans.common.hash_chain import salted_sha256
from plans.models import Plan
from tests.builders import NOON, deliverable, report
from tests.conftest import remove_triggers

pytestmark = pytest.mark.django_db
STEP = {"next_step": "Final visit to Douala", "expected_on": date(2021, 6, 30)}
LINK = Evidence("Minutes", "https://metropolis.org/minutes")


@pytest.fixture
def pilots(plan):
    """A deliverable of which there are to be six."""
    Deliverable.objects.filter(pk=deliverable("L2M1D2").pk).update(target=6, target_unit="pilot projects")
    return deliverable("L2M1D2")


def test_an_update_holds_a_next_step_with_its_date(voice, sofia):
    update = report(voice, "in_progress", by=sofia, **STEP)
    update.refresh_from_db()
    assert (update.next_step, update.expected_on) == ("Final visit to Douala", date(2021, 6, 30))


@pytest.mark.parametrize("fields", [{"next_step": "More"}, {"expected_on": date(2022, 1, 1)}])
def test_what_is_attained_has_no_next_step(voice, sofia, fields):
    with pytest.raises(ValidationError, match="Only what is not attained"):
        report(voice, "attained", by=sofia, **fields)


def test_the_expected_day_is_not_before_the_status(voice, sofia):
    with pytest.raises(ValidationError, match="Choose a day after"):
        report(voice, "in_progress", by=sofia, effective_on=date(2021, 1, 14), expected_on=date(2021, 1, 13))


def test_an_update_holds_several_pieces_of_evidence_in_their_order(voice, sofia):
    pieces = [LINK, Evidence("Board paper 4"), Evidence(link="https://metropolis.org/paper")]
    update = report(voice, "attained", by=sofia, note="", evidence=pieces)
    assert StatusUpdate.objects.get(pk=update.pk).evidence == tuple(pieces)


def test_a_document_cited_by_name_is_evidence_for_attained(voice, sofia):
    assert report(voice, "attained", by=sofia, note="", evidence=[Evidence("Board paper 4")]).evidence_count == 1


@pytest.mark.parametrize("evidence", [[], [Evidence("", "")], [Evidence("\u200b", " ")]])
def test_attained_needs_a_piece_of_evidence_or_a_sentence(voice, sofia, evidence):
    with pytest.raises(ValidationError, match="needs evidence"):
        report(voice, "attained", by=sofia, note="Done", evidence=evidence)


def test_an_invalid_link_is_an_error_at_its_field(voice, sofia):
    with pytest.raises(ValidationError) as error:
        report(voice, "attained", by=sofia, evidence=[LINK, Evidence("Two", "javascript:alert(1)")])
    assert error.value.message_dict == {
        "evidence_link_2": ["Enter a web address that begins with https:// or http://, as the browser shows it."]
    }


def test_six_pieces_of_evidence_are_too_many(voice, sofia):
    with pytest.raises(ValidationError, match="at most 5"):
        report(voice, "attained", by=sofia, evidence=[Evidence(f"Paper {number}") for number in range(6)])


def test_the_achieved_number_of_the_last_report_that_has_one_counts(pilots, sofia):
    report(pilots, "in_progress", by=sofia, effective_on=date(2021, 2, 1), achieved=4)
    report(pilots, "in_progress", by=sofia, effective_on=date(2021, 3, 1))
    report(pilots, "in_progress", by=sofia, effective_on=date(2021, 1, 1), achieved=2)
    by_day = {day: Deliverable.objects.with_current_status(day).get(pk=pilots.pk) for day in (None, date(2021, 1, 5))}
    assert [row.current_achieved for row in by_day.values()] == [4, 2]
    assert Deliverable.objects.get(pk=pilots.pk).achieved == 4


def test_a_corrected_number_no_longer_counts(pilots, sofia):
    mistake = report(pilots, "in_progress", by=sofia, achieved=40)
    report(pilots, "in_progress", by=sofia, achieved=4, corrects=mistake)
    assert Deliverable.objects.get(pk=pilots.pk).achieved == 4


def test_a_number_needs_a_target(voice, sofia):
    with pytest.raises(ValidationError, match="has no target"):
        report(voice, "in_progress", by=sofia, achieved=4)


@pytest.mark.parametrize("known", [{"achieved": 4}, {}])
def test_attained_below_the_target_needs_a_sentence(pilots, sofia, known):
    report(pilots, "in_progress", by=sofia, achieved=4)
    with pytest.raises(ValidationError, match="Only 4 of 6"):
        report(pilots, "attained", by=sofia, note="Done", evidence=[LINK], **known)
    report(pilots, "attained", by=sofia, note="Two cities left the network.", evidence=[LINK], **known)


def test_attained_with_the_whole_target_needs_no_sentence(pilots, sofia):
    assert report(pilots, "attained", by=sofia, note="", evidence=[LINK], achieved=6).achieved == 6


def test_the_proposer_is_recorded_by_name_and_covered_by_the_digest(voice, sofia, rashid):
    update = report(voice, "in_progress", by=sofia, proposed_by=rashid)
    assert (update.proposed_by_name, update.content["proposed_by"]) == ("Rashid Amrani", str(rashid.pk))


def test_the_digest_covers_salted_hashes_and_no_previous_status(voice, sofia):
    update = report(voice, "in_progress", by=sofia, evidence=[LINK], **STEP)
    content = StatusUpdate.objects.get(pk=update.pk).content
    assert content["note"] == salted_sha256(update.note, update.note_salt)
    assert content["next_step"] == salted_sha256(update.next_step, update.next_step_salt)
    item = update.items.get()
    assert content["evidence"] == [
        {"file": None, "link": salted_sha256(item.link, item.link_salt), "title": item.title_sha256}
    ]
    assert (content["form"], "previous_status" in content) == ("2", False)


def test_equal_texts_have_different_hashes(voice, sofia):
    hashes = {report(voice, "in_progress", by=sofia, note="The same.").note_sha256 for _time in range(3)}
    assert len(hashes) == 3


def test_both_forms_are_one_chain(voice, sofia, plan):
    report(voice, "in_progress", by=sofia, evidence=[LINK], **STEP)
    plan.refresh_from_db()
    assert set(plan.updates.values_list("form", flat=True)) == {1, 2}
    assert verify_history(plan).length == 66


def drop_item(update):
    update.items.get().delete()


DAMAGES = {
    "another note": (lambda update: StatusUpdate.objects.filter(pk=update.pk).update(note="Forged."), "another note"),
    "no note": (lambda update: StatusUpdate.objects.filter(pk=update.pk).update(note=""), "another note"),
    "another step": (
        lambda update: StatusUpdate.objects.filter(pk=update.pk).update(next_step="Forged."),
        "another next step",
    ),
    "another title": (lambda update: update.items.update(title="Forged"), "another title"),
    "another link and hash": (
        lambda update: update.items.update(link="x", link_salt="", link_sha256=salted_sha256("x", "")),
        "not what was recorded",
    ),
    "an item gone": (drop_item, "another evidence"),
    "an item more": (
        lambda update: EvidenceItem.objects.create(update=update, number=2, title="x", title_sha256="0" * 64),
        "another evidence",
    ),
    "another number of items": (
        lambda update: StatusUpdate.objects.filter(pk=update.pk).update(evidence_count=0),
        "another evidence",
    ),
    "another number": (
        lambda update: StatusUpdate.objects.filter(pk=update.pk).update(achieved=9),
        "not what was recorded",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_update_of_form_2_is_noticed(voice, sofia, plan, damage, message):
    update = report(voice, "in_progress", by=sofia, evidence=[LINK], **STEP)
    remove_triggers(connection)
    damage(update)
    with pytest.raises(BrokenChain, match=message):
        verify_history(Plan.objects.get(pk=plan.pk))


def test_a_row_turned_into_the_old_form_is_noticed(voice, sofia, plan):
    """Form 1 covers less, and a takedown would excuse it: it never follows a row of form 2."""
    report(voice, "attained", by=sofia)
    update = report(voice, "in_progress", by=sofia)
    remove_triggers(connection)
    old = {"form": 1, "previous_status": "attained", "note": "", "note_salt": "", "note_sha256": ""}
    StatusUpdate.objects.filter(pk=update.pk).update(status="attained", **old)
    taken = {"field": "note", "reason": "Forged for a test.", "taken_down_at": NOON}
    Takedown.objects.create(update=update, taken_down_by=sofia, taken_down_by_name=sofia.name, **taken)
    with pytest.raises(BrokenChain, match="of form 1, after one of form 2"):
        verify_history(Plan.objects.get(pk=plan.pk))


@pytest.mark.parametrize("fields", [{"achieved": 4}, {"next_step": "Forged"}, {"expected_on": date(2030, 1, 1)}])
def test_a_row_of_form_1_has_nothing_that_its_digest_does_not_cover(plan, fields):
    remove_triggers(connection)
    with pytest.raises(IntegrityError), transaction.atomic():
        StatusUpdate.objects.filter(sequence=2).update(**fields)


def test_an_item_of_a_row_of_form_1_is_noticed(plan):
    EvidenceItem.objects.create(update=plan.updates.get(sequence=2), number=1, title="x", title_sha256="0" * 64)
    with pytest.raises(BrokenChain, match="another evidence"):
        verify_history(plan)


def test_a_takedown_does_not_excuse_a_row_of_form_1_whose_text_is_there(plan, sofia):
    remove_triggers(connection)
    update = plan.updates.get(sequence=2)
    StatusUpdate.objects.filter(pk=update.pk).update(status="attained", reason="")
    taken = {"field": "note", "reason": "Forged for a test.", "taken_down_at": NOON}
    Takedown.objects.create(update=update, taken_down_by=sofia, taken_down_by_name=sofia.name, **taken)
    with pytest.raises(BrokenChain, match="not what was recorded"):
        verify_history(plan)


def test_a_report_sent_twice_is_recorded_once_whatever_blanks_its_evidence_has(voice, sofia):
    fields = {"evidence": [Evidence("Board  minutes ")], "seen": voice.last_sequence}
    first = report(voice, "in_progress", by=sofia, **fields)
    assert report(voice, "in_progress", by=sofia, **fields) == first


@pytest.mark.parametrize(
    "change",
    [
        lambda update: update.items.update(title="Forged"),
        lambda update: update.items.update(title=""),
        lambda update: update.items.all().delete(),
        lambda update: StatusUpdate.objects.filter(pk=update.pk).update(note=""),
        lambda update: StatusUpdate.objects.filter(pk=update.pk).update(note_salt=""),
    ],
)
def test_the_database_refuses_to_change_an_evidence_item_or_to_empty_a_text(voice, sofia, change):
    update = report(voice, "in_progress", by=sofia, evidence=[LINK])
    with pytest.raises(IntegrityError, match="never changed and never deleted"), transaction.atomic():
        change(update)
