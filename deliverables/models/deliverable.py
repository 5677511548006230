"""What was done: deliverables, and the history of what was reported on them."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.models.amendment import Amendment, AmendmentKind
from deliverables.models.status_update import Conflict, StatusUpdate
from deliverables.status import Status, StatusField
from plans.codes import Code
from plans.common.dates import date_format
from plans.models import NUMBERS, Measure, NumberField, Plan

__all__ = ["Amendment", "Deliverable", "StatusUpdate"]  # Django finds its models here

NOT_CORRECTING = Case(When(corrects=None, then=F("previous_status")))
NATURAL_ORDER = ("measure__action_line__number", "measure__number", "number")


class DeliverableQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, line, measure, number):
        return self.of_plan(slug, Code(line, measure, number)).get()

    def of_plan(self, slug, code=None):
        """The deliverables of a plan, or of the part of it that `code` names."""
        plan = self.filter(measure__action_line__plan__slug=slug)
        return plan.within(code) if code else plan

    def within(self, code):
        """Those in the action line or measure that a code names, or the one deliverable."""
        numbers = {
            "measure__action_line__number": code.line,
            "measure__number": code.measure,
            "number": code.deliverable,
        }
        return self.filter(**{field: number for field, number in numbers.items() if number is not None})

    def existing_on(self, as_of=None):
        """Those that were in the plan on the date `as_of`, or are now, withdrawn or not."""
        return self.filter(Q(added_on=None) | Q(added_on__lte=as_of)) if as_of else self

    def not_withdrawn(self, as_of=None):
        """Those that the figures count: there by the date `as_of`, or by now, and not withdrawn by then."""
        return self.existing_on(as_of).with_withdrawal(as_of).filter(withdrawn_as_of=None)

    def withdrawn(self, as_of=None):
        """Those that a decision took back by the date `as_of`, or by now: they stay visible and are counted apart."""
        return self.existing_on(as_of).with_withdrawal(as_of).exclude(withdrawn_as_of=None)

    def with_withdrawal(self, as_of=None):
        """With `out_on`, the day since when each is withdrawn as of a date, or now; None for what counts."""
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
        """With `update_id`, the update that says how each stands on the date `as_of`, or now; None for none.

        Comes in natural order, with what a code and a link need.
        """
        latest = StatusUpdate.objects.in_effect_on(as_of).filter(deliverable=OuterRef("pk"))
        return (
            self.annotate(update_id=Subquery(latest.values("pk")[:1]))
            .select_related("measure__action_line__plan")
            .order_by(*NATURAL_ORDER)
        )

    def with_current_status(self, as_of=None):
        """How each stands on the date `as_of`, or now, to be filtered by: `current_status`, `current_status_on`.

        `status_before` is the status before that: the same one where it was confirmed; none where it was corrected.
        """
        latest = StatusUpdate.objects.in_effect_on(as_of).filter(deliverable=OuterRef("pk"))
        status, effective_on = F("status"), F("status_on")
        if as_of is not None:
            status = Coalesce(
                Subquery(latest.values("status")[:1]), Value(Status.NO_STATUS), output_field=StatusField()
            )
            effective_on = Subquery(latest.values("effective_on")[:1])
        return (
            self.with_update(as_of)
            .select_related("responsible")
            .annotate(
                current_status=status,
                current_status_on=effective_on,
                status_before=Subquery(latest.annotate(before=NOT_CORRECTING).values("before")[:1]),
            )
        )

    def grouped_under(self, measures):
        """As a list, each under its own of these measures: read once, they need not come with every row."""
        measures = {measure.pk: measure for measure in measures}
        rows = list(self.select_related(None).select_related("responsible"))
        for row in rows:
            row.measure = measures[row.measure_id]
        return rows

    def with_seen(self):
        """With `seen`, the sequence number of the last update on each: see `Deliverable.record`."""
        last = StatusUpdate.objects.filter(deliverable=OuterRef("pk")).order_by("-sequence")
        return self.annotate(seen=Coalesce(Subquery(last.values("sequence")[:1]), 0))


class Deliverable(models.Model):
    """Something a measure is to produce. `status` and `status_on` are a copy of what its history says of now.

    `added_on` is empty for what was in the plan from the start, `withdrawn_on` for what still is: see `Amendment`.
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
    added_on = models.DateField(_("added on"), null=True, editable=False)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, editable=False)
    status = StatusField(_("status"), choices=Status, default=Status.NO_STATUS, editable=False)
    status_on = models.DateField(_("effective on"), null=True, editable=False)

    text_field, parent_field = "title", "measure"
    objects = DeliverableQuerySet.as_manager()

    class Meta:
        verbose_name = _("deliverable")
        verbose_name_plural = _("deliverables")
        ordering = NATURAL_ORDER
        constraints = [
            models.UniqueConstraint(fields=["measure", "number"], name="deliverable_number_unique_in_measure"),
            models.CheckConstraint(condition=Q(number__range=NUMBERS), name="deliverable_number_in_range"),
            models.CheckConstraint(
                condition=Q(status=Status.NO_STATUS, status_on=None)
                | Q(status__in=Status.recordable(), status_on__isnull=False),
                name="deliverable_status_has_a_date",
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
        if self.due_on and self.due_on < self.plan.starts_on:
            day = date_format(self.plan.starts_on)
            raise ValidationError({"due_on": _("The plan starts on %s. Enter that day or a later one.") % day})

    @property
    def code(self):
        return Code(self.measure.action_line.number, self.measure.number, self.number)

    @property
    def plan(self):
        return self.measure.action_line.plan

    @property
    def last_sequence(self):
        """The sequence number of the latest update recorded here, 0 before the first."""
        return self.updates.aggregate(last=models.Max("sequence", default=0))["last"]

    def neighbours(self, as_of=None):
        """The codes of the deliverables printed before and after this one on a date, or now; None at either end."""
        plan = Deliverable.objects.of_plan(self.plan.slug).existing_on(as_of).order_by(*NATURAL_ORDER)
        codes = [None, *(Code(*numbers) for numbers in plan.values_list(*NATURAL_ORDER)), None]
        place = codes.index(self.code)
        return codes[place - 1], codes[place + 1]

    def current_update(self, as_of):
        """The update that says how it stands on a date, or None before the first report."""
        return self.updates.in_effect_on(as_of).first()

    def record(self, status, *, by, effective_on, seen, submission, at=None, **report):
        """Record a status: the one door through which it changes. Returns the update written.

        `by` is the person, `effective_on` the day it became true, `at` the moment of recording (now). `seen` is the
        sequence number of the last update the person had before them here, 0 for none; `submission` a UUID: given
        twice, it is one row. `report` may hold note, evidence_title, evidence_link, reason and corrects.
        Raises `Conflict` when someone else was faster, `ValidationError` when a rule is broken: nothing is written.
        """
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=self.plan.pk)
            if repeated := StatusUpdate.objects.filter(submission=submission).first():
                return repeated.same_or_conflict(deliverable=self, status=status, effective_on=effective_on, **report)
            if self.last_sequence != seen:
                raise Conflict(self.updates.order_by("-sequence").first())
            if Deliverable.objects.withdrawn().filter(pk=self.pk).exists():
                raise ValidationError(_("%s is withdrawn: nothing more is recorded on it.") % self.code)
            update = StatusUpdate(
                plan=plan,
                deliverable=self,
                status=status,
                effective_on=effective_on,
                recorded_at=at or timezone.now(),
                recorded_by=by,
                recorded_by_name=by.name,
                submission=submission,
                **report,
            )
            update.append_to(plan)
            self._copy_current_status()
        return update

    def confirm(self, *, by, on, seen, submission, at=None):
        """Record that the current status is still true on the day `on`, with the evidence or reason it has."""
        current = self.current_update(on)
        if self.withdrawn_on:
            raise ValidationError(_("%s is withdrawn: nothing more is recorded on it.") % self.code)
        if current is None:
            raise ValidationError(_("Nothing has been reported that could be confirmed. Record a status first."))
        if current.is_confirmation and current.effective_on == on:
            return current  # said already
        return self.record(
            current.status,
            by=by,
            at=at,
            effective_on=on,
            seen=seen,
            submission=submission,
            reason=current.reason,
            evidence_title=current.evidence_title,
            evidence_link=current.evidence_link,
            note="" if current.evidence_link or current.status != Status.ATTAINED else current.note,
        )

    def _copy_current_status(self):
        """Move the copy of the current status to where the history now stands."""
        latest = StatusUpdate.objects.in_effect_on(None).filter(deliverable=self.pk)
        self.status, self.status_on = latest.values_list("status", "effective_on").first()
        self.save(update_fields=["status", "status_on"])
