import uuid
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from deliverables.models import Conflict, Deliverable, Evidence, StatusUpdate, neighbours_of
from deliverables.status import Status
from deliverables.verification import verify_history
from plans.codes import Code
from plans.common.bulk_writes import BulkUpdate
from tests.builders import NOON, TODAY, deliverable, new_plan, report

pytestmark = pytest.mark.django_db


def test_deliverables_come_in_natural_order(plan):
    codes = [row.code for row in Deliverable.objects.of_plan(plan.slug).with_current_status()]
    assert (codes == sorted(codes), str(codes[20]), str(codes[-1])) == (True, "L2M2D1", "L3M8D1")


@pytest.mark.parametrize(("code", "number"), [("L1", 17), ("L2", 27), ("L3", 21), ("L2M10", 3), ("L2M10D1", 1)])
def test_a_code_selects_the_deliverables_of_its_part(plan, code, number):
    assert Deliverable.objects.of_plan(plan.slug, Code.parse(code)).count() == number


def test_two_deliverables_with_one_title_have_different_codes(plan):
    twice = Deliverable.objects.filter(title="Calendar of events and training program").order_by("pk")
    assert [str(row.code) for row in twice] == ["L2M5D2", "L2M7D2"]


def test_neighbours_may_be_in_another_line(plan):
    found = neighbours_of(plan, Code.parse("L1M8D2"))
    assert (str(found.before.code), str(found.after.code)) == ("L1M8D1", "L2M1D1")


def test_the_first_and_last_deliverable_have_one_neighbour(plan):
    assert (neighbours_of(plan, Code.parse("L1M1D1")).before, neighbours_of(plan, Code.parse("L3M8D1")).after) == (
        None,
        None,
    )


def test_neighbours_name_the_others_of_the_measure(plan):
    assert [str(row.code) for row in neighbours_of(plan, Code.parse("L1M8D1")).in_measure] == ["L1M8D2"]


def test_recording_stores_who_and_when(voice, sofia):
    update = report(voice, "attained", by=sofia, evidence_link="https://metropolis.org/voice")
    update.refresh_from_db()
    assert (update.form, update.status, update.previous_status) == (2, Status.ATTAINED, "")
    assert (update.recorded_by, update.recorded_by_name, update.recorded_at) == (sofia, "Sofia Marín", NOON)


def test_recording_updates_the_current_status(voice, sofia):
    report(voice, "attained", by=sofia)
    voice.refresh_from_db()
    assert (voice.status, voice.status_on) == (Status.ATTAINED, date(2021, 1, 14))


def test_recording_updates_the_plans_revision_and_history(voice, sofia, plan):
    update = report(voice, "attained", by=sofia)
    before = plan.revision
    plan.refresh_from_db()
    assert (plan.revision, plan.history_length, plan.history_head) == (before + 1, 66, update.digest)


def test_an_update_is_appended_to_the_chain(voice, sofia, plan):
    update = report(voice, "attained", by=sofia)
    assert (update.sequence, update.digest) == (66, update.digest_after(plan.history_head))


def test_the_digest_is_the_same_after_reading_from_the_database(voice, sofia, plan):
    update = report(voice, "attained", by=sofia, note="Línea «una»\nsecond – 日本 🏙")
    assert StatusUpdate.objects.get(pk=update.pk).digest_after(plan.history_head) == update.digest


def test_a_late_entry_does_not_change_the_current_status(voice, sofia):
    update = report(voice, "in_progress", by=sofia, effective_on=date(2019, 3, 1))
    voice.refresh_from_db()
    assert (voice.status, update.status) == (Status.NOT_DEVELOPED, Status.IN_PROGRESS)


def test_of_two_updates_for_one_day_the_later_recorded_counts(voice, sofia):
    report(voice, "in_progress", by=sofia, effective_on=date(2020, 12, 31))
    voice.refresh_from_db()
    assert voice.status == Status.IN_PROGRESS


def test_a_corrected_update_no_longer_counts(voice, sofia):
    mistake = report(voice, "attained", by=sofia)
    report(voice, "in_progress", by=sofia, effective_on=date(2020, 6, 1), corrects=mistake)
    voice.refresh_from_db()
    assert (voice.status, voice.status_on) == (Status.NOT_DEVELOPED, date(2020, 12, 31))


def test_the_status_on_a_day_is_that_of_the_last_update_until_then(voice, sofia):
    report(voice, "in_progress", by=sofia, effective_on=date(2019, 3, 1))
    days = [date(2019, 2, 28), date(2019, 3, 1), date(2020, 12, 30), date(2020, 12, 31)]
    current_status = [
        Deliverable.objects.with_current_status(day).get(pk=voice.pk).current_status.value for day in days
    ]
    assert current_status == ["no_status", "in_progress", "in_progress", "not_developed"]


