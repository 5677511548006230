"""Bulk updates: the rows of the grid, each with a report of its own, and recording all of them or none."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from deliverables.models import Conflict, Deliverable, StatusUpdate
from plans.codes import Code

MAX_ROWS = 100  # what a page of the list shows, and what a form of so many fields may send


@dataclass(frozen=True)
class RowKey:
    """What a row of the grid names besides its deliverable.

    `seen` is the optimistic lock of `Deliverable.record`, `corrects` the number of the entry to correct. None: as it is
    now, and no entry.
    """

    seen: int | None = None
    corrects: int | None = None

    @classmethod
    def parse_all(cls, text):
        """Return the keys in a text such as `L1M1D1:12 L1M1D2:14:9`, by code. What is no key is left out."""
        found = [re.fullmatch(r"(\w+):([0-9]{1,9})(?::([0-9]{1,9}))?", word) for word in text.split()]
        keys = {Code.parse(match[1]): cls(int(match[2]), match[3] and int(match[3])) for match in found if match}
        return {code: key for code, key in keys.items() if code}


@dataclass
class BulkRow:
    """A deliverable in the grid, with its current update and the one to correct: None for none.

    `latest` is what somebody else has recorded since the page was opened, where that was noticed.
    """

    deliverable: Deliverable
    seen: int
    current: StatusUpdate | None
    corrected: StatusUpdate | None = None
    latest: StatusUpdate | None = None

    @property
    def is_updated_since(self):
        """Return whether something was recorded after the entry to correct."""
        return bool(self.corrected and self.deliverable.seen > self.corrected.sequence)

    def __str__(self):
        """Return this row as `RowKey.parse_all` reads it."""
        corrects = f":{self.corrected.sequence}" if self.corrected else ""
        return f"{self.deliverable.code}:{self.seen}{corrects}"


class BulkConflict(Exception):
    """Raised when somebody else has recorded on some deliverables: `latest` is their update, by code.

    Nothing was written.
    """

    def __init__(self, latest):
        self.latest = latest
        super().__init__(", ".join(map(str, latest)))


class BulkErrors(Exception):
    """Raised when a rule is broken on some deliverables: `errors` has a `ValidationError` by code.

    Nothing was written.
    """

    def __init__(self, errors):
        self.errors = errors
        super().__init__(", ".join(map(str, errors)))


def bulk_rows(plan, keys, *, with_withdrawn=False):
    """Return a `BulkRow` for each deliverable with a key, in the order of the plan. A constant number of queries."""
    deliverables = Deliverable.objects.of_plan(plan.slug).with_withdrawal().with_current_status().with_seen()
    chosen = [row for row in deliverables if row.code in keys and (with_withdrawn or not row.withdrawn_on)]

    current = StatusUpdate.objects.with_evidence().in_bulk([row.update_id for row in chosen if row.update_id])
    to_correct = StatusUpdate.objects.filter(plan=plan, sequence__in=[key.corrects for key in keys.values()])
    to_correct = {each.sequence: each for each in to_correct.with_status_before().with_evidence()}

    rows = []
    for deliverable in chosen:
        deliverable.measure.action_line.plan = plan  # one plan, so that its translations are read once
        key, row = keys[deliverable.code], BulkRow(deliverable, deliverable.seen, current.get(deliverable.update_id))
        row.seen = row.seen if key.seen is None else key.seen
        corrected = to_correct.get(key.corrects)
        if corrected and corrected.deliverable_id == deliverable.pk:
            row.corrected = corrected
        for update in filter(None, (row.current, row.corrected)):
            update.deliverable = deliverable
        rows.append(row)
    return rows


def record_bulk(reports, *, by):
    """Record the report of each row, all of them or none. Return the updates.

    `reports` has pairs of a `BulkRow` and what `Deliverable.record` takes; it recognises a form that is sent twice row
    by row. Raises `BulkConflict` or `BulkErrors`, about all rows at once.
    """
    updates, latest, errors = [], {}, {}
    with transaction.atomic():
        for row, report in reports:
            try:
                updates.append(row.deliverable.record(by=by, seen=row.seen, **report))
            except Conflict as conflict:
                latest[row.deliverable.code] = conflict.latest
            except ValidationError as error:
                errors[row.deliverable.code] = error

        if latest:
            raise BulkConflict(latest)
        if errors:
            raise BulkErrors(errors)
    return updates


def entries_of(plan, text):
    """Return the updates of a plan that a text such as `66-68,80` names, in the order of recording."""
    ranges = [re.fullmatch("([0-9]{1,9})(?:-([0-9]{1,9}))?", part) for part in text.split(",")[:MAX_ROWS]]
    if not all(ranges):
        return StatusUpdate.objects.none()
    named = Q()
    for match in ranges:
        named |= Q(sequence__range=(match[1], match[2] or match[1]))
    found = StatusUpdate.objects.filter(named, plan=plan).with_status_before().with_is_late().order_by("sequence")
    return found.select_related("correction", "corrects", "deliverable__measure__action_line__plan")[:MAX_ROWS]


def entries_text(updates):
    """Return the text that `entries_of` reads. Between rows that were recorded before, there are those of others."""
    ranges = []
    for number in sorted(update.sequence for update in updates):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(f"{first}-{last}" for first, last in ranges)
