"""The skyline of a plan: one column a measure, one block a deliverable. Covers and the brief are drawn from it."""

from dataclasses import dataclass
from functools import cached_property

from deliverables.status import Status

GAP = 1.4  # columns between two action lines
SLIMNESS = 2.5  # the height of a block, in widths, where there is room
FLATTEST = 0.62  # the height of the whole drawing, in its widths, at most
FILL = 0.8  # the part of its place that a block fills, in width; what is left is the street


@dataclass(frozen=True)
class Block:
    """A deliverable of the skyline. `x` and `y` are its upper left corner, from the upper left of the drawing."""

    status: Status
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Skyline:
    """The columns of a plan by action line: the statuses of each measure, from the ground up. A width is one column."""

    lines: tuple[tuple[tuple[Status, ...], ...], ...]

    @classmethod
    def of(cls, summary):
        """Return the skyline of a `PlanSummary`. What is attained stands on the ground."""
        lines = (tuple(column_of(measure) for measure in line.measures if measure.rows) for line in summary.lines)
        return cls(tuple(line for line in lines if line))

    @property
    def width(self):
        return max(1, sum(len(line) for line in self.lines) + GAP * (len(self.lines) - 1))

    @property
    def height(self):
        return self.storeys * self.storey

    @property
    def storeys(self):
        """Return the number of blocks in the tallest column."""
        return max((len(column) for line in self.lines for column in line), default=1)

    @cached_property
    def storey(self):
        """Return the height of a block with its place, in columns."""
        return min(SLIMNESS, FLATTEST * self.width / self.storeys)

    @property
    def starts(self):
        """Return where each action line begins, in columns."""
        starts, x = [], 0.0
        for line in self.lines:
            starts.append(x)
            x += len(line) + GAP
        return starts

    @property
    def blocks(self):
        """Yield every `Block`, by action line and measure."""
        for start, line in zip(self.starts, self.lines, strict=True):
            for index, column in enumerate(line):
                for level, status in enumerate(column, start=1):
                    y = self.height - level * self.storey
                    yield Block(status, start + index, y, FILL, self.storey * 0.9)


def column_of(measure):
    order = list(Status)
    return tuple(sorted((row.status for row in measure.rows), key=order.index))
