import re

import pytest
from django.core.management import call_command

from deliverables.models import StatusUpdate
from metropolis_tracker.accounts.models import User
from plans.models import Plan
from tests.builders import deliverable, report

pytestmark = pytest.mark.django_db


def prepared(capsys):
    call_command("prepare")
    return capsys.readouterr().out


def test_the_first_administrator_can_sign_in_with_the_password_shown(visitor, capsys):
    password = re.search(r"First administrator: administrator@metropolis.example, password (\S+)", prepared(capsys))[1]
    visitor.post("/accounts/login/", {"login": "administrator@metropolis.example", "password": password})
    assert visitor.get("/admin/").status_code == 200


def test_the_password_is_shown_once(plan, capsys):
    prepared(capsys)
    assert "password" not in prepared(capsys)


def test_no_administrator_is_made_where_there_is_one(adam, capsys):
    prepared(capsys)
    assert list(User.objects.all()) == [adam]


def test_preparing_again_never_touches_what_people_recorded(sofia, adam, plan, capsys):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    Plan.objects.update(title="Retitled")
    prepared(capsys)
    assert (deliverable("L1M1D2").status.value, StatusUpdate.objects.count()) == ("attained", 66)
    assert Plan.objects.get().title == "Retitled"


def test_preparing_says_where_the_tracker_is(adam, capsys):
    assert prepared(capsys) == "Metropolis Tracker: http://127.0.0.1:8000\n"
