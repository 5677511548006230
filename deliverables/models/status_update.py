"""The history: one row a report, never changed, never deleted."""

import uuid
from datetime import UTC

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.status import Reason, Status, StatusField
from plans.common.dates import date_format
from plans.common.hash_chain import Chained
from plans.models import Plan

WEB_ADDRESS_WANTED = _("Enter a web address that begins with https:// or http://, as the browser shows it.")
CODE_RELATIONS = ("deliverable__measure__action_line__plan",)


class Conflict(Exception):
    """Someone else recorded first: `latest` is the last update there is, None for none. Nothing was written."""

    def __init__(self, latest):
        self.latest = latest
        super().__init__(f"the last update is {latest}")


class StatusUpdateQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, sequence):
        return self.get(plan__slug=slug, sequence=sequence)

    def in_effect(self):
        """Without those that a later update corrects."""
        return self.filter(correction=None)

    def confirmations(self):
        """Those that say again what was true already: see `is_confirmation`."""
        return self.filter(corrects=None, status=F("previous_status"))

    def latest_first(self):
        return self.order_by("-effective_on", "-sequence")

    def in_effect_on(self, as_of):
        """Those that count on the date `as_of`, or now; the first of a deliverable's says how it stands."""
        effective = {"effective_on__lte": as_of} if as_of else {}
        return self.in_effect().filter(**effective).latest_first()

    def with_is_late(self):
        """With `is_late`: recorded when a report for a later day counted already, so that today stayed as it was."""
        later = StatusUpdate.objects.filter(
            Q(correction=None) | Q(correction__sequence__gt=OuterRef("sequence")),
            deliverable=OuterRef("deliverable"),
            sequence__lt=OuterRef("sequence"),
            effective_on__gt=OuterRef("effective_on"),
        )
        return self.annotate(is_late=Exists(later))

    def in_chain(self, plan):
        """A plan's history from its first entry to the head that `plan` states, with what the digests cover.

        What is recorded meanwhile comes after that head: the two fit together without a lock.
        """
        chain = self.filter(plan=plan, sequence__lte=plan.history_length).order_by("sequence")
        return chain.select_related("plan", "corrects", *CODE_RELATIONS)

    def for_feed(self, plan, as_of=None):
        """Everything recorded in a plan, effective by the date `as_of`, newest first, with what an entry shows."""
        effective = {"effective_on__lte": as_of} if as_of else {}
        return (
            self.filter(plan=plan, **effective)
            .with_is_late()
            .select_related("correction", "corrects", *CODE_RELATIONS)
            .order_by("-sequence")
        )


