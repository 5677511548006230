"""The history of a plan: an append-only chain of status updates."""

import re
import uuid
from datetime import UTC

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.status import Reason, Status, StatusField
from plans.common.dates import future_error, start_error
from plans.common.hash_chain import Chained
from plans.common.text import NormalisedTexts, is_sentence
from plans.models import Plan

INVALID_WEB_ADDRESS = _("Enter a web address that begins with https:// or http://, as the browser shows it.")
# What a person reports, in the order of the form: forms, imports and summaries take the list from here.
REPORT_FIELDS = ("status", "reason", "effective_on", "note", "evidence_link", "evidence_title")
EVIDENCE_FIELDS = ("evidence_link", "evidence_title")
CODE_RELATIONS = ("deliverable__measure__action_line__plan",)


def is_evidence(note):
    """Return whether a note can stand for a link: it is a sentence, or has a web address in it."""
    return is_sentence(note) or re.search(r"https?://\w+\.\w", note)


class Conflict(Exception):
    """Raised when someone else recorded first. `latest` is the last update, None for none. Nothing was written."""

    def __init__(self, latest):
        self.latest = latest
        super().__init__(f"the last update is {latest}")


class StatusUpdateQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, sequence):
        return self.get(plan__slug=slug, sequence=sequence)

    def in_effect(self):
        """Return the updates that no later one corrects."""
        return self.filter(correction=None)

    def with_status_before(self):
        """Annotate `status_before`: the status that the deliverable had, as far as is known now, before this update.

        It is derived from the updates in effect: one recorded later, for an earlier day, changes it. The column
        `previous_status` holds what was known at the time of recording.
        """
        earlier = (
            StatusUpdate.objects.in_effect()
            .filter(deliverable=OuterRef("deliverable"))
            .filter(
                Q(effective_on__lt=OuterRef("effective_on"))
                | Q(effective_on=OuterRef("effective_on"), sequence__lt=OuterRef("sequence"))
            )
            .latest_first()
        )
        before = Coalesce(Subquery(earlier.values("status")[:1]), Value(Status.NO_STATUS), output_field=StatusField())
        return self.annotate(status_before=before)

    def confirmations(self):
        """Return the updates that confirm the status before them. They need `with_status_before()`."""
        return self.in_effect().filter(corrects=None, status=F("status_before"))

    def latest_first(self):
        return self.order_by("-effective_on", "-sequence")

    def last_updated_first(self):
        """Annotate `updated_at`, the moment of recording or of being corrected, and order by it, latest first."""
        updated_at = Coalesce("correction__recorded_at", "recorded_at")
        return self.annotate(updated_at=updated_at).order_by("-updated_at", "-sequence")

    def in_effect_on(self, as_of):
        """Return the updates in effect on `as_of` (None for today). A deliverable's first one is its status."""
        effective = {"effective_on__lte": as_of} if as_of else {}
        return self.in_effect().filter(**effective).latest_first()

    def since_status_began(self, as_of):
        """Return the updates in effect on `as_of` that report the current status without a break, oldest first."""
        others_later = (
            StatusUpdate.objects.in_effect_on(as_of)
            .filter(deliverable=OuterRef("deliverable"))
            .filter(
                Q(effective_on__gt=OuterRef("effective_on"))
                | Q(effective_on=OuterRef("effective_on"), sequence__gt=OuterRef("sequence"))
            )
            .exclude(status=OuterRef("status"))
        )
        return self.in_effect_on(as_of).filter(~Exists(others_later)).order_by("effective_on", "sequence")

    def with_is_late(self):
        """Annotate `is_late`: whether a report for a later day was in effect when this one was recorded.

        Such an update changed the past, but not the current status of its day of recording.
        """
        later = StatusUpdate.objects.filter(
            Q(correction=None) | Q(correction__sequence__gt=OuterRef("sequence")),
            deliverable=OuterRef("deliverable"),
            sequence__lt=OuterRef("sequence"),
            effective_on__gt=OuterRef("effective_on"),
        )
        return self.annotate(is_late=Exists(later))

    def in_chain(self, plan):
        """Return a plan's history from its first entry to the head that `plan` states, with what the digests cover.

        Entries recorded after `plan` was read come after that head and are left out, so no lock is needed.
        """
        chain = self.filter(plan=plan, sequence__lte=plan.history_length).order_by("sequence")
        return chain.select_related("plan", "corrects", *CODE_RELATIONS)

    def for_feed(self, plan, as_of=None):
        """Return all updates of a plan that are effective by `as_of`, newest first, with what a feed entry shows."""
        effective = {"effective_on__lte": as_of} if as_of else {}
        return (
            self.filter(plan=plan, **effective)
            .with_is_late()
            .with_status_before()
            .select_related("correction", "corrects", *CODE_RELATIONS)
            .order_by("-sequence")
        )


