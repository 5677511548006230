"""The unit chart: a row of blocks, each one deliverable. A block's fill shows the status, also without colour."""

from dataclasses import dataclass

from deliverables.status import Status

MOST = 120  # with more, a block would be too narrow to see: then each status is one long block
WIDEST_GAP, GAP = 0.28, 0.009  # in blocks; and as a share of the row, which is wider when it has fewer blocks
SQUARE, SQUARE_GAP = 18, 0.2  # pixels from the beginning of a square block to that of the next one; gap in blocks
LEVELS = {Status.ATTAINED: 1, Status.IN_PROGRESS: 0.5, Status.NOT_DEVELOPED: 0, Status.NO_STATUS: 1}  # of 1, when full
FRAMED = (Status.IN_PROGRESS, Status.NOT_DEVELOPED)


@dataclass(frozen=True)
class Run:
    """The blocks of one status as paths of SVG: what is filled, and the frames. Either may be empty."""

    status: Status
    fill: str
    frame: str


@dataclass(frozen=True)
class Units:
    """The blocks of some counts. Their drawing is as many units wide as there are deliverables, and one unit high.

    A row is as wide as its place. With `are_squares`, a block is as wide in every row, so that rows can be compared.
    """

    numbers: dict[Status, int]
    are_squares: bool = False

    @property
    def total(self):
        return sum(self.numbers.values())

    @property
    def width(self):
        """Return how many pixels wide a row of squares is."""
        return SQUARE * self.total

    @property
    def gap(self):
        return SQUARE_GAP if self.are_squares else min(WIDEST_GAP, GAP * self.total)

    @property
    def runs(self):
        """Return the `Run` of each status that there is, in order."""
        start, runs = 0, []
        for status, number in self.numbers.items():
            if number:
                runs.append(self.run(status, start, number))
            start += number
        return runs

    def run(self, status, start, number):
        level = LEVELS[status]
        fill = self.path(start, number, top=1 - level) if level else ""
        frame = self.path(start, number, top=0) if status in FRAMED else ""
        return Run(status, fill, frame)

    def path(self, start, number, *, top):
        """Return the path of the blocks from their `top` to the bottom, which is 1."""
        if self.total > MOST:
            return f"M{start} {top:g}{block(number - self.gap)}"
        return f"M{start} {top:g}" + "m1 0".join([block(1 - self.gap)] * number)


def block(width):
    """Return the path of one block, from its upper left corner back to it."""
    return f"h{width:.3g}V1h-{width:.3g}z"
