"""The chain of amendments: rows of form 1, from before there were meetings, verify together with those of form 2."""

import hashlib
import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from deliverables.models import Amendment, Decision
from deliverables.plan_editing import structure
from deliverables.verification import BrokenChain, verify_amendments
from plans.models import Meeting, Organisation, Plan
from tests.builders import NOON, deliverable
from tests.conftest import remove_triggers

pytestmark = pytest.mark.django_db
DAY = date(2021, 6, 1)


@pytest.fixture
def assembly(plan):
    return Meeting.objects.get()


def digest(previous, content):
    """Recompute a digest as `docs/verifying.md` describes it, without our own code."""
    form = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous + form).encode()).hexdigest()


@pytest.fixture
def amended(plan, sofia):
    """The plan with an amendment as release 1.2 stored it, in which L1M1D2 was withdrawn."""
    row = deliverable("L1M1D2")
    content = {
        "after": "", "before": row.title, "code": "L1M1D2", "decision": "Board, point 7", "decision_link": "",
        "form": "1", "in_force_on": "2021-06-01", "kind": "withdrawn", "plan": str(plan.key),
        "recorded_at": "2026-11-24T12:00:00.000000+00:00", "recorded_by": str(sofia.pk), "sequence": "1",
    }  # fmt: skip
    Amendment.objects.create(
        plan=plan, sequence=1, kind="withdrawn", code="L1M1D2", deliverable=row, before=row.title,
        decision="Board, point 7", in_force_on=DAY, recorded_at=NOON, recorded_by=sofia, recorded_by_name="Sofia Marín",
        form=1, digest=digest("", content),
    )  # fmt: skip
    type(row).objects.filter(pk=row.pk).update(withdrawn_on=DAY)
    Plan.objects.filter(pk=plan.pk).update(amendments_length=1, amendments_head=digest("", content))
    return Plan.objects.get(pk=plan.pk)


def reinstate(by, meeting=None):
    structure.reinstate(deliverable("L1M1D2"), by=by, decision=Decision("Point 8", DAY, meeting=meeting))


def test_a_row_of_form_1_verifies_as_before(amended):
    assert verify_amendments(amended).head == amended.amendments_head


def test_both_forms_verify_in_one_chain(amended, sofia, assembly):
    reinstate(sofia, assembly)
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("Point 9", DAY))
    contents = [amendment.content for amendment in Amendment.objects.order_by("sequence")]
    assert [content["form"] for content in contents] == ["1", "2", "2"]
    assert [content.get("meeting", "not covered") for content in contents] == ["not covered", str(assembly.key), None]
    plan = Plan.objects.get()
    assert (verify_amendments(plan).length, verify_amendments(plan).head) == (3, plan.amendments_head)


def test_a_third_party_recomputes_both_forms(amended, sofia, assembly, visitor):
    reinstate(sofia, assembly)
    chain, head = visitor.get("/plans/2018-2020/history.json").json()["amendments"], ""
    for entry in chain["entries"]:
        head = digest(head, entry["content"])
        assert head == entry["digest"]
    assert (chain["length"], chain["head"]) == (2, head)


@pytest.mark.parametrize(("sequence", "change"), [(2, {"meeting": None}), (2, {"form": 1}), (1, {"form": 2})], ids=str)
def test_another_meeting_or_form_breaks_the_chain(amended, sofia, assembly, sequence, change):
    reinstate(sofia, assembly)
    remove_triggers(connection)
    Amendment.objects.filter(sequence=sequence).update(**change)
    with pytest.raises(BrokenChain, match=f"Amendment {sequence} (is not what|has another meeting than) was recorded"):
        verify_amendments(Plan.objects.get())


@pytest.mark.parametrize("change", [{"meeting": None}, {"form": 1}], ids=str)
def test_the_database_refuses_to_change_meeting_and_form(amended, sofia, assembly, change):
    reinstate(sofia, assembly)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Amendment.objects.filter(sequence=2).update(**change)


def test_renaming_the_meeting_does_not_break_the_chain(amended, sofia, assembly):
    reinstate(sofia, assembly)
    assembly.name = "Assembly"
    assembly.store(["name"])
    assert verify_amendments(Plan.objects.get()).length == 2


def test_a_meeting_of_another_organisation_is_refused(amended, sofia):
    other = Organisation.objects.create(slug="other", name="Other")
    meeting = Meeting(organisation=other, name="Congress", held_on=date(2020, 6, 1)).store()
    with pytest.raises(ValidationError, match="This is a meeting of another organisation."):
        reinstate(sofia, meeting)
    assert Amendment.objects.count() == 1
