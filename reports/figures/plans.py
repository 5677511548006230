"""The figures of several plans, and what became of what those that are over left open."""

from dataclasses import dataclass

from django.db.models import Count

from deliverables.counts import Counts
from deliverables.models import Deliverable
from deliverables.status import Status
from plans.models import Plan


@dataclass(frozen=True)
class CarriedOver:
    """How many of the deliverables that a plan left open another one continues, and how many of them are attained."""

    plan: Plan
    number: int
    attained: int


@dataclass(frozen=True)
class PlanFigures:
    """The counts of a plan, and where its open deliverables went. `left_open` is None while the plan runs."""

    plan: Plan
    counts: Counts
    left_open: int | None
    carried_over: tuple[CarriedOver, ...]
    not_carried_over: int


def figures_of_plans(plans, today):
    """Return the `PlanFigures` of each plan. Other plans are not named. Two queries for any number."""
    counts, links = counts_by_plan(plans), links_between(plans)
    return [plan_figures(plan, counts.get(plan.pk, Counts()), links.get(plan.pk, {}), plans, today) for plan in plans]


def plan_figures(plan, counts, links, plans, today):
    """Return the figures of one plan. `links` are those of `links_between` for this plan."""
    if plan.ends_on >= today:
        return PlanFigures(plan, counts, None, (), 0)

    carried = tuple(
        CarriedOver(later, len(links[later.pk]), sum(map(is_attained, links[later.pk].values())))
        for later in sorted(plans, key=lambda each: each.starts_on)
        if later.pk in links
    )
    left_open, continued = counts.total - counts.attained, set().union(*links.values())
    return PlanFigures(plan, counts, left_open, carried, left_open - len(continued))


def is_attained(statuses):
    """Return whether all deliverables that continue an old one are attained."""
    return set(statuses) == {Status.ATTAINED}


def counts_by_plan(plans):
    """Return the `Counts` of today by the id of the plan."""
    deliverables = Deliverable.objects.not_withdrawn().filter(measure__action_line__plan__in=plans).order_by()
    rows = deliverables.values_list("measure__action_line__plan", "status").annotate(Count("pk"))
    counts = {}
    for plan, status, number in rows:
        counts.setdefault(plan, {})[Status(status).value] = number
    return {plan: Counts(**numbers) for plan, numbers in counts.items()}


def links_between(plans):
    """Return the statuses of what continues each open deliverable: by its plan, the later plan, and its own id."""
    continuing = Deliverable.objects.not_withdrawn().filter(
        measure__action_line__plan__in=plans, continues__measure__action_line__plan__in=plans
    )
    still_open = continuing.filter(continues__withdrawn_on=None).exclude(continues__status=Status.ATTAINED).order_by()
    columns = ("continues__measure__action_line__plan", "measure__action_line__plan", "continues", "status")
    links = {}
    for earlier, later, continued, status in still_open.values_list(*columns):
        links.setdefault(earlier, {}).setdefault(later, {}).setdefault(continued, []).append(status)
    return links