class StatusUpdate(Chained, NormalisedTexts, models.Model):
    """A report on a deliverable. It is never changed or deleted; a later update corrects a mistake."""

    append_only = True
    erasable = ("recorded_by_name",)  # a person may ask to erase their name; the digest covers their id instead

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="updates")
    deliverable = models.ForeignKey("deliverables.Deliverable", models.PROTECT, related_name="updates")
    sequence = models.PositiveIntegerField(_("sequence"))
    status = StatusField(_("status"), choices=[(s.value, s.label) for s in Status.recordable()])
    previous_status = StatusField(_("previous status"), choices=Status, default=Status.NO_STATUS)
    effective_on = models.DateField(_("effective on"), help_text=_("The day from which the status applies."))
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
        validators=[URLValidator(schemes=["https", "http"], message=INVALID_WEB_ADDRESS)],
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
            # Nearly all rows correct nothing, so SQLite's planner ignores the index of the unique column.
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
        """Raise `ValidationError` where a rule of reports is broken, each error at the field to change."""
        errors = {}

        today, day = timezone.localdate(self.recorded_at), self.effective_on
        if day and (error := future_error(day, today) or start_error(day, self.plan)):
            errors["effective_on"] = error

        if self.corrects and self.corrects.deliverable_id != self.deliverable_id:
            errors[NON_FIELD_ERRORS] = _("An update can only correct another one on the same deliverable.")
        elif self.corrects and StatusUpdate.objects.filter(corrects=self.corrects).exists():
            errors[NON_FIELD_ERRORS] = (
                _("Entry %d cannot be corrected: it is corrected already.") % self.corrects.sequence
            )

        if self.status == Status.ATTAINED and not (self.evidence_link or is_evidence(self.note)):
            errors["evidence_link"] = _(
                "“Attained” needs evidence: give a link, or say in the note, in a sentence, where it can be seen."
            )

        if self.status == Status.NOT_DEVELOPED and not self.reason:
            errors["reason"] = _("Choose why it was not developed.")
        elif self.status and self.status != Status.NOT_DEVELOPED and self.reason:
            errors["reason"] = _("Only “not developed” takes a reason. Remove the reason, or choose that status.")

        if errors:
            raise ValidationError(errors)

    def validate_constraints(self, exclude=None):
        """Do nothing: `clean` checks the same rules, without Django's query for each constraint."""

    def return_if_same(self, **report):
        """Return this update if it holds the same report. Raise `Conflict` if the form was sent again with another."""
        if all(getattr(self, field) == value for field, value in report.items()):
            return self
        raise Conflict(self)

    def append_to(self, plan):
        """Validate this update and save it at the end of the history of `plan`, which the caller has locked."""
        loaded = {"plan", "deliverable", "recorded_by", "corrects"}  # read in this request: no query for each again
        self.clean_fields(exclude={"sequence", "previous_status", "digest", *loaded})
        self.clean()

        self.status = Status(self.status)
        self.sequence = plan.history_length + 1
        before = StatusUpdate.objects.in_effect_on(self.effective_on).filter(deliverable=self.deliverable_id)
        self.previous_status = before.values_list("status", flat=True).first() or Status.NO_STATUS

        # The digest covers the fields above: none of them may change after this line.
        self.digest = self.digest_after(plan.history_head)
        self.save(force_insert=True)

        # Head and revision change with the row, so that a reader never sees one without the other.
        plan.revision += 1
        plan.history_length, plan.history_head = self.sequence, self.digest
        plan.save(update_fields=["revision", "history_length", "history_head"])

    @property
    def content(self):
        """Return what the digest covers: a dict of strings and None, dates and times in ISO 8601, times in UTC.

        Plan and deliverable are given by their keys, since address and code may change. A person is given by their
        opaque id, so that a name can be erased without breaking the chain. `form` is the version of this format. It
        must never change for rows there are: their digests would no longer match.
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
        """Return whether this update repeats the status before it, for a later day. It needs `with_status_before()`."""
        return self.corrects_id is None and not self.is_corrected and self.status == self.status_before

    @property
    def is_corrected(self):
        """Return whether a later update corrects this one. For a list, use `select_related("correction")`."""
        return hasattr(self, "correction")

    @property
    def recorded_on(self):
        """Return the day of recording in the tracker's time zone."""
        return timezone.localdate(self.recorded_at)

    @property
    def evidence(self):
        """Return the title of the evidence, or its address; empty where the note is the only evidence."""
        return self.evidence_title or self.evidence_link
