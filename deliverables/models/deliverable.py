"""Deliverables: what they promise, and the method that records a status."""

import json
import uuid
from dataclasses import dataclass
from itertools import starmap
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from deliverables.models.amendment import Amendment
from deliverables.models.deliverable_query import NATURAL_ORDER, DeliverableQuerySet
from deliverables.models.evidence_file import EvidenceFile
from deliverables.models.new_updates import NewUpdates
from deliverables.models.standing import COLUMNS, Standing
from deliverables.models.status_update import MAX_QUANTITY, Conflict, StatusUpdate
from deliverables.models.target import Target
from deliverables.status import Status, StatusField
from plans.codes import Code
from plans.common.dates import start_error
from plans.common.prepared import prepared
from plans.common.text import NormalisedTexts
from plans.memory import by_structure
from plans.models import NUMBER_RANGE, Measure, NumberField, Plan, Region

__all__ = ["Amendment", "Deliverable", "EvidenceFile", "StatusUpdate"]  # Django finds its models here
MAX_TITLE = 1000  # characters: whole paragraphs, in some public plans
REPORT_KEY = uuid.UUID("c2b1f3f0-3f0e-4c58-9b59-6c1f0d9a7e44")  # derives the idempotency key of a report


class Neighbour(NamedTuple):
    """Another deliverable of a plan, as a page links to it."""

    code: Code
    title: str


@dataclass(frozen=True)
class Neighbours:
    """The deliverables before and after one, None at either end, and the others of its measure."""

    before: Neighbour | None
    after: Neighbour | None
    in_measure: list[Neighbour]


