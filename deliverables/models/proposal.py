"""Proposals: what responsible people and regional secretaries report. Nothing counts until the secretariat accepts."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from deliverables.models.deliverable import Deliverable, Target
from deliverables.models.evidence import Evidence, StoredFile
from deliverables.models.evidence_file import EvidenceFile
from deliverables.models.reporting_round import ReportingRound
from deliverables.models.status_update import MAX_QUANTITY, REPORT_FIELDS, StatusUpdate
from deliverables.models.takedown import Takedown, fingerprint
from deliverables.status import Reason, Status, StatusField
from plans.common.text import NormalisedTexts, normalise
from plans.models import Plan, Region

ACCEPT_KEY = uuid.UUID("5a0c1c0e-6a2e-4f6e-9d0b-54a5b2b7c1d3")  # derives the idempotency key of an accepted proposal
MAX_COMMENT = 1000  # characters


class ProposalState(models.TextChoices):
    """What became of a proposal."""

    WAITING = "waiting", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    SENT_BACK = "sent_back", _("Sent back")
    WITHDRAWN = "withdrawn", _("Withdrawn by its author")


class AlreadyAnswered(Exception):
    """Raised when a proposal does not wait any more. `proposal` says what became of it. Nothing was written."""

    def __init__(self, proposal):
        self.proposal = proposal
        super().__init__(f"the proposal is {proposal.state}")


class AlreadyProposed(Exception):
    """Raised when a person has sent another report, `proposal`, since they opened the form. Nothing was written."""

    def __init__(self, proposal):
        self.proposal = proposal
        super().__init__("another proposal of the same person waits")


class ProposalQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=ProposalState.WAITING)

    def standing(self):
        """Return those that are not withdrawn, nor sent back before the secretariat recorded the matter itself."""
        recorded = StatusUpdate.objects.filter(deliverable=OuterRef("deliverable"), proposed_by=None)
        since = recorded.filter(recorded_at__gt=OuterRef("answered_at"), sequence__gt=OuterRef("seen"))
        return self.exclude(state=ProposalState.WITHDRAWN).exclude(Q(state=ProposalState.SENT_BACK) & Exists(since))

    def for_page(self):
        """Return the proposals with what a page shows of each, the oldest first. See `with_latest`."""
        return self.with_latest().prefetch_related("items")

    def with_latest(self):
        """Annotate what is recorded now on each one's deliverable, and order them, the oldest first.

        `latest_seen` is the number of the last update on the deliverable, which `Deliverable.record` needs,
        `latest_next_step` the next step of the update in effect.
        """
        in_effect = StatusUpdate.objects.filter(deliverable=OuterRef("deliverable")).in_effect_on(None)
        last = StatusUpdate.objects.filter(deliverable=OuterRef("deliverable")).order_by("-sequence")
        related = ["deliverable__measure__action_line__plan", "deliverable__responsible"]
        related += ["region", "round", "proposed_by"]
        proposals = self.annotate(
            latest_seen=Coalesce(Subquery(last.values("sequence")[:1]), 0),
            latest_next_step=Coalesce(Subquery(in_effect.values("next_step")[:1]), Value("")),
        )
        return proposals.select_related(*related).order_by("proposed_at", "pk")

    def last_of(self, person, deliverable):
        """Return a person's last proposal on a deliverable that waits or was sent back, or None."""
        last = self.filter(deliverable=deliverable, proposed_by=person).standing().for_page().last()
        return last if last and last.state != ProposalState.ACCEPTED else None

    def drop_files(self):
        """Let go of the files of these proposals, which nobody reads any more: a file in no other place is removed.

        The whole piece goes: its title alone would be evidence of another kind.
        """
        ProposalItem.objects.filter(proposal__in=self).exclude(file="").delete()

    def erase_text(self, deliverable, text):
        """Empty a text, or the hash of a file, in the proposals on a deliverable: it was taken down.

        A text is recognised as when somebody enters it again: other white space is no other text.
        """
        erased = fingerprint(text)
        proposals = self.filter(deliverable=deliverable)
        for rows, names in (
            (proposals, ("note", "next_step", "comment")),
            (ProposalItem.objects.filter(proposal__in=proposals), ("title", "link", "file")),
        ):
            for row in rows:
                found = [name for name in names if getattr(row, name) and fingerprint(getattr(row, name)) == erased]
                if found:
                    type(row).objects.filter(pk=row.pk).update(**dict.fromkeys(found, ""))

    def propose(self, deliverable, report, *, by, capacity, seen, submission, replaces=None, at=None):
        """Store what a person reports on a deliverable, and return the proposal.

        `report` is as for `Deliverable.record`, with its evidence. `capacity` says for whom they report: see
        `proposals.rights.Capacity`. `seen` is the last update that they saw, `submission` the idempotency key.
        `replaces` is the key of their own proposal that waits and that they saw; None for none.

        Raises `AlreadyProposed` when another one of theirs waits, and `ValidationError` when a rule of reports is
        broken. Then nothing is written.
        """
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=deliverable.plan.pk)
            sent = self.filter(submission=submission).first()
            if sent and sent.is_same(deliverable, report, by=by):
                return sent
            if sent:  # changed, and sent again from the same page: a report of its own
                submission = uuid.uuid4()
            if Deliverable.objects.withdrawn().filter(pk=deliverable.pk).exists():
                raise ValidationError(_("%s is withdrawn, so it cannot be updated.") % deliverable.code)

            if seen > deliverable.last_sequence:
                raise ValidationError(_("The form is incomplete. Reload the page, then record your update again."))

            now = at or timezone.now()
            pieces = tuple(filter(None, (piece.cleaned() for piece in report["evidence"])))
            fields = {name: report[name] for name in REPORT_FIELDS if name in report}
            update = validate_report(deliverable, fields, pieces, now)
            Takedown.objects.refuse_again([(deliverable, update.reported_texts)])
            EvidenceFile.objects.require([piece.file for piece in pieces if piece.file])

            earlier = self.filter(deliverable=deliverable, proposed_by=by)
            if other := earlier.waiting().exclude(key=replaces).first():
                raise AlreadyProposed(other)
            earlier.waiting().update(state=ProposalState.WITHDRAWN, answered_at=now)
            earlier.filter(state__in=[ProposalState.WITHDRAWN, ProposalState.SENT_BACK]).drop_files()
            proposal = self.create(
                plan=plan,
                deliverable=deliverable,
                round=ReportingRound.objects.asking_about(deliverable),
                region=capacity.region,
                on_behalf_of=capacity.person,
                proposed_by=by,
                proposed_by_name=by.name,
                proposed_at=now,
                seen=seen,
                submission=submission,
                **fields,
            )
            ProposalItem.objects.bulk_create(
                ProposalItem.of(proposal, number, piece) for number, piece in enumerate(pieces, start=1)
            )
            Plan.objects.raise_reporting_revision(plan)
        return proposal