class StatusUpdate(Chained, models.Model):
    """One report on one deliverable. Never changed and never deleted; a mistake is mended by a new one."""

    append_only = True
    erasable = ("recorded_by_name",)  # a name is taken out on request; the digest covers the person's id

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="updates")
    deliverable = models.ForeignKey("deliverables.Deliverable", models.PROTECT, related_name="updates")
    sequence = models.PositiveIntegerField(_("sequence"))
    status = StatusField(_("status"), choices=[(s.value, s.label) for s in Status.recordable()])
    previous_status = StatusField(_("previous status"), choices=Status, default=Status.NO_STATUS)
    effective_on = models.DateField(_("effective on"), help_text=_("The day it became true."))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="updates",
        null=True,
        verbose_name=_("recorded by"),
    )
    recorded_by_name = models.CharField(_("recorded under the name"), max_length=150)
    note = models.TextField(_("note"), max_length=5000, blank=True, validators=[MaxLengthValidator(5000)])
    evidence_title = models.CharField(_("evidence"), max_length=300, blank=True)
    evidence_link = models.CharField(
        _("evidence link"),
        max_length=1000,
        blank=True,
        validators=[URLValidator(schemes=["https", "http"], message=WEB_ADDRESS_WANTED)],
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, related_name="correction", null=True, blank=True, verbose_name=_("corrects")
    )
    submission = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(_("digest"), max_length=64)

    objects = StatusUpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("status update")
        verbose_name_plural = _("status updates")
        ordering = ["-sequence"]
        indexes = [
            models.Index(fields=["deliverable", "-effective_on", "-sequence"], name="update_standing"),
            # Nearly all correct nothing: SQLite takes the index of the unique column for one of no use.
            models.Index(fields=["corrects"], condition=Q(corrects__isnull=False), name="update_correcting"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["plan", "sequence"], name="update_sequence_unique_in_plan"),
            models.CheckConstraint(condition=Q(status__in=Status.recordable()), name="update_status_recordable"),
            models.CheckConstraint(
                condition=~Q(status=Status.ATTAINED) | ~Q(note="") | ~Q(evidence_link=""),
                name="update_attained_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.NOT_DEVELOPED, reason__in=Reason.values)
                | (~Q(status=Status.NOT_DEVELOPED) & Q(reason="")),
                name="update_reason_when_not_developed",
            ),
        ]
        permissions = [("record_status", "Can record the status of a deliverable")]

    def __str__(self):
        return f"{self.sequence}: {self.deliverable.code} {self.status.label}, {self.effective_on}"

    def natural_key(self):
        return (self.plan.slug, self.sequence)

    natural_key.dependencies = ["plans.plan", "deliverables.deliverable"]

    def clean(self):
        """The rules of a report, each error beside the field that mends it."""
        errors = {}
        if self.effective_on and self.effective_on > timezone.localdate(self.recorded_at):
            errors["effective_on"] = _("This day is still to come. Enter today or an earlier day.")
        elif self.effective_on and self.effective_on < self.plan.starts_on:
            errors["effective_on"] = _("The plan starts on %(day)s. Enter that day or a later one.") % {
                "day": date_format(self.plan.starts_on)
            }
        if self.corrects and self.corrects.deliverable_id != self.deliverable_id:
            errors[NON_FIELD_ERRORS] = _("An update corrects one on the same deliverable.")
        elif self.corrects and StatusUpdate.objects.filter(corrects=self.corrects).exists():
            errors[NON_FIELD_ERRORS] = (
                _("Entry %d cannot be corrected: it is corrected already.") % self.corrects.sequence
            )
        if self.status == Status.ATTAINED and not (self.evidence_link or self.note.strip()):
            errors["evidence_link"] = _(
                "“Attained” needs evidence: give a link, or say in the note where it can be seen."
            )
        if self.status == Status.NOT_DEVELOPED and not self.reason:
            errors["reason"] = _("Choose why it was not developed.")
        elif self.status and self.status != Status.NOT_DEVELOPED and self.reason:
            errors["reason"] = _("A reason goes with “not developed” only. Take it out, or choose that status.")
        if errors:
            raise ValidationError(errors)

    def validate_constraints(self, exclude=None):
        """Nothing: `clean` says what the database's constraints would, without asking the database for each."""

    def same_or_conflict(self, **report):
        """This update where it holds the same report; a form sent again with other content raises `Conflict`."""
        if all(getattr(self, field) == value for field, value in report.items()):
            return self
        raise Conflict(self)

    def append_to(self, plan):
        """Take the place at the end of the plan's history, once this is seen to keep the rules. The plan is locked."""
        there = {"plan", "deliverable", "recorded_by", "corrects"}  # read just now: they need not be looked for again
        self.clean_fields(exclude={"sequence", "previous_status", "digest", *there})
        self.clean()
        self.status = Status(self.status)
        self.sequence = plan.history_length + 1
        before = StatusUpdate.objects.in_effect_on(self.effective_on).filter(deliverable=self.deliverable_id)
        self.previous_status = before.values_list("status", flat=True).first() or Status.NO_STATUS
        self.digest = self.digest_after(plan.history_head)
        self.save(force_insert=True)
        plan.revision += 1
        plan.history_length, plan.history_head = self.sequence, self.digest
        plan.save(update_fields=["revision", "history_length", "history_head"])

    @property
    def content(self):
        """The report as the digest covers it: every value text or null, dates and times in ISO 8601, times in UTC.

        A plan and a deliverable are their keys, since address and code may change; a person is their opaque id, so
        that a name can be erased on request without breaking the chain. `form` is the number of this form.
        """
        return {
            "corrects": self.corrects and str(self.corrects.sequence),
            "deliverable": str(self.deliverable.key),
            "effective_on": self.effective_on.isoformat(),
            "evidence_link": self.evidence_link,
            "evidence_title": self.evidence_title,
            "note": self.note,
            "form": "1",
            "plan": str(self.plan.key),
            "previous_status": str(self.previous_status),
            "reason": str(self.reason),
            "recorded_at": self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "recorded_by": self.recorded_by_id and str(self.recorded_by_id),
            "sequence": str(self.sequence),
            "status": str(self.status),
        }

    @property
    def is_confirmation(self):
        """Whether it says again what was true already, on a later day."""
        return self.corrects_id is None and self.status == self.previous_status

    @property
    def is_corrected(self):
        """Whether a later update takes its place. Wants `select_related("correction")` for more than one."""
        return hasattr(self, "correction")

    @property
    def recorded_on(self):
        """The day of recording, where the secretariat sits."""
        return timezone.localdate(self.recorded_at)

    @property
    def evidence(self):
        """What to call the evidence: its title, else its address; empty where only the note tells of it."""
        return self.evidence_title or self.evidence_link
