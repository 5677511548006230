"""Counts of deliverables by status. Every count on a page and in a file comes from here, so that none disagree."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from deliverables.status import Status
from deliverables.units import Units


@dataclass(frozen=True)
class StatusShare:
    """The share of one status: its whole percent, and its place on a bar as CSS lengths in exact percent."""

    status: Status
    count: int
    percent: int
    start: str
    width: str
    middle: str

    @property
    def as_text(self):
        """Return the count as text, such as “49 attained”."""
        return self.status.counted(self.count)

    @property
    def label(self):
        """Return the label to show beside the count."""
        return self.status.label_for(self.count)


@dataclass(frozen=True)
class Counts:
    """How many deliverables have each status."""

    attained: int = 0
    in_progress: int = 0
    not_developed: int = 0
    no_status: int = 0

    @classmethod
    def of(cls, statuses: Iterable[Status]) -> "Counts":
        return cls(**Counter(status.value for status in statuses))

    @property
    def total(self):
        return sum(self.by_status.values())

    @property
    def by_status(self) -> dict[Status, int]:
        return {status: getattr(self, status.value) for status in Status}

    @property
    def parts(self) -> list[StatusShare]:
        """Return the shares to show, in order: the three statuses always, *no status yet* only if there is any."""
        shown = {s: count for s, count in self.by_status.items() if count or s is not Status.NO_STATUS}
        exact = [100 * count / (self.total or 1) for count in shown.values()]
        starts = accumulate(exact, initial=0)

        return [
            StatusShare(
                status=status,
                count=count,
                percent=whole_percent(count, self.total),
                start=f"{start:.3f}%",
                width=f"{width:.3f}%",
                middle=f"{start + width / 2:.3f}%",
            )
            for (status, count), start, width in zip(shown.items(), starts, exact, strict=False)
        ]

    @property
    def units(self):
        return Units(self.by_status)

    @property
    def squares(self):
        return Units(self.by_status, are_squares=True)

    @property
    def percents_are_rounded(self):
        """Return whether the percents do not add up to 100, which a reader who adds them wants explained."""
        return self.total > 0 and sum(part.percent for part in self.parts) != 100

    def __str__(self):
        return ", ".join(part.as_text for part in self.parts)


def whole_percent(count: int, total: int) -> int:
    """Return a share in whole percent, rounded by itself: 0 and 100 only where exact, so shares may not add up to 100.

    Half a percent is rounded up. Without a total the share is 0.
    """
    if count in (0, total):
        return 100 if count else 0
    return min(max((200 * count + total) // (2 * total), 1), 99)
