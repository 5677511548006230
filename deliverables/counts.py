"""How many deliverables stand where. Every count on every page and in every file is one of these."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from deliverables.status import Status


@dataclass(frozen=True)
class Part:
    """One status' share of a whole: rounded to whole percent, and where it lies on a bar, in exact percent."""

    status: Status
    count: int
    percent: int
    start: str
    width: str
    middle: str

    @property
    def in_words(self):
        """“49 attained”."""
        return self.status.counted(self.count)

    @property
    def label(self):
        """The status as it is called beside this figure."""
        return self.status.label_for(self.count)


@dataclass(frozen=True)
class Counts:
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
    def parts(self) -> list[Part]:
        """The statuses to show, in order: the three always, *no status yet* where there is one."""
        shown = {s: count for s, count in self.by_status.items() if count or s is not Status.NO_STATUS}
        exact = [100 * count / (self.total or 1) for count in shown.values()]
        starts = accumulate(exact, initial=0)
        return [
            Part(status, count, percent, f"{start:.3f}%", f"{width:.3f}%", f"{start + width / 2:.3f}%")
            for (status, count), percent, start, width in zip(
                shown.items(), whole_percents(list(shown.values())), starts, exact, strict=False
            )
        ]

    def __str__(self):
        return ", ".join(part.in_words for part in self.parts)


def whole_percents(counts: list[int]) -> list[int]:
    """Whole percents that add up to 100, none of them 0 or 100 unless exactly so. All 0 where there is nothing.

    Largest remainders; a part too small to show takes its percent from the largest.
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
