"""Whatever is recorded, corrected and decided, the figures of a comparison add up, and say what was known then."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverables.models import Decision, Deliverable, Takedown
from deliverables.plan_editing import structure
from deliverables.verification import verify_amendments, verify_history
from plans.models import Plan
from reports.figures.comparison import compare, known_on
from reports.figures.summary import summarise
from tests.builders import new_plan

pytestmark = pytest.mark.django_db
FIRST, DAYS = date(2026, 1, 1), 8

# On a day, something is recorded of one of three deliverables, for that day or an earlier one.
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["attained", "in_progress", "not_developed", "correct", "withdraw", "reinstate", "due", "take"]
        ),
        st.integers(1, 3),
        st.integers(0, 5),  # days back
    ),
    max_size=14,
)


def happen(plan, event, today, by):
    """Let an event happen on the day `today`. What the rules refuse does not happen."""
    kind, number, back = event
    row = Deliverable.objects.of_plan(plan.slug).with_withdrawal().with_update().get(number=number)
    day, at = max(today - timedelta(days=back), FIRST), datetime.combine(today, datetime.min.time(), UTC)
    at += timedelta(hours=12)
    decision = Decision("Board of Directors", day)
    try:
        with transaction.atomic():
            if kind == "withdraw":
                structure.withdraw(row, by=by, decision=decision, at=at)
            elif kind == "reinstate":
                structure.reinstate(row, by=by, decision=decision, at=at)
            elif kind == "due":
                row.due_on = today
                structure.save_part(row, by=by, fields=["due_on"], decision=decision, at=at)
            elif kind == "take":
                if update := row.updates.order_by("-sequence").first():
                    Takedown.objects.take_down(update, ["note-0"], reason="It named a person.", by=by, at=at)
            else:
                last = row.updates.in_effect().order_by("-sequence").first()
                corrects = {"corrects": last} if kind == "correct" and last else {}
                status = "in_progress" if kind == "correct" else kind
                row.record(
                    status,
                    by=by,
                    at=at,
                    effective_on=day,
                    seen=row.last_sequence,
                    submission=uuid.uuid4(),
                    note=f"In the minutes, page {uuid.uuid4()}.",
                    reason="postponed" if status == "not_developed" else "",
                    **corrects,
                )
    except ValidationError:
        pass


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(events=EVENTS)
def test_the_figures_of_any_history_add_up(sofia, events):
    with transaction.atomic():
        plan = new_plan("2026-2028", deliverables=3)
        Plan.objects.filter(pk=plan.pk).update(starts_on=FIRST, ends_on=date(2028, 12, 31))
        days, shown = [FIRST + timedelta(days=number) for number in range(DAYS)], {}
        for number, day in enumerate(days):
            for event in events[number::DAYS]:
                happen(Plan.objects.get(pk=plan.pk), event, day, sofia)
            shown[day] = summarise(Plan.objects.get(pk=plan.pk), day, today=day).counts

        plan = Plan.objects.get(pk=plan.pk)
        verify_history(plan)
        verify_amendments(plan)
        for day in days:
            now = summarise(plan, day, today=day)
            assert (known_on(plan, now) or now.counts) == shown[day]
        for start, end in ((days[0], days[-1]), (days[2], days[5]), (days[4], days[4])):
            check_comparison(compare(plan, start, end)["comparison"])
        transaction.set_rollback(True)


def check_comparison(found):
    start, end = found.start.counts, found.end.counts
    assert [flow.start + flow.gained - flow.lost - flow.end for flow in found.flows] == [0, 0, 0, 0]
    assert end.total == start.total + len(found.added) - len(found.withdrawn)
    changes = [
        move for moves in (found.attained, found.moved_back, found.moved_on, found.first_reported) for move in moves
    ]
    changes += [*found.without_status, *found.added, *found.withdrawn]
    assert sorted(move.row.code for move in changes) == sorted(move.row.code for move in found.all_moves)
    assert [flow.start for flow in found.flows] == list(start.by_status.values())
    assert [flow.end for flow in found.flows] == list(end.by_status.values())
