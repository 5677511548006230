"""What was promised and then changed: once a plan is public, its words and parts change by a recorded decision."""

from dataclasses import dataclass
from datetime import UTC, date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.models.status_update import WEB_ADDRESS_WANTED
from plans.codes import Code
from plans.common.dates import date_format
from plans.common.hash_chain import Chained
from plans.models import Plan


class AmendmentKind(models.TextChoices):
    ADDED = "added", _("Added")
    REWORDED = "reworded", _("Reworded")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REINSTATED = "reinstated", _("Reinstated")


@dataclass(frozen=True)
class Decision:
    """Who decided what, where that can be read, and since when it holds."""

    text: str
    in_force_on: date
    link: str = ""


class AmendmentQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, sequence):
        return self.get(plan__slug=slug, sequence=sequence)

    def for_page(self, plan):
        """A plan's amendments, the latest decision first."""
        return self.filter(plan=plan).select_related("plan").order_by("-in_force_on", "-sequence")

    def about(self, code, as_of=None):
        """Those on a part and on what it belongs to, in force by the date `as_of`, or by now."""
        codes = [str(part) for part in (code.in_line, code.in_measure, code)]
        return self.filter(code__in=codes, **({"in_force_on__lte": as_of} if as_of else {}))

    def with_wording_on(self, plan, day, updates):
        """The same updates, their deliverables in the words of a day."""
        then = self.wording_on(plan, day)
        for update in updates:
            update.deliverable.title = then.get(update.deliverable.code, update.deliverable.title)
        return updates

    def withdrawals_by(self, as_of):
        """What decides on a day whether a deliverable counts; the first of each says it."""
        fate = self.filter(kind__in=[AmendmentKind.WITHDRAWN, AmendmentKind.REINSTATED], in_force_on__lte=as_of)
        return fate.order_by("-in_force_on", "-sequence")

    def in_chain(self, plan):
        """A plan's amendments from the first to the last that `plan` states."""
        return self.filter(plan=plan, sequence__lte=plan.amendments_length).select_related("plan").order_by("sequence")

    def wording_on(self, plan, day) -> dict[Code, str]:
        """What was worded otherwise on a day than it is now, by code: the words of then. None for now: nothing."""
        if day is None or not plan.amendments_length:
            return {}
        later = self.filter(plan=plan, kind=AmendmentKind.REWORDED, in_force_on__gt=day).order_by("-sequence")
        return {Code.parse(code): before for code, before in later.values_list("code", "before")}

    def append(self, plan, kind, part, before, after, *, by, decision, at):
        """Write down a change of a locked plan with the `Decision` behind it, at the end of its chain."""
        if decision is None:
            raise ValidationError(_("This plan is public: say which decision is behind the change."))
        self._refuse_before_the_last(plan, part, decision.in_force_on)
        amendment = self.model(
            plan=plan,
            sequence=plan.amendments_length + 1,
            kind=kind,
            code=str(part.code),
            deliverable=part if part.code.deliverable else None,
            before=before,
            after=after,
            decision=decision.text,
            decision_link=decision.link,
            in_force_on=decision.in_force_on,
            recorded_at=at or timezone.now(),
            recorded_by=by,
            recorded_by_name=by.name,
        )
        amendment.clean_fields(exclude={"digest", "deliverable"})
        amendment.clean()
        amendment.digest = amendment.digest_after(plan.amendments_head)
        amendment.save(force_insert=True)
        plan.amendments_length, plan.amendments_head = amendment.sequence, amendment.digest
        plan.save(update_fields=["amendments_length", "amendments_head"])

    def _refuse_before_the_last(self, plan, part, day):
        """Decisions on a part are recorded in the order of their days: a day in between would rewrite what was said."""
        last = self.filter(plan=plan, code=str(part.code)).order_by("-in_force_on").first()
        parent = getattr(part, part.parent_field)
        earliest = max(filter(None, [last and last.in_force_on, getattr(parent, "added_on", None)]), default=day)
        if day < earliest:
            values = {"code": part.code, "day": date_format(earliest)}
            text = _("On %(code)s a decision is in force since %(day)s. Enter that day or a later one.")
            raise ValidationError({"in_force_on": text % values})


class Amendment(Chained, models.Model):
    """A change of what a public plan promises, with the decision behind it. Never changed and never deleted.

    `code` is what the part is called; it stays, since a public plan is not renumbered. `before` and `after` are its
    words; a part that is added has none before, one that is withdrawn none after.
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
        validators=[URLValidator(schemes=["https", "http"], message=WEB_ADDRESS_WANTED)],
    )
    in_force_on = models.DateField(_("in force since"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="amendments", null=True, verbose_name=_("recorded by")
    )
    recorded_by_name = models.CharField(_("recorded under the name"), max_length=150)
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
        if self.in_force_on > timezone.localdate(self.recorded_at):
            raise ValidationError({"in_force_on": _("This day is still to come. Enter today or an earlier day.")})
        if self.in_force_on < self.plan.starts_on:
            day = date_format(self.plan.starts_on)
            raise ValidationError({"in_force_on": _("The plan starts on %s. Enter that day or a later one.") % day})

    @property
    def content(self):
        """What the digest covers, every value text or null; a person is their opaque id. `form` numbers this form."""
        return {
            "after": self.after,
            "before": self.before,
            "code": self.code,
            "decision": self.decision,
            "decision_link": self.decision_link,
            "form": "1",
            "in_force_on": self.in_force_on.isoformat(),
            "kind": str(self.kind),
            "plan": str(self.plan.key),
            "recorded_at": self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "recorded_by": self.recorded_by_id and str(self.recorded_by_id),
            "sequence": str(self.sequence),
        }
