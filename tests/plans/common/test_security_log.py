"""Security events are told, a line of JSON each, and no secret is in any."""

import json
import logging

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from metropolis_tracker.config.json_logging import JsonFormatter
from plans.models import Plan, Visibility
from tests.builders import publish
from tests.conftest import PASSWORD
from tests.metropolis_tracker.accounts.test_second_factor import code_of
from tests.reports.editions.test_views import decision

PLAN = "/plans/2018-2020/"


@pytest.fixture
def told(db):
    """The events written since the test began."""
    cache.clear()
    events, logger = [], logging.getLogger("tracker.security")
    handler = logging.Handler()
    handler.emit = lambda record: events.append(json.loads(JsonFormatter().format(record)))
    logger.addHandler(handler)
    yield events
    logger.removeHandler(handler)


def sign_in(email, password):
    return Client().post("/accounts/login/", {"login": email, "password": password})


def test_signing_in_is_told(sofia, told):
    sign_in(sofia.email, PASSWORD)
    (event,) = told
    assert (event["event"], event["account"], event["address"]) == ("sign-in", str(sofia.pk), "127.0.0.1")
    assert event["at"].endswith("+00:00")


def test_a_failure_is_told_without_what_was_typed(sofia, told):
    sign_in(sofia.email, "a guess of mine")
    sign_in("correct.horse@battery.example", "a guess of mine")
    assert [(event["event"], event["account"]) for event in told] == [
        ("sign-in failed", str(sofia.pk)),
        ("sign-in failed", "unknown"),
    ]
    assert "guess" not in str(told)
    assert "horse" not in str(told)


def test_being_stopped_is_told(sofia, told):
    for _try in range(6):
        sign_in(sofia.email, "wrong")
    assert told[-1]["event"] == "sign-in stopped by a limit"


def test_signing_out_is_told(secretariat, sofia, told):
    secretariat.post("/accounts/logout/")
    assert [(event["event"], event["account"]) for event in told] == [("sign-out", str(sofia.pk))]


def test_a_new_password_is_told(secretariat, told):
    new = "a bridge of nine arches"
    secretariat.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert [event["event"] for event in told] == ["password changed"]
    assert new not in str(told)


def change_person(administrator, person, **fields):
    form = {"name": person.name, "email": person.email, "role": person.groups.get().pk, "is_active": "on"}
    return administrator.post(f"/admin/accounts/user/{person.pk}/change/", form | {"language": ""} | fields)


def test_another_role_is_told(administrator, adam, sofia, beatriz, told):
    change_person(administrator, sofia, role=beatriz.groups.get().pk)
    (event,) = told
    assert (event["event"], event["person"], event["account"]) == ("person changed", str(adam.pk), str(sofia.pk))
    assert (event["role"], event["fields"]) == ("Board", "['role']")


def test_a_link_is_told_without_the_link(administrator, sofia, told):
    administrator.post("/admin/accounts/user/", {"action": "show_one_time_links", "_selected_action": [sofia.pk]})
    assert [event["event"] for event in told] == ["one-time link shown"]
    assert "reset" not in str(told)


def test_a_person_added_by_a_command_is_told(db, told):
    call_command("add_person", "nadia@metropolis.example", "Nadia Fassi", role="secretariat")
    assert (told[0]["event"], told[0]["role"]) == ("person added", "Secretariat")
    assert "nadia" not in str(told)


@pytest.mark.parametrize("file", ["summary.csv", "history.json", "changes.atom", "editions/1/summary.json"])
def test_an_export_of_what_is_not_public_is_told(board, beatriz, plan, sofia, told, file):
    publish(plan, by=sofia)
    board.get(PLAN + file)
    assert told == []
    Plan.objects.update(visibility=Visibility.MEMBERS)
    board.get(PLAN + file)
    (event,) = told
    assert (event["event"], event["person"], event["path"]) == (
        "export of non-public data", str(beatriz.pk), PLAN + file,
    )  # fmt: skip


def test_publishing_is_told(secretariat, plan, told):
    secretariat.post(PLAN + "editions/new/publish/", decision(plan))
    assert [(event["event"], event["edition"]) for event in told] == [("published", "1")]


@pytest.mark.parametrize("path", [PLAN + "edit/", "/plans/new/"])
def test_being_refused_is_told(board, beatriz, told, path):
    board.get(path)
    assert [(event["event"], event["person"]) for event in told] == [("access refused", str(beatriz.pk))]


def test_a_wrong_code_is_told_and_which_factor_let_them_in(sofia, told):
    secret = generate_totp_secret()
    TOTP.activate(sofia, secret)
    client = Client()
    client.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    for code in ("000000", code_of(secret)):
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert [event["event"] for event in told] == ["second factor failed", "second factor used", "sign-in"]
    assert {event.get("factor") for event in told[:2]} == {"totp"}
