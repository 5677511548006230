import uuid
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from lxml import html

from deliverables.models import Deliverable, Evidence, StatusUpdate
from plans.models import Translation
from tests.builders import deliverable, form, new_plan, report

pytestmark = pytest.mark.django_db
PAGE = "/plans/2018-2020/L2M5D1/"


def page_text(response):
    return " ".join(response.content.decode().split())


def record(client, code="L2M5D1", **fields):
    return client.post(f"/plans/2018-2020/{code}/status/", form(deliverable(code), **fields))


# The list


def test_the_list_shows_every_deliverable_in_natural_order(visitor):
    page = visitor.get(reverse("deliverables", args=["2018-2020"])).context["page"]
    assert [row.code for row in page] == sorted(row.code for row in page)
    assert len(page) == 65


def test_the_list_links_each_count_to_its_rows(visitor):
    text = page_text(visitor.get("/plans/2018-2020/deliverables/?theme=gender"))
    assert '<a href="/plans/2018-2020/deliverables/?theme=gender&amp;status=attained">7 attained</a>' in text


def test_the_downloads_of_the_list_have_its_filters(visitor):
    response = visitor.get("/plans/2018-2020/deliverables/?theme=gender&page=1")
    assert 'href="/plans/2018-2020/summary.csv?theme=gender"' in page_text(response)


def test_an_invalid_filter_shows_an_error_at_its_field(visitor):
    response = visitor.get("/plans/2018-2020/deliverables/?status=done")
    assert response.status_code == 200
    assert "There is no status “done”. Choose one from the list." in page_text(response)


def test_an_empty_list_says_so_and_links_to_all_deliverables(visitor):
    response = visitor.get("/plans/2018-2020/deliverables/?q=zeppelin")
    assert "No deliverable matches these filters." in page_text(response)
    assert "Show all deliverables" in page_text(response)


def test_an_invalid_page_number_shows_the_first_page(visitor):
    assert visitor.get("/plans/2018-2020/deliverables/?page=x").context["page"].number == 1


def test_a_long_list_has_pages(visitor):
    new_plan(deliverables=230)
    page = visitor.get("/plans/2021-2023/deliverables/?page=3").context["page"]
    assert [row.code.deliverable for row in page] == list(range(201, 231))


def test_the_list_as_of_a_day_before_the_first_report_counts_no_status(visitor):
    response = visitor.get("/plans/2018-2020/deliverables/?as_of=2019-12-31")
    assert response.context["counts"].no_status == 65


# A deliverable


def test_a_deliverable_shows_its_title_measure_and_history(visitor):
    text = page_text(visitor.get(PAGE))
    assert "Annual gender-sensitive and effective plan on learning and capacity building" in text
    assert "framed by the Metropolis vision and using Metropolis tools." in text
    assert "As printed in the three-year report, table of action line 2." in text


def test_only_members_see_who_recorded(visitor, board, sofia):
    report(deliverable("L2M5D1"), "attained", by=sofia)
    assert ["Sofia Marín" in page_text(client.get(PAGE)) for client in (visitor, board)] == [False, True]


def test_only_those_who_may_record_see_the_form(visitor, board, regional, secretariat, administrator):
    clients = visitor, board, regional, secretariat, administrator
    assert [client.get(PAGE).context["form"] is not None for client in clients] == [False, False, False, True, True]


def test_an_as_of_page_has_no_form(secretariat):
    response = secretariat.get(PAGE + "?as_of=2020-12-31")
    assert (response.context["form"], response.context["as_of"]) == (None, date(2020, 12, 31))


def test_an_as_of_page_shows_only_updates_effective_by_then(visitor, sofia):
    report(deliverable("L2M5D1"), "attained", by=sofia)
    history = visitor.get(PAGE + "?as_of=2020-12-31").context["history"]
    assert [update.status.value for update in history] == ["in_progress"]


def test_markup_in_a_note_is_escaped(visitor, sofia):
    report(deliverable("L2M5D1"), "attained", by=sofia, note="<script>alert(1)</script>\n\nsecond")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page_text(visitor.get(PAGE))


# Recording


def test_recording_redirects_to_the_deliverable_with_a_message(secretariat):
    response = record(secretariat)
    assert (response.status_code, response.url) == (302, PAGE)
    assert "Recorded: L2M5D1 is attained." in page_text(secretariat.get(PAGE))


