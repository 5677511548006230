"""Amendments: once a plan is public, its wording and its parts change only by a recorded decision."""

from dataclasses import dataclass
from datetime import UTC, date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.models.evidence import INVALID_WEB_ADDRESS
from plans.codes import Code
from plans.common.bulk_writes import BulkInsert
from plans.common.dates import date_format, future_error, start_error
from plans.common.hash_chain import Chained
from plans.common.text import NormalisedTexts
from plans.memory import by_structure
from plans.models import Meeting, Plan


class AmendmentKind(models.TextChoices):
    """What an amendment does to a part of a plan."""

    ADDED = "added", _("Added")
    REWORDED = "reworded", _("Reworded")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REINSTATED = "reinstated", _("Reinstated")
    DUE_DATE = "due_date", _("New due date")
    TARGET = "target", _("New target")


@dataclass(frozen=True)
class Change:
    """A change of a part: a line, measure or deliverable, with its text before and after."""

    kind: AmendmentKind
    part: models.Model
    before: str
    after: str


@dataclass(frozen=True)
class Decision:
    """The decision behind an amendment: who decided and where (`text`), since when, a link to it, and its meeting."""

    text: str
    in_force_on: date
    link: str = ""
    meeting: Meeting | None = None


class AmendmentQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, sequence):
        return self.get(plan__slug=slug, sequence=sequence)

    def for_page(self, plan):
        """Return a plan's amendments, the latest decision first."""
        amendments = self.filter(plan=plan).select_related("plan", "meeting", "deliverable")
        return amendments.order_by("-in_force_on", "-sequence")

    def with_wording_on(self, plan, day, updates):
        """Return the same updates, their deliverables titled as on that day."""
        wording = self.wording_on(plan, day)
        for update in updates:
            update.deliverable.title = wording.get(update.deliverable.code, update.deliverable.title)
        return updates

    def worded_on(self, plan, day, entries):
        """Return entries of a feed with the titles of a day (None: today)."""
        wording = self.wording_on(plan, day)
        return [entry._replace(title=wording.get(entry.code, entry.title)) for entry in entries] if wording else entries

    def withdrawals_by(self, as_of):
        """Return withdrawals and reinstatements in force by `as_of`. A deliverable's first one applies: the latest."""
        withdrawals = self.filter(kind__in=[AmendmentKind.WITHDRAWN, AmendmentKind.REINSTATED], in_force_on__lte=as_of)
        return withdrawals.order_by("-in_force_on", "-sequence")

    def in_chain(self, plan):
        """Return a plan's amendments from the first to the head that `plan` states."""
        in_chain = self.filter(plan=plan, sequence__lte=plan.amendments_length)
        return in_chain.select_related("plan", "meeting").order_by("sequence")

    def wording_on(self, plan, day) -> dict[Code, str]:
        """Return the wording on a day of the parts that were reworded since, by code; empty for today (None)."""
        return {} if day is None or not plan.amendments_length else wording_on(plan, day)

    def chain(self, plan, changes, *, by, decision, at):
        """Make an amendment of each `Change`, after the last one of `plan` as it was read. Nothing is written.

        Return what `append` takes. It needs no lock, since the caller makes sure that the plan is the same by then.
        Raises `ValidationError` without a `Decision`, or where its day is before that of an earlier one on the part.
        """
        if changes and decision is None:
            raise ValidationError(_("This plan is public: enter the decision behind the change."))
        if changes:
            self._require_order_of_days(plan, [change.part for change in changes], decision.in_force_on)

        amendments, head, at = [], plan.amendments_head, at or timezone.now()
        for sequence, change in enumerate(changes, start=plan.amendments_length + 1):
            amendment = self.model(
                plan=plan,
                sequence=sequence,
                kind=change.kind,
                code=str(change.part.code),
                deliverable=change.part if change.part.code.deliverable else None,
                before=change.before,
                after=change.after,
                decision=decision.text,
                decision_link=decision.link,
                meeting=decision.meeting,
                in_force_on=decision.in_force_on,
                recorded_at=at,
                recorded_by=by,
                recorded_by_name=by.name,
            )
            amendment.clean_fields(exclude={"digest", "plan", "deliverable", "meeting", "recorded_by"})
            amendment.clean()

            # The digest covers the fields above: none of them may change after this line.
            amendment.digest = head = amendment.digest_after(head)
            amendments.append(amendment)
        return BulkInsert(amendments)

    def append(self, plan, chained):
        """Save chained amendments at the end of those of the plan, which the caller has locked."""
        if chained.rows:
            chained.write()
            last = chained.rows[-1]
            plan.amendments_length, plan.amendments_head = last.sequence, last.digest
            plan.save(update_fields=["amendments_length", "amendments_head"])

    def _require_order_of_days(self, plan, parts, day):
        """Raise `ValidationError` for a day before the last decision on a part: it would change the wording of then."""
        decided = self.filter(plan=plan, code__in={str(part.code) for part in parts}).order_by()
        last = dict(decided.values_list("code").annotate(models.Max("in_force_on")))
        for part in parts:
            parent = getattr(part, part.parent_field)
            days = [last.get(str(part.code)), getattr(parent, "added_on", None)]
            earliest = max(filter(None, days), default=day)
            if day < earliest:
                values = {"code": part.code, "day": date_format(earliest)}
                text = _("A decision on %(code)s has been in force since %(day)s. Enter that day or a later one.")
                raise ValidationError({"in_force_on": text % values})