def test_the_same_submission_twice_is_recorded_once(voice, sofia):
    same_form = {"seen": voice.last_sequence, "submission": uuid.uuid4()}
    first = report(voice, "attained", by=sofia, **same_form)
    assert report(voice, "attained", by=sofia, **same_form) == first
    assert StatusUpdate.objects.count() == 66


def test_the_same_submission_with_other_content_is_a_conflict(voice, sofia):
    same_form = {"seen": voice.last_sequence, "submission": uuid.uuid4()}
    first = report(voice, "attained", by=sofia, **same_form)
    with pytest.raises(Conflict) as conflict:
        report(voice, "in_progress", by=sofia, **same_form)
    assert conflict.value.latest == first


def test_the_same_report_by_somebody_who_has_seen_the_same_is_recorded_once(voice, sofia):
    seen, pieces = voice.last_sequence, [Evidence("Minutes of the Board")]
    first = report(voice, "attained", by=sofia, seen=seen, evidence=pieces)
    assert report(voice, "attained", by=sofia, seen=seen, evidence=pieces) == first


@pytest.mark.parametrize("other", [{"note": "Other words."}, {"evidence": [Evidence("Minutes of the Board")]}])
def test_another_report_by_somebody_who_has_seen_the_same_is_a_conflict(voice, sofia, other):
    seen = voice.last_sequence
    report(voice, "in_progress", by=sofia, seen=seen)
    with pytest.raises(Conflict):
        report(voice, "in_progress", by=sofia, seen=seen, **other)


def test_the_same_report_by_somebody_else_is_a_conflict(voice, sofia, adam):
    seen = voice.last_sequence
    report(voice, "in_progress", by=sofia, seen=seen)
    with pytest.raises(Conflict):
        report(voice, "in_progress", by=adam, seen=seen)


def test_recording_without_having_seen_the_last_update_is_a_conflict(voice, sofia, adam):
    seen = voice.last_sequence
    first = report(voice, "attained", by=adam, seen=seen)
    with pytest.raises(Conflict) as conflict:
        report(voice, "in_progress", by=sofia, seen=seen)
    assert (conflict.value.latest, StatusUpdate.objects.count()) == (first, 66)


def test_an_update_on_another_deliverable_is_not_a_conflict(voice, sofia):
    seen = voice.last_sequence
    report(deliverable("L1M1D1"), "in_progress", by=sofia)
    assert report(voice, "attained", by=sofia, seen=seen).sequence == 67


def test_a_correction_of_another_deliverable_is_refused(voice, sofia):
    other = deliverable("L1M1D1").updates.get()
    with pytest.raises(ValidationError, match="An update can only correct another one on the same deliverable."):
        report(voice, "attained", by=sofia, corrects=other)


def test_an_update_cannot_be_corrected_twice(voice, sofia):
    mistake = report(voice, "attained", by=sofia)
    report(voice, "in_progress", by=sofia, corrects=mistake)
    with pytest.raises(ValidationError, match="Entry 66 cannot be corrected: it is corrected already."):
        report(voice, "attained", by=sofia, corrects=mistake)


def test_a_correction_can_be_corrected(voice, sofia):
    mistake = report(voice, "attained", by=sofia)
    another = report(voice, "in_progress", by=sofia, corrects=mistake)
    report(voice, "attained", by=sofia, corrects=another)
    voice.refresh_from_db()
    assert voice.status == Status.ATTAINED


def confirm(on, by, **fields):
    return on.confirm(by=by, **{"on": TODAY, "seen": on.last_sequence} | fields)


def test_a_confirmation_repeats_the_status_for_a_later_day(voice, sofia):
    update = confirm(voice, sofia)
    voice.refresh_from_db()
    assert (is_confirmation(update), update.reason) == (True, "not_stated")
    assert (voice.status, voice.status_on) == (Status.NOT_DEVELOPED, TODAY)


def test_a_confirmation_keeps_the_evidence(sofia, plan):
    calendar = deliverable("L1M1D1")
    report(calendar, "attained", by=sofia, evidence_link="https://metropolis.org/calendar", note="On the site.")
    update = confirm(calendar, sofia)
    assert (update.evidence, update.note) == ((Evidence(link="https://metropolis.org/calendar"),), "")