def test_a_recorded_status_is_included_in_every_count(secretariat):
    record(secretariat)
    assert secretariat.get("/plans/2018-2020/").context["summary"].counts.attained == 50
    assert secretariat.get("/plans/2018-2020/deliverables/").context["counts"].attained == 50
    assert secretariat.get("/plans/2018-2020/L2M5/").context["measure"].counts.attained == 2


def test_a_late_entry_says_that_the_current_status_is_unchanged(secretariat):
    record(secretariat, status="in_progress", effective_on="2019-05-02")
    message = "Recorded for 2 May 2019. The current status of L2M5D1 comes from a later report: in progress."
    assert message in page_text(secretariat.get(PAGE))


def test_an_error_is_shown_at_its_field_and_keeps_what_was_typed(secretariat):
    response = record(secretariat, effective_on="2099-01-01", evidence_title="Minutes <1>")
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "effective_on": ["1 January 2099 is in the future. Choose today or an earlier date."]
    }
    assert "Adopted by the Board in Montréal." in page_text(response)
    assert 'value="2099-01-01"' in page_text(response)
    assert 'value="Minutes &lt;1&gt;"' in page_text(response)


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"status": ""}, "status", "Choose a status."),
        ({"status": "done"}, "status", "“done” is not a status. Choose one of the three."),
        ({"status": "no_status"}, "status", "“no_status” is not a status. Choose one of the three."),
        ({"effective_on": ""}, "effective_on", "Enter the day from which the status applies."),
        ({"effective_on": "2019-02-30"}, "effective_on", "This is not a date."),
        ({"effective_on": "2017-12-31"}, "effective_on", "The plan starts on 1 January 2018."),
        ({"note": ""}, "evidence_link", "“Attained” needs evidence"),
        ({"evidence_link": "javascript:alert(1)"}, "evidence_link", "begins with https:// or http://"),
        ({"evidence_link": "not a link"}, "evidence_link", "begins with https:// or http://"),
        ({"note": "x" * 1_000_000}, "note", "Keep the note under 5000 characters; it has 1000000."),
        ({"evidence_title": "x" * 301}, "evidence_title", "at most 300 characters"),
        ({"status": "not_developed"}, "reason", "Choose why it was not developed."),
        ({"reason": "postponed"}, "reason", "Only “not developed” takes a reason."),
        ({"status": "not_developed", "reason": "bored"}, "reason", "not one of the available choices"),
        ({"seen": "x"}, "seen", "The form is incomplete."),
    ],
)
def test_invalid_input_shows_an_error_and_records_nothing(secretariat, fields, field, message):
    response = record(secretariat, **fields)
    assert response.status_code == 422
    assert message in response.context["form"].errors[field][0]
    assert StatusUpdate.objects.count() == 65


def test_a_form_over_the_size_limit_is_413_with_the_reason(secretariat):
    response = record(secretariat, note="x" * 3_000_000)
    assert response.status_code == 413
    assert "What you sent is too large" in page_text(response)


def test_a_form_sent_twice_is_recorded_once(secretariat):
    data = form(deliverable("L2M5D1"))
    statuses = [secretariat.post(PAGE + "status/", data).status_code for _ in range(2)]
    assert (statuses, StatusUpdate.objects.count()) == ([302, 302], 66)


def test_resending_a_form_with_other_content_is_a_conflict(secretariat):
    data = form(deliverable("L2M5D1"))
    secretariat.post(PAGE + "status/", data)
    response = secretariat.post(PAGE + "status/", data | {"status": "in_progress"})
    assert (response.status_code, StatusUpdate.objects.count()) == (409, 66)


def test_the_second_of_two_people_sees_both_versions_and_can_still_record(secretariat, adam):
    data = form(deliverable("L2M5D1"), note="What Sofia typed")
    report(deliverable("L2M5D1"), "in_progress", by=adam, note="What Adam recorded")
    response = secretariat.post(PAGE + "status/", data)
    assert response.status_code == 409
    assert "What Adam recorded" in page_text(response)
    assert "What Sofia typed" in page_text(response)
    again = response.context["form"]
    hidden = {"seen": again["seen"].value()}
    assert secretariat.post(PAGE + "status/", data | hidden).status_code == 302


def test_line_ends_are_normalised(secretariat):
    record(secretariat, note="one\r\ntwo")
    assert StatusUpdate.objects.latest("sequence").note == "one\ntwo"


