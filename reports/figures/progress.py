"""Progress over time: the counts of a plan or an action line through its period, and what was due by each day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil

from django.db.models import CharField, F, Value, Window
from django.db.models.functions import Cast, Lag

from deliverables.counts import Counts
from deliverables.models import AmendmentKind, Deliverable, StatusUpdate
from deliverables.status import Status
from plans.codes import Code
from plans.common.prepared import prepared
from plans.memory import by_structure, by_version
from reports.figures.planned_chart import PlannedChart
from reports.figures.time_axis import TimeAxis

IN, OUT = "in", "out"  # added to the plan or reinstated; withdrawn from it
DUE = "due"  # its due date has come
MAX_STEPS = 60  # with more, a reader cannot distinguish them on the chart
PERIOD_WIDTH, LAST_COLUMN = 94.5, 96.0  # percent of the chart: where the period ends, where the last column begins
DAYS_OF_MOVEMENT = 2  # with fewer days on which the counts changed, there is nothing to draw


@dataclass(frozen=True)
class Step:
    """The counts from this day until the next step, and how many deliverables were due by then."""

    day: date
    counts: Counts
    due: int = 0

    def differs_from(self, other):
        return (self.counts, self.due) != (other.counts, other.due)


@dataclass(frozen=True)
class Area:
    """One status during one step: a rectangle of the chart, measured in percent of the chart's width and height."""

    status: Status
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Progress:
    """The counts of a plan through its period, in order of time. The first step is the plan's first day.

    `latest` holds the counts on the requested date, which may be after the period. `days_of_change` is the number of
    days in the period, after the first, on which the counts changed, `changed_on` the last of them. `ahead` holds how
    many deliverables will be due by each later day of the period. On the requested date, `overdue` are past their due
    date and not attained, `early` attained before it, `undated` without one.
    """

    starts_on: date
    ends_on: date
    shown_until: date
    steps: tuple[Step, ...]
    latest: Step
    days_of_change: int = 0
    changed_on: date | None = None
    ahead: tuple[tuple[date, int], ...] = ()
    overdue: int = 0
    early: int = 0
    undated: int = 0

    @property
    def first(self):
        return self.steps[0]

    @property
    def last(self):
        return self.steps[-1]

    @property
    def statuses(self):
        """Return the statuses that are counted, in order."""
        return tuple(self.first.counts.by_status)

    @property
    def has_movement(self):
        return self.days_of_change >= DAYS_OF_MOVEMENT

    @property
    def has_due_dates(self):
        return self.latest.counts.total > self.undated

    @property
    def all_reported_on(self):
        """Return the one day for which every status of today was reported; None if there were several."""
        is_complete = self.latest.counts == self.last.counts and not self.latest.counts.no_status
        return self.changed_on if self.days_of_change == 1 and is_complete else None

    @property
    def planned_chart(self):
        return PlannedChart(self)

    @property
    def areas(self):
        """Yield the rectangles of the chart: a column for each step, and at the right edge one for `latest`."""
        ends = [step.day for step in self.steps[1:]] + [self.shown_until + timedelta(days=1)]
        for step, end in zip(self.steps, ends, strict=True):
            yield from column(step.counts, self.axis.position_of(step.day), self.axis.position_of(end))
        yield from column(self.latest.counts, LAST_COLUMN, 100)

    @property
    def axis(self):
        return TimeAxis(self.starts_on, self.ends_on, PERIOD_WIDTH)


def column(counts, left, right):
    """Yield the areas of one column from the bottom up, attained first. SVG counts `y` from the top."""
    top = 100.0
    for status, count in counts.by_status.items():
        height = 100 * count / counts.total if counts.total else 0
        top -= height
        if count and right > left:
            yield Area(status, f"{left:.3f}%", f"{top:.3f}%", f"{right - left:.3f}%", f"{height:.3f}%")


def progress_of(plan, as_of, *, line=None):
    """Return the `Progress` of a plan, or of its action line with this number, up to a date."""
    return compute_progress(plan, as_of, line)


@by_version
def compute_progress(plan, as_of, line):
    """Replay all events in order of time, and record the counts after each day of the period."""
    due_dates = due_dates_of(plan, as_of, line)
    replay, steps = Replay(), {plan.starts_on: Step(plan.starts_on, Counts())}
    for day, deliverable, event in events_of(plan, as_of, line, due_dates):
        replay.apply(deliverable, event)
        if day <= plan.ends_on:
            steps[day] = replay.step(day)

    first, *others = steps.values()
    steps = [first, *(step for before, step in pairwise([first, *others]) if step.differs_from(before))]
    changed_on = [step.day for before, step in pairwise(steps) if step.counts != before.counts]
    dated = {pk: day for pk, day in due_dates.items() if pk in replay.in_plan}
    attained = {pk for pk in dated if replay.statuses[pk] == Status.ATTAINED}

    return Progress(
        plan.starts_on,
        plan.ends_on,
        shown_until=min(as_of, plan.ends_on),
        steps=tuple(thin_out(steps)),
        latest=replay.step(as_of),
        days_of_change=len(changed_on),
        changed_on=changed_on[-1] if changed_on else None,
        ahead=tuple(thin_out(due_after(as_of, plan.ends_on, replay.due, dated.values()))),
        overdue=sum(day < as_of for pk, day in dated.items() if pk not in attained),
        early=sum(dated[pk] > as_of for pk in attained),
        undated=len(replay.in_plan) - len(dated),
    )


