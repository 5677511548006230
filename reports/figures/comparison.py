"""What changed between two dates: two summaries of a plan laid side by side."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Max

from deliverables.models import StatusUpdate
from deliverables.status import Status
from reports.figures.summary import PlanSummary, Row, summarise

RANK = {Status.NOT_DEVELOPED: 1, Status.IN_PROGRESS: 2, Status.ATTAINED: 3}


@dataclass(frozen=True)
class Move:
    """A deliverable that stood otherwise at the end than at the start; one side is None where it was not there."""

    before: Row | None
    after: Row | None

    @property
    def row(self):
        return self.after or self.before

    @property
    def rise(self):
        """How far it moved: above 0 towards attained, below 0 away from it, None where it was not reported before."""
        if not (self.before and self.after) or self.before.status not in RANK or self.after.status not in RANK:
            return None
        return RANK[self.after.status] - RANK[self.before.status]


@dataclass(frozen=True)
class Flow:
    """One status over the period: `start` + `gained` - `lost` = `end`."""

    status: Status
    start: int
    gained: int
    lost: int
    end: int


@dataclass(frozen=True)
class Comparison:
    """Two summaries of one plan. Every deliverable whose status differs is in exactly one list of moves."""

    start: PlanSummary
    end: PlanSummary

    @cached_property
    def pairs(self):
        before = {row.code: row for row in self.start.rows}
        after = {row.code: row for row in self.end.rows}
        return [Move(before.get(code), after.get(code)) for code in sorted(before | after)]

    @cached_property
    def moves(self):
        """Those there on both days whose status differs."""
        return [pair for pair in self.pairs if pair.before and pair.after and pair.before.status != pair.after.status]

    @property
    def attained(self):
        return [move for move in self.moves if move.after.status == Status.ATTAINED]

    @property
    def moved_back(self):
        return [move for move in self.moves if move.rise is not None and move.rise < 0]

    @property
    def moved_on(self):
        """Further than before, or reported for the first time, and not yet attained."""
        told = [*self.attained, *self.moved_back]
        return [move for move in self.moves if move not in told]

    @property
    def newly_evidenced(self):
        """The same status, with evidence to follow where there was none."""
        unmoved = [pair for pair in self.pairs if pair.before and pair.after and pair not in self.moves]
        return [pair for pair in unmoved if pair.after.has_evidence and not pair.before.has_evidence]

    @property
    def reworded(self):
        return [pair for pair in self.pairs if pair.before and pair.after and pair.before.title != pair.after.title]

    @property
    def all_moves(self):
        """Those that stand otherwise, or were not there before, or are there no more: in natural order."""
        return [p for p in self.pairs if not (p.before and p.after) or p.before.status != p.after.status]

    @property
    def added(self):
        return [pair for pair in self.pairs if pair.before is None]

    @property
    def withdrawn(self):
        return [pair for pair in self.pairs if pair.after is None]

    @property
    def flows(self):
        """Each status' way from the start to the end. The lists above account for every step of it."""
        flows = []
        for status in Status:
            gained = [p for p in self.pairs if stands(p.after, status) and not stands(p.before, status)]
            lost = [p for p in self.pairs if stands(p.before, status) and not stands(p.after, status)]
            start, end = self.start.counts.by_status[status], self.end.counts.by_status[status]
            flows.append(Flow(status, start, len(gained), len(lost), end))
        return flows


def compare(plan, start, end):
    """A plan on two dates, and what was confirmed and corrected after the first and by the second, newest first.

    Of several confirmations of one deliverable the last stands for all.
    """
    feed = StatusUpdate.objects.for_feed(plan)
    confirmed = plan.updates.in_effect().confirmations().filter(effective_on__gt=start, effective_on__lte=end)
    last_of_each = confirmed.order_by().values("deliverable").annotate(last=Max("pk")).values("last")
    return {
        "comparison": Comparison(summarise(plan, start, today=end), summarise(plan, end, today=end)),
        "confirmed": feed.filter(pk__in=last_of_each),
        "corrected": feed.filter(corrects__isnull=False, recorded_at__date__gt=start, recorded_at__date__lte=end),
    }


def stands(row, status):
    return row is not None and row.status == status