def test_a_member_without_the_permission_may_not_record(board):
    assert record(board).status_code == 403


def test_a_get_is_405_and_records_nothing(secretariat):
    response = secretariat.get(PAGE + "status/", form(deliverable("L2M5D1")))
    assert (response.status_code, StatusUpdate.objects.count()) == (405, 65)


def test_a_form_without_its_csrf_token_is_refused(sofia):
    client = Client(enforce_csrf_checks=True)
    client.force_login(sofia)
    assert (record(client).status_code, StatusUpdate.objects.count()) == (403, 65)


def test_after_signing_in_again_the_typed_text_is_restored(visitor, sofia):
    response = record(visitor, note="Typed before the session ended", status="in_progress")
    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={PAGE}")
    visitor.post(response.url, {"login": sofia.email, "password": "correct horse battery"})
    page = visitor.get(PAGE)
    assert "Typed before the session ended" in page_text(page)
    assert page.context["form"]["status"].value() == "in_progress"


def test_typed_text_is_restored_only_on_its_own_page(visitor, sofia):
    record(visitor, note="Typed before the session ended")
    visitor.force_login(sofia)
    assert "Typed before" not in page_text(visitor.get("/plans/2018-2020/L1M1D1/"))


def test_a_status_of_an_unknown_deliverable_is_not_found(secretariat):
    data = form(deliverable("L2M5D1"))
    assert secretariat.post("/plans/2018-2020/L9M9D9/status/", data).status_code == 404


def test_an_evidence_link_without_a_scheme_becomes_https(secretariat):
    record(secretariat, evidence_link="metropolis.org/minutes")
    assert StatusUpdate.objects.latest("sequence").evidence[0].link == "https://metropolis.org/minutes"


def test_several_pieces_of_evidence_and_the_next_step_are_recorded(secretariat):
    fields = {"status": "in_progress", "next_step": "Ask the cities", "expected_on": "2021-06-30"}
    fields |= {"evidence_link": "metropolis.org/a", "evidence_title_2": "Paper 4", "evidence_link_3": "https://b.org"}
    assert record(secretariat, **fields).status_code == 302
    update = StatusUpdate.objects.latest("sequence")
    assert update.evidence == (
        Evidence(link="https://metropolis.org/a"), Evidence("Paper 4"), Evidence(link="https://b.org"),
    )  # fmt: skip
    assert (update.next_step, update.expected_on) == ("Ask the cities", date(2021, 6, 30))
    page = page_text(secretariat.get("/plans/2018-2020/L2M5D1/"))
    assert "Expected on 30 June 2021" in page
    assert 'value="Ask the cities"' in page  # in the form, which shows what is planned


@pytest.mark.parametrize(("filled", "shown"), [(0, 3), (1, 3), (2, 3), (3, 4), (4, 5), (5, 5)])
def test_the_form_has_room_for_one_more_piece_of_evidence(secretariat, sofia, filled, shown):
    pieces = [Evidence(f"Paper {number}") for number in range(filled)]
    report(deliverable("L2M5D1"), "in_progress", by=sofia, evidence=pieces)
    page = page_text(secretariat.get("/plans/2018-2020/L2M5D1/?correct=66"))
    assert page.count('name="evidence_title') == shown


def test_an_invalid_further_link_shows_its_error_and_keeps_everything(secretariat):
    response = record(secretariat, evidence_link_3="javascript:alert(1)", evidence_title_2="Paper 4")
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["evidence_link_3"])
    assert "<details open>" in page_text(response)
    assert 'value="Paper 4"' in page_text(response)


def test_the_next_step_that_the_form_filled_in_is_left_behind_by_attained(secretariat, sofia):
    report(deliverable("L2M5D1"), "in_progress", by=sofia, next_step="Ask", expected_on=date(2021, 6, 30))
    answer = record(secretariat, next_step="Ask", expected_on="2021-06-30")
    assert (answer.status_code, StatusUpdate.objects.latest("sequence").next_step) == (302, "")


def test_a_next_step_that_the_script_hides_is_not_reported_and_stays_in_the_form(secretariat):
    hidden = {"next_step": "Ask the cities", "expected_on": "2027-06-30", "hides_next_step": "1"}
    response = record(secretariat, note="", **hidden)
    assert (response.status_code, 'value="Ask the cities"' in page_text(response)) == (422, True)
    assert record(secretariat, **hidden).status_code == 302
    assert StatusUpdate.objects.latest("sequence").next_step == ""


