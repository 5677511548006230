"""Bulk updates: the preview of their effects, recording all or nothing, conflicts."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from deliverables.models import Decision, Deliverable, StatusUpdate
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


def page_text(response):
    return " ".join(response.content.decode().split())


def form_data(plan, codes=CODES, **fields):
    field = " ".join(f"{code}:{number}" for code, number in seen(plan, codes).items())
    return ATTAINED | {"rows": field, "submission": uuid.uuid4()} | fields


def test_the_preview_distinguishes_the_four_effects(plan, sofia):
    report(deliverable("L1M1D1"), **ATTAINED, by=sofia)
    report(deliverable("L2M5D1"), "in_progress", by=sofia, effective_on=date(2021, 6, 1))
    planned = preview_effects(rows(plan, [*CODES, "L1M1D3"]), ATTAINED)
    assert {str(each.deliverable.code): each.effect for each in planned} == {
        "L1M1D1": BulkEffect.NOTHING,
        "L1M1D2": BulkEffect.CHANGES,
        "L1M1D3": BulkEffect.CONFIRMS,
        "L2M5D1": BulkEffect.EARLIER,
    }


def test_each_deliverable_gets_its_own_entry(plan, sofia):
    updates = record_bulk(plan, seen(plan), ATTAINED, by=sofia, submission=uuid.uuid4())
    assert [(str(u.deliverable.code), u.status.value, u.sequence) for u in updates] == [
        ("L1M1D1", "attained", 66),
        ("L1M1D2", "attained", 67),
        ("L2M5D1", "attained", 68),
    ]


def test_a_deliverable_with_the_same_report_gets_no_entry(plan, sofia):
    report(deliverable("L1M1D1"), **ATTAINED, by=sofia)
    updates = record_bulk(plan, seen(plan), ATTAINED, by=sofia, submission=uuid.uuid4())
    assert [str(update.deliverable.code) for update in updates] == ["L1M1D2", "L2M5D1"]


def test_one_conflict_records_nothing(plan, sofia, adam):
    before = seen(plan)
    report(deliverable("L2M5D1"), "in_progress", by=adam)
    with pytest.raises(BulkConflict) as conflicts:
        record_bulk(plan, before, ATTAINED, by=sofia, submission=uuid.uuid4())
    assert [str(row.code) for row in conflicts.value.deliverables] == ["L2M5D1"]
    assert StatusUpdate.objects.filter(recorded_by=sofia).count() == 0


def test_one_broken_rule_records_nothing(plan, sofia):
    with pytest.raises(ValidationError):
        record_bulk(plan, seen(plan), ATTAINED | {"note": ""}, by=sofia, submission=uuid.uuid4())
    assert StatusUpdate.objects.filter(recorded_by=sofia).count() == 0


def test_a_deliverable_withdrawn_meanwhile_is_a_conflict(plan, sofia):
    before = seen(plan)
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("Board", date(2021, 1, 1)))
    with pytest.raises(BulkConflict):
        record_bulk(plan, before, ATTAINED, by=sofia, submission=uuid.uuid4())


def test_the_same_submission_twice_is_recorded_once(plan, sofia):
    before, number = seen(plan), uuid.uuid4()
    record_bulk(plan, before, ATTAINED, by=sofia, submission=number)
    second_try = record_bulk(plan, before, ATTAINED, by=sofia, submission=number)
    assert (len(second_try), StatusUpdate.objects.filter(recorded_by=sofia).count()) == (3, 3)


def test_all_filtered_deliverables_can_be_selected(secretariat):
    response = secretariat.get(LIST + "bulk/?all=1&status=not_developed")
    assert len(response.context["deliverables"]) == 6


def test_an_empty_selection_says_what_to_do(secretariat):
    assert "Tick some in the list" in page_text(secretariat.get(LIST + "bulk/"))


def test_the_preview_groups_deliverables_by_effect_and_records_nothing(secretariat, plan, sofia):
    report(deliverable("L1M1D1"), **ATTAINED, by=sofia)
    response = secretariat.post(LIST + "bulk/preview/", form_data(plan))
    assert {effect: len(deliverables) for effect, deliverables in response.context["groups"].items()} == {
        BulkEffect.CHANGES: 2,
        BulkEffect.NOTHING: 1,
    }
    assert "Record on 2 deliverables" in page_text(response)
    assert Plan.objects.get(pk=plan.pk).history_length == 66


def test_a_bulk_update_says_how_many_were_recorded(secretariat, plan):
    response = secretariat.post(LIST + "bulk/record/", form_data(plan), follow=True)
    assert "Recorded on 3 deliverables." in page_text(response)
    assert deliverable("L2M5D1").status == "attained"


def test_a_conflict_lists_the_deliverables_and_keeps_what_was_typed(secretariat, plan, adam):
    data = form_data(plan)
    report(deliverable("L2M5D1"), "in_progress", by=adam, note="Adam was faster.")
    response = secretariat.post(LIST + "bulk/record/", data)
    assert response.status_code == 409
    assert "learning and capacity building (L2M5D1)" in page_text(response)
    assert "Minutes of the Board." in page_text(response)
    assert deliverable("L1M1D2").status == "not_developed"


def test_after_a_conflict_the_new_preview_can_be_recorded(secretariat, plan, adam):
    data = form_data(plan)
    report(deliverable("L2M5D1"), "in_progress", by=adam)
    page = secretariat.post(LIST + "bulk/record/", data).context["form"]
    second_try = {field.html_name: field.value() or "" for field in page}
    assert secretariat.post(LIST + "bulk/record/", second_try).status_code == 302


@pytest.mark.parametrize("field", ["", "L1M1D1", "L1M1D1:x", "nonsense:1", "L1M1D1:1 L1M1D1:1"])
def test_an_invalid_selection_is_422(secretariat, plan, field):
    response = secretariat.post(LIST + "bulk/preview/", form_data(plan) | {"rows": field})
    assert response.status_code == 422


def test_invalid_input_shows_an_error_and_keeps_what_was_typed(secretariat, plan):
    response = secretariat.post(LIST + "bulk/preview/", form_data(plan, note="", next_step="Minutes"))
    assert response.status_code == 422
    assert "“Attained” needs evidence" in page_text(response)
    assert 'value="Minutes"' in page_text(response)


def test_the_preview_says_where_attained_is_below_the_target(secretariat, plan, sofia):
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(target=6, target_unit="plans")
    report(deliverable("L2M5D1"), "in_progress", by=sofia, achieved=4)
    data = form_data(plan, note="Done", evidence_title="Paper 4")
    response = secretariat.post(LIST + "bulk/preview/", data)
    text = page_text(response)
    assert (response.status_code, text.count("L2M5D1: Only 4 of 6: say in a sentence")) == (422, 1)
    assert 'value="Paper 4"' in text
    assert secretariat.post(LIST + "bulk/preview/", data | {"note": "Two cities left the network."}).status_code == 200


def test_after_signing_in_again_the_report_and_selection_are_restored(visitor, plan, sofia):
    visitor.post(LIST + "bulk/preview/", form_data(plan))
    visitor.post("/accounts/login/", {"login": sofia.email, "password": "correct horse battery"})
    response = visitor.get(LIST + "bulk/")
    assert len(response.context["deliverables"]) == 3
    assert response.context["form"]["note"].value() == "Minutes of the Board."


def test_the_same_submission_with_other_content_is_a_conflict(plan, sofia):
    before, number = seen(plan), uuid.uuid4()
    record_bulk(plan, before, ATTAINED, by=sofia, submission=number)
    for other in (ATTAINED | {"note": "Other words."}, ATTAINED | {"status": "in_progress"}):
        with pytest.raises(BulkConflict):
            record_bulk(plan, before, other, by=sofia, submission=number)


def test_after_recording_the_filters_of_the_list_are_kept(secretariat, plan):
    response = secretariat.post(LIST + "bulk/record/", form_data(plan) | {"next": LIST + "?line=L1&sort=-code"})
    assert response.url == LIST + "?line=L1&sort=-code"