class Replay:
    """The deliverables of a plan while its events are applied in order of time, and their counts."""

    def __init__(self):
        self.counter = Counter(dict.fromkeys(Status.values, 0))
        self.statuses, self.in_plan, self.past_due, self.due = {}, set(), set(), 0

    def apply(self, deliverable, event):
        # A withdrawn deliverable has a status too: reports change no count, but apply once it is reinstated.
        self.add(deliverable, -1)
        if event in (IN, OUT):
            (self.in_plan.add if event == IN else self.in_plan.discard)(deliverable)
        elif event == DUE:
            self.past_due.add(deliverable)
        else:
            self.statuses[deliverable] = event
        self.add(deliverable, 1)

    def add(self, deliverable, number):
        """Add a number to the counts that include a deliverable now."""
        if deliverable in self.in_plan:
            self.counter[self.statuses.setdefault(deliverable, Status.NO_STATUS.value)] += number
            self.due += number * (deliverable in self.past_due)

    def step(self, day):
        return Step(day, Counts(**self.counter), self.due)


@by_structure
def due_dates_of(plan, as_of, line):
    """Return the due date of each deliverable that has one, by its key, as it was promised on the date."""
    deliverables = Deliverable.objects.of_plan(plan.slug, Code(line) if line else None)
    promised = deliverables.with_promises(as_of if plan.amendments_length else None)
    return dict(promised.exclude(due_as_of=None).values_list("pk", "due_as_of"))


def due_after(day, until, due, due_dates):
    """Return how many deliverables will be due by each later day on which the number grows. `due` are due by `day`."""
    by_day = Counter(due_on for due_on in due_dates if day < due_on <= until)
    return [(due_on, due := due + by_day[due_on]) for due_on in sorted(by_day)]


def events_of(plan, until, line, due_dates):
    """Return what changed the counts as (day, deliverable key, event), in order of time.

    An event is `IN`, `OUT`, `DUE` or the value of the new status. The sort is stable, so `IN` comes before the first
    status.
    """
    events = [*structure_events(plan, until, line)]
    events += [(max(day, plan.starts_on), pk, DUE) for pk, day in due_dates.items() if day <= until]
    events += status_events(plan.pk, until, line)

    return sorted(events, key=lambda event: event[0])


@by_structure
def structure_events(plan, until, line):
    """Return an event for each deliverable that was added, withdrawn or reinstated."""
    part = Code(line) if line else None
    added = dict(Deliverable.objects.of_plan(plan.slug, part).existing_on(until).values_list("pk", "added_on"))
    events = [(added_on or plan.starts_on, pk, IN) for pk, added_on in added.items()]
    return events + (withdrawal_events(plan, until, added) if plan.amendments_length else [])


def withdrawal_events(plan, until, deliverables):
    """Return an event for each decision that withdrew or reinstated one of the deliverables, in order."""
    decisions = plan.amendments.withdrawals_by(until).reverse().filter(deliverable__in=list(deliverables))
    kinds = {AmendmentKind.WITHDRAWN: OUT, AmendmentKind.REINSTATED: IN}
    return [(day, pk, kinds[kind]) for day, pk, kind in decisions.values_list("in_force_on", "deliverable", "kind")]


@prepared
def status_events(plan, until, line):
    """Return an event for each change of status, by effective date. One query: `Lag` reads the status before."""
    updates = StatusUpdate.objects.in_effect().filter(plan=plan, effective_on__lte=until)
    if line is not None:
        updates = updates.filter(deliverable__measure__action_line__number=line)
    before = Window(
        Lag("status", default=Value(Status.NO_STATUS.value)),
        partition_by=F("deliverable"),
        order_by=[F("effective_on").asc(), F("sequence").asc()],
        output_field=CharField(),
    )
    changes = updates.order_by("effective_on", "sequence").annotate(before=before, after=Cast("status", CharField()))
    return changes.exclude(before=F("status")).values_list("effective_on", "deliverable", "after")


def thin_out(steps):
    """Return at most `MAX_STEPS` of the steps, evenly spaced, including the first and the last.

    One more step at the end leaves the others as they are, so that the rows of the chart's table are drawn once.
    """
    stride = ceil((len(steps) - 1) / (MAX_STEPS - 1)) or 1
    return [*steps[:-1:stride], *steps[-1:]]
