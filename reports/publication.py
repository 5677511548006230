"""An edition as its documents speak of it, and the list of what is missing that comes before one."""

from dataclasses import dataclass
from datetime import date

from deliverables.gaps import LACKING, Gap, rows_with
from deliverables.models import Deliverable
from plans.codes import Code
from reports.comparison import Comparison


@dataclass(frozen=True)
class Publication:
    """What the documents of an edition say besides its summary: which one it is, and what it lacks.

    `link` is the address of its page, for good; `changes` sets it against the edition it supersedes, None for the
    first. A preview says the same of an edition that is not published.
    """

    number: int
    title: str
    published_on: date
    link: str
    gaps: dict[Gap, tuple[Code, ...]]
    supersedes: int | None = None
    changes: Comparison | None = None
    is_preview: bool = False


def gaps_in(plan, as_of) -> dict[Gap, tuple[Code, ...]]:
    """What the record of a plan lacks as of a date: the deliverables of each gap there is, in natural order."""
    standing = Deliverable.objects.of(plan.slug).promised(as_of).standing(as_of)
    found = {gap: tuple(row.code for row in rows_with(gap, standing, as_of)) for gap in LACKING}
    return {gap: codes for gap, codes in found.items() if codes}