class Deliverable(NormalisedTexts, models.Model):
    """Something that a measure is to produce.

    `target` is how many there are to be of the unit `target_unit`, such as 6 “pilot projects”; None without a target.

    `status` and `status_on` are copies of the latest update in effect, `status_since` is the day on which this status
    began, `achieved` the last quantity reported: only `NewUpdates` writes them. `added_on` is set where an
    amendment added the deliverable later, `withdrawn_on` where one has withdrawn it. `continues` is the deliverable of
    an earlier plan that was left open there.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="deliverables", verbose_name=_("measure"))
    number = NumberField(_("number"))
    title = models.CharField(_("title"), max_length=MAX_TITLE)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="deliverables",
        null=True,
        blank=True,
        verbose_name=_("responsible person"),
    )
    due_on = models.DateField(_("due date"), null=True, blank=True)
    regions = models.ManyToManyField(
        Region,
        related_name="deliverables",
        blank=True,
        verbose_name=_("regions"),
        help_text=_("The regions that report on it. None: it concerns the whole network."),
    )
    target = models.PositiveIntegerField(
        _("target"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_QUANTITY)],
        help_text=_("A number, such as 6."),
    )
    target_unit = models.CharField(
        _("unit"), max_length=80, blank=True, help_text=_("What is counted, such as “pilot projects”.")
    )
    continues = models.ForeignKey(
        "self", models.PROTECT, related_name="continued_by", null=True, blank=True, verbose_name=_("continues")
    )
    added_on = models.DateField(_("added on"), null=True, editable=False)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, editable=False)
    status = StatusField(_("status"), choices=Status, default=Status.NO_STATUS, editable=False)
    status_on = models.DateField(_("effective on"), null=True, editable=False)
    status_since = models.DateField(_("since"), null=True, editable=False)
    achieved = models.PositiveIntegerField(_("achieved"), null=True, editable=False)

    text_field, parent_field = "title", "measure"
    objects = DeliverableQuerySet.as_manager()

    class Meta:
        verbose_name = _("deliverable")
        verbose_name_plural = _("deliverables")
        ordering = NATURAL_ORDER
        constraints = [
            models.UniqueConstraint(fields=["measure", "number"], name="deliverable_number_unique_in_measure"),
            models.CheckConstraint(condition=Q(number__range=NUMBER_RANGE), name="deliverable_number_in_range"),
            models.CheckConstraint(
                condition=Q(status=Status.NO_STATUS, status_on=None, status_since=None)
                | Q(status__in=Status.recordable(), status_on__isnull=False, status_since__isnull=False),
                name="deliverable_status_has_its_dates",
            ),
            models.CheckConstraint(
                condition=Q(target=None, target_unit="") | Q(target__gte=1) & ~Q(target_unit=""),
                name="deliverable_target_has_a_unit",
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.title}"

    def natural_key(self):
        return (*self.measure.natural_key(), self.number)

    natural_key.dependencies = ["plans.measure"]

    def get_absolute_url(self):
        return reverse("deliverable", args=[self.plan.slug, self.code])

    def clean(self):
        errors = {}
        if self.due_on and (error := start_error(self.due_on, self.plan)):
            errors["due_on"] = error
        if self.target and not self.target_unit:
            errors["target_unit"] = _("Enter what is counted, such as “pilot projects”.")
        if self.target_unit and self.target is None:
            errors["target"] = _("Enter how many there are to be, or remove the unit.")
        if self.continues_id and (error := continues_error(self.plan, self.continues.plan)):
            errors["continues"] = error
        if errors:
            raise ValidationError(errors)

    @property
    def reference(self):
        """Return the text that names a deliverable of any plan: the plan's address and the code."""
        return f"{self.plan.slug} {self.code}"

    @property
    def code(self):
        return Code(self.measure.action_line.number, self.measure.number, self.number)

    @property
    def plan(self):
        return self.measure.action_line.plan

    @property
    def ends_on(self):
        """Return the last day of the plan."""
        return self.plan.ends_on

    @property
    def target_as_of(self):
        """Return the `Target` on the day of `with_promises` (without it: today), or None."""
        return Target.on_day(self) if hasattr(self, "former_target") else Target.of(self)

    @property
    def last_sequence(self):
        """Return the sequence number of the latest update recorded here, 0 before the first."""
        return self.updates.aggregate(last=models.Max("sequence", default=0))["last"]

    @cached_property
    def history(self):
        """Return all updates as a list, the latest first. Queried once."""
        return updates_of(self.pk)

    @cached_property
    def seen(self):
        """Return the sequence number of the last update that a page of this object shows, 0 for none. See `record`."""
        return max((update.sequence for update in self.history), default=0)

    def current_update(self, as_of):
        """Return the update that sets the status on a date (None for today), or None before the first report."""
        return self.updates.in_effect_on(as_of).with_status_before().first()

    def record(
        self, status, *, by, effective_on, seen, submission=None, at=None, evidence=(), proposed_by=None, **report
    ):
        """Record a status and return the update written. The only method that changes a status.

        `by` is the person, `effective_on` the day it became true, `at` the moment of recording (default: now).
        `evidence` is a sequence of `Evidence`, `proposed_by` the person who proposed it. `report` may hold reason,
        note, next_step, expected_on, achieved and corrects.

        `seen` is the optimistic lock: the sequence number of the last update on this deliverable that the person saw,
        0 for none. `submission` is the idempotency key, a UUID: the same one sent twice is recorded once. By default
        it follows from the person, `seen` and the report, so whoever sends the same again has the same key.

        Raises `Conflict` when someone else recorded first, `ValidationError` when a rule is broken. Then nothing is
        written.
        """
        with transaction.atomic():
            # Recording in one plan takes turns: the hash chain grows at one end. The lock comes before the checks.
            plan = Plan.objects.select_for_update().get(pk=self.plan.pk)
            evidence = tuple(filter(None, (piece.cleaned() for piece in evidence)))

            given = report | {"status": status, "effective_on": effective_on, "evidence": evidence}
            given |= {"deliverable": self, "proposed_by": proposed_by}
            key = submission or idempotency_key(given, by=by, seen=seen)
            last = self.updates.with_status_before().order_by("-sequence").first()
            repeated = StatusUpdate.objects.with_status_before().filter(submission=key).first()
            # Without a key of its own, a report sent again after somebody else's is a new one.
            if repeated and (submission or repeated == last):
                return repeated.return_if_same(**given)
            if (last.sequence if last else 0) != seen:
                raise Conflict(last)
            if Deliverable.objects.withdrawn().filter(pk=self.pk).exists():
                raise ValidationError(_("%s is withdrawn, so it cannot be updated.") % self.code)

            update = StatusUpdate(
                plan=plan,
                deliverable=self,
                status=status,
                effective_on=effective_on,
                recorded_at=at or timezone.now(),
                recorded_by=by,
                recorded_by_name=by.name,
                proposed_by=proposed_by,
                proposed_by_name=proposed_by.name if proposed_by else "",
                submission=key,
                **report,
            )
            self.refresh_from_db(fields=["achieved", "target", "target_unit"])  # the rules of quantities need them
            update.evidence = evidence
            update.validate()
            NewUpdates(plan, [update]).write(plan)

        return update

    def confirm(self, *, by, on, seen):
        """Record that the current status is still true on the day `on`, with its evidence or reason.

        Returns the update written, or the one that confirms it on this day already. Raises as `record` does.
        """
        current = self.current_update(on)

        if self.withdrawn_on:
            raise ValidationError(_("%s is withdrawn, so it cannot be updated.") % self.code)
        if current is None:
            raise ValidationError(_("There is no status to confirm yet. Record one first."))
        if current.is_confirmation and current.effective_on == on:
            return current

        return self.record(by=by, seen=seen, **current.confirmation_on(on))


