"""“Correct these”: what was recorded at once is corrected in one page, by the rules of a single correction."""

from datetime import date

import pytest

from deliverables.models import Decision, Evidence, StatusUpdate
from deliverables.plan_editing import structure
from tests.builders import deliverable, report
from tests.deliverables.recording.grid import (
    BULK,
    MINUTES,
    RECORD,
    by_person,
    correct,
    correction_page,
    errors_in,
    record,
    sent,
    text_of,
)

pytestmark = pytest.mark.django_db


def test_a_correction_starts_with_what_was_recorded(secretariat):
    entered = {"L1M1D2-status": "not_developed", "L1M1D2-reason": "postponed", "L1M1D2-effective_on": "2021-02-03"}
    entered |= {"L1M1D2-evidence_title": "Minutes", "L1M1D2-note": "It waits."}
    values = sent(correction_page(secretariat, record(secretariat, entered)))
    assert {name: values[name] for name in entered} == entered
    assert values["rows"] == "L1M1D2:66:66"


def test_only_rows_that_are_changed_are_corrected(secretariat, sofia):
    recorded = record(secretariat, {"all-status": "in_progress", "all-effective_on": "2021-02-01"})
    correct(secretariat, recorded, {"L2M5D1-effective_on": "2021-01-01"})
    assert by_person(sofia)[3:] == [("L2M5D1", "in_progress", "2021-01-01", "")]
    assert StatusUpdate.objects.get(sequence=69).corrects.sequence == 68


def test_a_mistake_in_all_rows_is_corrected_in_one_field(secretariat, sofia):
    recorded = record(secretariat, {"all-status": "in_progress", "all-note": "Own words of all."})
    correct(secretariat, recorded, {"all-effective_on": "2021-01-01", "L2M5D1-note": "Its own words."})
    assert by_person(sofia)[3:] == [
        ("L1M1D1", "in_progress", "2021-01-01", "Own words of all."),
        ("L1M1D2", "in_progress", "2021-01-01", "Own words of all."),
        ("L2M5D1", "in_progress", "2021-01-01", "Its own words."),
    ]


def test_a_value_for_all_rows_that_a_row_has_already_corrects_nothing_there(secretariat, sofia):
    entered = {"all-status": "in_progress", "all-effective_on": "2021-01-01", "L2M5D1-effective_on": "2021-02-01"}
    correct(secretariat, record(secretariat, entered), {"all-effective_on": "2021-02-01"})
    assert [code for code, *_rest in by_person(sofia)[3:]] == ["L1M1D1", "L1M1D2"]


def test_an_unchanged_correction_records_nothing(secretariat, sofia):
    recorded = record(secretariat, {"all-status": "in_progress"})
    assert correct(secretariat, recorded, {}).status_code == 422
    assert len(by_person(sofia)) == 3


def test_another_status_leaves_the_evidence_of_attained_behind(secretariat, sofia):
    recorded = record(secretariat, {"L2M5D1-status": "attained", "L2M5D1-evidence_title": "Minutes"})
    response = correct(secretariat, recorded, {"L2M5D1-status": "in_progress"})
    assert "its evidence was removed" in errors_in(response)["L2M5D1-evidence_link"][0]
    assert secretariat.post(RECORD, sent(response)).status_code == 302
    assert StatusUpdate.objects.get(sequence=67).evidence == ()


def test_evidence_that_the_grid_does_not_show_comes_along(secretariat, sofia):
    pieces = (Evidence("Minutes", MINUTES), Evidence("Paper 4"))
    report(deliverable("L2M5D1"), "in_progress", by=sofia, evidence=pieces)
    recorded = record(secretariat, {"L2M5D1-status": "in_progress"})
    assert "Comes along: Paper 4" in text_of(correction_page(secretariat, recorded))
    correct(secretariat, recorded, {"L2M5D1-evidence_title": "Minutes of the Board"})
    assert StatusUpdate.objects.get(sequence=68).evidence == (Evidence("Minutes of the Board", MINUTES), pieces[1])


def test_a_correction_does_not_start_with_a_later_update_of_somebody_else(secretariat, adam):
    entered = {"L2M5D1-status": "in_progress", "L2M5D1-note": "What Sofia typed.", "all-effective_on": "2021-01-01"}
    recorded = record(secretariat, entered)
    report(deliverable("L2M5D1"), "attained", by=adam, note="Adam says it is done.")
    page = correction_page(secretariat, recorded)
    assert sent(page)["L2M5D1-note"] == "What Sofia typed."
    assert "another report was recorded, which stays. Current status: attained, 14 January 2021" in text_of(page)


