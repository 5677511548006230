"""The history of a plan: an append-only chain of status updates."""

import re
import uuid
from datetime import UTC

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from deliverables.models.evidence import MAX_EVIDENCE, Evidence, EvidenceItem
from deliverables.models.status_update_query import StatusUpdateQuerySet
from deliverables.models.takedown import RemovableText, Takedown, TakedownField, taken_down
from deliverables.status import Reason, Status, StatusField
from plans.common.dates import date_format, future_error, start_error
from plans.common.hash_chain import Chained, SaltedTexts
from plans.common.text import NormalisedTexts, is_sentence
from plans.models import Plan

__all__ = ["EvidenceItem", "StatusUpdate", "Takedown"]  # Django finds its models here

# What a person reports besides evidence, in the order of the form: forms, imports and summaries take the list from
# here.
REPORT_FIELDS = ("status", "reason", "effective_on", "achieved", "note", "next_step", "expected_on")
PLANNED_FIELDS = ("next_step", "expected_on")  # of what is not attained
MAX_QUANTITY = 1_000_000_000  # more than anybody promises, and what every database can hold
FORM = 2  # the form of new rows: see `StatusUpdate.content`
# The columns that the digest of a form does not cover, with the value that they have there.
NOT_IN_FORM_1 = dict.fromkeys(("note_salt", "note_sha256", "next_step", "next_step_salt", "next_step_sha256"), "")
NOT_IN_FORM_1 |= {"achieved": None, "expected_on": None, "proposed_by": None, "evidence_count": 0}
NOT_IN_FORM_2 = dict.fromkeys(("previous_status", "evidence_title", "evidence_link"), "")


def is_evidence(note):
    """Return whether a note can stand for a link: it is a sentence, or has a web address in it."""
    return is_sentence(note) or re.search(r"https?://\w+\.\w", note)


class Conflict(Exception):
    """Raised when someone else recorded first. `latest` is the last update, None for none. Nothing was written."""

    def __init__(self, latest):
        self.latest = latest
        super().__init__(f"the last update is {latest}")


