"""Deliverables as they stand on a day, as plain values: a page that shows many of them needs no model objects."""

from datetime import date
from typing import NamedTuple

from deliverables.models.target import Target
from deliverables.status import Status
from plans.codes import Code

COLUMNS = (
    "pk", "measure__action_line__number", "measure__number", "number", "title", "measure_id", "responsible_id",
    "responsible__name", "measure__action_line__plan__ends_on", "current_status", "current_since", "current_status_on",
    "current_achieved", "due_as_of", "target", "target_unit", "former_target", "withdrawn_as_of", "continues_id",
    "update_id", "seen",
)  # fmt: skip


class Standing(NamedTuple):
    """A deliverable on a day. The names are those of a `Deliverable` with `with_current_status` and `with_seen`.

    Only the page “To do” has the next step, the expected date, and `needs`: the kinds of attention that it needs.
    """

    pk: int
    line: int
    measure_number: int
    number: int
    title: str
    measure_id: int
    responsible_id: str | None
    responsible_name: str | None
    ends_on: date
    current_status: Status
    current_since: date | None
    current_status_on: date | None
    current_achieved: int | None
    due_as_of: date | None
    target: int | None
    target_unit: str
    former_target: str | None
    withdrawn_as_of: date | None
    continues_id: int | None
    update_id: int | None
    seen: int
    next_step: str | None = None
    expected_on: date | None = None
    needs: frozenset = frozenset()

    @property
    def code(self):
        return Code(self.line, self.measure_number, self.number)

    @property
    def target_as_of(self):
        """Return the `Target` on the day, or None."""
        return Target.on_day(self)
