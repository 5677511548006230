"""One report on many deliverables at once: what it would come to, and recording it, all or nothing."""

import uuid
from dataclasses import dataclass

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from deliverables.models import Deliverable, StatusUpdate
from plans.models import Plan


class BulkEffect(models.TextChoices):
    """What a report would come to on one deliverable."""

    CHANGES = "changes", _("Will change")
    CONFIRMS = "confirms", _("Will be confirmed: the status stays, with a later date")
    EARLIER = "earlier", _("Will go into the history; a later report still says how it stands today")
    NOTHING = "nothing", _("Will not change: the same is recorded already")


class BulkConflict(Exception):
    """On some of the deliverables something else was recorded meanwhile. Nothing was written."""

    def __init__(self, deliverables):
        self.deliverables = deliverables
        super().__init__(", ".join(str(deliverable.code) for deliverable in deliverables))


@dataclass(frozen=True)
class PlannedUpdate:
    deliverable: Deliverable
    effect: BulkEffect


def selected(plan, codes):
    """The deliverables with these codes, as they stand, to be recorded on. What is withdrawn is none of them."""
    found = Deliverable.objects.of_plan(plan.slug).not_withdrawn().with_current_status().with_seen()
    return [deliverable for deliverable in found if deliverable.code in codes]


def preview_effects(deliverables, report) -> list[PlannedUpdate]:
    """What a report, its fields by name, would come to on each deliverable. One query."""
    current = StatusUpdate.objects.in_bulk([each.update_id for each in deliverables if each.update_id])
    return [PlannedUpdate(each, effect_of(each, current.get(each.update_id), report)) for each in deliverables]


def effect_of(deliverable, current, report):
    if current and all(getattr(current, field) == value for field, value in report.items()):
        return BulkEffect.NOTHING
    if current and report["effective_on"] < current.effective_on:
        return BulkEffect.EARLIER
    return BulkEffect.CONFIRMS if deliverable.current_status == report["status"] else BulkEffect.CHANGES


def record_bulk(plan, seen, report, *, by, submission, at=None):
    """Record the same report on each deliverable that it changes something on, in one transaction: all or nothing.

    `seen` is the sequence number of the last update that the person saw, by code; `submission` a UUID: given twice,
    everything is recorded once. Returns the updates. Raises `Conflicts`, or `ValidationError`: nothing is written.
    """
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=plan.pk)
        deliverables = selected(plan, seen)
        numbers = {each.pk: uuid.uuid5(submission, str(each.key)) for each in deliverables}
        if done := list(StatusUpdate.objects.filter(submission__in=numbers.values())):
            return repeated(done, deliverables, report)
        found = {each.code: each for each in deliverables}
        gone = [each for each in Deliverable.objects.of_plan(plan.slug).withdrawn().with_update() if each.code in seen]
        if faster := [each for code, each in found.items() if each.seen != seen[code]] + gone:
            raise BulkConflict(faster)
        wanted = [
            each.deliverable for each in preview_effects(deliverables, report) if each.effect != BulkEffect.NOTHING
        ]
        return [each.record(by=by, seen=each.seen, submission=numbers[each.pk], at=at, **report) for each in wanted]


def repeated(done, deliverables, report):
    """What was recorded when this was sent before; sent again with other content, it is no repetition."""
    recorded = {update.deliverable_id for update in done}
    said_before = all(getattr(update, field) == value for update in done for field, value in report.items())
    others = [each for each in deliverables if each.pk not in recorded]
    missing = [each.deliverable for each in preview_effects(others, report) if each.effect != BulkEffect.NOTHING]
    if missing or not said_before:
        raise BulkConflict(missing or [each for each in deliverables if each.pk in recorded])
    return done
