"""Compare the summaries of a plan on two dates."""

from dataclasses import dataclass
from functools import cached_property

from deliverables.models import StatusUpdate
from deliverables.status import Status
from reports.figures.summary import PlanSummary, Row, summarise

RANK = {Status.NOT_DEVELOPED: 1, Status.IN_PROGRESS: 2, Status.ATTAINED: 3}  # no status is no step


@dataclass(frozen=True)
class Move:
    """A deliverable at the start and at the end: `before` is None if it was added, `after` if it was withdrawn."""

    before: Row | None
    after: Row | None

    @property
    def row(self):
        return self.after or self.before

    @property
    def is_change(self):
        """Return whether it was added, withdrawn or changed its status."""
        return not (self.before and self.after) or self.before.status != self.after.status

    @property
    def rise(self):
        """Return the number of steps towards attained (negative: away from it), or None if a side has no status."""
        if not (self.before and self.after) or self.before.status not in RANK or self.after.status not in RANK:
            return None

        return RANK[self.after.status] - RANK[self.before.status]


@dataclass(frozen=True)
class Flow:
    """How the count of one status changed over the period: `start` + `gained` - `lost` = `end`."""

    status: Status
    start: int
    gained: int
    lost: int
    end: int


@dataclass(frozen=True)
class Comparison:
    """Two summaries of one plan.

    Every deliverable whose status changed is in exactly one of `attained`, `moved_on`, `moved_back`, `first_reported`
    and `without_status`.
    """

    start: PlanSummary
    end: PlanSummary

    @cached_property
    def pairs(self):
        """Return a `Move` for every deliverable that exists on either date, in natural order."""
        before = {row.code: row for row in self.start.rows}
        after = {row.code: row for row in self.end.rows}
        return [Move(before.get(code), after.get(code)) for code in sorted(before | after)]

    @cached_property
    def moves(self):
        """Return the deliverables that exist on both dates and whose status changed."""
        return [pair for pair in self.pairs if pair.before and pair.after and pair.is_change]

    @property
    def attained(self):
        return [move for move in self.moves if move.after.status == Status.ATTAINED]

    @property
    def moved_back(self):
        return [move for move in self.moves if move.rise is not None and move.rise < 0]

    @property
    def moved_on(self):
        """Return the moves from not developed to in progress."""
        return [move for move in self.moves if move not in self.attained and move.rise is not None and move.rise > 0]

    @property
    def first_reported(self):
        """Return the moves from no status to one that is not attained: neither a step forward nor a step back."""
        return [move for move in self.moves if has_no_status(move.before) and move not in self.attained]

    @property
    def without_status(self):
        """Return the moves to no status, which a correction between two editions can cause."""
        return [move for move in self.moves if has_no_status(move.after)]

    @property
    def unmoved(self):
        """Return the deliverables that exist on both dates, with the same status."""
        return [pair for pair in self.pairs if pair.before and pair.after and not pair.is_change]

    @property
    def newly_evidenced(self):
        """Return deliverables with the same status that gained evidence."""
        return [pair for pair in self.unmoved if pair.after.has_evidence and not pair.before.has_evidence]

    @property
    def reworded(self):
        return [pair for pair in self.pairs if pair.before and pair.after and pair.before.title != pair.after.title]

    @property
    def all_moves(self):
        """Return the deliverables that were added, withdrawn or changed their status, in natural order."""
        return [pair for pair in self.pairs if pair.is_change]

    @property
    def added(self):
        return [pair for pair in self.pairs if pair.before is None]

    @property
    def withdrawn(self):
        return [pair for pair in self.pairs if pair.after is None]

    @property
    def flows(self):
        """Return a `Flow` for each status."""
        flows = []
        for status in Status:
            gained = [p for p in self.pairs if has_status(p.after, status) and not has_status(p.before, status)]
            lost = [p for p in self.pairs if has_status(p.before, status) and not has_status(p.after, status)]
            start, end = self.start.counts.by_status[status], self.end.counts.by_status[status]
            flows.append(Flow(status, start, len(gained), len(lost), end))

        return flows


def compare(plan, start, end):
    """Return a template context: the `Comparison`, and the updates confirmed and corrected in the period, newest first.

    The period begins the day after `start` and includes `end`. A deliverable is listed as confirmed, with its last
    confirmation, if it has the same status on both dates.
    """
    feed = StatusUpdate.objects.for_feed(plan)
    comparison = Comparison(summarise(plan, start, today=end), summarise(plan, end, today=end))
    unmoved = {pair.row.code for pair in comparison.unmoved}

    confirmed = feed.confirmations().filter(effective_on__gt=start, effective_on__lte=end).latest_first()
    last_of_each = {}
    for update in confirmed:
        if update.deliverable.code in unmoved:
            last_of_each.setdefault(update.deliverable_id, update)

    return {
        "comparison": comparison,
        "confirmed": sorted(last_of_each.values(), key=lambda update: -update.sequence),
        "corrected": feed.filter(corrects__isnull=False, recorded_at__date__gt=start, recorded_at__date__lte=end),
    }


def has_status(row, status):
    return row is not None and row.status == status


def has_no_status(row):
    return row.status not in RANK
