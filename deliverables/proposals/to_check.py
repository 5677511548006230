"""The proposals that wait for the secretariat, as the template `to_check.html` lists them."""

from deliverables.models import Proposal
from plans.memory import by_reporting

PROPOSALS_SHOWN = 20


def proposals_to_check(plan):
    """Return the context of the list: the oldest that wait, and how many do."""
    number = number_waiting(plan)
    waiting = Proposal.objects.filter(plan=plan).waiting()
    return {"proposals": list(waiting.for_page()[:PROPOSALS_SHOWN]) if number else [], "proposals_waiting": number}


@by_reporting
def number_waiting(plan):
    return Proposal.objects.filter(plan=plan).waiting().count()
