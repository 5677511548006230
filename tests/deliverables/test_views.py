import uuid
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from deliverables.models import Deliverable, StatusUpdate
from tests.builders import deliverable, form, new_plan, report

pytestmark = pytest.mark.django_db
PAGE = "/plans/2018-2020/L2M5D1/"


def texts(response):
    return " ".join(response.content.decode().split())


def record(client, code="L2M5D1", **fields):
    return client.post(f"/plans/2018-2020/{code}/status/", form(deliverable(code), **fields))


# The list


def test_the_list_shows_every_deliverable_in_natural_order(visitor):
    page = visitor.get(reverse("deliverables", args=["2018-2020"])).context["page"]
    assert [row.code for row in page] == sorted(row.code for row in page)
    assert len(page) == 65


def test_the_list_links_each_count_to_its_rows(visitor):
    response = visitor.get("/plans/2018-2020/deliverables/?theme=gender")
    assert '<a href="?theme=gender&amp;status=attained">7 attained</a>' in texts(response)


def test_the_downloads_of_the_list_keep_its_filters(visitor):
    response = visitor.get("/plans/2018-2020/deliverables/?theme=gender&page=1")
    assert 'href="/plans/2018-2020/summary.csv?theme=gender"' in texts(response)


def test_a_bad_filter_is_told_beside_its_field(visitor):
    response = visitor.get("/plans/2018-2020/deliverables/?status=done")
    assert response.status_code == 200
    assert "There is no status “done”. Choose one of the list." in texts(response)


def test_a_list_without_rows_says_so_and_shows_a_way_on(visitor):
    response = visitor.get("/plans/2018-2020/deliverables/?q=zeppelin")
    assert "No deliverable fits all of these filters." in texts(response)
    assert "Show all deliverables" in texts(response)


def test_a_bad_page_number_shows_the_first_page(visitor):
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
    text = texts(visitor.get(PAGE))
    assert "Annual gender-sensitive and effective plan on learning and capacity building" in text
    assert "framed by the Metropolis vision and using Metropolis tools." in text
    assert "As printed in the three-year report, table of action line 2." in text


def test_readers_without_an_account_see_the_role_and_members_the_name(visitor, board, sofia):
    report(deliverable("L2M5D1"), "attained", by=sofia)
    assert ["Sofia Marín" in texts(client.get(PAGE)) for client in (visitor, board)] == [False, True]


def test_the_form_is_there_for_those_who_may_record(visitor, board, regional, secretariat, administrator):
    clients = visitor, board, regional, secretariat, administrator
    assert [client.get(PAGE).context["form"] is not None for client in clients] == [False, False, False, True, True]


def test_the_past_is_shown_without_a_form(secretariat):
    response = secretariat.get(PAGE + "?as_of=2020-12-31")
    assert (response.context["form"], response.context["as_of"]) == (None, date(2020, 12, 31))


def test_the_past_shows_only_what_was_effective_by_then(visitor, sofia):
    report(deliverable("L2M5D1"), "attained", by=sofia)
    history = visitor.get(PAGE + "?as_of=2020-12-31").context["history"]
    assert [update.status.value for update in history] == ["in_progress"]


def test_a_note_is_text_and_never_markup(visitor, sofia):
    report(deliverable("L2M5D1"), "attained", by=sofia, note="<script>alert(1)</script>\n\nsecond")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in texts(visitor.get(PAGE))


# Recording


def test_recording_shows_the_new_status_and_says_so(secretariat):
    response = record(secretariat)
    assert (response.status_code, response.url) == (302, PAGE)
    assert "Recorded: L2M5D1 is attained." in texts(secretariat.get(PAGE))


def test_a_recorded_status_is_in_every_count(secretariat):
    record(secretariat)
    assert secretariat.get("/plans/2018-2020/").context["summary"].counts.attained == 50
    assert secretariat.get("/plans/2018-2020/deliverables/").context["counts"].attained == 50
    assert secretariat.get("/plans/2018-2020/L2M5/").context["measure"].counts.attained == 2


def test_a_late_entry_says_that_today_stays_as_it_is(secretariat):
    record(secretariat, status="in_progress", effective_on="2019-05-02")
    message = "Recorded for 2 May 2019. A later report says how L2M5D1 stands today: in progress."
    assert message in texts(secretariat.get(PAGE))


