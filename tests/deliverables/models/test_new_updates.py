"""Many updates written at once are the same as each recorded by itself."""

import random
import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from deliverables.models import Deliverable, Evidence, EvidenceItem, NewUpdates, StatusUpdate, Takedown
from deliverables.models.new_updates import COPIED
from deliverables.verification import verify_history
from plans.models import Plan
from tests.builders import NOON, new_plan

pytestmark = pytest.mark.django_db
FIRST = date(2021, 1, 1)
REASONS = {"not_developed": "postponed"}


def reports(number, seed):
    """Some reports on deliverables of a plan, by their place: several on one, on earlier days and on the same day."""
    chance, found = random.Random(seed), []
    for turn in range(number):
        status = chance.choice(["attained", "in_progress", "in_progress", "not_developed"])
        report = {
            "status": status,
            "effective_on": FIRST + timedelta(days=chance.randrange(9)),
            "reason": REASONS.get(status, ""),
            "note": f"Turn {turn} in the minutes of the Board.",
            "achieved": chance.choice([None, 1, 2]),
            "evidence": [Evidence("Minutes", "https://metropolis.org/a")] * (turn % 3),
        }
        found.append((chance.randrange(number), report))
    return found


def rows_of(plan):
    Deliverable.objects.of_plan(plan.slug).update(target=6, target_unit="pilots")
    return list(Deliverable.objects.of_plan(plan.slug).with_update())


def update_of(row, by, evidence=(), **report):
    signed = {"recorded_by": by, "recorded_by_name": by.name, "recorded_at": NOON, "submission": uuid.uuid4()}
    update = StatusUpdate(plan=row.plan, deliverable=row, **signed, **report)
    update.evidence = tuple(evidence)
    update.validate()
    return update


def write(plan, updates, *, is_prepared=True):
    plan = Plan.objects.get(pk=plan.pk)
    new = NewUpdates(plan, updates)
    if is_prepared:
        new.prepare()
    with transaction.atomic():
        new.write(plan)
    return plan


def states(plan):
    return list(Deliverable.objects.of_plan(plan.slug).order_by("number").values_list("number", *COPIED))


@pytest.mark.parametrize("is_prepared", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_many_at_once_leave_the_states_and_a_chain_of_each_by_itself(sofia, seed, is_prepared):
    one, other = new_plan(deliverables=12), new_plan("2024-2026", deliverables=12)
    for row, _other in zip(rows_of(one), rows_of(other), strict=True):
        for each in (row, _other):
            each.record("in_progress", by=sofia, effective_on=FIRST + timedelta(days=4), seen=0, achieved=1)
    rows, new = rows_of(one), reports(12, seed)
    for place, report in new:
        rows[place].record(by=sofia, at=NOON, seen=rows[place].last_sequence, **report)
    rows = rows_of(other)
    write(other, [update_of(rows[place], sofia, **report) for place, report in new], is_prepared=is_prepared)

    assert states(other) == states(one)
    assert [verify_history(Plan.objects.get(pk=plan.pk)).length for plan in (one, other)] == [24, 24]
    titles = [
        [[piece.title for piece in update.evidence] for update in plan.updates.order_by("sequence")]
        for plan in (one, other)
    ]
    assert titles[0] == titles[1]


def test_a_correction_among_many_takes_the_corrected_one_out_of_effect(sofia):
    plan = new_plan(deliverables=2)
    rows = rows_of(plan)
    mistake = rows[0].record("attained", by=sofia, effective_on=date(2022, 1, 1), seen=0, note="Seen by the Board.")
    fields = {"status": "in_progress", "effective_on": date(2021, 5, 1)}
    write(plan, [update_of(rows[0], sofia, corrects=mistake, **fields), update_of(rows[1], sofia, **fields)])
    assert {state[1:3] for state in states(plan)} == {("in_progress", date(2021, 5, 1))}


def test_the_plan_states_the_new_end_of_its_history(sofia):
    plan = new_plan(deliverables=3)
    updates = [update_of(row, sofia, status="in_progress", effective_on=FIRST) for row in rows_of(plan)]
    before = Plan.objects.get(pk=plan.pk).revision
    write(plan, updates)
    plan.refresh_from_db()
    assert (plan.history_length, plan.history_head) == (3, updates[-1].digest)
    assert plan.revision > before


def test_a_failure_at_the_last_row_writes_none(sofia):
    plan = new_plan(deliverables=3)
    updates = [update_of(row, sofia, status="in_progress", effective_on=FIRST) for row in rows_of(plan)]
    updates[-1].submission = updates[0].submission
    with pytest.raises(DatabaseError):
        write(plan, updates)
    plan.refresh_from_db()
    assert (StatusUpdate.objects.filter(plan=plan).count(), plan.history_length) == (0, 0)
    assert {status for _number, status, *_days in states(plan)} == {"no_status"}


def test_an_entry_written_meanwhile_keeps_the_chain_from_being_written(sofia):
    """Nothing is lost even where a caller forgot to compare the plan: the numbers of the entries are unique."""
    plan = new_plan(deliverables=2)
    rows = rows_of(plan)
    new = NewUpdates(
        Plan.objects.get(pk=plan.pk), [update_of(rows[0], sofia, status="in_progress", effective_on=FIRST)]
    )
    rows[1].record("in_progress", by=sofia, effective_on=FIRST, seen=0)
    with pytest.raises(DatabaseError), transaction.atomic():
        new.write(Plan.objects.get(pk=plan.pk))
    assert verify_history(Plan.objects.get(pk=plan.pk)).length == 1


def test_a_text_taken_down_before_is_refused_among_many(sofia):
    plan = new_plan(deliverables=2)
    rows = rows_of(plan)
    update = rows[1].record("in_progress", by=sofia, effective_on=FIRST, seen=0, note="It names a person.")
    Takedown.objects.take_down(update, ["note-0"], reason="It named a person who asked for it.", by=sofia)
    fields = {"status": "in_progress", "effective_on": FIRST, "note": "It names  a person."}
    with pytest.raises(ValidationError, match="It was taken down because: It named a person"):
        NewUpdates(Plan.objects.get(pk=plan.pk), [update_of(row, sofia, **fields) for row in rows])
    NewUpdates(Plan.objects.get(pk=plan.pk), [update_of(rows[0], sofia, **fields)])  # of another deliverable, it may be


def test_the_number_of_queries_does_not_grow(sofia):
    counts = []
    for slug, number in (("2021-2023", 3), ("2024-2026", 30)):
        plan = new_plan(slug, deliverables=number)
        pieces = [Evidence("Minutes", "https://metropolis.org/a")]
        fields = {"status": "in_progress", "effective_on": FIRST, "evidence": pieces}
        rows = rows_of(plan)
        with CaptureQueriesContext(connection) as counted:
            write(plan, [update_of(row, sofia, **fields) for row in rows])
        counts.append(len(counted))
    assert (counts[0], EvidenceItem.objects.filter(update__plan=plan).count()) == (counts[1], 30)
