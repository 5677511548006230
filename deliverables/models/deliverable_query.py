"""Queries of deliverables: what exists, what is promised and what is reported, on a date."""

from django.db import models
from django.db.models import Case, DateField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf

from deliverables.models.amendment import Amendment, AmendmentKind
from deliverables.models.status_update import PLANNED_FIELDS, StatusUpdate
from deliverables.status import Status, StatusField
from plans.codes import Code
from plans.memory import by_structure
from plans.models import Visibility

NATURAL_ORDER = ("measure__action_line__number", "measure__number", "number")


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

    def grouped_under(self, measures, *, with_responsible=True):
        """Return a list of the deliverables, each with its measure from `measures`, which saves joining it to each."""
        measures = {measure.pk: measure for measure in measures}
        rows = self.select_related(None)
        deliverables = list(rows.select_related("responsible") if with_responsible else rows)
        for deliverable in deliverables:
            deliverable.measure = measures[deliverable.measure_id]
        return deliverables

    def regions_in(self, plan):
        """Return the regions of each deliverable of a plan that has any, by the deliverable's id."""
        return regions_by_deliverable(plan, self.model.regions.through.objects)

    def continued_by(self, plan):
        """Return the deliverables that those of a plan continue, in plans that all readers of this plan may read."""
        wider = Visibility(plan.visibility).or_wider
        continued = self.filter(
            continued_by__measure__action_line__plan=plan, measure__action_line__plan__visibility__in=wider
        )
        return continued.select_related("measure__action_line__plan").distinct()

    def linked_with(self, plan):
        """Return the deliverables that those of a plan continue, and those that continue one of them, by plan."""
        of_plan = self.model.objects.of_plan(plan.slug)
        linked = self.filter(Q(pk__in=of_plan.values("continues")) | Q(continues__in=of_plan.values("pk")))
        return linked.select_related("measure__action_line__plan").order_by(
            "measure__action_line__plan__starts_on", *NATURAL_ORDER, "pk"
        )

    def with_next_step(self):
        """Annotate `next_step` and `expected_on`, as the last report names them."""
        latest = StatusUpdate.objects.in_effect_on(None).filter(deliverable=OuterRef("pk"))
        return self.annotate(**{name: Subquery(latest.values(name)[:1]) for name in PLANNED_FIELDS})

    def with_seen(self):
        """Annotate `seen`: the sequence number of each one's last update, 0 if none. See `Deliverable.record`."""
        last = StatusUpdate.objects.filter(deliverable=OuterRef("pk")).order_by("-sequence")
        return self.annotate(seen=Coalesce(Subquery(last.values("sequence")[:1]), 0))


@by_structure
def regions_by_deliverable(plan, memberships):
    """Return what `regions_in` does. One query."""
    regions = {}
    memberships = memberships.filter(deliverable__measure__action_line__plan=plan)
    for membership in memberships.select_related("region").order_by("region__name", "pk"):
        regions.setdefault(membership.deliverable_id, []).append(membership.region)
    return regions
