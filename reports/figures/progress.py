"""Progress over time: the counts of a plan or an action line through its period, and the chart of them."""

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

IN, OUT = "in", "out"  # added to the plan or reinstated; withdrawn from it
MAX_STEPS = 60  # with more, a reader cannot distinguish them on the chart
LABEL_WIDTH = 12.0  # percent of the chart's width: of a year in figures, on a telephone
PERIOD_WIDTH, LAST_COLUMN = 94.5, 96.0  # percent of the chart: where the period ends, where the last column begins


@dataclass(frozen=True)
class Step:
    """The counts from this day until the next step."""

    day: date
    counts: Counts


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

    `latest` holds the counts on the requested date, which may be after the period.
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
        """Yield the rectangles of the chart: a column for each step, and at the right edge one for `latest`."""
        ends = [step.day for step in self.steps[1:]] + [self.shown_until + timedelta(days=1)]
        for step, end in zip(self.steps, ends, strict=True):
            yield from column(step.counts, self.position_of(step.day), self.position_of(end))
        yield from column(self.latest.counts, LAST_COLUMN, 100)

    def position_of(self, day):
        """Return where a day begins on the chart, in percent of its width."""
        return PERIOD_WIDTH * (day - self.starts_on).days / ((self.ends_on - self.starts_on).days + 1)

    @property
    def years(self):
        """Return the years of the period, each with the position where it begins, and whether its label has room.

        A label is `LABEL_WIDTH` wide and begins there. The last year that fits is labelled, and from it backwards
        those that leave room: a plan that starts in October has hardly any room for its first year.
        """
        positions = {
            year: max(self.position_of(date(year, 1, 1)), 0)
            for year in range(self.starts_on.year, self.ends_on.year + 1)
        }
        labelled, end = set(), 100.0
        for year, position in reversed(positions.items()):
            if position + LABEL_WIDTH <= end:
                labelled.add(year)
                end = position
        return [(year, f"{position:.3f}%", year in labelled) for year, position in positions.items()]


def column(counts, left, right):
    """Yield the areas of one column from the bottom up, attained first. SVG counts `y` from the top."""
    top = 100.0
    for status, count in counts.by_status.items():
        height = 100 * count / counts.total if counts.total else 0
        top -= height
        if count and right > left:
            yield Area(status, f"{left:.3f}%", f"{top:.3f}%", f"{right - left:.3f}%", f"{height:.3f}%")


def progress_of(plan, as_of, *, line=None):
    """Return the `Progress` of a plan, or of its action line with this number, up to a date.

    It is cached by the plan's version, which every change of the plan renews.
    """
    key = f"progress/{plan.version}/{as_of}/{line or ''}"
    return caches["pages"].get_or_set(key, lambda: compute_progress(plan, as_of, line))


def compute_progress(plan, as_of, line):
    """Replay all events in order of time, and record the counts after each day of the period."""
    counter = Counter(dict.fromkeys(Status.values, 0))
    statuses, in_plan, steps = {}, set(), {plan.starts_on: counter.copy()}

    for day, deliverable, event in events_of(plan, as_of, line):
        # A withdrawn deliverable has a status too: reports change no count, but apply once it is reinstated.
        if deliverable in in_plan:
            counter[statuses[deliverable]] -= 1
        if event in (IN, OUT):
            (in_plan.add if event == IN else in_plan.discard)(deliverable)
        else:
            statuses[deliverable] = event
        if deliverable in in_plan:
            counter[statuses.setdefault(deliverable, Status.NO_STATUS.value)] += 1
        if day <= plan.ends_on:
            steps[day] = counter.copy()

    shown = [Step(day, Counts(**counts)) for day, counts in thin_out(list(steps.items()))]
    until = min(as_of, plan.ends_on)
    return Progress(plan.starts_on, plan.ends_on, until, tuple(shown), Step(as_of, Counts(**counter)))


def events_of(plan, until, line):
    """Return what changed the counts as (day, deliverable key, event), in order of time.

    An event is `IN`, `OUT` or the value of the new status. The sort is stable, so `IN` comes before the first status.
    """
    part = Code(line) if line else None
    added = Deliverable.objects.of_plan(plan.slug, part).existing_on(until).values_list("pk", "added_on")
    events = [(added_on or plan.starts_on, pk, IN) for pk, added_on in added]
    if plan.amendments_length:
        events += withdrawal_events(plan, until, dict(added))
    events += status_events(plan, until, line)

    return sorted(events, key=lambda event: event[0])


def withdrawal_events(plan, until, deliverables):
    """Return an event for each decision that withdrew or reinstated one of the deliverables, in order."""
    decisions = plan.amendments.withdrawals_by(until).reverse().filter(deliverable__in=list(deliverables))
    kinds = {AmendmentKind.WITHDRAWN: OUT, AmendmentKind.REINSTATED: IN}
    return [(day, pk, kinds[kind]) for day, pk, kind in decisions.values_list("in_force_on", "deliverable", "kind")]


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
    """Return at most `MAX_STEPS` of the steps, evenly spaced, including the first and the last."""
    if len(steps) <= MAX_STEPS:
        return steps

    stride = (len(steps) - 1) / (MAX_STEPS - 1)
    return [steps[round(index * stride)] for index in range(MAX_STEPS)]
