"""The rows of lists of deliverables, as what they show: a row that shows the same is drawn once."""

from dataclasses import dataclass
from datetime import date

from deliverables.attention import freshness_text, is_open
from deliverables.models import Amendment, Deliverable, Target
from deliverables.status import Status
from plans.codes import Code
from plans.common.text import sort_key
from plans.memory import by_structure


@dataclass(frozen=True)
class ListRow:
    """A deliverable in a list. `element` is the id of its row on the page, `seen` its last update: see `record`."""

    element: str
    code: Code
    title: str
    status: Status
    since: date | None
    freshness: str
    due_on: date | None
    target: Target | None
    achieved: int | None
    responsible_name: str
    shown_regions: tuple[str, ...]
    may_be_confirmed: bool
    seen: int
    next_step: str
    expected_on: date | None


def list_rows(deliverables, plan, as_of, day, *, table="row"):
    """Return the `ListRow` of each `Standing` of a plan, with the wording of the day.

    `table` makes the ids of the rows unique on a page where a row is in several tables.
    """
    wording, regions = Amendment.objects.wording_on(plan, as_of), region_names_of(plan)
    return [
        ListRow(
            f"{table}-{each.code}",
            each.code,
            wording.get(each.code, each.title),
            each.current_status,
            each.current_since,
            str(freshness_text(each, day)),
            each.due_as_of,
            each.target_as_of,
            each.current_achieved,
            each.responsible_name or "",
            regions.get(each.pk, ()),
            may_be_confirmed(each, day),
            each.seen,
            each.next_step or "",
            each.expected_on,
        )
        for each in deliverables
    ]


@by_structure
def region_names_of(plan):
    """Return the names of the regions of each deliverable that has any, by its id, in the order of the page."""
    regions = Deliverable.objects.regions_in(plan)
    return {pk: tuple(sorted((region.name for region in found), key=sort_key)) for pk, found in regions.items()}


def may_be_confirmed(deliverable, day):
    """Return whether the page offers to confirm a status: there is one, and it may still change. See `is_open`."""
    return deliverable.current_status != Status.NO_STATUS and is_open(deliverable, day)
