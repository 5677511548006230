"""The proposals that wait for the secretariat, as the template `to_check.html` lists them."""

from django.db.models import prefetch_related_objects

from deliverables.models import Proposal
from plans.common.prepared import prepared
from plans.memory import by_reporting

PROPOSALS_SHOWN = 20


def proposals_to_check(plan):
    """Return the context of the list: the oldest that wait, and how many do. Two queries, none without any."""
    number = len(waiting_on(plan))
    proposals = oldest_waiting(plan.pk) if number else []
    prefetch_related_objects(proposals, "items")
    return {"proposals": proposals, "proposals_waiting": number}


@by_reporting
def waiting_on(plan):
    """Return the id of the deliverable of each proposal that waits."""
    return list(Proposal.objects.filter(plan=plan).waiting().values_list("deliverable", flat=True))


@prepared
def oldest_waiting(plan):
    return Proposal.objects.filter(plan=plan).waiting().with_latest()[:PROPOSALS_SHOWN]
