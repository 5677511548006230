"""Compare the summaries of a plan on two dates."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Max

from deliverables.models import StatusUpdate
from deliverables.status import Status
from reports.figures.summary import PlanSummary, Row, summarise

RANK = {Status.NOT_DEVELOPED: 1, Status.IN_PROGRESS: 2, Status.ATTAINED: 3}


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

    Every deliverable whose status changed is in exactly one of `attained`, `moved_on` and `moved_back`.
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
        """Return moves that advanced without being attained, and first reports."""
        listed_elsewhere = [*self.attained, *self.moved_back]
        return [move for move in self.moves if move not in listed_elsewhere]

    @property
    def newly_evidenced(self):
        """Return deliverables with the same status that gained evidence."""
        unmoved = [pair for pair in self.pairs if pair.before and pair.after and pair not in self.moves]
        return [pair for pair in unmoved if pair.after.has_evidence and not pair.before.has_evidence]

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

    The period begins the day after `start` and includes `end`. Only the last confirmation of a deliverable is listed.
    """
    feed = StatusUpdate.objects.for_feed(plan)
    confirmed = plan.updates.in_effect().confirmations().filter(effective_on__gt=start, effective_on__lte=end)
    last_of_each = confirmed.order_by().values("deliverable").annotate(last=Max("pk")).values("last")

    return {
        "comparison": Comparison(summarise(plan, start, today=end), summarise(plan, end, today=end)),
        "confirmed": feed.filter(pk__in=last_of_each),
        "corrected": feed.filter(corrects__isnull=False, recorded_at__date__gt=start, recorded_at__date__lte=end),
    }


def has_status(row, status):
    return row is not None and row.status == status