def test_the_form_shows_what_is_known_and_no_note(secretariat, sofia):
    report(deliverable("L2M5D1"), "in_progress", by=sofia, note="Begun.", next_step="Ask the cities")
    form = secretariat.get(PAGE).context["form"]
    shown = [form[name].value() for name in ("status", "next_step", "note")]
    assert shown == ["in_progress", "Ask the cities", ""]


def test_the_reason_that_the_form_filled_in_is_left_behind_by_another_status(secretariat):
    assert secretariat.get("/plans/2018-2020/L1M1D2/").context["form"]["reason"].value() == "not_stated"
    assert record(secretariat, "L1M1D2", status="in_progress", reason="not_stated").status_code == 302
    assert StatusUpdate.objects.latest("sequence").reason == ""


def test_a_reader_sees_the_measure_and_its_others_beside_the_history(visitor):
    page = html.fromstring(visitor.get("/plans/2018-2020/L1M8D1/").content)
    [split] = page.find_class("split")
    parts, aside = split.getchildren()
    assert "History" in parts.text_content()
    assert "Also in this measure" in aside.text_content()
    assert aside.xpath(".//li/a/@href") == ["/plans/2018-2020/L1M8D2/"]


def test_evidence_says_what_it_is_where_it_is_and_since_when(visitor, sofia):
    piece = Evidence("Minutes", "https://www.metropolis.org/minutes")
    report(deliverable("L2M5D1"), "attained", by=sofia, evidence=[piece], effective_on=date(2021, 1, 14))
    row, *_earlier = html.fromstring(visitor.get(PAGE).content).find_class("evidence-file")
    assert " ".join(row.text_content().split()) == "LINK Minutes metropolis.org, added 14 January 2021"


@pytest.mark.parametrize(
    ("due_on", "text"), [("2027-06-30", "in 7 months"), ("2026-09-24", "2 months ago, and not attained")]
)
@time_machine.travel("2026-11-24 12:00 +0000")
def test_a_due_date_says_how_far_it_is(visitor, running, due_on, text):
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(due_on=due_on)
    assert text in page_text(visitor.get(PAGE))


def test_an_expected_date_that_has_passed_is_not_filled_in(secretariat, sofia):
    fields = {"next_step": "Ask", "effective_on": date(2021, 1, 1), "expected_on": date(2021, 6, 30)}
    report(deliverable("L2M5D1"), "in_progress", by=sofia, **fields)
    form = secretariat.get("/plans/2018-2020/L2M5D1/").context["form"]
    assert (form["next_step"].value(), form["expected_on"].value()) == ("Ask", None)


@pytest.mark.parametrize("achieved", ["99999999999", "1000000001"])
def test_a_number_that_nobody_promises_is_an_error(secretariat, achieved):
    response = record(secretariat, "L2M1D2", status="in_progress", achieved=achieved)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["achieved"])


def test_a_next_step_that_was_typed_with_attained_is_an_error(secretariat):
    response = record(secretariat, next_step="Celebrate")
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["next_step"])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"status": "in_progress", "expected_on": "soon"}, "expected_on"),
        ({"status": "in_progress", "expected_on": "2021-01-13"}, "expected_on"),
        ({"status": "in_progress", "next_step": "x" * 501}, "next_step"),
        ({"status": "in_progress", "achieved": "-1"}, "achieved"),
        ({"status": "in_progress", "achieved": "four"}, "achieved"),
        ({"status": "attained", "achieved": "4", "note": "Done", "evidence_title": "Paper"}, "note"),
    ],
)
def test_what_is_wrong_beside_the_status_is_said_at_its_field(secretariat, fields, field):
    response = record(secretariat, "L2M1D2", **fields)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


def test_a_deliverable_with_a_target_shows_how_many_there_are(secretariat, visitor):
    assert record(secretariat, "L2M1D2", status="in_progress", achieved="4").status_code == 302
    for page in ("L2M1D2/", "deliverables/?q=pilot", "L2M1/"):
        text = page_text(visitor.get(f"/plans/2018-2020/{page}"))
        assert ("4 of 6 pilot projects" in text, 'width="66.7%"' in text) == (True, True), page
    assert 'value="4"' in page_text(secretariat.get("/plans/2018-2020/L2M1D2/"))


