"""Deliverables: queries of their status on a date, and the method that records a status."""

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Case, DateField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.models.amendment import Amendment, AmendmentKind
from deliverables.models.status_update import MAX_QUANTITY, Conflict, StatusUpdate
from deliverables.models.takedown import Takedown
from deliverables.status import Status, StatusField
from plans.codes import Code
from plans.common.dates import start_error
from plans.common.text import NormalisedTexts
from plans.models import NUMBER_RANGE, Measure, NumberField, Plan, Visibility

__all__ = ["Amendment", "Deliverable", "StatusUpdate"]  # Django finds its models here

NATURAL_ORDER = ("measure__action_line__number", "measure__number", "number")


@dataclass(frozen=True)
class Target:
    """How many there are to be, and of what: 6 “pilot projects”."""

    number: int
    unit: str

    def __str__(self):
        return f"{self.number} {self.unit}"

    def progress(self, achieved):
        """Return how many there are as text, such as “4 of 6 pilot projects”; before a report, only the target."""
        values = {"achieved": achieved, "number": self.number, "unit": self.unit}
        if achieved is None:
            return _("target: %(number)d %(unit)s") % values
        return _("%(achieved)d of %(number)d %(unit)s") % values

    @classmethod
    def of(cls, deliverable):
        """Return the target of a deliverable, or None."""
        return cls(deliverable.target, deliverable.target_unit) if deliverable.target else None

    @classmethod
    def parse(cls, text):
        """Return the target that an amendment holds as a text; None for an empty one, which means no target."""
        number, _space, unit = text.partition(" ")
        return cls(int(number), unit) if text else None


class DeliverableQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, line, measure, number):
        return self.of_plan(slug, Code(line, measure, number)).get()

    def of_plan(self, slug, code=None):
        """Return the deliverables of a plan, or of the part of it that `code` names."""
        deliverables = self.filter(measure__action_line__plan__slug=slug)
        return deliverables.within(code) if code else deliverables

    def within(self, code):
        """Return the deliverables in the action line or measure that a code names, or the one deliverable."""
        numbers = {
            "measure__action_line__number": code.line,
            "measure__number": code.measure,
            "number": code.deliverable,
        }
        return self.filter(**{field: number for field, number in numbers.items() if number is not None})

    def referred_to_by(self, text):
        """Return the deliverable of any plan that a `reference` names, None if there is none."""
        slug, _space, code = text.rpartition(" ")
        code = Code.parse(code)
        if not (code and code.deliverable):
            return None
        return self.of_plan(slug.strip(), code).select_related("measure__action_line__plan").first()

    def existing_on(self, as_of=None):
        """Return the deliverables that exist on `as_of` (default: today), including withdrawn ones."""
        return self.filter(Q(added_on=None) | Q(added_on__lte=as_of)) if as_of else self

    def not_withdrawn(self, as_of=None):
        """Return the deliverables that the figures count: those that exist on `as_of` and are not withdrawn then."""
        return self.existing_on(as_of).with_withdrawal(as_of).filter(withdrawn_as_of=None)

    def withdrawn(self, as_of=None):
        """Return the deliverables withdrawn by `as_of` (default: today). They stay visible but are in no total."""
        return self.existing_on(as_of).with_withdrawal(as_of).exclude(withdrawn_as_of=None)

    def with_withdrawal(self, as_of=None):
        """Annotate `withdrawn_as_of`: the day since when a deliverable is withdrawn, None if it is not, on `as_of`."""
        if as_of is None:
            return self.annotate(withdrawn_as_of=F("withdrawn_on"))

        withdrawn_as_of = Case(When(kind=AmendmentKind.WITHDRAWN, then=F("in_force_on")))
        latest = (
            Amendment.objects.withdrawals_by(as_of)
            .filter(deliverable=OuterRef("pk"))
            .annotate(withdrawn_as_of=withdrawn_as_of)
        )
        return self.annotate(withdrawn_as_of=Subquery(latest.values("withdrawn_as_of")[:1]))

    def with_update(self, as_of=None):
        """Annotate `update_id`: the update that sets the status on `as_of` (default: today), None if there is none.

        Return them in natural order, with the relations that codes and links need.
        """
        latest = StatusUpdate.objects.in_effect_on(as_of).filter(deliverable=OuterRef("pk"))
        return (
            self.annotate(update_id=Subquery(latest.values("pk")[:1]))
            .select_related("measure__action_line__plan")
            .order_by(*NATURAL_ORDER)
        )

    def with_current_status(self, as_of=None):
        """Annotate the status on `as_of` (default: today), to filter by, with its two days.

        `current_status` is the status, `current_since` the day on which it began, `current_status_on` the last day for
        which it was reported, and `current_achieved` the last quantity that was reported. What was promised for that
        day is annotated as by `with_promises`.
        """
        latest = StatusUpdate.objects.in_effect_on(as_of).filter(deliverable=OuterRef("pk"))
        # Today's status is copied to the deliverable, which saves two subqueries on the pages read most.
        status, effective_on, achieved = F("status"), F("status_on"), F("achieved")

        if as_of is not None:
            status = Coalesce(
                Subquery(latest.values("status")[:1]), Value(Status.NO_STATUS), output_field=StatusField()
            )
            effective_on = Subquery(latest.values("effective_on")[:1])
            achieved = Subquery(latest.exclude(achieved=None).values("achieved")[:1])

        return (
            self.with_update(as_of)
            .select_related("responsible")
            .annotate(
                current_status=status,
                current_status_on=effective_on,
                current_achieved=achieved,
            )
            .with_since(as_of)
            .with_promises(as_of)
        )

    def with_promises(self, as_of=None):
        """Annotate `due_as_of`, the due date on `as_of` (default: today), and `former_target`.

        `former_target` is the target of that day as a text where an amendment has changed it since, otherwise None: see
        `Deliverable.target_as_of`.
        """
        if as_of is None:
            return self.annotate(due_as_of=F("due_on"), former_target=Value(None, output_field=models.CharField()))

        # The earliest amendment after the day replaced what was promised on that day.
        later = Amendment.objects.filter(deliverable=OuterRef("pk"), in_force_on__gt=as_of).order_by(
            "in_force_on", "sequence"
        )
        due_later, target_later = (later.filter(kind=kind) for kind in (AmendmentKind.DUE_DATE, AmendmentKind.TARGET))
        due_before = Cast(NullIf(Subquery(due_later.values("before")[:1]), Value("")), DateField())
        return self.annotate(
            due_as_of=Case(When(Exists(due_later), then=due_before), default=F("due_on")),
            former_target=Subquery(target_later.values("before")[:1]),
        )

    def with_since(self, as_of=None):
        """Annotate `current_since`: the day on which the status of `as_of` (default: today) began, None without any."""
        if as_of is None:
            return self.annotate(current_since=F("status_since"))
        began = StatusUpdate.objects.since_status_began(as_of).filter(deliverable=OuterRef("pk"))
        return self.annotate(current_since=Subquery(began.values("effective_on")[:1]))

    def grouped_under(self, measures):
        """Return a list of the deliverables, each with its measure from `measures`, which saves joining it to each."""
        measures = {measure.pk: measure for measure in measures}
        deliverables = list(self.select_related(None).select_related("responsible"))
        for deliverable in deliverables:
            deliverable.measure = measures[deliverable.measure_id]
        return deliverables

    def continued_by(self, plan):
        """Return the deliverables that those of a plan continue, in plans that all readers of this plan may read."""
        wider = Visibility(plan.visibility).or_wider
        continued = self.filter(
            continued_by__measure__action_line__plan=plan, measure__action_line__plan__visibility__in=wider
        )
        return continued.select_related("measure__action_line__plan").distinct()

    def linked_with(self, deliverable):
        """Return the deliverable that this one continues, and those of later plans that continue it, by plan."""
        linked = self.filter(Q(pk=deliverable.continues_id) | Q(continues=deliverable.pk))
        return linked.select_related("measure__action_line__plan").order_by(
            "measure__action_line__plan__starts_on", *NATURAL_ORDER, "pk"
        )

    def with_seen(self):
        """Annotate `seen`: the sequence number of each one's last update, 0 if none. See `Deliverable.record`."""
        last = StatusUpdate.objects.filter(deliverable=OuterRef("pk")).order_by("-sequence")
        return self.annotate(seen=Coalesce(Subquery(last.values("sequence")[:1]), 0))


