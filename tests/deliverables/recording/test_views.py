"""Recording in place: the requests of htmx and the fragments returned to it."""

import re
import uuid
from datetime import date

import pytest
from lxml import html

from deliverables.models import Decision, StatusUpdate
from deliverables.plan_editing import structure
from metropolis_tracker.accounts.roles import Role
from tests.builders import deliverable, form, report
from tests.conftest import PASSWORD, browser_of, person

pytestmark = pytest.mark.django_db
LIST = "/plans/2018-2020/deliverables/"
HTMX = {"HX-Request": "true"}


def page_text(response):
    return " ".join(response.content.decode().split())


def record_in_place(client, code="L2M5D1", *, where=LIST, **fields):
    data = form(deliverable(code), **fields) | {"next": where, "row": f"row-{code}"}
    return client.post(f"/plans/2018-2020/{code}/status/", data, headers=HTMX)


def test_the_form_opens_with_the_requested_status(secretariat):
    response = secretariat.get("/plans/2018-2020/L2M5D1/form/?status=attained", headers=HTMX)
    assert response.context["form"]["status"].value() == "attained"
    assert 'id="id_row-L2M5D1_evidence_link"' in page_text(response)


@pytest.mark.parametrize("query", ["", "?status=no_status"])
def test_the_form_opens_with_the_current_status_where_no_other_is_requested(secretariat, query):
    response = secretariat.get(f"/plans/2018-2020/L2M5D1/form/{query}", headers=HTMX)
    assert response.context["form"]["status"].value() == "in_progress"


def test_without_htmx_the_form_redirects_to_the_deliverable(secretariat):
    assert secretariat.get("/plans/2018-2020/L2M5D1/form/").url == "/plans/2018-2020/L2M5D1/#record"


def test_recording_in_place_returns_the_row_the_counts_and_a_message(secretariat):
    response = record_in_place(secretariat)
    text = page_text(response)
    assert response.headers["HX-Trigger-After-Settle"] == '{"recorded": {"row": "row-L2M5D1"}}'
    assert ">50 attained</a>" in text
    assert re.search(r'<tr id="row-L2M5D1"[^>]*data-hx-swap-oob="true"\s*>', text)
    assert re.search(r'Recorded: L2M5D1 is attained\. <a href="/plans/2018-2020/L2M5D1/\?correct=66#record">', text)


def test_the_returned_counts_respect_the_filter_of_the_list(secretariat):
    text = page_text(record_in_place(secretariat, where=LIST + "?line=L2"))
    assert "27 deliverables" in text
    assert ">23 attained</a>" in text


def test_confirming_in_place_returns_the_row(secretariat):
    row = deliverable("L1M1D2")
    data = {"seen": row.last_sequence, "next": LIST}
    headers = HTMX | {"HX-Target": "stale-L1M1D2"}
    text = page_text(secretariat.post("/plans/2018-2020/L1M1D2/confirm/", data, headers=headers))
    assert '<tr id="stale-L1M1D2"' in text
    assert "confirmed today" in text
    assert "Confirmed: L1M1D2 is still not developed." in text


def test_the_to_do_page_gets_no_counts(secretariat):
    assert "list-counts" not in page_text(record_in_place(secretariat, where="/plans/2018-2020/todo/"))


def test_invalid_input_returns_the_form_with_what_was_typed(secretariat):
    response = record_in_place(secretariat, effective_on="2099-01-01", evidence_title="Minutes")
    assert response.status_code == 422
    assert '<tr class="editor">' in page_text(response)
    assert 'value="Minutes"' in page_text(response)


def test_a_conflict_returns_both_versions(secretariat, adam):
    data = form(deliverable("L2M5D1"), note="What I typed.")
    report(deliverable("L2M5D1"), "in_progress", by=adam, note="Adam was faster.")
    response = secretariat.post("/plans/2018-2020/L2M5D1/status/", data, headers=HTMX)
    assert response.status_code == 409
    assert ["Adam was faster." in page_text(response), "What I typed." in page_text(response)] == [True, True]


def test_an_expired_session_redirects_the_whole_page_to_sign_in(visitor, sofia):
    response = record_in_place(visitor)
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=/plans/2018-2020/L2M5D1/"
    visitor.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    assert "Adopted by the Board in Montréal." in page_text(visitor.get("/plans/2018-2020/L2M5D1/"))


def test_a_forged_row_id_is_ignored(secretariat):
    data = form(deliverable("L2M5D1")) | {"next": LIST, "row": '"><script>'}
    response = secretariat.post("/plans/2018-2020/L2M5D1/status/", data, headers=HTMX)
    assert '<tr id="row-L2M5D1"' in page_text(response)


