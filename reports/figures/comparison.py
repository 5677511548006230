"""Compare the summaries of a plan on two dates, and say why each deliverable moved."""

from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliverables.counts import Counts
from deliverables.models import NATURAL_ORDER, Amendment, AmendmentKind, StatusUpdate
from deliverables.status import Reason, Status
from plans.codes import Code
from reports.figures.summary import PlanSummary, Row, summarise

CODE_OF_UPDATE = [f"deliverable__{field}" for field in NATURAL_ORDER]
RANK = {Status.NOT_DEVELOPED: 1, Status.IN_PROGRESS: 2, Status.ATTAINED: 3}  # no status is no step


@dataclass(frozen=True)
class Move:
    """A deliverable at the start and at the end: `before` is None if it was added, `after` if it was withdrawn.

    `last` is the row of one that was withdrawn, as it is at the end. `decisions` are the amendments of the period that
    name it. `is_repeated` is set where an earlier group of the comparison explains the same deliverable.
    """

    before: Row | None
    after: Row | None
    last: Row | None = None
    decisions: tuple[Amendment, ...] = ()
    is_repeated: bool = False

    @property
    def row(self):
        return self.after or self.before

    @property
    def explained(self):
        """Return the row whose note, evidence and next step explain this move."""
        return self.after or self.last

    @property
    def is_change(self):
        """Return whether it was added, withdrawn or changed its status."""
        return not (self.before and self.after) or self.before.status != self.after.status

    @property
    def is_reworded(self):
        return bool(self.before and self.after) and self.before.title != self.after.title

    @property
    def new_achieved(self):
        """Return the achieved quantity at the end where it differs from that at the start, otherwise None."""
        if not (self.before and self.after) or self.before.achieved == self.after.achieved:
            return None
        return self.after.achieved

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
    decisions: dict[Code, list[Amendment]] = field(default_factory=dict)
    began: dict[Code, StatusUpdate] = field(default_factory=dict)  # the first update of each status at the end

    @cached_property
    def pairs(self):
        """Return a `Move` for every deliverable that exists on either date, in natural order."""
        before = {row.code: row for row in self.start.rows}
        after = {row.code: row for row in self.end.rows}
        withdrawn = {row.code: row for row in getattr(self.end, "withdrawn", ())}  # the summary of an edition has none
        moves = [
            Move(before.get(code), after.get(code), withdrawn.get(code), tuple(self.decisions.get(code, ())))
            for code in sorted(before | after)
        ]
        return [self.with_reason_of_move(move) for move in moves]

    def with_reason_of_move(self, move):
        """Return a move whose row says what was reported with the move, where a confirmation has come since."""
        update = self.began.get(move.row.code)
        if not (update and move.after and move.is_change):
            return move

        evidence = tuple(dict.fromkeys([*update.evidence, *move.after.evidence]))
        reason = Reason(update.reason) if update.reason else None
        return replace(move, after=replace(move.after, note=update.note, reason=reason, evidence=evidence))

    @property
    def groups(self):
        """Return the groups that a page or file shows: a label, its moves, and whether it is shown without any."""
        groups = [
            (_("Attained since"), self.attained, True),
            (_("Moved back"), self.moved_back, True),
            (_("Begun or resumed"), self.moved_on, False),
            (_("First reported"), self.first_reported, False),
            (_("No longer with a status"), self.without_status, False),
            (_("New evidence"), self.newly_evidenced, False),
            (_("New numbers"), self.newly_counted, False),
            (_("New due dates and targets"), self.new_promises, False),
            (_("Reworded"), self.reworded, False),
            (_("Added"), [move for move in self.added if move not in self.reinstated], False),
            (_("Reinstated"), self.reinstated, False),
            (_("Withdrawn"), self.withdrawn, False),
        ]
        seen, shown = set(), []
        for label, moves, always in groups:
            if moves or always:
                shown.append((label, [replace(move, is_repeated=move.row.code in seen) for move in moves]))
                seen |= {move.row.code for move in moves}
        return shown

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
        return [pair for pair in self.pairs if pair.is_reworded]

    @property
    def newly_counted(self):
        """Return the deliverables with the same status whose achieved quantity changed."""
        return [pair for pair in self.unmoved if pair.new_achieved is not None]

    @property
    def new_promises(self):
        """Return the deliverables whose due date or target changed."""
        return [
            pair
            for pair in self.pairs
            if pair.before
            and pair.after
            and (pair.before.due_on, pair.before.target) != (pair.after.due_on, pair.after.target)
        ]

    @property
    def all_moves(self):
        """Return the deliverables that were added, withdrawn or changed their status, in natural order."""
        return [pair for pair in self.pairs if pair.is_change]

    @property
    def added(self):
        """Return the deliverables that exist at the end and not at the start, reinstated ones included."""
        return [pair for pair in self.pairs if pair.before is None]

    @property
    def reinstated(self):
        withdrawn = {row.code for row in getattr(self.start, "withdrawn", ())}
        return [pair for pair in self.added if pair.row.code in withdrawn]

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
    """Return a template context: the `Comparison`, and what else was recorded in the period, newest first.

    The period begins the day after `start` and includes `end`. A deliverable is listed as confirmed, with its last
    confirmation, if it has the same status on both dates. `late` are the updates recorded in the period for `start` or
    an earlier day, `late_decisions` the amendments in force since such a day. `known_then` are the counts as they were
    known on `start`, None if they are the same. `reworded` are the amendments of measures and action lines.
    """
    feed = StatusUpdate.objects.for_feed(plan)
    comparison = changes_since(start, summarise(plan, end, today=end))
    unmoved = {pair.row.code for pair in comparison.unmoved}

    recorded = feed.filter(recorded_at__date__gt=start, recorded_at__date__lte=end)
    confirmed = feed.confirmations().filter(effective_on__gt=start, effective_on__lte=end).latest_first()
    last_of_each = {}
    for update in confirmed:
        if update.deliverable.code in unmoved:
            last_of_each.setdefault(update.deliverable_id, update)

    return {
        "comparison": comparison,
        "confirmed": sorted(last_of_each.values(), key=lambda update: -update.sequence),
        "corrected": recorded.exclude(corrects=None),
        "late": recorded.filter(corrects=None, effective_on__lte=start),
        "known_then": known_on(plan, comparison.start),
        "late_decisions": late_decisions(plan, start, end),
        "reworded": [
            each for code, amendments in comparison.decisions.items() if not code.deliverable for each in amendments
        ],
    }