def test_a_confirmation_keeps_the_note_if_it_is_the_evidence(sofia, plan):
    report(deliverable("L1M1D1"), "attained", by=sofia, note="On the site of the calendar.")
    assert confirm(deliverable("L1M1D1"), sofia).note == "On the site of the calendar."


def test_confirming_before_the_first_report_is_refused(sofia):
    new_plan(deliverables=1)
    with pytest.raises(ValidationError, match="Record one first."):
        confirm(Deliverable.objects.of_plan("2021-2023").get(), sofia)


def test_a_correction_is_not_a_confirmation(voice, sofia):
    mistake = report(voice, "attained", by=sofia)
    assert not is_confirmation(report(voice, "not_developed", by=sofia, reason="postponed", corrects=mistake))


def test_a_late_entry_makes_a_confirmation_a_move(voice, sofia):
    again = report(voice, "not_developed", by=sofia, reason="postponed", effective_on=date(2021, 3, 1))
    before = is_confirmation(again)
    report(voice, "in_progress", by=sofia, effective_on=date(2021, 2, 1))
    assert (before, is_confirmation(again)) == (True, False)


def test_a_correction_of_the_entry_before_makes_a_move_a_confirmation(voice, sofia):
    mistake = report(voice, "in_progress", by=sofia, effective_on=date(2021, 2, 1))
    again = report(voice, "not_developed", by=sofia, reason="postponed", effective_on=date(2021, 3, 1))
    report(voice, "not_developed", by=sofia, reason="postponed", effective_on=date(2021, 2, 2), corrects=mistake)
    assert is_confirmation(again)


def test_a_corrected_entry_confirms_nothing(voice, sofia):
    again = report(voice, "not_developed", by=sofia, reason="postponed", effective_on=date(2021, 3, 1))
    report(voice, "in_progress", by=sofia, effective_on=date(2021, 3, 1), corrects=again)
    assert not is_confirmation(again)


@pytest.mark.parametrize(
    ("entries", "since", "reported_on"),
    [
        ([], date(2020, 12, 31), date(2020, 12, 31)),
        ([("not_developed", date(2021, 3, 1))], date(2020, 12, 31), date(2021, 3, 1)),
        ([("in_progress", date(2021, 3, 1))], date(2021, 3, 1), date(2021, 3, 1)),
        ([("in_progress", date(2021, 3, 1)), ("in_progress", date(2021, 5, 1))], date(2021, 3, 1), date(2021, 5, 1)),
        ([("in_progress", date(2021, 5, 1)), ("in_progress", date(2021, 3, 1))], date(2021, 3, 1), date(2021, 5, 1)),
        ([("in_progress", date(2021, 3, 1)), ("not_developed", date(2021, 5, 1))], date(2021, 5, 1), date(2021, 5, 1)),
        ([("in_progress", date(2021, 3, 1)), ("not_developed", date(2021, 3, 1))], date(2021, 3, 1), date(2021, 3, 1)),
    ],
)
@pytest.mark.parametrize("as_of", [None, TODAY])
def test_a_status_has_two_days_since_when_and_when_last_reported(voice, sofia, entries, since, reported_on, as_of):
    for status, day in entries:
        report(voice, status, by=sofia, effective_on=day, reason="postponed" if status == "not_developed" else "")
    row = Deliverable.objects.filter(pk=voice.pk).with_current_status(as_of).get()
    assert (row.current_since, row.current_status_on) == (since, reported_on)


def is_confirmation(update):
    return StatusUpdate.objects.with_status_before().get(pk=update.pk).is_confirmation


def test_an_entry_for_a_day_before_the_last_report_is_late(voice, sofia):
    report(voice, "in_progress", by=sofia, effective_on=date(2019, 3, 1))
    late = {update.sequence: update.is_late for update in voice.updates.with_is_late()}
    assert late == {2: False, 66: True}


def test_a_correction_is_not_late_because_of_the_entry_it_corrects(voice, sofia):
    mistake = report(voice, "attained", by=sofia, effective_on=date(2021, 3, 2))
    correction = report(voice, "attained", by=sofia, effective_on=date(2021, 3, 1), corrects=mistake)
    assert voice.updates.with_is_late().get(pk=correction.pk).is_late is False


def test_confirming_again_on_the_same_day_writes_nothing(voice, sofia):
    assert confirm(voice, sofia) == confirm(voice, sofia)
    assert StatusUpdate.objects.count() == 66


def test_erasing_a_name_does_not_break_the_chain(voice, sofia, plan):
    report(voice, "attained", by=sofia)
    StatusUpdate.objects.filter(recorded_by=sofia).update(recorded_by_name="")
    plan.refresh_from_db()
    assert verify_history(plan).length == 66