class StatusUpdate(Chained, SaltedTexts, NormalisedTexts, models.Model):
    """A report on a deliverable. It is never changed or deleted; a later update corrects a mistake.

    `form` says what the digest covers. Rows of form 1, from before release 1.3, have their evidence in two columns and
    the status that was known before. Rows of form 2 have evidence items, and their texts can be taken down without a
    break in the chain.
    """

    append_only = True
    # A person may ask to erase their name; the digest covers their id instead.
    erasable = ("recorded_by_name", "proposed_by_name")
    erasable_if = {
        "note": taken_down(TakedownField.NOTE),
        "note_salt": taken_down(TakedownField.NOTE),
        "next_step": taken_down(TakedownField.NEXT_STEP),
        "next_step_salt": taken_down(TakedownField.NEXT_STEP),
        "evidence_title": taken_down(TakedownField.TITLE, item=1),
        "evidence_link": taken_down(TakedownField.LINK, item=1),
    }
    salted_texts = ("note", "next_step")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="updates")
    deliverable = models.ForeignKey("deliverables.Deliverable", models.PROTECT, related_name="updates")
    sequence = models.PositiveIntegerField(_("sequence"))
    status = StatusField(_("status"), choices=[(s.value, s.label) for s in Status.recordable()])
    form = models.PositiveSmallIntegerField(_("form"), default=FORM, editable=False)
    previous_status = StatusField(_("previous status"), choices=Status, blank=True, default="", editable=False)
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
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="proposed_updates",
        null=True,
        editable=False,
        verbose_name=_("proposed by"),
    )
    proposed_by_name = models.CharField(_("proposed under the name"), max_length=150, blank=True, editable=False)
    achieved = models.PositiveIntegerField(
        _("achieved"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_QUANTITY)],
        help_text=_("How many there are by now, of the whole target."),
    )
    note = models.TextField(_("note"), max_length=5000, blank=True, validators=[MaxLengthValidator(5000)])
    note_salt = models.CharField(max_length=32, blank=True, editable=False)
    note_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    next_step = models.CharField(_("next step"), max_length=500, blank=True)
    next_step_salt = models.CharField(max_length=32, blank=True, editable=False)
    next_step_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    evidence_count = models.PositiveSmallIntegerField(_("number of evidence items"), default=0, editable=False)
    evidence_title = models.CharField(_("evidence"), max_length=300, blank=True, editable=False)  # of form 1
    evidence_link = models.CharField(_("evidence link"), max_length=1000, blank=True, editable=False)  # of form 1
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
                condition=Q(form=1, **NOT_IN_FORM_1) | Q(form=FORM, **NOT_IN_FORM_2),
                name="update_form_known",
            ),
            models.CheckConstraint(
                condition=~Q(form=FORM, status=Status.ATTAINED) | ~Q(note_sha256="") | Q(evidence_count__gte=1),
                name="update_attained_has_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(form=FORM, status=Status.ATTAINED) | Q(next_step_sha256="", expected_on=None),
                name="update_attained_has_no_next_step",
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

        evidence = [piece for piece in self.evidence if piece]
        if self.status == Status.ATTAINED and not (evidence or is_evidence(self.note)):
            errors["evidence_link"] = _(
                "“Attained” needs evidence: give a document or a link, or say in the note, in a sentence, where it can"
                " be seen."
            )
        if len(evidence) > MAX_EVIDENCE:
            errors["evidence_link"] = _("Give at most %d pieces of evidence.") % MAX_EVIDENCE

        errors |= self.quantity_errors() | self.plan_errors()

        if self.status == Status.NOT_DEVELOPED and not self.reason:
            errors["reason"] = _("Choose why it was not developed.")
        elif self.status and self.status != Status.NOT_DEVELOPED and self.reason:
            errors["reason"] = _("Only “not developed” takes a reason. Remove the reason, or choose that status.")

        if errors:
            raise ValidationError(errors)

    def quantity_errors(self):
        """Return the errors of the achieved quantity, by field."""
        target = self.deliverable.target
        if self.achieved is not None and target is None:
            return {"achieved": _("This deliverable has no target. Leave the number empty.")}

        achieved = self.deliverable.achieved if self.achieved is None else self.achieved
        is_below = target is not None and achieved is not None and achieved < target
        if self.status == Status.ATTAINED and is_below and not is_sentence(self.note):
            values = {"achieved": achieved, "target": target}
            text = _("Only %(achieved)d of %(target)d: say in a sentence why this is attained.")
            return {"note": text % values}
        return {}

    def plan_errors(self):
        """Return the errors of the next step and its date, by field."""
        if self.status == Status.ATTAINED:
            text = _("Only what is not attained has a next step. Remove it, or choose another status.")
            return {name: text for name in PLANNED_FIELDS if getattr(self, name)}
        if self.expected_on and self.effective_on and self.expected_on < self.effective_on:
            text = _("Choose a day after %s, from which this status applies.")
            return {"expected_on": text % date_format(self.effective_on)}
        return {}

    def validate_constraints(self, exclude=None):
        """Do nothing: `clean` checks the same rules, without Django's query for each constraint."""

    def return_if_same(self, **report):
        """Return this update if it holds the same report. Raise `Conflict` if the form was sent again with another."""
        if self.is_same_report(report):
            return self
        raise Conflict(self)

    def is_same_report(self, report):
        return all(getattr(self, field) == value for field, value in report.items())

    def validate(self, fields=None):
        """Validate this update, and make its `new_items` of what was assigned to `evidence`. No query, unless it
        corrects another.

        `fields` are those whose values were reported, where the others are not known yet (default: all).
        """
        # Read in this request, or computed when it is appended: no query for each.
        others = {"plan", "deliverable", "recorded_by", "corrects", "sequence", "digest"}
        if fields is not None:
            others = {field.name for field in self._meta.local_fields} - set(fields)
        self.clean_fields(exclude=others)
        self.new_items = self.make_items()
        self.clean()
        self.status = Status(self.status)

    def follow(self, sequence, head):
        """Give this validated update its place in a chain, after the digest `head`. Return its own."""
        self.sequence = sequence
        self.seal()
        self.evidence_hashes, self.evidence_count = [item.hashes for item in self.new_items], len(self.new_items)

        # The digest covers the fields above: none of them may change after this line.
        self.digest = self.digest_after(head)
        return self.digest

    @property
    def reported_texts(self):
        """Return the texts of this update, with the SHA-256 of its files, as a takedown knows them."""
        pieces = [text for each in self.evidence for text in (each.title, each.link, each.file and each.file.sha256)]
        return [text for text in (self.note, self.next_step, *pieces) if text]

    def make_items(self):
        """Return an unsaved item for each piece of evidence, validated and sealed. An invalid one raises its errors."""
        pieces = [(place, cleaned) for place, piece in enumerate(self.evidence, 1) if (cleaned := piece.cleaned())]
        items = [
            EvidenceItem(update=self, number=number, title=piece.title, link=piece.link)
            for number, (_place, piece) in enumerate(pieces, start=1)
        ]
        for item, (place, piece) in zip(items, pieces, strict=True):
            item.attach(piece.file)
            try:
                item.clean_fields(exclude={"update"})
            except ValidationError as error:
                suffix = f"_{place}" if place > 1 else ""
                raise ValidationError(
                    {f"evidence_{name}{suffix}": texts for name, texts in error.message_dict.items()}
                ) from None
            item.seal()
        self.evidence = tuple(item.evidence for item in items)
        return items

    @cached_property
    def all_items(self):
        """Return the items of the evidence, taken down or not, in their order. For a list, use `with_evidence()`."""
        return list(self.items.all())

    @cached_property
    def all_takedowns(self):
        """Return the takedowns of its texts. For a list, use `with_takedowns()`."""
        return list(self.takedowns.all())

    @cached_property
    def evidence(self):
        """Return the evidence as a tuple of `Evidence`. For a list, use `with_evidence()`."""
        if self.form == 1:
            return tuple(filter(None, [Evidence(self.evidence_title, self.evidence_link)]))
        return tuple(filter(None, (item.evidence for item in self.all_items))) if self.evidence_count else ()

    @property
    def rests_on_note(self):
        """Return whether an “attained” rests on the note: there is no evidence, or the target is not reached."""
        target = self.deliverable.target
        achieved = self.deliverable.achieved if self.achieved is None else self.achieved
        return not self.evidence or bool(target and achieved is not None and achieved < target)

    def confirmation_on(self, day):
        """Return the report that confirms this one on a later day, by the names that `Deliverable.record` takes."""
        return {
            "status": self.status,
            "effective_on": day,
            "reason": self.reason,
            "evidence": self.evidence,
            "achieved": self.achieved if self.deliverable.target else None,
            "next_step": self.next_step,
            "expected_on": self.expected_on if self.expected_on and self.expected_on >= day else None,
            # A note is about its day, so it is not repeated, except where an “attained” rests on it.
            "note": self.note if self.status == Status.ATTAINED and self.rests_on_note else "",
        }

    @cached_property
    def evidence_hashes(self):
        """Return what the digest covers of each evidence item, taken down or not."""
        return [item.hashes for item in self.all_items]

    @property
    def content(self):
        """Return what the digest covers: strings and None, dates and times in ISO 8601, times in UTC.

        Plan and deliverable are given by their keys, since address and code may change. A person is given by their
        opaque id, so that a name can be erased without breaking the chain. `form` is the version of this format: form 1
        covers texts themselves, form 2 their salted hashes. Neither may ever change for rows there are: their digests
        would no longer match.
        """
        common = {
            "corrects": self.corrects and str(self.corrects.sequence),
            "deliverable": str(self.deliverable.key),
            "effective_on": self.effective_on.isoformat(),
            "form": str(self.form),
            "plan": str(self.plan.key),
            "reason": str(self.reason),
            "recorded_at": self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "recorded_by": self.recorded_by_id and str(self.recorded_by_id),
            "sequence": str(self.sequence),
            "status": str(self.status),
        }
        if self.form == 1:
            return common | {
                "evidence_link": self.evidence_link,
                "evidence_title": self.evidence_title,
                "note": self.note,
                "previous_status": str(self.previous_status),
            }
        return common | {
            "achieved": None if self.achieved is None else str(self.achieved),
            "evidence": self.evidence_hashes,
            "expected_on": self.expected_on and self.expected_on.isoformat(),
            "next_step": self.next_step_sha256 or None,
            "note": self.note_sha256 or None,
            "proposed_by": self.proposed_by_id and str(self.proposed_by_id),
        }

    @property
    def is_recomputable(self):
        """Return whether the digest can be computed: not where a text of form 1, which it covers, was taken down."""
        if self.form > 1:
            return True
        columns = {(0, "note"): self.note, (1, "title"): self.evidence_title, (1, "link"): self.evidence_link}
        return not any(columns.get((each.item, each.field)) == "" for each in self.all_takedowns)

    def altered_texts(self):
        """Return the names of texts that do not have their hash, or are gone without having been taken down."""
        if self.form == 1:
            added = [name for name, empty in NOT_IN_FORM_1.items() if getattr(self, name) != empty]
            return added + (["evidence"] if self.all_items else [])
        taken_down = {(takedown.item, takedown.field) for takedown in self.all_takedowns}
        items = self.all_items
        if len(items) != self.evidence_count:
            return ["evidence"]
        rows = [(0, self), *((item.number, item) for item in items)]
        return [name for _item, row in rows for name in row.altered_columns()] + [
            name for item, row in rows for name in row.missing_columns() if (item, name) not in taken_down
        ]

    @property
    def takedown_sentences(self):
        """Return a sentence for each text that was taken down. For a list, use `with_takedowns()`."""
        return [takedown.sentence for takedown in self.all_takedowns]

    @property
    def readable_texts(self):
        """Return the texts that are there, each with its salt, by the salted hash that the digest covers."""
        return self.texts_by_hash | {
            hash_: text for item in self.all_items for hash_, text in item.texts_by_hash.items()
        }

    @property
    def removable_texts(self):
        """Return a `RemovableText` for each text that is there, by a key that names it on a form."""
        texts = [
            RemovableText(self, "note", TakedownField.NOTE),
            RemovableText(self, "next_step", TakedownField.NEXT_STEP),
        ]
        if self.form == 1:
            texts.append(RemovableText(self, "evidence_title", TakedownField.TITLE, item=1))
            texts.append(RemovableText(self, "evidence_link", TakedownField.LINK, item=1))
        for item in self.all_items:
            texts.append(RemovableText(item, "title", TakedownField.TITLE, item.number))
            texts.append(RemovableText(item, "link", TakedownField.LINK, item.number))
            texts.append(RemovableText(item, "file", TakedownField.FILE, item.number))
        return {f"{text.field.value}-{text.item}": text for text in texts if text.text}

    @property
    def is_confirmation(self):
        """Return whether this update repeats the status before it, for a later day. It needs `with_status_before()`."""
        return self.corrects_id is None and not self.is_corrected and self.status == self.status_before

    @property
    def is_corrected(self):
        """Return whether a later update corrects this one. For a list, use `select_related("correction")`."""
        return hasattr(self, "correction")

    @property
    def fragment_key(self):
        """Return what the entry of a history shows, besides what was taken down, which the plan's structure says.

        The digest covers all that is recorded but the names. It needs `with_is_late()` and `with_status_before()`.
        """
        names = self.recorded_by_name, self.proposed_by_name
        return self.digest, self.is_late, self.status_before, self.corrected_by_entry, *names

    @property
    def code(self):
        return self.deliverable.code

    @property
    def title(self):
        return self.deliverable.title

    @property
    def measure_name(self):
        return self.deliverable.measure.short_name

    @property
    def reason_label(self):
        return self.get_reason_display()

    @property
    def corrects_entry(self):
        """Return the number of the update that this one corrects, or None."""
        return self.corrects and self.corrects.sequence

    @property
    def corrected_by_entry(self):
        """Return the number of the update that corrects this one, or None."""
        return self.correction.sequence if self.is_corrected else None

    @property
    def recorded_on(self):
        """Return the day of recording in the tracker's time zone."""
        return timezone.localdate(self.recorded_at)
