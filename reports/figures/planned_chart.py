"""The chart of a plan with due dates: what was attained, beside what was due by then. It is measured in percent."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from deliverables.status import Status
from reports.figures.time_axis import TimeAxis

LINES = 4  # at most so many lines of the scale, besides that of the total
LABEL_SHARE = 35  # percent of the chart's width that a label may need on a telephone
LATE = 70  # percent: after it, the chart leaves room at its right for a label
ABOVE, BELOW, HIGHER = -8, 18, -26  # pixels from a line to its label


@dataclass(frozen=True)
class Label:
    """Where a label stands: before or after the marker of the day, above or below its line."""

    y: str
    is_before: bool
    dy: int

    @property
    def dx(self):
        return -10 if self.is_before else 10


@dataclass(frozen=True)
class PlannedChart:
    """The lines, labels and scale of the chart of a `Progress`."""

    progress: object

    @cached_property
    def axis(self):
        return TimeAxis(self.progress.starts_on, self.progress.ends_on)

    @cached_property
    def top(self):
        """Return the number at the top of the scale: what the plan held at most."""
        return max(1, *(step.counts.total for step in self.progress.steps))

    @property
    def scale(self):
        """Return the numbers of the scale with their heights: round ones, and the top."""
        stride = next(stride for stride in round_numbers() if self.top <= LINES * stride)
        numbers = [number for number in range(0, self.top, stride) if self.top - number > 0.6 * stride or not number]
        return [(number, f"{self.height_of(number)}%") for number in [*numbers, self.top]]

    def height_of(self, number):
        """Return the height of a number. SVG counts it from the top."""
        return round(100 - 100 * number / self.top, 3)

    @property
    def due_line(self):
        steps = [(step.day, step.due) for step in self.progress.steps]
        return self.path(steps, self.marker)

    @property
    def attained_line(self):
        steps = [(step.day, step.counts.attained) for step in self.progress.steps]
        return self.path(steps, self.marker)

    @property
    def line_ahead(self):
        """Return the line of what will be due after the day shown; an empty text if the plan is over."""
        if not self.has_future:
            return ""
        steps = [(self.progress.shown_until, self.progress.last.due), *self.progress.ahead]
        return self.path(steps, 100, start=self.marker)

    @property
    def has_future(self):
        return self.progress.shown_until < self.progress.ends_on

    @property
    def due_at_the_end(self):
        """Return how many deliverables are due by the plan's last day."""
        return self.progress.ahead[-1][1] if self.progress.ahead else self.progress.last.due

    @property
    def attained_text(self):
        return Status.ATTAINED.counted(self.progress.last.counts.attained)

    def path(self, steps, end, start=0):
        """Return the path of a line that keeps its height until the next step."""
        (_day, first), *others = steps
        parts = [f"M{round(start, 3)} {self.height_of(first)}"]
        parts += [f"H{round(self.axis.position_of(day), 3)}V{self.height_of(number)}" for day, number in others]
        return "".join(parts) + f"H{round(end, 3)}"

    @cached_property
    def marker(self):
        """Return where the day shown ends, in percent of the width."""
        return self.axis.position_of(self.progress.shown_until + timedelta(days=1))

    @property
    def marker_x(self):
        return f"{self.marker:.3f}%"

    @property
    def marker_anchor(self):
        """Return on which side of the marker its date has room, as the value of SVG's `text-anchor`."""
        if self.marker < LABEL_SHARE:
            return "start"
        return "end" if self.marker > 100 - LABEL_SHARE else "middle"

    @property
    def is_late(self):
        return self.marker > LATE

    @property
    def attained_y(self):
        return f"{self.height_of(self.progress.last.counts.attained)}%"

    @property
    def due_label(self):
        return self.labels[0]

    @property
    def attained_label(self):
        return self.labels[1]

    @cached_property
    def labels(self):
        """Return the labels of the two lines.

        Lines rise, so the place above the upper one before the marker is free, and that below the lower one after it.
        """
        due, attained = (self.height_of(n) for n in (self.progress.last.due, self.progress.last.counts.attained))
        upper, lower = min(due, attained), max(due, attained)
        is_at_the_bottom = lower > 88
        has_room_before = self.marker > LABEL_SHARE
        meet = is_at_the_bottom and not has_room_before and lower - upper < 10

        first = Label(f"{upper}%", has_room_before, HIGHER if meet else ABOVE)
        second = Label(f"{lower}%", False, ABOVE if is_at_the_bottom else BELOW)
        return (first, second) if due <= attained else (second, first)


def round_numbers():
    """Yield 1, 2, 5, 10, 20, 50 and so on."""
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10
