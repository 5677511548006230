"""Progress over time: how the counts of a plan, or of one line, moved through its period, and the chart of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.cache import caches
from django.db.models import CharField, F, Value, Window
from django.db.models.functions import Cast, Lag

from deliverables.counts import Counts
from deliverables.models import AmendmentKind, Deliverable, StatusUpdate
from deliverables.status import Status
from plans.codes import Code

IN, OUT = "in", "out"  # of the plan
MOST_STEPS = 60  # more could be told apart neither on the chart nor in its table
PERIOD_WIDTH, LAST_COLUMN = 94.5, 96.0  # percent of the chart's width: where the period ends, where the last begins


@dataclass(frozen=True)
class Step:
    """The counts from a day on."""

    day: date
    counts: Counts


@dataclass(frozen=True)
class Area:
    """One status during one step, as a rectangle of the chart: all four in percent of its width and height."""

    status: Status
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Progress:
    """The steps of a plan's counts within its period, first to last. The first stands on the plan's first day.

    `latest` is how it stands on the date asked for, which may lie after the period.
    """

    starts_on: date
    ends_on: date
    shown_until: date
    steps: tuple[Step, ...]
    latest: Step

    @property
    def first(self):
        return self.steps[0]

    @property
    def last(self):
        return self.steps[-1]

    @property
    def areas(self):
        """The rectangles of the chart: a column for each step, and at the right edge one for how it stands at last."""
        ends = [step.day for step in self.steps[1:]] + [self.shown_until + timedelta(days=1)]
        for step, end in zip(self.steps, ends, strict=True):
            yield from column(step.counts, self.place(step.day), self.place(end))
        yield from column(self.latest.counts, LAST_COLUMN, 100)

    def place(self, day):
        """Where a day begins on the chart, in percent of its width."""
        return PERIOD_WIDTH * (day - self.starts_on).days / ((self.ends_on - self.starts_on).days + 1)

    @property
    def years(self):
        """Where each year begins on the chart, in percent of its width."""
        years = range(self.starts_on.year, self.ends_on.year + 1)
        return [(year, f"{max(self.place(date(year, 1, 1)), 0):.3f}%") for year in years]


def column(counts, left, right):
    """The statuses of one column, one above the other: attained at the bottom."""
    floor = 100.0
    for status, count in counts.by_status.items():
        height = 100 * count / counts.total if counts.total else 0
        floor -= height
        if count and right > left:
            yield Area(status, f"{left:.3f}%", f"{floor:.3f}%", f"{right - left:.3f}%", f"{height:.3f}%")


def progress_of(plan, as_of, *, line=None):
    """The progress of a plan, or of its action line with this number, until a date.

    It is the same until the plan's revision grows, so it is kept by it.
    """
    key = f"progress/{plan.pk}/{plan.revision}/{as_of}/{line or ''}"
    return caches["pages"].get_or_set(key, lambda: work_out(plan, as_of, line))


def work_out(plan, as_of, line):
    now = Counter(dict.fromkeys(Status.values, 0))
    status, there, steps = {}, set(), {plan.starts_on: now.copy()}
    for day, deliverable, event in events_of(plan, as_of, line):
        if deliverable in there:
            now[status[deliverable]] -= 1
        if event in (IN, OUT):
            (there.add if event == IN else there.discard)(deliverable)
        else:
            status[deliverable] = event
        if deliverable in there:
            now[status.setdefault(deliverable, Status.NO_STATUS.value)] += 1
        if day <= plan.ends_on:
            steps[day] = now.copy()
    shown = [Step(day, Counts(**counts)) for day, counts in thinned(list(steps.items()))]
    until = min(as_of, plan.ends_on)
    return Progress(plan.starts_on, plan.ends_on, until, tuple(shown), Step(as_of, Counts(**now)))


def events_of(plan, until, line):
    """What moved the counts, by day: (day, deliverable, `IN` or `OUT` of the plan or the status it came to have)."""
    part = Code(line) if line else None
    added = Deliverable.objects.of_plan(plan.slug, part).existing_on(until).values_list("pk", "added_on")
    events = [(added_on or plan.starts_on, pk, IN) for pk, added_on in added]
    if plan.amendments_length:
        events += fates_of(plan, until, dict(added))
    events += moves_of(plan, until, line)
    return sorted(events, key=lambda event: event[0])


def fates_of(plan, until, among):
    """Each time a decision took a deliverable out of the plan or put it back, in the order of the decisions."""
    decided = plan.amendments.withdrawals_by(until).reverse().filter(deliverable__in=list(among))
    kinds = {AmendmentKind.WITHDRAWN: OUT, AmendmentKind.REINSTATED: IN}
    return [(day, pk, kinds[kind]) for day, pk, kind in decided.values_list("in_force_on", "deliverable", "kind")]


def moves_of(plan, until, line):
    """Each time a deliverable came to stand otherwise, by effective date: (day, deliverable, after). One query."""
    updates = StatusUpdate.objects.in_effect().filter(plan=plan, effective_on__lte=until)
    if line is not None:
        updates = updates.filter(deliverable__measure__action_line__number=line)
    before = Window(
        Lag("status", default=Value(Status.NO_STATUS.value)),
        partition_by=F("deliverable"),
        order_by=[F("effective_on").asc(), F("sequence").asc()],
        output_field=CharField(),
    )
    moves = updates.order_by("effective_on").annotate(before=before, after=Cast("status", CharField()))
    return moves.exclude(before=F("status")).values_list("effective_on", "deliverable", "after")


def thinned(steps):
    """At most `MOST_STEPS` of them, the first and the last among them."""
    if len(steps) <= MOST_STEPS:
        return steps
    pace = (len(steps) - 1) / (MOST_STEPS - 1)
    return [steps[round(place * pace)] for place in range(MOST_STEPS)]