def test_the_unit_of_a_target_is_in_the_language_of_the_page(secretariat, plan, sofia):
    Translation.objects.set_translations(plan, "es", {"pilot projects": "proyectos piloto"}, by=sofia)
    form = secretariat.get("/es/plans/2018-2020/L2M1D2/").context["form"]
    assert form.fields["achieved"].help_text == "De 6 proyectos piloto."


def test_a_deliverable_without_a_target_is_not_asked_how_many(secretariat):
    assert "achieved" not in secretariat.get("/plans/2018-2020/L1M1D1/").context["form"].fields


def test_a_next_step_and_further_evidence_are_found(visitor, sofia):
    report(deliverable("L2M5D1"), "in_progress", by=sofia, next_step="Ask Yaoundé", evidence=[
        Evidence("Paper 4"), Evidence("Letter from Accra"),
    ])  # fmt: skip
    for words in ("yaounde", "accra"):
        page = visitor.get("/plans/2018-2020/deliverables/", {"q": words})
        assert [str(row.code) for row in page.context["page"]] == ["L2M5D1"]


def test_a_link_alone_is_enough_evidence_for_attained(secretariat):
    assert record(secretariat, note="", evidence_link="https://metropolis.org/plan").status_code == 302


@pytest.mark.parametrize(
    "link", ["ftp://metropolis.org/a", "ftps://metropolis.org/a", "https://", "javascript:alert(1)"]
)
def test_an_invalid_link_shows_one_error(secretariat, link):
    errors = record(secretariat, note="", evidence_link=link).context["form"].errors
    assert errors == {
        "evidence_link": ["Enter a web address that begins with https:// or http://, as the browser shows it."]
    }


def test_an_american_date_is_refused(secretariat):
    assert "This is not a date." in str(record(secretariat, effective_on="03/04/2020").context["form"].errors)


def test_the_limit_of_a_note_counts_a_line_end_as_one_character(secretariat):
    assert record(secretariat, note="\r\n".join("abcde" * 500)).status_code == 302


def test_a_forged_seen_on_a_deliverable_without_a_report_is_a_conflict(secretariat):
    new_plan(deliverables=1)
    data = form(Deliverable.objects.of_plan("2021-2023").get(), seen=5, effective_on="2021-01-14")
    assert secretariat.post("/plans/2021-2023/L1M1D1/status/", data).status_code == 409