def test_a_correction_leaves_a_later_update_of_somebody_else_in_effect(secretariat, adam):
    recorded = record(secretariat, {"L2M5D1-status": "in_progress", "all-effective_on": "2021-01-01"})
    report(deliverable("L2M5D1"), "attained", by=adam, note="Adam says it is done.", effective_on=date(2021, 5, 1))
    assert correct(secretariat, recorded, {"L2M5D1-note": "Corrected."}).status_code == 302
    assert deliverable("L2M5D1").status == "attained"
    assert StatusUpdate.objects.get(sequence=68).corrects.sequence == 66


def test_an_update_during_a_correction_is_a_conflict(secretariat, sofia, adam):
    page = correction_page(secretariat, record(secretariat, {"all-status": "in_progress"}))
    report(deliverable("L2M5D1"), "attained", by=adam, note="Adam says it is done.")
    response = secretariat.post(RECORD, sent(page, {"all-effective_on": "2021-01-01"}))
    assert (response.status_code, len(by_person(sofia))) == (409, 3)
    assert secretariat.post(RECORD, sent(response)).status_code == 302


def test_what_somebody_else_has_corrected_meanwhile_is_not_corrected_again(secretariat, adam):
    recorded = record(secretariat, {"all-status": "in_progress"})
    page = correction_page(secretariat, recorded)
    theirs = StatusUpdate.objects.get(sequence=68)
    report(deliverable("L2M5D1"), "not_developed", by=adam, reason="postponed", corrects=theirs)
    response = secretariat.post(RECORD, sent(page, {"L2M5D1-note": "What Sofia typed."}))
    assert (response.status_code, sent(response)["rows"]) == (409, "L1M1D1:66:66 L1M1D2:67:67 L2M5D1:69")


def test_an_entry_that_is_corrected_already_is_not_shown_again(secretariat):
    recorded = record(secretariat, {"all-status": "in_progress"})
    correct(secretariat, recorded, {"L2M5D1-note": "Corrected."})
    page = correction_page(secretariat, recorded)
    assert [str(form.row.deliverable.code) for form in page.context["grid"].forms] == ["L1M1D1", "L1M1D2"]
    assert "One entry is not shown: it was corrected already" in text_of(page)


def test_a_correction_sent_twice_is_recorded_once(secretariat, sofia):
    page = correction_page(secretariat, record(secretariat, {"all-status": "in_progress"}))
    data = sent(page, {"L2M5D1-note": "Corrected."})
    assert secretariat.post(RECORD, data).url == secretariat.post(RECORD, data).url
    assert len(by_person(sofia)) == 4


def test_after_signing_in_again_a_correction_goes_on(visitor, secretariat, sofia):
    page = correction_page(secretariat, record(secretariat, {"all-status": "in_progress"}))
    visitor.post(RECORD, sent(page, {"L2M5D1-note": "Corrected."}))
    visitor.post("/accounts/login/", {"login": sofia.email, "password": "correct horse battery"})
    assert visitor.post(RECORD, sent(visitor.get(BULK))).status_code == 302
    assert StatusUpdate.objects.get(sequence=69).corrects.sequence == 68


def test_a_draft_of_a_new_update_is_not_shown_in_a_correction(secretariat):
    recorded = record(secretariat, {"L2M5D1-status": "in_progress", "L2M5D1-note": "Recorded."})
    record(secretariat, {"L2M5D1-note": "Typed for a new update.", "all-note": "For all of a new update."})
    page = correction_page(secretariat, recorded)
    values = sent(page)
    assert (values["L2M5D1-note"], values["all-note"], values["all-effective_on"]) == ("Recorded.", "", "")
    assert "What you typed here" not in text_of(page)


def test_an_entry_whose_deliverable_is_withdrawn_is_not_shown(secretariat, sofia):
    recorded = record(secretariat, {"all-status": "in_progress"})
    for code in ("L1M1D2", "L2M5D1"):
        structure.withdraw(deliverable(code), by=sofia, decision=Decision("Board", date(2021, 1, 1)))
    page = correction_page(secretariat, recorded)
    assert (len(page.context["grid"].forms), "2 entries are not shown" in text_of(page)) == (1, True)