def test_a_name_cannot_be_replaced_by_another(voice, sofia):
    report(voice, "attained", by=sofia)
    with pytest.raises(IntegrityError, match="never changed"):
        StatusUpdate.objects.filter(recorded_by=sofia).update(recorded_by_name="Adam Weiss")


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"effective_on": date(2026, 11, 25)}, "effective_on", "is in the future"),
        ({"effective_on": date(2017, 12, 31)}, "effective_on", "The plan starts on 1 January 2018"),
        ({"note": ""}, "evidence_link", "“Attained” needs evidence"),
        ({"note": "  \n "}, "evidence_link", "“Attained” needs evidence"),
        ({"evidence_link": "javascript:alert(1)"}, "evidence_link", "begins with https:// or http://"),
        ({"evidence_link": "ftp://metropolis.org/a"}, "evidence_link", "begins with https:// or http://"),
        ({"reason": "postponed"}, "reason", "Only “not developed” takes a reason"),
        ({"status": "not_developed"}, "reason", "Choose why it was not developed"),
        ({"status": "no_status"}, "status", "not a valid choice"),
        ({"status": "done"}, "status", "not a valid choice"),
        ({"note": "x" * 5001}, "note", "at most 5000 characters"),
    ],
)
def test_a_broken_rule_is_reported_at_its_field(voice, sofia, fields, field, message):
    status = fields.pop("status", "attained")
    with pytest.raises(ValidationError) as error:
        report(voice, status, by=sofia, **fields)
    assert message in error.value.message_dict[field][0]


def test_a_refused_report_writes_nothing(voice, sofia, plan):
    with pytest.raises(ValidationError):
        report(voice, "not_developed", by=sofia)
    plan.refresh_from_db()
    assert (StatusUpdate.objects.count(), plan.history_length) == (65, 65)


def test_a_failure_undoes_history_and_status_together(voice, sofia, plan, monkeypatch):
    def fail(self):
        raise RuntimeError("the power went")

    monkeypatch.setattr(BulkUpdate, "write", fail)
    with pytest.raises(RuntimeError):
        report(voice, "attained", by=sofia)
    plan.refresh_from_db()
    assert (StatusUpdate.objects.count(), plan.history_length, plan.revision) == (65, 65, 1)


def copy_of_the_last_update(**fields):
    update = StatusUpdate.objects.latest("sequence")
    update.pk, update.sequence, update.submission = None, 66, uuid.uuid4()
    for field, value in fields.items():
        setattr(update, field, value)
    return update


def test_the_database_accepts_a_valid_update(plan):
    copy_of_the_last_update().save()
    assert StatusUpdate.objects.count() == 66


@pytest.mark.parametrize(
    "fields",
    [
        {"sequence": 65},
        {"status": "no_status"},
        {"note": "", "form": 2, "previous_status": "", "evidence_title": ""},
        {"form": 2, "evidence_title": ""},
        {"form": 3, "previous_status": "", "evidence_title": ""},
        {"expected_on": date(2030, 1, 1), "form": 2, "previous_status": "", "evidence_title": "", "evidence_count": 1},
        {"reason": "postponed"},
        {"status": "not_developed", "reason": ""},
        {"status": "not_developed", "reason": "bored"},
    ],
)
def test_the_database_refuses_an_update_that_breaks_a_rule(plan, fields):
    with pytest.raises(IntegrityError):
        copy_of_the_last_update(**fields).save()


def test_a_deliverable_without_a_report_has_no_status():
    new_plan(deliverables=1)
    row = Deliverable.objects.of_plan("2021-2023").with_current_status().get()
    assert (row.current_status, row.current_status_on, row.update_id) == (Status.NO_STATUS, None, None)


def test_a_status_without_a_date_is_refused_by_the_database(voice):
    with pytest.raises(IntegrityError):
        Deliverable.objects.filter(pk=voice.pk).update(status_on=None)


def test_a_deliverable_with_a_history_cannot_be_deleted(voice):
    with pytest.raises(IntegrityError), transaction.atomic():
        voice.delete()


def test_a_report_sent_again_after_somebody_elses_is_a_conflict(voice, sofia, adam):
    said = {"effective_on": TODAY, "seen": voice.last_sequence, "note": "Work goes on."}
    voice.record(Status.IN_PROGRESS, by=sofia, **said)
    theirs = voice.record(Status.ATTAINED, by=adam, **said | {"seen": voice.last_sequence})
    with pytest.raises(Conflict) as conflict:
        voice.record(Status.IN_PROGRESS, by=sofia, **said)
    assert conflict.value.latest == theirs
