"""Whoever can change what others read is signed out when nobody has used their browser for hours."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session

from deliverables.models import StatusUpdate
from plans.models import FormDraft
from tests.builders import NOON, deliverable, form
from tests.conftest import PASSWORD
from tests.metropolis_tracker.test_error_pages import database_refusing

PAGE = "/plans/2018-2020/L2M5D1/"
TYPED = {"status": "in_progress", "effective_on": "2020-12-01", "note": "Typed before lunch."}


def visit(client, hours, path=PAGE):
    with time_machine.travel(NOON + timedelta(hours=hours), tick=False):
        client.get(path)
        return "_auth_user_id" in client.session


@pytest.mark.parametrize("reader", ["secretariat", "administrator"])
def test_a_session_ends_when_it_is_idle(request, reader):
    client = request.getfixturevalue(reader)
    assert [visit(client, hours) for hours in (0, 3.9, 7.7, 11.8)] == [True, True, True, False]


def test_it_says_so_on_the_page_that_comes(secretariat):
    visit(secretariat, 0)
    with time_machine.travel(NOON + timedelta(hours=5), tick=False):
        page = secretariat.get(PAGE)
        assert "You have been signed out, because this browser was not used for 4 hours." in page.content.decode()
        assert (page["Cache-Control"], "Sofia" in page.content.decode()) == ("private, no-store", False)
        assert "You have been signed out" not in secretariat.get(PAGE).content.decode()


def test_it_says_so_where_somebody_has_to_sign_in(secretariat):
    visit(secretariat, 0)
    with time_machine.travel(NOON + timedelta(hours=5), tick=False):
        page = secretariat.get("/plans/2018-2020/edit/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/accounts/login/")
    assert "You have been signed out, because" in page.content.decode()


@pytest.mark.parametrize("reader", ["board", "regional"])
def test_those_who_only_read_stay_signed_in(request, reader):
    client = request.getfixturevalue(reader)
    assert [visit(client, hours) for hours in (0, 24, 200)] == [True, True, True]


def test_what_is_sent_then_is_not_lost(secretariat, sofia):
    visit(secretariat, 0)
    with time_machine.travel(NOON + timedelta(hours=5), tick=False):
        asked = secretariat.post(PAGE + "status/", TYPED)
        assert (asked.status_code, asked["Location"].startswith("/accounts/login/")) == (302, True)
        assert FormDraft.objects.get(person=sofia).fields["note"] == ["Typed before lunch."]
        page = secretariat.post(asked["Location"], {"login": sofia.email, "password": PASSWORD}, follow=True)
        assert "Typed before lunch." in page.content.decode()


def test_a_used_session_is_noted_once_in_five_minutes(secretariat):
    noted = [use_noted(secretariat, hours) for hours in (0, 0.05, 0.1)]
    assert noted[0] == noted[1] < noted[2]


def test_a_note_that_cannot_be_written_spoils_no_page(secretariat):
    """Nor what was recorded: without its note, the session is noted by the next request."""
    before = use_noted(secretariat, 0)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        with database_refusing('UPDATE "django_session"'):
            page = secretariat.get(PAGE)
            recorded = secretariat.post(
                PAGE + "status/", form(deliverable("L2M5D1"), status="in_progress", note="Kept.")
            )
        assert (page.status_code, recorded.status_code) == (200, 302)
        assert secretariat.session["used_at"] == before
    assert StatusUpdate.objects.filter(note="Kept.").exists()
    assert use_noted(secretariat, 2) > before


def test_who_signs_out_gets_no_new_session_for_the_note(secretariat):
    visit(secretariat, 0)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        secretariat.post("/accounts/logout/")
    assert Session.objects.count() == 0


def use_noted(client, hours):
    """Return when a session was used, as noted after a visit."""
    with time_machine.travel(NOON + timedelta(hours=hours), tick=False):
        client.get("/help/")
        return client.session["used_at"]
