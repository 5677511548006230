"""Counts of deliverables by status. Every count on a page and in a file comes from here, so that none disagree."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from deliverables.status import Status


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
            StatusShare(status, count, percent, f"{start:.3f}%", f"{width:.3f}%", f"{start + width / 2:.3f}%")
            for (status, count), percent, start, width in zip(
                shown.items(), whole_percents(list(shown.values())), starts, exact, strict=False
            )
        ]

    def __str__(self):
        return ", ".join(part.as_text for part in self.parts)


def whole_percents(counts: list[int]) -> list[int]:
    """Return whole percents that add up to 100, with 0 and 100 only where exact; all 0 if there are no counts.

    Rounds by the largest-remainder method. A share under one percent is shown as 1, taken from the largest.
    """
    total = sum(counts)
    if not total:
        return [0] * len(counts)

    percents = [max(100 * count // total, 1) if count else 0 for count in counts]
    rounded_down = [i for i, count in enumerate(counts) if 100 * count >= total]
    remainders = sorted(rounded_down, key=lambda i: (-(100 * counts[i] % total), i))
    for index in remainders[: max(100 - sum(percents), 0)]:
        percents[index] += 1

    while (excess := sum(percents) - 100) > 0:
        percents[percents.index(max(percents))] -= excess
    return percents
