"""Compare statuses, counts and charts of generated histories with a simple recomputation from the rows."""

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
        "action": st.sampled_from(["report", "report", "report", "correct", "confirm"]),
        "target": st.integers(0, 10),
    }
)


def write(rows, entry, by):
    """Record one entry as the tracker would. A correction targets an entry that is still in effect."""
    row = rows[entry["which"]]
    in_effect = list(row.updates.in_effect().order_by("sequence"))
    fields = {"effective_on": FIRST + timedelta(days=entry["day"])}
    if entry["action"] == "confirm" and (current_status := row.current_update(fields["effective_on"])):
        seen = row.last_sequence
        return row.confirm(by=by, on=fields["effective_on"], seen=seen) if current_status else None
    if entry["action"] == "correct" and in_effect:
        fields["corrects"] = in_effect[entry["target"] % len(in_effect)]
    fields["reason"] = "postponed" if entry["status"] == Status.NOT_DEVELOPED else ""
    return report(row, entry["status"], by=by, **fields)


def recomputed_status(updates, day):
    """Return the status of one deliverable on a day, computed from its updates in plain Python."""
    corrected = {update.corrects_id for update in updates}
    in_effect = [update for update in updates if update.pk not in corrected and update.effective_on <= day]
    last = max(in_effect, key=lambda update: (update.effective_on, update.sequence), default=None)
    return last.status if last else Status.NO_STATUS


def on_generated_histories(check):
    """Run a check on generated histories, each in a transaction that is rolled back."""
    slow = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

    @settings(max_examples=30, deadline=None, suppress_health_check=slow, derandomize=True)
    @given(history=st.lists(entries, max_size=14))
    def on_examples(sofia, history):
        caches["pages"].clear()  # after a rollback, the next plan has the same key and revision
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


@on_generated_histories
def test_the_current_status_matches_the_recomputed_one(plan, updates):
    current = [row.status for row in Deliverable.objects.of_plan(plan.slug)]
    assert current == [recomputed_status(rows, TODAY) for rows in updates]


@on_generated_histories
def test_the_status_on_any_day_matches_the_recomputed_one(plan, updates):
    for day in DAYS:
        current_status = [row.current_status for row in Deliverable.objects.of_plan(plan.slug).with_current_status(day)]
        assert current_status == [recomputed_status(rows, day) for rows in updates]


@on_generated_histories
def test_the_counts_on_any_day_match_the_recomputed_ones(plan, updates):
    for day in DAYS:
        counted = Counter(recomputed_status(rows, day) for rows in updates)
        assert summarise(plan, day, today=TODAY).counts.by_status == {status: counted[status] for status in Status}


@on_generated_histories
def test_the_steps_of_the_chart_match_the_recomputed_counts(plan, updates):
    progress = progress_of(plan, TODAY)
    for step in progress.steps:
        counted = Counter(recomputed_status(rows, step.day) for rows in updates)
        assert step.counts.by_status == {status: counted[status] for status in Status}


@on_generated_histories
def test_the_chain_is_verified(plan, updates):
    chain = verify_history(plan)
    assert (chain.length, chain.head) == (sum(map(len, updates)), plan.history_head)