def test_an_error_stands_beside_its_field_and_loses_nothing_typed(secretariat):
    response = record(secretariat, effective_on="2099-01-01", evidence_title="Minutes <1>")
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "effective_on": ["This day is still to come. Enter today or an earlier day."]
    }
    assert "Adopted by the Board in Montréal." in texts(response)
    assert 'value="2099-01-01"' in texts(response)
    assert 'value="Minutes &lt;1&gt;"' in texts(response)


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"status": ""}, "status", "Choose a status."),
        ({"status": "done"}, "status", "“done” is not a status. Choose one of the three."),
        ({"status": "no_status"}, "status", "“no_status” is not a status. Choose one of the three."),
        ({"effective_on": ""}, "effective_on", "Enter the day it became true."),
        ({"effective_on": "2019-02-30"}, "effective_on", "This is not a date."),
        ({"effective_on": "2017-12-31"}, "effective_on", "The plan starts on 1 January 2018."),
        ({"note": ""}, "evidence_link", "“Attained” needs evidence"),
        ({"evidence_link": "javascript:alert(1)"}, "evidence_link", "begins with https:// or http://"),
        ({"evidence_link": "not a link"}, "evidence_link", "begins with https:// or http://"),
        ({"note": "x" * 1_000_000}, "note", "Keep the note under 5000 characters; it has 1000000."),
        ({"note": "a\x00b"}, "note", "Null characters are not allowed."),
        ({"evidence_title": "x" * 301}, "evidence_title", "at most 300 characters"),
        ({"status": "not_developed"}, "reason", "Choose why it was not developed."),
        ({"reason": "postponed"}, "reason", "A reason goes with “not developed” only."),
        ({"status": "not_developed", "reason": "bored"}, "reason", "not one of the available choices"),
        ({"seen": "x"}, "seen", "The form came back incomplete."),
        ({"submission": "x"}, "submission", "The form came back incomplete."),
    ],
)
def test_wrong_input_is_told_and_nothing_is_recorded(secretariat, fields, field, message):
    response = record(secretariat, **fields)
    assert response.status_code == 422
    assert message in response.context["form"].errors[field][0]
    assert StatusUpdate.objects.count() == 65


def test_a_form_beyond_all_bounds_is_refused_with_a_sentence(secretariat):
    response = record(secretariat, note="x" * 3_000_000)
    assert response.status_code == 400
    assert "too large" in texts(response)


def test_a_form_sent_twice_is_one_row(secretariat):
    data = form(deliverable("L2M5D1"))
    statuses = [secretariat.post(PAGE + "status/", data).status_code for _ in range(2)]
    assert (statuses, StatusUpdate.objects.count()) == ([302, 302], 66)


def test_going_back_and_sending_something_else_shows_what_was_recorded(secretariat):
    data = form(deliverable("L2M5D1"))
    secretariat.post(PAGE + "status/", data)
    response = secretariat.post(PAGE + "status/", data | {"status": "in_progress"})
    assert (response.status_code, StatusUpdate.objects.count()) == (409, 66)


def test_the_second_of_two_people_sees_the_first_and_can_still_record(secretariat, adam):
    data = form(deliverable("L2M5D1"), note="What Sofia typed")
    report(deliverable("L2M5D1"), "in_progress", by=adam, note="What Adam recorded")
    response = secretariat.post(PAGE + "status/", data)
    assert response.status_code == 409
    assert "What Adam recorded" in texts(response)
    assert "What Sofia typed" in texts(response)
    again = response.context["form"]
    marks = {"seen": again["seen"].value(), "submission": again["submission"].value()}
    assert secretariat.post(PAGE + "status/", data | marks).status_code == 302


def test_line_ends_are_kept_as_one_kind(secretariat):
    record(secretariat, note="one\r\ntwo")
    assert StatusUpdate.objects.latest("sequence").note == "one\ntwo"


def test_a_member_without_the_permission_may_not_record(board):
    assert record(board).status_code == 403


def test_a_get_never_records(secretariat):
    response = secretariat.get(PAGE + "status/", form(deliverable("L2M5D1")))
    assert (response.status_code, StatusUpdate.objects.count()) == (405, 65)


def test_a_form_without_its_token_is_refused(sofia):
    client = Client(enforce_csrf_checks=True)
    client.force_login(sofia)
    assert (record(client).status_code, StatusUpdate.objects.count()) == (403, 65)


def test_a_signed_out_author_signs_in_and_finds_what_they_typed(visitor, sofia):
    response = record(visitor, note="Typed before the session ended", status="in_progress")
    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={PAGE}")
    visitor.post(response.url, {"login": sofia.email, "password": "correct horse battery"})
    page = visitor.get(PAGE)
    assert "Typed before the session ended" in texts(page)
    assert page.context["form"]["status"].value() == "in_progress"


def test_what_was_typed_elsewhere_does_not_appear(visitor, sofia):
    record(visitor, note="Typed before the session ended")
    visitor.force_login(sofia)
    assert "Typed before" not in texts(visitor.get("/plans/2018-2020/L1M1D1/"))


def test_a_status_of_an_unknown_deliverable_is_not_found(secretariat):
    data = form(deliverable("L2M5D1"))
    assert secretariat.post("/plans/2018-2020/L9M9D9/status/", data).status_code == 404


def test_an_evidence_link_without_its_scheme_is_taken_for_https(secretariat):
    record(secretariat, evidence_link="metropolis.org/minutes")
    assert StatusUpdate.objects.latest("sequence").evidence_link == "https://metropolis.org/minutes"


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize(
    ("path", "queries"),
    [("deliverables/", 6), ("deliverables/?as_of=2021-06-01", 6), ("L1M1D1/", 4), ("L1M1D1/?as_of=2021-06-01", 4)],
)
def test_the_number_of_queries_does_not_grow(visitor, sofia, django_assert_num_queries, rows, path, queries):
    new_plan(deliverables=rows)
    for row in Deliverable.objects.of("2021-2023"):
        for day in range(1, 3):
            report(row, "in_progress", by=sofia, effective_on=date(2021, 1, day), submission=uuid.uuid4())
    with django_assert_num_queries(queries):
        visitor.get(f"/plans/2021-2023/{path}")
