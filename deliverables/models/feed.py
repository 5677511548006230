"""The entries of a plan's feed, as plain values: an entry that shows the same is drawn once."""

from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone

from deliverables.status import Reason, Status
from plans.codes import Code

COLUMNS = (
    "sequence", "deliverable__measure__action_line__number", "deliverable__measure__number", "deliverable__number",
    "deliverable__title", "deliverable__measure__short_name", "status", "status_before", "is_late",
    "corrects__sequence", "correction__sequence", "recorded_at", "effective_on", "recorded_by_name", "reason", "note",
)  # fmt: skip


class FeedEntry(NamedTuple):
    """A status update as a feed shows it. `corrects_entry` and `corrected_by_entry` are sequence numbers, or None."""

    sequence: int
    line: int
    measure: int
    number: int
    title: str
    measure_name: str
    status: Status
    status_before: Status
    is_late: bool
    corrects_entry: int | None
    corrected_by_entry: int | None
    recorded_at: datetime
    effective_on: date
    recorded_by_name: str
    reason: str
    note: str

    @property
    def code(self):
        return Code(self.line, self.measure, self.number)

    @property
    def is_confirmation(self):
        """Return whether it repeats the status before it, for a later day."""
        return not (self.corrects_entry or self.corrected_by_entry) and self.status == self.status_before

    @property
    def recorded_on(self):
        """Return the day of recording in the tracker's time zone."""
        return timezone.localdate(self.recorded_at)

    @property
    def reason_label(self):
        return Reason(self.reason).label if self.reason else ""