def changes_since(start, summary):
    """Return the `Comparison` of a plan's summary with that of an earlier day."""
    plan, end = summary.plan, summary.as_of
    decisions = decisions_between(plan, start, end)
    return Comparison(summarise(plan, start, today=end), summary, decisions, updates_that_began(plan, start, end))


def decisions_between(plan, start, end):
    """Return the amendments that came into force after `start` and by `end`, by the code they name, oldest first."""
    decisions = {}
    if plan.amendments_length:
        amendments = Amendment.objects.for_page(plan).filter(in_force_on__gt=start, in_force_on__lte=end)
        for amendment in amendments.reverse():
            decisions.setdefault(Code.parse(amendment.code), []).append(amendment)
    return decisions


def late_decisions(plan, start, end):
    """Return the amendments recorded after `start` and by `end` that have been in force since `start` or before."""
    if not plan.amendments_length:
        return []
    recorded = Amendment.objects.for_page(plan).filter(recorded_at__date__gt=start, recorded_at__date__lte=end)
    return list(recorded.filter(in_force_on__lte=start).reverse())


def updates_that_began(plan, start, end):
    """Return the update with which the status at the end began, by code, where that was after the start."""
    updates = StatusUpdate.objects.filter(plan=plan, effective_on__gt=start).since_status_began(end).with_evidence()
    began = {}
    for update in updates.select_related("deliverable__measure__action_line"):
        began.setdefault(update.deliverable.code, update)
    return began


def known_on(plan, summary):
    """Return the `Counts` of a summary's deliverables as known on its day; None if nothing was recorded for it later.

    What was recorded, corrected or decided afterwards is left out.
    """
    day = summary.as_of
    known = StatusUpdate.objects.filter(plan=plan, effective_on__lte=day, recorded_at__date__lte=day)
    known = known.filter(Q(correction=None) | Q(correction__recorded_at__date__gt=day)).latest_first()
    statuses = {}
    for code_and_status in known.values_list(*CODE_OF_UPDATE, "status"):
        statuses.setdefault(Code(*code_and_status[:3]), Status(code_and_status[3]))

    codes = existing_as_known_on(plan, day, {row.code for row in summary.rows})
    counts = Counts.of(statuses.get(code, Status.NO_STATUS) for code in codes)
    return counts if counts != summary.counts else None


def existing_as_known_on(plan, day, codes):
    """Return the codes of the deliverables counted on a day, without the decisions that were recorded after it."""
    if not plan.amendments_length:
        return codes
    decided_later = plan.amendments.exclude(deliverable=None).filter(in_force_on__lte=day, recorded_at__date__gt=day)
    for code, kind in decided_later.order_by("-sequence").values_list("code", "kind"):
        if kind == AmendmentKind.WITHDRAWN:
            codes = codes | {Code.parse(code)}
        elif kind in (AmendmentKind.ADDED, AmendmentKind.REINSTATED):
            codes = codes - {Code.parse(code)}
    return codes


def has_status(row, status):
    return row is not None and row.status == status


def has_no_status(row):
    return row.status not in RANK
