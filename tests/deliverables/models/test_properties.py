"""Any order of entries, late entries, corrections and confirmations, against a plain recomputation from the rows."""

import uuid
from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.cache import caches
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverables.models import Deliverable, StatusUpdate
from deliverables.status import Status
from deliverables.verification import verify_history
from reports.figures.progress import progress_of
from reports.figures.summary import summarise
from tests.builders import TODAY, new_plan, report

pytestmark = pytest.mark.django_db
FIRST = date(2021, 1, 1)
entries = st.fixed_dictionaries(
    {
        "which": st.integers(0, 2),
        "status": st.sampled_from(Status.recordable()),
        "day": st.integers(0, 20),
        "does": st.sampled_from(["report", "report", "report", "correct", "confirm"]),
        "aim": st.integers(0, 10),
    }
)


def write(rows, entry, by):
    """Put one entry into the history, as the tracker would: a correction aims at one that still counts."""
    row = rows[entry["which"]]
    in_effect = list(row.updates.in_effect().order_by("sequence"))
    fields = {"effective_on": FIRST + timedelta(days=entry["day"])}
    if entry["does"] == "confirm" and (current_status := row.current_update(fields["effective_on"])):
        seen = {"seen": row.last_sequence, "submission": uuid.uuid4()}
        return row.confirm(by=by, on=fields["effective_on"], **seen) if current_status else None
    if entry["does"] == "correct" and in_effect:
        fields["corrects"] = in_effect[entry["aim"] % len(in_effect)]
    fields["reason"] = "postponed" if entry["status"] == Status.NOT_DEVELOPED else ""
    return report(row, entry["status"], by=by, **fields)


def plainly(updates, day):
    """How one deliverable stands on a day, read off its rows one by one."""
    corrected = {update.corrects_id for update in updates}
    in_effect = [update for update in updates if update.pk not in corrected and update.effective_on <= day]
    last = max(in_effect, key=lambda update: (update.effective_on, update.sequence), default=None)
    return last.status if last else Status.NO_STATUS


def each_example(check):
    """Run a check on many histories, each undone before the next."""
    slow = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

    @settings(max_examples=30, deadline=None, suppress_health_check=slow, derandomize=True)
    @given(history=st.lists(entries, max_size=14))
    def on_examples(sofia, history):
        caches["pages"].clear()  # rolled back, a plan's number and revision come again
        with transaction.atomic():
            plan = new_plan(deliverables=3)
            rows = list(Deliverable.objects.of_plan(plan.slug))
            for entry in history:
                write(rows, entry, sofia)
            plan.refresh_from_db()
            updates = [list(StatusUpdate.objects.filter(deliverable=row)) for row in rows]
            check(plan, updates)
            transaction.set_rollback(True)

    return on_examples


DAYS = [FIRST + timedelta(days=day) for day in range(0, 22, 3)]


@each_example
def test_the_current_status_is_what_the_rows_say(plan, updates):
    current = [row.status for row in Deliverable.objects.of_plan(plan.slug)]
    assert current == [plainly(rows, TODAY) for rows in updates]


@each_example
def test_the_status_on_any_day_is_what_the_rows_say(plan, updates):
    for day in DAYS:
        current_status = [row.current_status for row in Deliverable.objects.of_plan(plan.slug).with_current_status(day)]
        assert current_status == [plainly(rows, day) for rows in updates]


@each_example
def test_the_counts_on_any_day_are_what_the_rows_say(plan, updates):
    for day in DAYS:
        counted = Counter(plainly(rows, day) for rows in updates)
        assert summarise(plan, day, today=TODAY).counts.by_status == {status: counted[status] for status in Status}


@each_example
def test_the_steps_of_the_chart_are_what_the_rows_say(plan, updates):
    progress = progress_of(plan, TODAY)
    for step in progress.steps:
        counted = Counter(plainly(rows, step.day) for rows in updates)
        assert step.counts.by_status == {status: counted[status] for status in Status}


@each_example
def test_the_chain_is_whole(plan, updates):
    whole = verify_history(plan)
    assert (whole.length, whole.head) == (sum(map(len, updates)), plan.history_head)
