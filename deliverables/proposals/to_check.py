"""The proposals that wait for the secretariat, as the template `to_check.html` lists them."""

from deliverables.models import Proposal

PROPOSALS_SHOWN = 20


def proposals_to_check(plan):
    """Return the context of the list: the oldest that wait, and how many do."""
    waiting = Proposal.objects.filter(plan=plan).waiting()
    proposals = list(waiting.for_page()[:PROPOSALS_SHOWN])
    number = len(proposals) if len(proposals) < PROPOSALS_SHOWN else waiting.count()
    return {"proposals": proposals, "proposals_waiting": number}