def test_loading_the_url_of_a_post_links_back_to_the_page(secretariat):
    response = secretariat.get(PAGE + "status/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert f'href="{PAGE}"' in page_text(response)


def test_the_sign_in_link_of_an_error_page_never_leads_to_a_post_url(visitor):
    assert "next=/plans/2018-2020/L2M5D1/status/" not in page_text(Client().post(PAGE + "nothing/"))


# Correcting


def test_the_correction_form_is_filled_with_what_was_recorded(secretariat):
    form = secretariat.get("/plans/2018-2020/L1M1D2/?correct=2").context["form"]
    values = {name: form[name].value() for name in ("status", "reason", "corrects")}
    assert values == {"status": "not_developed", "reason": "not_stated", "corrects": 2}


@pytest.mark.parametrize("sequence", ["1", "999", "x", "", "9" * 5000, "²"])
def test_correcting_an_unknown_entry_opens_an_ordinary_form(secretariat, sequence):
    form = secretariat.get(f"/plans/2018-2020/L1M1D2/?correct={sequence}").context["form"]
    assert form["corrects"].value() is None


def correct(client, sequence, **changes):
    """Send the form that corrects an entry as it is shown, with some of its fields changed."""
    shown = client.get(f"/plans/2018-2020/L1M1D1/?correct={sequence}").context["form"]
    fields = {name: shown[name].value() or "" for name in shown.fields}
    return client.post("/plans/2018-2020/L1M1D1/status/", fields | changes)


def test_correcting_a_wrong_attained_leaves_its_evidence_behind(secretariat):
    response = correct(secretariat, 1, status="in_progress")
    assert (
        response.status_code,
        "You changed the status from “attained”, so its evidence was removed." in page_text(response),
    ) == (
        422,
        True,
    )
    again = {name: response.context["form"][name].value() or "" for name in response.context["form"].fields}
    assert secretariat.post("/plans/2018-2020/L1M1D1/status/", again).status_code == 302
    update = StatusUpdate.objects.latest("sequence")
    assert (update.status, update.evidence, update.corrects.sequence) == ("in_progress", (), 1)


@pytest.mark.parametrize(
    ("changes", "evidence"),
    [
        ({"note": "The same, in other words."}, ["Three-year report 2018-2020: Summary"]),
        ({"status": "in_progress", "evidence_title": "Minutes of the Board"}, ["Minutes of the Board"]),
        ({"status": "in_progress", "evidence_title": ""}, []),
    ],
)
def test_evidence_that_was_looked_at_is_recorded_as_it_is(secretariat, changes, evidence):
    assert correct(secretariat, 1, **changes).status_code == 302
    assert [piece.title for piece in StatusUpdate.objects.latest("sequence").evidence] == evidence


def test_the_evidence_can_be_entered_again_for_another_status(secretariat):
    again = correct(secretariat, 1, status="in_progress").context["form"]
    fields = {name: again[name].value() or "" for name in again.fields}
    fields |= {"evidence_title": "Three-year report 2018-2020: Summary"}
    assert secretariat.post("/plans/2018-2020/L1M1D1/status/", fields).status_code == 302


def test_a_corrected_entry_is_struck_through(secretariat, visitor):
    record(secretariat, "L1M1D2", corrects=2)
    text = page_text(visitor.get("/plans/2018-2020/L1M1D2/"))
    assert "Corrects entry 2" in text
    assert "Corrected by entry 66; no longer counts" in text
    assert text.count("<del>") == 1


def test_a_correction_sent_twice_is_recorded_once(secretariat):
    data = form(deliverable("L1M1D2"), corrects=2)
    answers = [secretariat.post("/plans/2018-2020/L1M1D2/status/", data).status_code for _ in range(2)]
    assert (answers, StatusUpdate.objects.count()) == ([302, 302], 66)


def test_the_second_of_two_people_correcting_an_entry_can_still_record(secretariat, adam):
    data = form(deliverable("L1M1D2"), corrects=2, note="What Sofia typed")
    report(deliverable("L1M1D2"), "attained", by=adam, corrects=deliverable("L1M1D2").updates.get())
    again = secretariat.post("/plans/2018-2020/L1M1D2/status/", data).context["form"]
    hidden = {name: again[name].value() for name in ("seen", "corrects")}
    assert hidden["corrects"] == ""
    assert secretariat.post("/plans/2018-2020/L1M1D2/status/", data | hidden).status_code == 302


def test_a_note_that_is_too_long_shows_one_error(secretariat):
    assert list(record(secretariat, note="x" * 5001).context["form"].errors) == ["note"]


def test_a_second_correction_of_the_same_entry_is_refused(secretariat):
    record(secretariat, "L1M1D2", corrects=2)
    response = record(secretariat, "L1M1D2", corrects=2)
    assert (response.status_code, "Entry 2 cannot be corrected: it is corrected already." in page_text(response)) == (
        422,
        True,
    )


def test_an_entry_of_another_deliverable_cannot_be_corrected_here(secretariat):
    assert "Entry 1 does not belong to this deliverable." in page_text(record(secretariat, "L1M1D2", corrects=1))


# Confirming


def confirm(client, code="L1M1D2", **fields):
    data = {"seen": deliverable(code).last_sequence} | fields
    return client.post(f"/plans/2018-2020/{code}/confirm/", data)


def test_confirming_redirects_to_the_filtered_list_with_a_message(secretariat):
    filtered = "/plans/2018-2020/deliverables/?theme=youth&sort=-title"
    assert confirm(secretariat, next=filtered).url == filtered
    assert "Confirmed: L1M1D2 is still not developed." in page_text(secretariat.get(filtered))


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "deliverables", "javascript:alert(1)"])
def test_confirming_never_redirects_to_another_site(secretariat, elsewhere):
    assert confirm(secretariat, next=elsewhere).url == "/plans/2018-2020/L1M1D2/"


def test_the_list_offers_confirming_what_is_open_to_those_who_may_record(secretariat, visitor, running):
    pages = [client.get("/plans/2018-2020/deliverables/?line=L1") for client in (secretariat, visitor)]
    assert [page_text(page).count(' formaction="/plans/2018-2020/L1') for page in pages] == [5, 0]


def test_a_deliverable_is_confirmed_on_its_page_while_it_is_open(secretariat, running):
    pages = [page_text(secretariat.get(f"/plans/2018-2020/{code}/")) for code in ("L1M1D1", "L1M1D2")]
    assert ["/confirm/" in page for page in pages] == [False, True]


