"""When the database fails, the error page returns what was typed, but nothing secret and nothing forged."""

import re
from contextlib import contextmanager

import pytest
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction
from django.test import Client

from deliverables.models import StatusUpdate
from tests.builders import deliverable, form
from tests.conftest import PASSWORD

PAGE = "/plans/2018-2020/L2M5D1/"
NOTE = "The second of three workshops was held in Montréal."


@contextmanager
def database_refusing(*verbs):
    """Make the database refuse statements that begin with these verbs, or all statements if none is given."""

    def execute_or_refuse(execute, sql, *rest):
        if sql.startswith(verbs or ""):
            raise OperationalError("database or disk is full")
        return execute(sql, *rest)

    with connection.execute_wrapper(execute_or_refuse):
        yield


@contextmanager
def database_lost_after(table, error):
    """Refuse all statements with this error as soon as a row of a table is written and committed."""
    depth, is_written = len(connection.savepoint_ids), False

    def execute_or_refuse(execute, sql, *rest):
        nonlocal is_written
        is_committed = is_written and len(connection.savepoint_ids) == depth
        if is_committed and not sql.startswith("RELEASE"):
            raise error("the connection is gone")
        is_written |= sql.startswith(f'INSERT INTO "{table}"')
        return execute(sql, *rest)

    with connection.execute_wrapper(execute_or_refuse):
        yield
    assert is_written
    transaction.set_rollback(False)  # Django would refuse to look what is there now


@pytest.fixture
def secretariat(secretariat):
    secretariat.raise_request_exception = False
    return secretariat


def send(client, path=PAGE + "status/", **headers):
    return client.post(path, form(deliverable("L2M5D1"), note=NOTE, status="in_progress"), headers=headers)


@pytest.mark.parametrize("verbs", [("INSERT",), ("UPDATE",), ()])
def test_a_failed_write_returns_what_was_typed(secretariat, verbs):
    fields = form(deliverable("L2M5D1"), note=NOTE, status="in_progress")
    with database_refusing(*verbs):
        response = secretariat.post(PAGE + "status/", fields)
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert response["Cache-Control"] == "private, no-store"
    assert f"<p>{NOTE}</p>" in response.content.decode()
    assert not StatusUpdate.objects.filter(note=NOTE).exists()


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, InternalError])
def test_what_is_recorded_is_never_said_to_have_failed(secretariat, error):
    """Neither the draft that is discarded nor the note in the session is worth it."""
    with database_lost_after("deliverables_statusupdate", error):
        response = send(secretariat)
    assert response.status_code == 302
    assert StatusUpdate.objects.filter(note=NOTE).exists()


def test_the_typed_fields_can_be_sent_again(secretariat):
    with database_refusing("INSERT"):
        page = send(secretariat).content.decode()
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert secretariat.post(re.search(r'action="([^"]+)"', page)[1], fields).status_code == 302
    assert StatusUpdate.objects.get(note=NOTE).status == "in_progress"


@pytest.mark.parametrize("path", [PAGE, PAGE + "?as_of=2019-12-31", "/mail/", "/es/plans/"])
def test_a_failed_page_links_to_itself(secretariat, path):
    with database_refusing():
        response = secretariat.get(path)
    assert response.status_code == 503
    assert f'href="{path}"' in response.content.decode()


def test_the_error_page_is_translated(secretariat):
    with database_refusing("INSERT"):
        assert "Volver a enviar" in send(secretariat, "/es" + PAGE + "status/").content.decode()


def test_a_forged_post_is_not_shown(sofia):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(sofia)
    fields = form(deliverable("L2M5D1"), note=NOTE)
    with database_refusing():
        response = client.post(PAGE + "status/", fields)
    assert response.status_code == 503
    assert NOTE not in response.content.decode()


def test_a_password_is_not_shown(visitor, sofia):
    visitor.raise_request_exception = False
    with database_refusing():
        response = visitor.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    assert response.status_code == 503
    assert PASSWORD not in response.content.decode()


def test_another_error_is_500_without_details(visitor, monkeypatch):
    visitor.raise_request_exception = False
    monkeypatch.setattr("reports.views.progress_of", lambda *args, **kwargs: 1 / 0)
    response = visitor.get("/plans/2018-2020/")
    assert response.status_code == 500
    assert "ZeroDivisionError" not in response.content.decode()


def test_pages_can_be_read_when_the_visit_cannot_be_saved(board):
    with database_refusing("UPDATE"):
        assert board.get(PAGE).status_code == 200
