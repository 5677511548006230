"""The history of a plan as a chain: one place that walks it, for whoever wants to be sure that it is whole."""

from dataclasses import dataclass

from django.db.models import Max

from deliverables.models import Amendment, StatusUpdate

CHUNK = 2000


class BrokenChain(Exception):
    """The history is not whole. The message names the first break."""


@dataclass(frozen=True)
class VerifiedChain:
    """What a whole history comes to: its number of entries and the digest of the last, empty without any."""

    length: int
    head: str


def verify_history(plan):
    """Recompute every digest of a plan's status updates. Raises `Broken` at the first entry that does not fit."""
    return verify_chain(plan, StatusUpdate, "history", "Entry")


def verify_amendments(plan):
    """The same for what a decision changed in the plan."""
    return verify_chain(plan, Amendment, "amendments", "Amendment")


def verify_chain(plan, model, chain, name):
    """Follow the chain of a plan whose length and head the plan states as `{chain}_length` and `{chain}_head`."""
    length, head = 0, ""
    stated_length, stated_head = getattr(plan, f"{chain}_length"), getattr(plan, f"{chain}_head")
    for entry in model.objects.in_chain(plan).iterator(CHUNK):
        length += 1
        if entry.sequence != length:
            raise BrokenChain(f"{name} {length} is missing: after {length - 1} comes {entry.sequence}.")
        head = entry.digest_after(head)
        if entry.digest != head:
            raise BrokenChain(
                f"{name} {length} is not what was recorded: its digest is {entry.digest}, recomputed {head}."
            )
    beyond = model.objects.filter(plan=plan).aggregate(last=Max("sequence", default=0))["last"]
    plan.refresh_from_db(fields=[f"{chain}_length"])
    if beyond > (there := getattr(plan, f"{chain}_length")):
        raise BrokenChain(f"{name} {there + 1} was not recorded through the tracker.")
    if (length, head) != (stated_length, stated_head):
        raise BrokenChain(
            f"The plan states {stated_length} entries with head {stated_head or 'none'};"
            f" there are {length} with head {head or 'none'}."
        )
    return VerifiedChain(length, head)