@pytest.mark.parametrize("path", ["L1M1D2/", "deliverables/", "todo/?who=all"])
def test_a_plan_that_is_over_offers_no_confirming(secretariat, path):
    assert "/confirm/" not in page_text(secretariat.get(f"/plans/2018-2020/{path}"))


def test_a_double_click_confirms_once(secretariat):
    hidden = {"seen": deliverable("L1M1D2").last_sequence}
    assert [confirm(secretariat, **hidden).status_code for _ in range(2)] == [302, 302]
    assert StatusUpdate.objects.count() == 66


def test_confirming_an_outdated_status_is_a_conflict_that_shows_the_new_one(secretariat, adam):
    seen = deliverable("L1M1D2").last_sequence
    report(deliverable("L1M1D2"), "attained", by=adam, note="Adam was faster.")
    response = confirm(secretariat, seen=seen)
    assert (response.status_code, "Adam was faster." in page_text(response)) == (409, True)


def test_confirming_without_a_report_says_to_record_first(secretariat):
    new_plan(deliverables=1)
    answer = secretariat.post("/plans/2021-2023/L1M1D1/confirm/", {"seen": 1}, follow=True)
    assert "Record one first." in page_text(answer)


def test_an_invalid_confirmation_is_400_with_the_reason(secretariat):
    response = confirm(secretariat, seen="x")
    assert (response.status_code, "Reload the page." in page_text(response)) == (400, True)


def test_only_those_who_may_record_can_confirm(board, visitor):
    assert [confirm(client).status_code for client in (board, visitor)] == [403, 302]


# Freshness


@time_machine.travel("2026-11-24 12:00 +0000")
def test_the_list_shows_when_each_status_was_confirmed(secretariat, visitor, sofia):
    confirm(secretariat)
    report(deliverable("L1M1D1"), "attained", by=sofia, effective_on=date(2026, 11, 12))
    page = visitor.get("/plans/2018-2020/deliverables/?measure=L1M1").context["page"]
    assert [row.freshness for row in page] == ["confirmed 12 Nov 2026", "confirmed today", ""]


@time_machine.travel("2026-11-24 12:00 +0000")
def test_the_list_says_what_was_not_reported_for_long_in_a_running_plan(visitor, running):
    page = visitor.get("/plans/2018-2020/deliverables/?measure=L1M1").context["page"]
    assert [row.freshness for row in page] == ["", "no report since", ""]


@time_machine.travel("2026-11-24 12:00 +0000")
@pytest.mark.parametrize(("freshness", "number"), [("fresh", 1), ("stale", 15), ("never", 0)])
def test_the_list_is_filtered_by_freshness(secretariat, running, freshness, number):
    confirm(secretariat)
    assert secretariat.get(f"/plans/2018-2020/deliverables/?freshness={freshness}").context["counts"].total == number


def test_freshness_is_relative_to_the_as_of_date(visitor):
    query = "?freshness=fresh&as_of=2021-01-31"
    assert visitor.get(f"/plans/2018-2020/deliverables/{query}").context["counts"].total == 65


# Sorting


def test_a_sorted_header_links_to_the_reverse_order_and_states_its_own(visitor):
    text = page_text(visitor.get("/plans/2018-2020/deliverables/?sort=title"))
    assert '<th scope="col" aria-sort="ascending"> <a href="?sort=-title">Deliverable</a>' in text


def test_an_unknown_order_shows_an_error_and_is_dropped(visitor):
    text = page_text(visitor.get("/plans/2018-2020/deliverables/?sort=bogus"))
    assert "The list cannot be sorted by “bogus”." in text
    assert 'name="sort"' not in text


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize(
    ("path", "queries"),
    [("deliverables/", 8), ("deliverables/?as_of=2021-06-01", 8), ("L1M1D1/", 8), ("L1M1D1/?as_of=2021-06-01", 8)],
)
def test_the_number_of_queries_is_constant(visitor, sofia, django_assert_num_queries, rows, path, queries):
    new_plan(deliverables=rows)
    for row in Deliverable.objects.of_plan("2021-2023"):
        for day in range(1, 3):
            report(row, "in_progress", by=sofia, effective_on=date(2021, 1, day), submission=uuid.uuid4())
    with django_assert_num_queries(queries):
        visitor.get(f"/plans/2021-2023/{path}")
