"""Recording in place: what htmx asks for, and what is sent back to it."""

import re
import uuid
from datetime import date

import pytest

from deliverables.models import Decision, StatusUpdate
from deliverables.plan_editing import structure
from tests.builders import deliverable, form, report

pytestmark = pytest.mark.django_db
LIST = "/plans/2018-2020/deliverables/"
HTMX = {"HX-Request": "true"}


def texts(response):
    return " ".join(response.content.decode().split())


def record_in_place(client, code="L2M5D1", *, where=LIST, **fields):
    data = form(deliverable(code), **fields) | {"next": where, "row": f"row-{code}"}
    return client.post(f"/plans/2018-2020/{code}/status/", data, headers=HTMX)


def test_the_form_opens_with_the_status_asked_for(secretariat):
    response = secretariat.get("/plans/2018-2020/L2M5D1/form/?status=attained&row=row-L2M5D1", headers=HTMX)
    assert response.context["form"]["status"].value() == "attained"
    assert 'id="id_row-L2M5D1_evidence_link"' in texts(response)


def test_a_status_that_cannot_be_recorded_is_not_chosen(secretariat):
    response = secretariat.get("/plans/2018-2020/L2M5D1/form/?status=no_status", headers=HTMX)
    assert response.context["form"]["status"].value() == ""


def test_without_htmx_the_form_is_a_page_of_its_own(secretariat):
    assert secretariat.get("/plans/2018-2020/L2M5D1/form/").url == "/plans/2018-2020/L2M5D1/#record"


def test_recording_in_place_sends_the_row_the_counts_and_the_notice(secretariat):
    response = record_in_place(secretariat)
    text = texts(response)
    assert response.headers["HX-Trigger-After-Settle"] == '{"recorded": {"row": "row-L2M5D1"}}'
    assert ">50 attained</a>" in text
    assert re.search(r'<tr id="row-L2M5D1"[^>]*data-hx-swap-oob="true">', text)
    assert re.search(r'Recorded: L2M5D1 is attained\. <a href="/plans/2018-2020/L2M5D1/\?correct=66#record">', text)


def test_the_counts_are_those_of_the_lists_filter(secretariat):
    text = texts(record_in_place(secretariat, where=LIST + "?line=L2"))
    assert "27 deliverables" in text
    assert ">23 attained</a>" in text


def test_confirming_in_place_sends_the_row_itself(secretariat):
    row = deliverable("L1M1D2")
    data = {"seen": row.last_sequence, "submission": uuid.uuid4(), "next": LIST, "row": "stale-L1M1D2"}
    text = texts(secretariat.post("/plans/2018-2020/L1M1D2/confirm/", data, headers=HTMX))
    assert '<tr id="stale-L1M1D2"' in text
    assert "confirmed today" in text
    assert "Confirmed: L1M1D2 is still not developed." in text


def test_a_list_elsewhere_gets_no_counts(secretariat):
    assert "list-counts" not in texts(record_in_place(secretariat, where="/plans/2018-2020/todo/"))


def test_wrong_input_comes_back_in_place_with_what_was_typed(secretariat):
    response = record_in_place(secretariat, effective_on="2099-01-01", evidence_title="Minutes")
    assert response.status_code == 422
    assert '<tr class="editor">' in texts(response)
    assert 'value="Minutes"' in texts(response)


def test_somebody_faster_is_shown_in_place(secretariat, adam):
    data = form(deliverable("L2M5D1"), note="What I typed.")
    report(deliverable("L2M5D1"), "in_progress", by=adam, note="Adam was faster.")
    response = secretariat.post("/plans/2018-2020/L2M5D1/status/", data, headers=HTMX)
    assert response.status_code == 409
    assert ["Adam was faster." in texts(response), "What I typed." in texts(response)] == [True, True]


def test_a_session_that_ended_sends_the_whole_page_to_sign_in(visitor):
    response = record_in_place(visitor)
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=/plans/2018-2020/L2M5D1/"
    assert visitor.session["typed"]["fields"]["note"] == "Adopted by the Board in Montréal."


def test_the_element_is_one_of_ours(secretariat):
    data = form(deliverable("L2M5D1")) | {"next": LIST, "row": '"><script>'}
    response = secretariat.post("/plans/2018-2020/L2M5D1/status/", data, headers=HTMX)
    assert '<tr id="row-L2M5D1"' in texts(response)


def test_each_form_says_what_a_status_means(secretariat):
    text = texts(secretariat.get("/plans/2018-2020/L2M5D1/"))
    assert "Work has begun, and it is not there yet." in text


def test_recording_in_place_writes_one_entry(secretariat):
    before = StatusUpdate.objects.count()
    record_in_place(secretariat)
    assert StatusUpdate.objects.count() == before + 1


def test_a_conflict_on_confirming_keeps_the_row_and_opens_its_form(secretariat, adam):
    row = deliverable("L1M1D2")
    data = {"seen": row.last_sequence, "submission": uuid.uuid4(), "next": LIST, "row": "row-L1M1D2"}
    report(row, "attained", by=adam, note="Adam was faster.")
    response = secretariat.post("/plans/2018-2020/L1M1D2/confirm/", data, headers=HTMX)
    text = texts(response)
    assert response.status_code == 409
    assert [text.count('<tr id="row-L1M1D2"'), text.count('<tr class="editor">')] == [1, 1]
    assert "What you typed" not in text


def test_several_filters_survive_recording_in_place(secretariat):
    page = texts(secretariat.get(LIST + "?line=L2&status=in_progress"))
    assert "next=/plans/2018-2020/deliverables/%3Fline%3DL2%26status%3Din_progress" in page


def test_what_is_withdrawn_offers_nothing_to_record(secretariat, sofia):
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("Board", date(2021, 6, 1)))
    text = texts(secretariat.get(LIST + "?withdrawn=1"))
    assert ["L1M1D2" in text, "data-confirm" in text, "data-open" in text] == [True, False, False]
