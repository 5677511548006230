"""A session that ends while a request runs spoils no answer. A database that takes no writes is no ended session."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection

from metropolis_tracker.accounts.session_store import SessionStore
from tests.conftest import PASSWORD
from tests.metropolis_tracker.test_error_pages import database_refusing

PAGE = "/plans/2018-2020/L2M5D1/"


def test_who_signs_out_in_another_window_gets_the_page_and_no_session(secretariat):
    """The first page notes that the session is used, and so saves it."""

    def sign_out_meanwhile(execute, sql, *rest):
        if "deliverables_deliverable" in sql:
            Session.objects.all().delete()
        return execute(sql, *rest)

    with connection.execute_wrapper(sign_out_meanwhile):
        answer = secretariat.get(PAGE)
    assert (answer.status_code, Session.objects.count()) == (200, 0)
    assert secretariat.get("/plans/2018-2020/edit/")["Location"].startswith("/accounts/login/")


def test_who_cannot_be_signed_in_is_told_that_the_database_does_not_answer(client, sofia):
    client.raise_request_exception = False
    with database_refusing('UPDATE "django_session"'):
        answer = client.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    assert (answer.status_code, "The database is not responding" in answer.content.decode()) == (503, True)


def test_sessions_from_before_are_still_open():
    """Django signs them with the name of the class."""
    assert SessionStore().decode(db.SessionStore().encode({"used_at": 1})) == {"used_at": 1}
