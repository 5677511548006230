"""Bulk updates: the grid, recording all of it or nothing, what is wrong, conflicts and drafts."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from deliverables.models import Decision, Deliverable, Evidence, StatusUpdate
from deliverables.plan_editing import structure
from deliverables.recording.bulk import MAX_ROWS, BulkConflict, BulkErrors, RowKey, bulk_rows, record_bulk
from plans.codes import Code
from plans.models import Plan
from tests.builders import deliverable, new_plan, report
from tests.deliverables.recording.grid import (
    BULK,
    CODES,
    LIST,
    MINUTES,
    RECORD,
    by_person,
    errors_in,
    open_grid,
    record,
    sent,
    text_of,
)

pytestmark = pytest.mark.django_db
IN_PROGRESS = {"status": "in_progress", "effective_on": date(2021, 1, 14), "note": "Begun in Montréal."}


# Recording, below the pages


def reports(plan, codes=CODES, **fields):
    rows = bulk_rows(plan, {Code.parse(code): RowKey() for code in codes})
    return [(row, IN_PROGRESS | fields) for row in rows]


def test_each_deliverable_gets_its_own_entry(plan, sofia):
    updates = record_bulk(reports(plan), by=sofia)
    assert [(str(each.deliverable.code), each.sequence) for each in updates] == list(
        zip(CODES, [66, 67, 68], strict=True)
    )


def test_one_conflict_records_nothing_and_names_every_other_update(plan, sofia, adam):
    pairs = reports(plan)
    latest = {Code.parse(code): report(deliverable(code), "in_progress", by=adam) for code in CODES[1:]}
    with pytest.raises(BulkConflict) as conflict:
        record_bulk(pairs, by=sofia)
    assert (conflict.value.latest, by_person(sofia)) == (latest, [])


def test_one_broken_rule_records_nothing_and_every_error_is_raised(plan, sofia):
    pairs = [(row, fields | {"status": "attained", "note": ""}) for row, fields in reports(plan)]
    pairs[0][1]["note"] = "The minutes of the Board show it."
    with pytest.raises(BulkErrors) as broken:
        record_bulk(pairs, by=sofia)
    assert ([str(code) for code in broken.value.errors], by_person(sofia)) == (CODES[1:], [])


def test_the_same_reports_twice_are_recorded_once(plan, sofia):
    pairs = reports(plan)
    first = record_bulk(pairs, by=sofia)
    assert record_bulk(pairs, by=sofia) == first
    assert len(by_person(sofia)) == 3


def test_other_reports_of_the_same_form_are_a_conflict(plan, sofia):
    pairs = reports(plan)
    record_bulk(pairs, by=sofia)
    with pytest.raises(BulkConflict):
        record_bulk([(row, fields | {"note": "Other words."}) for row, fields in pairs], by=sofia)


def test_the_revision_grows_with_each_update(plan, sofia):
    record_bulk(reports(plan), by=sofia)
    assert Plan.objects.get(pk=plan.pk).revision == plan.revision + 3


# The grid


def test_a_row_shows_the_name_the_code_and_the_current_status(secretariat):
    [_shared, row] = html.fromstring(open_grid(secretariat, ["L2M5D1"]).content).xpath("//fieldset/legend")
    text = " ".join(row.text_content().split())
    assert re.fullmatch(r".* learning and capacity building L2M5D1 In progress 31 Dec 2020", text)


def test_nothing_is_chosen_at_first(secretariat):
    values = sent(open_grid(secretariat))
    assert {values[f"{code}-status"] for code in CODES} == {""}
    assert values["all-effective_on"] == str(timezone.localdate())


def test_all_filtered_deliverables_can_be_selected(secretariat):
    response = secretariat.get(BULK + "?all=1&status=not_developed")
    assert len(response.context["grid"].forms) == 6


def test_an_empty_selection_says_what_to_do(secretariat):
    assert "Tick some in the list" in text_of(secretariat.get(BULK))


def test_a_withdrawn_deliverable_is_not_offered(secretariat, sofia):
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("Board", date(2021, 1, 1)))
    forms = open_grid(secretariat).context["grid"].forms
    assert [str(form.row.deliverable.code) for form in forms] == ["L1M1D1", "L2M5D1"]


def test_more_rows_than_fit_are_left_for_the_next_time(secretariat):
    new_plan(slug="long", deliverables=MAX_ROWS + 2)
    response = secretariat.get("/plans/long/deliverables/bulk/?all=1")
    assert len(response.context["grid"].forms) == MAX_ROWS
    assert f"first {MAX_ROWS} of your selection. Record them, then select the 2 that are left" in text_of(response)


def test_the_quantity_is_asked_where_there_is_a_target(secretariat):
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(target=6, target_unit="plans")
    values = sent(open_grid(secretariat))
    assert [name for name in values if name.endswith("-achieved")] == ["L2M5D1-achieved"]


def test_one_row_and_all_rows_take_the_same_queries(secretariat):
    open_grid(secretariat)  # what the process keeps from now on
    counts = []
    for codes in (CODES[:1], [str(each.code) for each in Deliverable.objects.of_plan("2018-2020")]):
        with CaptureQueriesContext(connection) as queries:
            open_grid(secretariat, codes)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_65_rows_are_a_page_of_150_kilobytes(secretariat):
    response = secretariat.get(BULK + "?all=1")
    assert (len(response.context["grid"].forms), len(response.content) < 150_000) == (65, True)


# Recording from the grid


def test_each_row_has_its_own_status_day_and_evidence(secretariat, sofia):
    entered = {
        "L1M1D2-status": "in_progress", "L1M1D2-effective_on": "2021-01-14", "L1M1D2-note": "Begun.",
        "L2M5D1-status": "attained", "L2M5D1-effective_on": "2021-02-01",
        "L2M5D1-evidence_title": "Minutes", "L2M5D1-evidence_link": MINUTES,
    }  # fmt: skip
    assert record(secretariat, entered).status_code == 302
    assert by_person(sofia) == [
        ("L1M1D2", "in_progress", "2021-01-14", "Begun."),
        ("L2M5D1", "attained", "2021-02-01", ""),
    ]
    assert StatusUpdate.objects.get(sequence=67).evidence == (Evidence("Minutes", MINUTES),)


def test_a_row_without_a_status_is_left_alone(secretariat, sofia):
    record(secretariat, {"L1M1D2-status": "in_progress"})
    assert [code for code, *_rest in by_person(sofia)] == ["L1M1D2"]


def test_a_day_left_empty_is_the_day_for_all_rows(secretariat, sofia):
    record(secretariat, {"L1M1D2-status": "in_progress", "all-effective_on": "2021-03-04"})
    assert by_person(sofia) == [("L1M1D2", "in_progress", "2021-03-04", "")]


def test_what_goes_for_all_rows_fills_in_what_is_empty(secretariat, sofia):
    entered = {
        "all-status": "attained", "all-effective_on": "2021-03-04", "all-note": "For all of them.",
        "all-evidence_link": MINUTES, "L1M1D2-note": "Its own words.", "L2M5D1-status": "in_progress",
        "L2M5D1-effective_on": "2021-02-01",
    }  # fmt: skip
    record(secretariat, entered)
    assert by_person(sofia) == [
        ("L1M1D1", "attained", "2021-03-04", "For all of them."),
        ("L1M1D2", "attained", "2021-03-04", "Its own words."),
        ("L2M5D1", "in_progress", "2021-02-01", "For all of them."),
    ]


def test_a_note_for_all_rows_records_nothing_by_itself(secretariat, sofia):
    response = record(secretariat, {"all-note": "For all of them.", "L1M1D2-status": "in_progress"})
    assert (response.status_code, [note for *_rest, note in by_person(sofia)]) == (302, ["For all of them."])


def test_a_row_with_its_own_title_does_not_get_the_link_of_another_document(secretariat):
    entered = {"all-status": "attained", "all-evidence_link": MINUTES, "L2M5D1-evidence_title": "Paper 4"}
    record(secretariat, entered, ["L2M5D1"])
    assert StatusUpdate.objects.get(sequence=66).evidence == (Evidence("Paper 4"),)


def test_a_reason_for_all_rows_goes_to_those_not_developed(secretariat):
    entered = {"all-reason": "postponed", "L1M1D1-status": "not_developed", "L2M5D1-status": "in_progress"}
    assert record(secretariat, entered).status_code == 302
    assert [str(each.reason) for each in StatusUpdate.objects.filter(sequence__gt=65).order_by("sequence")] == [
        "postponed",
        "",
    ]


def test_the_same_status_again_confirms_it_with_its_evidence(secretariat):
    before = deliverable("L1M1D1").current_update(None)
    record(secretariat, {"L1M1D1-status": "attained"})
    after = deliverable("L1M1D1").current_update(None)
    assert (after.is_confirmation, after.evidence) == (True, before.evidence)


def test_a_confirmation_keeps_the_reason(secretariat):
    record(secretariat, {"L1M1D2-status": "not_developed"})
    assert deliverable("L1M1D2").current_update(None).reason == "not_stated"


def test_a_confirmation_with_other_evidence_has_that_evidence(secretariat):
    record(secretariat, {"L1M1D1-status": "attained", "L1M1D1-evidence_title": "The calendar of 2021"})
    assert deliverable("L1M1D1").current_update(None).evidence == (Evidence("The calendar of 2021"),)


def test_evidence_does_not_go_back_to_an_earlier_day(secretariat):
    response = record(secretariat, {"L1M1D1-status": "attained", "L1M1D1-effective_on": "2019-01-01"})
    assert list(errors_in(response)) == ["L1M1D1-evidence_link"]


def test_a_next_step_stays_until_something_is_attained(secretariat, sofia):
    planned = {"next_step": "Print it.", "expected_on": date(2027, 5, 1)}
    report(deliverable("L2M5D1"), "in_progress", by=sofia, **planned)
    record(secretariat, {"L2M5D1-status": "not_developed", "L2M5D1-reason": "postponed"})
    kept = deliverable("L2M5D1").current_update(None)
    record(secretariat, {"L2M5D1-status": "attained", "L2M5D1-evidence_title": "Paper 4"})
    attained = deliverable("L2M5D1").current_update(None)
    assert ((kept.next_step, kept.expected_on), attained.next_step) == (("Print it.", date(2027, 5, 1)), "")


def test_an_empty_quantity_leaves_it_as_it_was(secretariat, sofia):
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(target=6, target_unit="plans")
    report(deliverable("L2M5D1"), "in_progress", by=sofia, achieved=4)
    record(secretariat, {"L2M5D1-status": "not_developed", "L2M5D1-reason": "postponed"})
    assert deliverable("L2M5D1").achieved == 4


def test_a_quantity_of_zero_is_what_was_typed(secretariat, sofia):
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(target=6, target_unit="plans")
    report(deliverable("L2M5D1"), "in_progress", by=sofia, achieved=4)
    entered = {"L2M5D1-status": "in_progress", "L2M5D1-achieved": "0", "L2M5D1-note": "Counted again: there are none."}
    record(secretariat, entered)
    assert deliverable("L2M5D1").achieved == 0


def test_entries_of_others_between_those_recorded_at_once_are_not_shown(secretariat, sofia, adam):
    page = open_grid(secretariat)
    data = sent(page, {"L1M1D1-status": "in_progress"})
    secretariat.post(RECORD, data)
    report(deliverable("L1M3D1"), "in_progress", by=adam)
    again = secretariat.post(RECORD, data | {"L1M1D2-status": "in_progress"})
    shown = secretariat.get(again.url).context["updates"]
    assert [str(update.deliverable.code) for update in shown] == ["L1M1D1", "L1M1D2"]


def test_a_form_sent_twice_leads_to_the_same_entries(secretariat, sofia):
    data = sent(open_grid(secretariat), {"L1M1D2-status": "in_progress", "L1M1D1-status": "attained"})
    first, second = (secretariat.post(RECORD, data) for _time in range(2))
    assert (first.url == second.url, len(by_person(sofia))) == (True, 2)


def test_recording_takes_the_same_queries_for_each_row(secretariat):
    def queries(codes):
        data = sent(open_grid(secretariat, codes), {"all-status": "in_progress"})
        with CaptureQueriesContext(connection) as captured:
            assert secretariat.post(RECORD, data).status_code == 302
        return len(captured)

    codes = [str(each.code) for each in Deliverable.objects.filter(status="not_developed")]
    one, two, three = queries(codes[:1]), queries(codes[1:3]), queries(codes[3:])
    assert three - two == two - one <= 14


# What is wrong


def test_all_errors_are_shown_at_once_beside_their_fields(secretariat, sofia):
    entered = {
        "L1M1D1-status": "not_developed", "L1M1D2-status": "attained", "L1M1D2-note": "Done",
        "L2M5D1-status": "in_progress", "L2M5D1-effective_on": "2017-01-01", "L2M5D1-evidence_link": "minutes",
    }  # fmt: skip
    response = record(secretariat, entered)
    assert (response.status_code, by_person(sofia)) == (422, [])
    wrong = ["L1M1D1-reason", "L1M1D2-evidence_link", "L2M5D1-effective_on", "L2M5D1-evidence_link"]
    assert sorted(errors_in(response)) == wrong
    assert sent(response)["L1M1D2-note"] == "Done"


def test_the_summary_names_the_row_and_links_to_the_field(secretariat):
    response = record(secretariat, {"L1M1D2-status": "attained"})
    [link] = html.fromstring(response.content).xpath("//*[@role='alert']//a")
    text = " ".join(link.text_content().split())
    assert re.match(
        'Publications "Voice of the Mayors" .* [(]L1M1D2[)], Evidence link: “Attained” needs evidence', text
    )
    assert html.fromstring(response.content).get_element_by_id(link.get("href")[1:]).name == "L1M1D2-evidence_link"


def test_a_note_without_a_status_is_an_error_and_not_lost(secretariat):
    response = record(secretariat, {"L1M1D2-note": "Typed.", "L2M5D1-status": "in_progress"})
    assert errors_in(response) == {"L1M1D2-status": ["Choose a status, or empty the other fields of this row."]}
    assert sent(response)["L1M1D2-note"] == "Typed."


def test_a_wrong_day_for_all_rows_is_one_error(secretariat):
    response = record(secretariat, {"all-status": "in_progress", "all-effective_on": "2017-01-01"})
    assert errors_in(response) == {}
    assert "For all rows, Since: The plan starts on 1 January 2018." in text_of(response)


def test_no_status_anywhere_says_so(secretariat):
    response = record(secretariat, {})
    assert (response.status_code, "Choose a status in at least one row." in text_of(response)) == (422, True)


def test_attained_below_the_target_is_an_error_of_its_row(secretariat, sofia):
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(target=6, target_unit="plans")
    entered = {"all-status": "attained", "all-evidence_title": "Paper 4", "L2M5D1-achieved": "4"}
    response = record(secretariat, entered)
    assert errors_in(response) == {"L2M5D1-note": ["Only 4 of 6: say in a sentence why this is attained."]}
    mended = sent(response, {"L2M5D1-note": "Two cities left the network."})
    assert secretariat.post(RECORD, mended).status_code == 302


@pytest.mark.parametrize("rows", ["", "L1M1D1", "L1M1D1:x", "nonsense:1", "L1M1D1:1 L1M1D1:1", "L9M9D9:1"])
def test_an_incomplete_selection_is_422(secretariat, rows):
    response = secretariat.post(RECORD, sent(open_grid(secretariat), {"rows": rows}))
    assert (response.status_code, "The form is incomplete." in text_of(response)) == (422, True)


def test_an_entry_of_another_deliverable_cannot_be_corrected(secretariat, sofia):
    data = sent(open_grid(secretariat, ["L1M1D1"]), {"rows": "L1M1D1:1:2", "L1M1D1-status": "attained"})
    assert (secretariat.post(RECORD, data).status_code, by_person(sofia)) == (422, [])


def test_a_deliverable_withdrawn_meanwhile_is_an_error_of_its_row(secretariat, sofia):
    data = sent(open_grid(secretariat), {"L1M1D2-status": "in_progress", "L1M1D2-note": "Typed."})
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("Board", date(2021, 1, 1)))
    response = secretariat.post(RECORD, data)
    assert (response.status_code, sent(response)["L1M1D2-note"]) == (422, "Typed.")
    assert "L1M1D2 is withdrawn, so it cannot be updated." in text_of(response)


# Somebody was faster


def test_a_row_that_changed_meanwhile_shows_what_it_is_now_and_what_was_typed(secretariat, sofia, adam):
    data = sent(open_grid(secretariat), {"all-status": "in_progress", "L2M5D1-note": "What Sofia typed."})
    report(deliverable("L2M5D1"), "not_developed", by=adam, reason="postponed", note="Adam was faster.")
    response = secretariat.post(RECORD, data)
    assert (response.status_code, by_person(sofia)) == (409, [])
    assert "Adam was faster." in text_of(response)
    assert sent(response)["L2M5D1-note"] == "What Sofia typed."


def test_after_a_conflict_the_grid_can_be_sent_again(secretariat, sofia, adam):
    data = sent(open_grid(secretariat), {"all-status": "in_progress"})
    report(deliverable("L2M5D1"), "not_developed", by=adam, reason="postponed")
    assert secretariat.post(RECORD, sent(secretariat.post(RECORD, data))).status_code == 302
    assert len(by_person(sofia)) == 3


def test_a_change_in_a_row_that_is_left_alone_is_no_conflict(secretariat, sofia, adam):
    data = sent(open_grid(secretariat), {"L1M1D2-status": "in_progress"})
    report(deliverable("L2M5D1"), "in_progress", by=adam)
    assert secretariat.post(RECORD, data).status_code == 302


# Drafts


def test_after_signing_in_again_the_rows_and_what_was_typed_are_restored(visitor, secretariat, sofia):
    visitor.post(RECORD, sent(open_grid(secretariat), {"L1M1D2-note": "Typed before the session ended."}))
    visitor.post("/accounts/login/", {"login": sofia.email, "password": "correct horse battery"})
    response = visitor.get(BULK)
    assert len(response.context["grid"].forms) == 3
    assert sent(response)["L1M1D2-note"] == "Typed before the session ended."
    assert errors_in(response) == {}


def test_a_draft_fills_in_the_rows_that_it_is_about(secretariat):
    record(secretariat, {"L1M1D2-note": "Typed."})
    values = sent(open_grid(secretariat, ["L1M1D2", "L2M6D1"]))
    assert (values["L1M1D2-note"], values["L2M6D1-note"]) == ("Typed.", "")


def test_a_draft_does_not_overwrite_what_was_recorded_since(secretariat, adam):
    record(secretariat, {"L1M1D2-status": "in_progress", "L1M1D2-note": "Typed.", "L2M5D1-status": "attained"})
    report(deliverable("L1M1D2"), "in_progress", by=adam)
    values = sent(open_grid(secretariat), {"L2M5D1-status": ""})
    assert secretariat.post(RECORD, values).status_code == 409


def test_a_draft_about_other_rows_is_not_shown(secretariat):
    record(secretariat, {"L1M1D2-note": "Typed.", "all-note": "For all of those."})
    assert sent(open_grid(secretariat, ["L2M6D1"]))["all-note"] == ""


# Afterwards


def test_what_was_recorded_is_listed_by_name(secretariat):
    response = secretariat.get(record(secretariat, {"all-status": "in_progress"}).url)
    assert "3 updates recorded" in text_of(response)
    links = html.fromstring(response.content).xpath("//ul[@class='changes']/li/a")
    names = [link.text_content().split()[-1] for link in links]
    assert names == CODES


def test_a_report_for_an_earlier_day_says_that_the_current_status_stays(secretariat):
    response = secretariat.get(record(secretariat, {"all-status": "in_progress", "all-effective_on": "2019-01-01"}).url)
    assert text_of(response).count("It did not change the current status.") >= 3


def test_from_what_was_recorded_one_comes_back_to_the_filtered_list(secretariat):
    filtered = LIST + "?line=L1&sort=-code"
    recorded = record(secretariat, {"L1M1D2-status": "in_progress", "next": filtered})
    assert secretariat.get(recorded.url).context["next"] == filtered


@pytest.mark.parametrize("entries", ["", "x", "900-901", "2-1"])
def test_entries_that_are_not_there_lead_back_to_the_list(secretariat, entries):
    response = secretariat.get(BULK + "recorded/", {"entries": entries})
    assert "This plan has no such entries." in text_of(response)