def idempotency_key(report, *, by, seen):
    """Return the UUID of a report of a person who has seen so many updates. Fields that are empty are left out."""
    content = sorted(item for item in report.items() if item[1] not in (None, "", ()))
    text = json.dumps([by.pk, seen, content], default=lambda value: getattr(value, "pk", None) or repr(value))
    return uuid.uuid5(REPORT_KEY, text)


@prepared
def updates_of(deliverable):
    """Return the updates of the deliverable with this id, the latest first, with what its page shows."""
    updates = StatusUpdate.objects.filter(deliverable=deliverable).with_is_late().with_status_before()
    return updates.select_related("correction", "corrects", "deliverable").latest_first()


def continues_error(plan, other):
    """Return the error unless a deliverable of `plan` can continue one of `other`, an earlier plan of its organisation.

    None if it can.
    """
    if other.pk == plan.pk:
        return _("This is a deliverable of the same plan. Enter one of an earlier plan.")
    if other.organisation_id != plan.organisation_id:
        return _("This deliverable is of another organisation's plan.")
    if other.starts_on >= plan.starts_on:
        return _("%s does not begin before this plan. Enter a deliverable of an earlier plan.") % other.name
    return None


def standings_of(plan, as_of=None):
    """Return a list of the `Standing` of each deliverable of a plan that exists on `as_of` (default: today).

    They are in natural order, those withdrawn among them. One query.
    """
    return list(starmap(Standing, current_standings(plan.slug, as_of)))


def neighbours_of(plan, code, as_of=None):
    """Return the `Neighbours` of the deliverable with a code in a plan on `as_of` (default: today)."""
    rows = titles_of(plan, as_of)
    place = next(place for place, row in enumerate(rows) if row.code == code)
    return Neighbours(
        before=rows[place - 1] if place else None,
        after=rows[place + 1] if place + 1 < len(rows) else None,
        in_measure=[row for row in rows if row.code.in_measure == code.in_measure and row.code != code],
    )


@by_structure
def titles_of(plan, as_of):
    """Return a `Neighbour` for each deliverable of a plan that exists on a day (None: today), in natural order."""
    wording = Amendment.objects.wording_on(plan, as_of)
    deliverables = Deliverable.objects.of_plan(plan.slug).existing_on(as_of).order_by(*NATURAL_ORDER)
    codes = [(Code(*numbers), title) for *numbers, title in deliverables.values_list(*NATURAL_ORDER, "title")]
    return [Neighbour(code, wording.get(code, title)) for code, title in codes]


@prepared
def current_standings(slug, as_of):
    deliverables = Deliverable.objects.of_plan(slug).existing_on(as_of)
    return deliverables.with_withdrawal(as_of).with_current_status(as_of).with_seen().values_list(*COLUMNS)
