"""Verification accepts an intact history and reports the first break of a damaged one, whatever the damage."""

import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from deliverables.models import StatusUpdate
from deliverables.verification import BrokenChain, VerifiedChain, verify_history
from plans.models import Plan
from tests.builders import deliverable, new_plan, report
from tests.conftest import remove_triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def unprotected_plan(plan):
    """A plan whose history can be changed, as by somebody with access to the database."""
    remove_triggers(connection)
    return plan


def test_an_intact_history_is_verified(plan, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    plan.refresh_from_db()
    assert verify_history(plan) == VerifiedChain(66, plan.history_head)


def test_an_empty_history_is_verified(plan):
    assert verify_history(new_plan()) == VerifiedChain(0, "")


def change(sequence, **fields):
    StatusUpdate.objects.filter(sequence=sequence).update(**fields)


def forge_another_entry():
    last = StatusUpdate.objects.latest("sequence")
    last.pk, last.sequence, last.submission = None, 66, uuid.uuid4()
    last.digest = last.digest_after(last.plan.history_head)
    last.save()


DAMAGES = {
    "a note reworded": (lambda: change(12, note="changed later"), "Entry 12 is not what was recorded"),
    "a date moved": (lambda: change(1, effective_on="2019-01-01"), "Entry 1 is not what was recorded"),
    "an author changed": (lambda: change(65, recorded_at="2020-01-01T00:00Z"), "Entry 65 is not what was recorded"),
    "a digest changed": (lambda: change(30, digest="0" * 64), "Entry 30 is not what was recorded"),
    "an entry deleted": (lambda: StatusUpdate.objects.filter(sequence=7).delete(), "Entry 7 is missing"),
    "the first entry deleted": (lambda: StatusUpdate.objects.filter(sequence=1).delete(), "Entry 1 is missing"),
    "the last entry deleted": (lambda: StatusUpdate.objects.filter(sequence=65).delete(), "there are 64 with head"),
    "an entry forged": (forge_another_entry, "Entry 66 was not recorded through the tracker"),
    "the head changed": (lambda: Plan.objects.update(history_head="0" * 64), "The plan states 65 entries with head 0"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
def test_the_first_break_is_reported(unprotected_plan, damage, message):
    damage()
    with pytest.raises(BrokenChain, match=message):
        verify_history(Plan.objects.get())


def test_the_command_prints_count_and_head(plan, capsys):
    call_command("verify_history")
    assert capsys.readouterr().out == f"2018-2020: 65 entries, head {plan.history_head}\n"


def test_the_command_fails_on_a_break_and_still_verifies_the_other_plans(unprotected_plan, capsys):
    new_plan()
    change(12, note="changed later")
    with pytest.raises(CommandError, match="Broken: 2018-2020."):
        call_command("verify_history")
    assert capsys.readouterr().out.endswith("2021-2023: 0 entries, head none\n")


def test_the_command_verifies_only_the_named_plan(plan, capsys):
    new_plan()
    call_command("verify_history", "2021-2023")
    assert capsys.readouterr().out == "2021-2023: 0 entries, head none\n"


def test_the_command_fails_for_an_unknown_plan(plan):
    with pytest.raises(CommandError, match="There is no plan nope."):
        call_command("verify_history", "nope")


def test_changing_the_slug_of_a_plan_does_not_break_the_chain(plan):
    Plan.objects.update(slug="plan-of-2018")
    assert verify_history(Plan.objects.get()).length == 65


def test_a_third_party_recomputes_the_chain_with_the_documented_program(visitor, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia, note='Línea «una»\n"second" – 日本 🏙 \\ \x07 </script>')
    export = visitor.get("/plans/2018-2020/history.json").content
    program = re.search(r"```python\n(.+?)```", Path("docs/verifying.md").read_text(encoding="utf-8"), re.S)[1]
    result = subprocess.run([sys.executable, "-c", program], input=export, capture_output=True, check=True)
    head = Plan.objects.get().history_head
    assert result.stdout.decode() == f"whole: 66 entries, head {head}\n"


def test_the_export_contains_no_names(visitor, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    assert b"Sofia" not in visitor.get("/plans/2018-2020/history.json").content
