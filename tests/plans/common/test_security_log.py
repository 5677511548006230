"""Each security event is logged as one line of JSON, without any secret."""

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
from tests.metropolis_tracker.accounts.test_second_factor import current_code
from tests.reports.editions.test_drafts import write
from tests.reports.editions.test_publishing import PUBLISH, decision

PLAN = "/plans/2018-2020/"


@pytest.fixture
def logged(db):
    """The events logged since the test began."""
    cache.clear()
    events, logger = [], logging.getLogger("tracker.security")
    handler = logging.Handler()
    handler.emit = lambda record: events.append(json.loads(JsonFormatter().format(record)))
    logger.addHandler(handler)
    yield events
    logger.removeHandler(handler)


def sign_in(email, password):
    return Client().post("/accounts/login/", {"login": email, "password": password})


def test_signing_in_is_logged(sofia, logged):
    sign_in(sofia.email, PASSWORD)
    (event,) = logged
    assert (event["event"], event["account"], event["address"]) == ("sign-in", str(sofia.pk), "127.0.0.1")
    assert event["at"].endswith("+00:00")


def test_a_failed_sign_in_is_logged_without_what_was_typed(sofia, logged):
    sign_in(sofia.email, "a guess of mine")
    sign_in("correct.horse@battery.example", "a guess of mine")
    assert [(event["event"], event["account"]) for event in logged] == [
        ("sign-in failed", str(sofia.pk)),
        ("sign-in failed", "unknown"),
    ]
    assert "guess" not in str(logged)
    assert "horse" not in str(logged)


def test_reaching_a_limit_is_logged(sofia, logged):
    for _try in range(6):
        sign_in(sofia.email, "wrong")
    assert logged[-1]["event"] == "sign-in stopped by a limit"


def test_signing_out_is_logged(secretariat, sofia, logged):
    secretariat.post("/accounts/logout/")
    assert [(event["event"], event["account"]) for event in logged] == [("sign-out", str(sofia.pk))]


def test_a_new_password_is_logged_without_the_password(secretariat, logged):
    new = "a bridge of nine arches"
    secretariat.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert [event["event"] for event in logged] == ["password changed"]
    assert new not in str(logged)


def change_person(administrator, person, **fields):
    form = {"name": person.name, "email": person.email, "role": person.groups.get().pk, "is_active": "on"}
    return administrator.post(f"/admin/accounts/user/{person.pk}/change/", form | {"language": ""} | fields)


def test_a_changed_role_is_logged(administrator, adam, sofia, beatriz, logged):
    change_person(administrator, sofia, role=beatriz.groups.get().pk)
    (event,) = logged
    assert (event["event"], event["person"], event["account"]) == ("person changed", str(adam.pk), str(sofia.pk))
    assert (event["role"], event["fields"]) == ("Board", "['role']")


def test_showing_a_one_time_link_is_logged_without_the_link(administrator, sofia, logged):
    administrator.post("/admin/accounts/user/", {"action": "show_one_time_links", "_selected_action": [sofia.pk]})
    assert [event["event"] for event in logged] == ["one-time link shown"]
    assert "reset" not in str(logged)


def test_a_person_added_by_a_command_is_logged(db, logged):
    call_command("add_person", "nadia@metropolis.example", "Nadia Fassi", role="secretariat")
    assert (logged[0]["event"], logged[0]["role"]) == ("person added", "Secretariat")
    assert "nadia" not in str(logged)


@pytest.mark.parametrize("file", ["summary.csv", "history.json", "changes.atom", "editions/1/summary.json"])
def test_an_export_of_non_public_data_is_logged(board, beatriz, plan, sofia, logged, file):
    publish(plan, by=sofia)
    board.get(PLAN + file)
    assert logged == []
    Plan.objects.update(visibility=Visibility.MEMBERS)
    board.get(PLAN + file)
    (event,) = logged
    assert (event["event"], event["person"], event["path"]) == (
        "export of non-public data", str(beatriz.pk), PLAN + file,
    )  # fmt: skip


def test_publishing_is_logged(secretariat, plan, logged):
    write(secretariat)
    secretariat.post(PUBLISH, decision(secretariat))
    assert [(event["event"], event["edition"]) for event in logged] == [("published", "1")]


@pytest.mark.parametrize("path", [PLAN + "edit/", "/plans/new/"])
def test_refused_access_is_logged(board, beatriz, logged, path):
    board.get(path)
    assert [(event["event"], event["person"]) for event in logged] == [("access refused", str(beatriz.pk))]


def test_second_factor_failures_and_successes_are_logged(sofia, logged):
    secret = generate_totp_secret()
    TOTP.activate(sofia, secret)
    client = Client()
    client.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    for code in ("000000", current_code(secret)):
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert [event["event"] for event in logged] == ["second factor failed", "second factor used", "sign-in"]
    assert {event.get("factor") for event in logged[:2]} == {"totp"}
