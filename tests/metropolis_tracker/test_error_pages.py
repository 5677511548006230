"""When the database fails: what was typed comes back, to be sent again, and nothing secret or forged does."""

import re
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.test import Client

from deliverables.models import StatusUpdate
from tests.builders import deliverable, form
from tests.conftest import PASSWORD

PAGE = "/plans/2018-2020/L2M5D1/"
NOTE = "The second of three workshops was held in Montréal."


@contextmanager
def refusing(*verbs):
    """The database refuses statements that begin so, all of them where none is named."""

    def ask(execute, sql, *rest):
        if sql.startswith(verbs or ""):
            raise OperationalError("database or disk is full")
        return execute(sql, *rest)

    with connection.execute_wrapper(ask):
        yield


@pytest.fixture
def secretariat(secretariat):
    secretariat.raise_request_exception = False
    return secretariat


def send(client, path=PAGE + "status/", **headers):
    return client.post(path, form(deliverable("L2M5D1"), note=NOTE, status="in_progress"), headers=headers)


@pytest.mark.parametrize("verbs", [("INSERT",), ("UPDATE",), ()])
def test_a_write_that_fails_keeps_what_was_typed(secretariat, verbs):
    fields = form(deliverable("L2M5D1"), note=NOTE, status="in_progress")
    with refusing(*verbs):
        response = secretariat.post(PAGE + "status/", fields)
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert response["Cache-Control"] == "private, no-store"
    assert f"<p>{NOTE}</p>" in response.content.decode()
    assert not StatusUpdate.objects.filter(note=NOTE).exists()


def test_what_was_kept_is_sent_again_by_its_button(secretariat):
    with refusing("INSERT"):
        page = send(secretariat).content.decode()
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert secretariat.post(re.search(r'action="([^"]+)"', page)[1], fields).status_code == 302
    assert StatusUpdate.objects.get(note=NOTE).status == "in_progress"


@pytest.mark.parametrize("path", [PAGE, PAGE + "?as_of=2019-12-31", "/mail/", "/es/plans/"])
def test_a_page_that_fails_offers_itself_again(secretariat, path):
    with refusing():
        response = secretariat.get(path)
    assert response.status_code == 503
    assert f'href="{path}"' in response.content.decode()


def test_it_speaks_the_language_of_the_page(secretariat):
    with refusing("INSERT"):
        assert "Volver a enviar" in send(secretariat, "/es" + PAGE + "status/").content.decode()


def test_what_others_made_a_reader_post_is_not_shown(sofia):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(sofia)
    fields = form(deliverable("L2M5D1"), note=NOTE)
    with refusing():
        response = client.post(PAGE + "status/", fields)
    assert response.status_code == 503
    assert NOTE not in response.content.decode()


def test_a_password_is_not_written_into_a_page(visitor, sofia):
    visitor.raise_request_exception = False
    with refusing():
        response = visitor.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    assert response.status_code == 503
    assert PASSWORD not in response.content.decode()


def test_another_error_is_500_and_tells_nothing_of_itself(visitor, monkeypatch):
    visitor.raise_request_exception = False
    monkeypatch.setattr("reports.views.progress_of", lambda *args, **kwargs: 1 / 0)
    response = visitor.get("/plans/2018-2020/")
    assert response.status_code == 500
    assert "ZeroDivisionError" not in response.content.decode()


def test_reading_goes_on_where_the_visit_cannot_be_noted(board):
    with refusing("UPDATE"):
        assert board.get(PAGE).status_code == 200