@by_structure
def wording_on(plan, day):
    """Return what `AmendmentQuerySet.wording_on` does. One query."""
    # Last comes the earliest amendment after the day: what it replaced was the wording of that day.
    later = plan.amendments.filter(kind=AmendmentKind.REWORDED, in_force_on__gt=day).order_by("-sequence")
    return {Code.parse(code): before for code, before in later.values_list("code", "before")}


class Amendment(Chained, NormalisedTexts, models.Model):
    """A change of a public plan, with the decision behind it. It is never changed or deleted.

    `code` names the part; it is stored as text, since a public plan is never renumbered. `before` and `after` are the
    part's wording: `before` is empty for an added part, `after` for a withdrawn or reinstated one. For a new due date
    they are dates in ISO 8601, for a new target texts such as “6 pilot projects”; empty for none. `form` says what the
    digest covers: form 2, since release 1.3, covers the meeting too. See `content`.
    """

    append_only = True
    erasable = ("recorded_by_name",)

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="amendments", verbose_name=_("plan"))
    sequence = models.PositiveIntegerField(_("sequence"))
    kind = models.CharField(_("kind"), max_length=10, choices=AmendmentKind)
    code = models.CharField(_("code"), max_length=20)
    deliverable = models.ForeignKey(
        "deliverables.Deliverable", models.PROTECT, related_name="amendments", null=True, editable=False
    )
    before = models.TextField(_("before"), blank=True)
    after = models.TextField(_("after"), blank=True)
    decision = models.TextField(_("decision"), max_length=2000)
    decision_link = models.CharField(
        _("where the decision can be read"),
        max_length=1000,
        blank=True,
        validators=[URLValidator(schemes=["https", "http"], message=INVALID_WEB_ADDRESS)],
    )
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="amendments", null=True, blank=True, verbose_name=_("decided at")
    )
    in_force_on = models.DateField(_("in force since"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="amendments", null=True, verbose_name=_("recorded by")
    )
    recorded_by_name = models.CharField(_("recorded under the name"), max_length=150)
    form = models.PositiveSmallIntegerField(default=2, editable=False)
    digest = models.CharField(_("digest"), max_length=64)

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering = ["plan", "-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "sequence"], name="amendment_sequence_unique_in_plan"),
            models.CheckConstraint(condition=Q(kind__in=AmendmentKind.values), name="amendment_kind_known"),
            models.CheckConstraint(condition=~Q(decision=""), name="amendment_has_a_decision"),
        ]

    def __str__(self):
        return f"{self.sequence}: {self.code} {self.get_kind_display()}, {self.in_force_on}"

    def natural_key(self):
        return (self.plan.slug, self.sequence)

    natural_key.dependencies = ["plans.plan"]

    def clean(self):
        today = timezone.localdate(self.recorded_at)
        if error := future_error(self.in_force_on, today) or start_error(self.in_force_on, self.plan):
            raise ValidationError({"in_force_on": error})
        if self.meeting and self.meeting.organisation_id != self.plan.organisation_id:
            raise ValidationError({"meeting": _("This is a meeting of another organisation. Choose another one.")})

    def altered_texts(self):
        """Return what a row of form 1 has and its digest does not cover."""
        return ["meeting"] if self.form == 1 and self.meeting_id else []

    @property
    def is_promise(self):
        """Return whether this changes a due date or a target, and not a text."""
        return self.kind in (AmendmentKind.DUE_DATE, AmendmentKind.TARGET)

    @property
    def text_before(self):
        """Return the due date or target before, as a page shows it."""
        return self.shown(self.before)

    @property
    def text_after(self):
        return self.shown(self.after)

    def shown(self, text):
        if self.kind == AmendmentKind.DUE_DATE:
            return date_format(date.fromisoformat(text)) if text else _("no due date")
        return text or _("no target")

    @property
    def content(self):
        """Return what the digest covers: a dict of strings and None; a person is given by their opaque id.

        `form` is the version of this format: form 2 has the meeting, by its key. It must never change for rows there
        are: their digests would no longer match.
        """
        since_form_2 = {"meeting": self.meeting and str(self.meeting.key)} if self.form >= 2 else {}
        return since_form_2 | {
            "after": self.after,
            "before": self.before,
            "code": self.code,
            "decision": self.decision,
            "decision_link": self.decision_link,
            "form": str(self.form),
            "in_force_on": self.in_force_on.isoformat(),
            "kind": str(self.kind),
            "plan": str(self.plan.key),
            "recorded_at": self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "recorded_by": self.recorded_by_id and str(self.recorded_by_id),
            "sequence": str(self.sequence),
        }
