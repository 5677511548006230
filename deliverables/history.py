"""The history of a plan as a chain: one place that walks it, for whoever wants to be sure that it is whole."""

from dataclasses import dataclass

from django.db.models import Max

from deliverables.updates import StatusUpdate

CHUNK = 2000


class Broken(Exception):
    """The history is not whole. The message names the first break."""


@dataclass(frozen=True)
class Whole:
    """What a whole history comes to: its number of entries and the digest of the last, empty without any."""

    length: int
    head: str


def verify(plan):
    """Recompute every digest of a plan's history. Raises `Broken` at the first entry that does not fit."""
    length, head = 0, ""
    stated_length, stated_head = plan.history_length, plan.history_head
    for update in StatusUpdate.objects.in_chain(plan).iterator(CHUNK):
        length += 1
        if update.sequence != length:
            raise Broken(f"Entry {length} is missing: after {length - 1} comes {update.sequence}.")
        head = update.digest_after(head)
        if update.digest != head:
            raise Broken(f"Entry {length} is not what was recorded: its digest is {update.digest}, recomputed {head}.")
    beyond = StatusUpdate.objects.filter(plan=plan).aggregate(last=Max("sequence", default=0))["last"]
    plan.refresh_from_db(fields=["history_length"])
    if beyond > plan.history_length:
        raise Broken(f"Entry {plan.history_length + 1} was not recorded through the tracker.")
    if (length, head) != (stated_length, stated_head):
        raise Broken(
            f"The plan states {stated_length} entries with head {stated_head or 'none'};"
            f" there are {length} with head {head or 'none'}."
        )
    return Whole(length, head)