def test_the_form_explains_each_status(secretariat):
    text = page_text(secretariat.get("/plans/2018-2020/L2M5D1/"))
    assert "Work has begun but is not finished." in text


def test_recording_in_place_writes_one_entry(secretariat):
    before = StatusUpdate.objects.count()
    record_in_place(secretariat)
    assert StatusUpdate.objects.count() == before + 1


def test_a_conflict_on_confirming_returns_the_row_with_its_form(secretariat, adam):
    row = deliverable("L1M1D2")
    data = {"seen": row.last_sequence, "next": LIST, "row": "row-L1M1D2"}
    report(row, "attained", by=adam, note="Adam was faster.")
    response = secretariat.post("/plans/2018-2020/L1M1D2/confirm/", data, headers=HTMX)
    text = page_text(response)
    assert response.status_code == 409
    assert [text.count('<tr id="row-L1M1D2"'), text.count('<tr class="editor">')] == [1, 1]
    assert "What you typed" not in text


def test_several_filters_are_kept_when_recording_in_place(secretariat):
    filtered = LIST + "?line=L2&status=in_progress"
    page = html.fromstring(secretariat.get(filtered).content)
    assert page.get_element_by_id("act").fields["next"] == filtered
    assert page.xpath("//table/@data-hx-include") == ["#act [name=next]"]


def test_a_withdrawn_deliverable_offers_nothing_to_record(secretariat, sofia):
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("Board", date(2021, 6, 1)))
    text = page_text(secretariat.get(LIST + "?withdrawn=1"))
    assert ["L1M1D2" in text, 'formaction="/plans' in text, "data-hx-get" in text] == [True, False, False]


# Rows, which are the same for everyone who may record


def rows_of(client, path=LIST):
    return re.findall(r"<tr\s+id=.*?</tr>", client.get(path).content.decode(), re.DOTALL)


def test_two_members_of_the_secretariat_get_the_same_rows(secretariat, sofia, running):
    other = browser_of(person("Nuria Vidal", Role.SECRETARIAT))
    rows = rows_of(secretariat)
    assert (len(rows), rows == rows_of(other)) == (65, True)


def test_a_row_is_the_same_in_a_list_that_is_filtered(secretariat, running):
    assert rows_of(secretariat, LIST + "?status=in_progress")[0] in rows_of(secretariat)


@pytest.mark.parametrize("path", [LIST, "/plans/2018-2020/todo/?who=all", "/plans/2018-2020/"])
def test_a_page_has_one_token(secretariat, running, path):
    assert page_text(secretariat.get(path)).count('name="csrfmiddlewaretoken"') == 1


def test_visitors_get_no_form_to_act(visitor):
    assert "csrfmiddlewaretoken" not in page_text(visitor.get(LIST))


def test_65_rows_are_a_page_of_60_kilobytes(secretariat):
    response = secretariat.get(LIST)
    assert (len(response.context["page"].object_list), len(response.content) < 60_000) == (65, True)


def press(client, path, name):
    """Press the button of this name as a browser without JavaScript does: it sends its form, and where to it says."""
    page = html.fromstring(client.get(path).content)
    controls = page.xpath("//form[@id='act']//input | //button[@form='act']")  # in the order of the page
    [button] = [each for each in controls if each.text_content().strip() == name]
    sent = {each.get("name"): each.get("value") for each in controls if each.tag == "input" or each is button}
    return client.post(button.get("formaction"), sent)


def test_the_button_of_a_row_confirms_without_javascript(secretariat, running):
    response = press(secretariat, LIST + "?line=L1", "Confirm L1M1D2: Not developed")
    assert (response.status_code, response.url) == (302, LIST + "?line=L1")
    assert deliverable("L1M1D2").current_update(None).is_confirmation


@pytest.mark.parametrize("path", [LIST, "/plans/2018-2020/todo/"])
def test_signing_out_leads_to_the_first_page_from_everywhere(secretariat, path):
    assert press(secretariat, path, "Sign out").url == "/"


def test_a_page_opened_before_the_upgrade_confirms_once(secretariat, running):
    sent = {"seen": deliverable("L1M1D2").last_sequence, "submission": uuid.uuid4(), "row": "row-L1M1D2", "next": LIST}
    answers = [secretariat.post("/plans/2018-2020/L1M1D2/confirm/", sent).url for _time in range(2)]
    assert (answers, StatusUpdate.objects.count()) == ([LIST, LIST], 66)
