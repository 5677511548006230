"""The next dates of a plan that runs: its meetings, the end of a reporting round, and the days on which work is due."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from deliverables.models import ReportingRound, open_round_of
from deliverables.status import Status
from plans.models import Meeting

MOST = 4  # dates to show


@dataclass(frozen=True)
class NextDate:
    """A day with what is on it: meetings, how many deliverables are due and not attained, a round that ends."""

    day: date
    meetings: tuple[Meeting, ...]
    due: int
    reporting_round: ReportingRound | None


def next_dates(summary, reader):
    """Return the next dates after the day of a `PlanSummary`, earliest first; none once the plan is over.

    Members see the open round, too.
    """
    plan, day = summary.plan, summary.as_of
    if day >= plan.ends_on:
        return []
    meetings = [meeting for meeting in plan.meetings if meeting.held_on > day]
    due = Counter(
        row.due_on for row in summary.rows if row.due_on and row.due_on > day and row.status != Status.ATTAINED
    )
    open_round = open_round_of(plan) if reader.is_authenticated else None
    closes_on = open_round and open_round.closes_on > day and open_round.closes_on

    days = {*due, *(meeting.held_on for meeting in meetings), *filter(None, [closes_on])}
    return [
        NextDate(
            each,
            tuple(meeting for meeting in meetings if meeting.held_on == each),
            due[each],
            open_round if closes_on == each else None,
        )
        for each in sorted(days)[:MOST]
    ]
