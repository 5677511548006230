"""Bulk updates: preview the same report on many deliverables, and record it on all of them or on none."""

import uuid
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from deliverables.models import Deliverable, StatusUpdate
from plans.models import Plan
from plans.translations import colon


class BulkEffect(models.TextChoices):
    """What a report would change on a deliverable."""

    CHANGES = "changes", _("Will change")
    CONFIRMS = "confirms", _("Will be confirmed: the status stays, with a later date")
    EARLIER = "earlier", _("Will be added to the history; the current status comes from a later report")
    NOTHING = "nothing", _("Will not change: this is recorded already")


class BulkConflict(Exception):
    """Raised when somebody else has recorded on some of the deliverables meanwhile. Nothing was written."""

    def __init__(self, deliverables):
        self.deliverables = deliverables
        super().__init__(", ".join(str(deliverable.code) for deliverable in deliverables))


@dataclass(frozen=True)
class PlannedUpdate:
    """A deliverable of a preview, and what the report would change on it."""

    deliverable: Deliverable
    effect: BulkEffect


def selected(plan, codes):
    """Return the deliverables with these codes that a status can be recorded on: without withdrawn ones."""
    deliverables = Deliverable.objects.of_plan(plan.slug).not_withdrawn().with_current_status().with_seen()
    return [deliverable for deliverable in deliverables if deliverable.code in codes]


def preview_effects(deliverables, report) -> list[PlannedUpdate]:
    """Return what a report, a dict of fields by name, would change on each deliverable. One query."""
    current = StatusUpdate.objects.with_evidence().in_bulk([row.update_id for row in deliverables if row.update_id])
    return [PlannedUpdate(row, effect_of(row, current.get(row.update_id), report)) for row in deliverables]


def effect_of(deliverable, current, report):
    """Return the effect of a report on a deliverable whose `current` update may be None."""
    if current and all(getattr(current, field) == value for field, value in report.items()):
        return BulkEffect.NOTHING
    if current and report["effective_on"] < current.effective_on:
        return BulkEffect.EARLIER
    return BulkEffect.CONFIRMS if deliverable.current_status == report["status"] else BulkEffect.CHANGES


def record_bulk(plan, seen, report, *, by, submission):
    """Record the same report on every deliverable that it changes, in one transaction. Return the updates.

    `seen` is the optimistic lock of each deliverable by code, `submission` the idempotency key of the whole: see
    `Deliverable.record`. Raises `BulkConflict` or `ValidationError`. Then nothing is written.
    """
    with transaction.atomic():
        # The lock comes before the checks: until the transaction ends, nobody else records in this plan.
        plan = Plan.objects.select_for_update().get(pk=plan.pk)
        deliverables = selected(plan, seen)

        # Each deliverable's key is derived from that of the whole, so a form sent twice is recognised row by row.
        keys = {row.pk: uuid.uuid5(submission, str(row.key)) for row in deliverables}
        if recorded := list(StatusUpdate.objects.with_evidence().filter(submission__in=keys.values())):
            return previously_recorded(recorded, deliverables, report)

        changed = [row for row in deliverables if row.seen != seen[row.code]]
        withdrawn = Deliverable.objects.of_plan(plan.slug).withdrawn().with_update()
        withdrawn = [row for row in withdrawn if row.code in seen]
        if conflicts := changed + withdrawn:
            raise BulkConflict(conflicts)

        to_record = changed_rows(deliverables, report)
        return [record_one(row, report, by=by, submission=keys[row.pk]) for row in to_record]


def report_errors(plan, deliverables, report):
    """Return why the report cannot be recorded on some of the deliverables, a sentence for each: their quantities."""
    fields = {name: value for name, value in report.items() if name != "evidence"}
    sentences = []
    for row in changed_rows(deliverables, report):
        errors = StatusUpdate(plan=plan, deliverable=row, **fields).quantity_errors()
        sentences += [f"{row.code}{colon()}{text}" for text in errors.values()]
    return sentences


def record_one(row, report, *, by, submission):
    """Record the report on one deliverable. An error names it."""
    try:
        return row.record(by=by, seen=row.seen, submission=submission, **report)
    except ValidationError as error:
        raise ValidationError([f"{row.code}{colon()}{text}" for text in error.messages]) from None


def previously_recorded(updates, deliverables, report):
    """Return the updates of a form that was sent before. Raise `BulkConflict` if it has other content this time."""
    recorded = {update.deliverable_id for update in updates}
    is_same_report = all(getattr(update, field) == value for update in updates for field, value in report.items())
    missing = changed_rows([row for row in deliverables if row.pk not in recorded], report)

    if missing or not is_same_report:
        raise BulkConflict(missing or [row for row in deliverables if row.pk in recorded])
    return updates


def changed_rows(deliverables, report):
    """Return the deliverables that a report would change something on."""
    return [row.deliverable for row in preview_effects(deliverables, report) if row.effect != BulkEffect.NOTHING]