class Deliverable(NormalisedTexts, models.Model):
    """Something that a measure is to produce.

    `target` is how many there are to be of the unit `target_unit`, such as 6 “pilot projects”; None without a target.

    `status` and `status_on` are copies of the latest update in effect, `status_since` is the day on which this status
    began, `achieved` the last quantity reported: only `record` writes them. `added_on` is set where an amendment added
    the deliverable later, `withdrawn_on` where one has withdrawn it. `continues` is the deliverable of an earlier plan
    that was left open there.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="deliverables", verbose_name=_("measure"))
    number = NumberField(_("number"))
    title = models.CharField(_("title"), max_length=500)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="deliverables",
        null=True,
        blank=True,
        verbose_name=_("responsible person"),
    )
    due_on = models.DateField(_("due date"), null=True, blank=True)
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
    def target_as_of(self):
        """Return the `Target` on the day of `with_promises` (without it: today), or None."""
        former = getattr(self, "former_target", None)
        return Target.of(self) if former is None else Target.parse(former)

    @property
    def last_sequence(self):
        """Return the sequence number of the latest update recorded here, 0 before the first."""
        return self.updates.aggregate(last=models.Max("sequence", default=0))["last"]

    def neighbours(self, as_of=None):
        """Return the codes of the previous and the next deliverable of the plan on `as_of`, None at either end."""
        deliverables = Deliverable.objects.of_plan(self.plan.slug).existing_on(as_of).order_by(*NATURAL_ORDER)
        codes = [None, *(Code(*numbers) for numbers in deliverables.values_list(*NATURAL_ORDER)), None]
        place = codes.index(self.code)
        return codes[place - 1], codes[place + 1]

    def current_update(self, as_of):
        """Return the update that sets the status on a date (None for today), or None before the first report."""
        return self.updates.in_effect_on(as_of).with_status_before().first()

    def record(self, status, *, by, effective_on, seen, submission, at=None, evidence=(), proposed_by=None, **report):
        """Record a status and return the update written. The only method that changes a status.

        `by` is the person, `effective_on` the day it became true, `at` the moment of recording (default: now).
        `evidence` is a sequence of `Evidence`, `proposed_by` the person who proposed it. `report` may hold reason,
        note, next_step, expected_on, achieved and corrects.

        `seen` is the optimistic lock: the sequence number of the last update on this deliverable that the person saw,
        0 for none. `submission` is the idempotency key, a UUID: the same one sent twice is recorded once.

        Raises `Conflict` when someone else recorded first, `ValidationError` when a rule is broken. Then nothing is
        written.
        """
        with transaction.atomic():
            # Recording in one plan takes turns: the hash chain grows at one end. The lock comes before the checks.
            plan = Plan.objects.select_for_update().get(pk=self.plan.pk)
            evidence = tuple(filter(None, (piece.cleaned() for piece in evidence)))

            if repeated := StatusUpdate.objects.with_status_before().filter(submission=submission).first():
                given = report | {"evidence": evidence, "proposed_by": proposed_by}
                return repeated.return_if_same(deliverable=self, status=status, effective_on=effective_on, **given)
            if self.last_sequence != seen:
                raise Conflict(self.updates.with_status_before().order_by("-sequence").first())
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
                submission=submission,
                **report,
            )
            self.refresh_from_db(fields=["achieved", "target", "target_unit"])  # the rules of quantities need them
            update.evidence = evidence
            texts = [update.note, update.next_step, *(text for each in evidence for text in (each.title, each.link))]
            Takedown.objects.refuse_again(self, texts)
            update.append_to(plan)
            self._copy_current_status()

        return update

    def confirm(self, *, by, on, seen, submission):
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

        return self.record(
            current.status,
            by=by,
            effective_on=on,
            seen=seen,
            submission=submission,
            reason=current.reason,
            evidence=current.evidence,
            achieved=current.achieved if self.target else None,
            next_step=current.next_step,
            expected_on=current.expected_on if current.expected_on and current.expected_on >= on else None,
            # A note is about its day, so it is not repeated, except where an “attained” rests on it.
            note=current.note if current.status == Status.ATTAINED and current.rests_on_note else "",
        )

    def _copy_current_status(self):
        """Copy the status that the history now gives, with its dates."""
        updates = StatusUpdate.objects.filter(deliverable=self.pk)
        self.status, self.status_on = updates.in_effect_on(None).values_list("status", "effective_on").first()
        self.status_since = updates.since_status_began(None).values_list("effective_on", flat=True).first()
        reported = updates.in_effect_on(None).exclude(achieved=None)
        self.achieved = reported.values_list("achieved", flat=True).first()
        self.save(update_fields=["status", "status_on", "status_since", "achieved"])


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
