"""Who may report on what: a responsible person on theirs, the secretary of a region on the region's, and deputies."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q

from deliverables.models import Deliverable
from plans.models import Region

FOR_REGION = "propose_for_region"  # the permission of regional secretaries


@dataclass(frozen=True)
class Capacity:
    """For whom a person reports: for a region, or for the person who is responsible, such as themselves."""

    region: Region | None = None
    person: models.Model | None = None


def secretaries():
    """Return the active people who report for a region."""
    people = get_user_model().objects.filter(is_active=True).exclude(region=None)
    return people.filter(groups__permissions__codename=FOR_REGION).select_related("region", "deputy").distinct()


def represented_by(person):
    """Return the people in whose place a person may report: themselves, and those whose deputy they are."""
    if not (person.is_authenticated and person.is_active):
        return []
    return [person, *person.deputy_of.filter(is_active=True).order_by("pk")]


def regions_of(person):
    """Return the regions that a person reports for, their own first."""
    people = [each.pk for each in represented_by(person)]
    found = secretaries().filter(pk__in=people) if people else []
    return list({each.region: None for each in sorted(found, key=lambda each: people.index(each.pk))})


def reportable(person, plan):
    """Return the deliverables of a plan that a person may report on, without those of the whole network."""
    people = represented_by(person)
    if not people or records_directly(person):
        return Deliverable.objects.none()
    concerned = Q(responsible__in=people) | Q(regions__in=regions_of(person))
    found = Deliverable.objects.filter(concerned, measure__action_line__plan=plan).values("pk")
    return Deliverable.objects.of_plan(plan.slug).not_withdrawn().filter(pk__in=found)


def records_directly(person):
    """Return whether a person records statuses themselves, and so has nothing to propose."""
    return person.has_perm("deliverables.record_status")


def capacity_of(person, deliverable):
    """Return the `Capacity` in which a person may report on a deliverable, or None: also for who records directly."""
    return None if records_directly(person) else asked_capacity(person, deliverable)


def asked_capacity(person, deliverable):
    """Return the `Capacity` in which a person is asked about a deliverable, or None if they are not.

    A region comes before a responsible person: the region's report is asked for where both apply.
    """
    people = represented_by(person)
    if not people or deliverable.withdrawn_on:
        return None
    of_deliverable = set(deliverable.regions.all())
    for region in regions_of(person):
        if region in of_deliverable:
            return Capacity(region=region)
    responsible = next((each for each in people if each.pk == deliverable.responsible_id), None)
    return Capacity(person=responsible) if responsible else None
