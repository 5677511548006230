"""One report on many deliverables: the preview, all or nothing, conflicts."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from deliverables.models import Decision, StatusUpdate
from deliverables.plan_editing import structure
from deliverables.recording.bulk import BulkConflict, BulkEffect, preview_effects, record_bulk, selected
from plans.codes import Code
from plans.models import Plan
from tests.builders import deliverable, report

pytestmark = pytest.mark.django_db
LIST = "/plans/2018-2020/deliverables/"
CODES = ["L1M1D1", "L1M1D2", "L2M5D1"]
ATTAINED = {
    "status": "attained",
    "effective_on": date(2021, 1, 14),
    "note": "Minutes of the Board.",
    "evidence_link": "",
    "evidence_title": "",
    "reason": "",
}


def rows(plan, codes=CODES):
    return selected(plan, {Code.parse(code) for code in codes})


def seen(plan, codes=CODES):
    return {row.code: row.seen for row in rows(plan, codes)}


def texts(response):
    return " ".join(response.content.decode().split())


def sent(plan, codes=CODES, **fields):
    field = " ".join(f"{code}:{number}" for code, number in seen(plan, codes).items())
    return ATTAINED | {"rows": field, "submission": uuid.uuid4()} | fields


def test_each_outcome_is_told_apart(plan, sofia):
    report(deliverable("L1M1D1"), **ATTAINED, by=sofia)
    report(deliverable("L2M5D1"), "in_progress", by=sofia, effective_on=date(2021, 6, 1))
    planned = preview_effects(rows(plan, [*CODES, "L1M1D3"]), ATTAINED)
    assert {str(each.deliverable.code): each.effect for each in planned} == {
        "L1M1D1": BulkEffect.NOTHING,
        "L1M1D2": BulkEffect.CHANGES,
        "L1M1D3": BulkEffect.CONFIRMS,
        "L2M5D1": BulkEffect.EARLIER,
    }


def test_each_row_gets_an_entry_of_its_own(plan, sofia):
    updates = record_bulk(plan, seen(plan), ATTAINED, by=sofia, submission=uuid.uuid4())
    assert [(str(u.deliverable.code), u.status.value, u.sequence) for u in updates] == [
        ("L1M1D1", "attained", 66),
        ("L1M1D2", "attained", 67),
        ("L2M5D1", "attained", 68),
    ]


def test_what_says_the_same_already_gets_none(plan, sofia):
    report(deliverable("L1M1D1"), **ATTAINED, by=sofia)
    updates = record_bulk(plan, seen(plan), ATTAINED, by=sofia, submission=uuid.uuid4())
    assert [str(update.deliverable.code) for update in updates] == ["L1M1D2", "L2M5D1"]


def test_one_conflict_leaves_all_as_they_were(plan, sofia, adam):
    before = seen(plan)
    report(deliverable("L2M5D1"), "in_progress", by=adam)
    with pytest.raises(BulkConflict) as conflicts:
        record_bulk(plan, before, ATTAINED, by=sofia, submission=uuid.uuid4())
    assert [str(row.code) for row in conflicts.value.deliverables] == ["L2M5D1"]
    assert StatusUpdate.objects.filter(recorded_by=sofia).count() == 0


def test_a_rule_broken_by_one_leaves_all_as_they_were(plan, sofia):
    with pytest.raises(ValidationError):
        record_bulk(plan, seen(plan), ATTAINED | {"note": ""}, by=sofia, submission=uuid.uuid4())
    assert StatusUpdate.objects.filter(recorded_by=sofia).count() == 0


def test_withdrawn_meanwhile_is_a_conflict(plan, sofia):
    before = seen(plan)
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("Board", date(2021, 1, 1)))
    with pytest.raises(BulkConflict):
        record_bulk(plan, before, ATTAINED, by=sofia, submission=uuid.uuid4())


def test_the_same_submission_twice_is_one(plan, sofia):
    before, number = seen(plan), uuid.uuid4()
    record_bulk(plan, before, ATTAINED, by=sofia, submission=number)
    again = record_bulk(plan, before, ATTAINED, by=sofia, submission=number)
    assert (len(again), StatusUpdate.objects.filter(recorded_by=sofia).count()) == (3, 3)


def test_all_that_the_filter_shows_can_be_chosen(secretariat):
    response = secretariat.get(LIST + "bulk/?all=1&status=not_developed")
    assert len(response.context["deliverables"]) == 6


def test_nothing_chosen_says_what_to_do(secretariat):
    assert "Tick some in the list" in texts(secretariat.get(LIST + "bulk/"))


def test_the_preview_lists_what_changes_and_what_does_not_and_writes_nothing(secretariat, plan, sofia):
    report(deliverable("L1M1D1"), **ATTAINED, by=sofia)
    response = secretariat.post(LIST + "bulk/preview/", sent(plan))
    assert {effect: len(found) for effect, found in response.context["groups"].items()} == {
        BulkEffect.CHANGES: 2,
        BulkEffect.NOTHING: 1,
    }
    assert "Record on 2 deliverables" in texts(response)
    assert Plan.objects.get(pk=plan.pk).history_length == 66


def test_recording_many_says_how_many(secretariat, plan):
    response = secretariat.post(LIST + "bulk/record/", sent(plan), follow=True)
    assert "Recorded on 3 deliverables." in texts(response)
    assert deliverable("L2M5D1").status == "attained"


def test_a_conflict_lists_the_rows_and_keeps_what_was_typed(secretariat, plan, adam):
    data = sent(plan)
    report(deliverable("L2M5D1"), "in_progress", by=adam, note="Adam was faster.")
    response = secretariat.post(LIST + "bulk/record/", data)
    assert response.status_code == 409
    assert "L2M5D1 Annual gender-sensitive" in texts(response)
    assert "Minutes of the Board." in texts(response)
    assert deliverable("L1M1D2").status == "not_developed"


def test_after_a_conflict_the_new_preview_can_be_recorded(secretariat, plan, adam):
    data = sent(plan)
    report(deliverable("L2M5D1"), "in_progress", by=adam)
    page = secretariat.post(LIST + "bulk/record/", data).context["form"]
    again = {field.html_name: field.value() or "" for field in page}
    assert secretariat.post(LIST + "bulk/record/", again).status_code == 302


@pytest.mark.parametrize("field", ["", "L1M1D1", "L1M1D1:x", "nonsense:1", "L1M1D1:1 L1M1D1:1"])
def test_rows_that_came_back_incomplete_are_told(secretariat, plan, field):
    response = secretariat.post(LIST + "bulk/preview/", sent(plan) | {"rows": field})
    assert response.status_code == 422


def test_wrong_input_is_told_beside_its_field_and_kept(secretariat, plan):
    response = secretariat.post(LIST + "bulk/preview/", sent(plan, note="", evidence_title="Minutes"))
    assert response.status_code == 422
    assert "“Attained” needs evidence" in texts(response)
    assert 'value="Minutes"' in texts(response)


def test_a_session_that_ended_keeps_the_report_and_the_rows(visitor, plan, sofia):
    visitor.post(LIST + "bulk/preview/", sent(plan))
    visitor.post("/accounts/login/", {"login": sofia.email, "password": "correct horse battery"})
    response = visitor.get(LIST + "bulk/")
    assert len(response.context["deliverables"]) == 3
    assert response.context["form"]["note"].value() == "Minutes of the Board."


def test_the_same_submission_with_other_content_is_no_repetition(plan, sofia):
    before, number = seen(plan), uuid.uuid4()
    record_bulk(plan, before, ATTAINED, by=sofia, submission=number)
    for other in (ATTAINED | {"note": "Other words."}, ATTAINED | {"status": "in_progress"}):
        with pytest.raises(BulkConflict):
            record_bulk(plan, before, other, by=sofia, submission=number)


def test_after_recording_the_filters_are_as_they_were(secretariat, plan):
    response = secretariat.post(LIST + "bulk/record/", sent(plan) | {"next": LIST + "?line=L1&sort=-code"})
    assert response.url == LIST + "?line=L1&sort=-code"