def validate_report(deliverable, fields, pieces, at):
    """Return an unsaved update with a report. Raise `ValidationError` where it breaks a rule of status updates."""
    deliverable.refresh_from_db(fields=["achieved", "target", "target_unit"])
    update = StatusUpdate(deliverable=deliverable, plan=deliverable.plan, recorded_at=at, **fields)
    update.evidence = pieces
    update.validate(REPORT_FIELDS)
    return update


class Proposal(NormalisedTexts, models.Model):
    """What a person reports on a deliverable: the fields of a status update. The secretariat answers it.

    The person reports for a `region`, or `on_behalf_of` the responsible person: themselves, or the one whose deputy
    they are. `seen` is the number of the last update that they knew. The content of a proposal never changes: a person
    who changes theirs makes a new one, in whose place the old one is withdrawn.

    `announced_at` and `answer_sent_at` say when the mails about it were made.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="proposals")
    deliverable = models.ForeignKey(Deliverable, models.PROTECT, related_name="proposals")
    round = models.ForeignKey(ReportingRound, models.PROTECT, related_name="proposals", null=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="proposals", null=True)
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="proposals")
    proposed_by_name = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    seen = models.PositiveIntegerField()
    submission = models.UUIDField(unique=True)

    status = StatusField(_("status"), choices=[(status.value, status.label) for status in Status.recordable()])
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    effective_on = models.DateField(_("effective on"))
    achieved = models.PositiveIntegerField(
        _("achieved"), null=True, blank=True, validators=[MaxValueValidator(MAX_QUANTITY)]
    )
    note = models.TextField(_("note"), blank=True, validators=[MaxLengthValidator(5000)])
    next_step = models.CharField(_("next step"), max_length=500, blank=True)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)

    state = models.CharField(_("state"), max_length=10, choices=ProposalState, default=ProposalState.WAITING)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    answered_by_name = models.CharField(max_length=150, blank=True)
    comment = models.TextField(_("comment"), max_length=MAX_COMMENT, blank=True)
    update = models.OneToOneField(StatusUpdate, models.PROTECT, related_name="proposal", null=True)
    announced_at = models.DateTimeField(null=True)
    answer_sent_at = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["proposed_at", "pk"]
        indexes = [models.Index(fields=["plan", "state"], name="proposal_state")]
        permissions = [("propose_for_region", "Can report for their region")]
        constraints = [
            models.UniqueConstraint(
                fields=["deliverable", "proposed_by"],
                condition=Q(state=ProposalState.WAITING),
                name="proposal_one_waits_a_person",
            ),
            models.CheckConstraint(condition=Q(state__in=ProposalState.values), name="proposal_state_known"),
            models.CheckConstraint(
                condition=(Q(state=ProposalState.ACCEPTED) & Q(update__isnull=False))
                | (~Q(state=ProposalState.ACCEPTED) & Q(update__isnull=True)),
                name="proposal_accepted_has_an_update",
            ),
        ]

    def __str__(self):
        return f"{self.deliverable.code}: {self.status.label}, {self.proposed_by_name}"

    @cached_property
    def evidence(self):
        return tuple(filter(None, (item.evidence for item in self.items.all())))

    @property
    def fragment_key(self):
        """Return what is shown of it besides texts of the plan: its content never changes. It needs `for_page()`."""
        recorded = self.deliverable.status, self.deliverable.achieved, self.latest_seen, self.latest_next_step
        return str(self.key), self.state, self.comment, self.note, self.proposed_by_name, self.evidence, *recorded

    @property
    def report(self):
        """Return what is proposed, as `Deliverable.record` takes it."""
        return {name: getattr(self, name) for name in REPORT_FIELDS} | {"evidence": self.evidence}

    def is_same(self, deliverable, report, *, by):
        """Return whether this is the same report, sent a second time by mistake."""
        pieces = tuple(filter(None, (piece.cleaned() for piece in report["evidence"])))
        is_there = self.state in (ProposalState.WAITING, ProposalState.ACCEPTED)
        is_of_same = (self.deliverable_id, self.proposed_by_id) == (deliverable.pk, by.pk)
        fields = {name: value for name, value in report.items() if name in REPORT_FIELDS}
        is_equal = all(getattr(self, name) == value for name, value in fields.items()) and self.evidence == pieces
        return is_there and is_of_same and is_equal

    @property
    def is_waiting(self):
        return self.state == ProposalState.WAITING

    @property
    def proposed_on(self):
        return timezone.localdate(self.proposed_at)

    @property
    def is_outdated(self):
        """Return whether something was recorded on the deliverable after the person saw it. It needs `for_page()`."""
        return self.latest_seen != self.seen

    @property
    def removes_next_step(self):
        """Return whether accepting it removes a next step of what stays open. It needs `for_page()`."""
        return bool(self.latest_next_step) and self.status == Status.IN_PROGRESS and not self.next_step

    @property
    def changes_quantity(self):
        """Return whether it reports another quantity than the last one that was recorded."""
        return self.achieved is not None and self.achieved != self.deliverable.achieved

    def is_superseded(self):
        """Return whether it was sent back, and its author has sent another one since."""
        later = Proposal.objects.filter(
            deliverable=self.deliverable_id, proposed_by=self.proposed_by_id, pk__gt=self.pk
        )
        return self.state == ProposalState.SENT_BACK and later.exclude(state=ProposalState.WITHDRAWN).exists()

    @property
    def lacks_evidence(self):
        """Return whether it says that something is attained, and shows nothing of it."""
        return self.status == Status.ATTAINED and not self.evidence

    @property
    def was_changed(self):
        """Return whether it was accepted with changes."""
        return self.state == ProposalState.ACCEPTED and not self.update.is_same_report(self.report)

    @property
    def target(self):
        return Target.of(self.deliverable)

    def accept(self, *, by, seen, report=None, at=None):
        """Record what is proposed, or the changed `report`, in the name of its author. Return the status update.

        `seen` is the last update on the deliverable that the person who accepts has seen. Accepting twice records once.
        Raises `AlreadyAnswered`, and what `Deliverable.record` raises. Then nothing is written.
        """
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=self.plan_id)
            stored = self._stored()
            is_again = stored.state == ProposalState.ACCEPTED and stored.answered_by_id == by.pk
            if is_again and (report is None or stored.update.is_same_report(report)):
                return stored.update
            stored._require_waiting()

            report = dict(report or stored.report)
            update = stored.deliverable.record(
                report.pop("status"),
                by=by,
                seen=seen,
                submission=uuid.uuid5(ACCEPT_KEY, str(stored.key)),
                proposed_by=stored.proposed_by,
                at=at,
                **report,
            )
            stored._answer(ProposalState.ACCEPTED, by=by, at=at, update=update)
            Plan.objects.raise_reporting_revision(plan)
        return update

    def send_back(self, *, by, comment, at=None):
        """Ask the author for something, with a comment. Raises `AlreadyAnswered`, and `ValidationError` without one."""
        comment = normalise(comment)
        if not comment:
            raise ValidationError({"comment": _("Write what is missing, so that they know what to do.")})
        if len(comment) > MAX_COMMENT:
            raise ValidationError({"comment": _("Write at most %d characters.") % MAX_COMMENT})
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=self.plan_id)
            stored = self._stored()
            stored._require_waiting()
            stored._answer(ProposalState.SENT_BACK, by=by, at=at, comment=comment)
            Plan.objects.raise_reporting_revision(plan)

    def withdraw(self, *, by, at=None):
        """Take the proposal back. Raises `AlreadyAnswered`, and `ValidationError` for anybody but its author."""
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=self.plan_id)
            stored = self._stored()
            if stored.proposed_by_id != by.pk:
                raise ValidationError(_("Only its author can withdraw a proposal."))
            stored._require_waiting()
            stored._answer(ProposalState.WITHDRAWN, by=by, at=at)
            Proposal.objects.filter(pk=stored.pk).drop_files()
            Plan.objects.raise_reporting_revision(plan)

    def _stored(self):
        """Return the proposal as it is stored, read under the lock of its plan."""
        return Proposal.objects.for_page().get(pk=self.pk)

    def _require_waiting(self):
        if not self.is_waiting:
            raise AlreadyAnswered(self)

    def _answer(self, state, *, by, at, **fields):
        values = {"state": state, "answered_at": at or timezone.now(), "answered_by": by, "answered_by_name": by.name}
        for name, value in (values | fields).items():
            setattr(self, name, value)
        self.save(update_fields=[*values, *fields])


class ProposalItem(NormalisedTexts, models.Model):
    """A piece of evidence of a proposal: see `EvidenceItem`, which an accepted one becomes."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300, blank=True)
    link = models.CharField(max_length=1000, blank=True)
    file = models.CharField(max_length=64, blank=True, db_index=True)
    file_size = models.PositiveIntegerField(default=0)
    file_kind = models.CharField(max_length=10, blank=True)

    class Meta:
        verbose_name = _("evidence item of a proposal")
        verbose_name_plural = _("evidence items of proposals")
        ordering = ["proposal", "number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="proposal_item_number_unique")]

    def __str__(self):
        return str(self.evidence)

    @classmethod
    def of(cls, proposal, number, piece):
        item = cls(proposal=proposal, number=number, title=piece.title, link=piece.link)
        if piece.file:
            item.file, item.file_size, item.file_kind = piece.file.sha256, piece.file.size, piece.file.kind
        return item

    @property
    def evidence(self):
        file = StoredFile(self.file, self.file_size, self.file_kind) if self.file else None
        return Evidence(self.title, self.link, file)
