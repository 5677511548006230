import re

import pytest
from django.core.management import call_command

from deliverables.models import StatusUpdate
from metropolis_tracker.accounts.models import User
from plans.models import Plan
from tests.builders import deliverable, report

pytestmark = pytest.mark.django_db


def run_prepare(capsys):
    call_command("prepare")
    return capsys.readouterr().out


def test_the_first_administrator_can_sign_in_with_the_password_shown(visitor, capsys):
    output = run_prepare(capsys)
    password = re.search(r"First administrator: administrator@metropolis.example, password (\S+)", output)[1]
    visitor.post("/accounts/login/", {"login": "administrator@metropolis.example", "password": password})
    assert visitor.get("/admin/").status_code == 200


def test_the_password_is_shown_once(plan, capsys):
    run_prepare(capsys)
    assert "password" not in run_prepare(capsys)


def test_no_administrator_is_created_if_there_is_one(adam, capsys):
    run_prepare(capsys)
    assert list(User.objects.all()) == [adam]


def test_preparing_again_changes_no_recorded_data(sofia, adam, plan, capsys):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    Plan.objects.update(title="Retitled")
    run_prepare(capsys)
    assert (deliverable("L1M1D2").status.value, StatusUpdate.objects.count()) == ("attained", 66)
    assert Plan.objects.get().title == "Retitled"


def test_preparing_prints_the_url_of_the_tracker(adam, capsys):
    assert run_prepare(capsys) == "Metropolis Tracker: http://127.0.0.1:8000\n"
