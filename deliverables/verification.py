"""Verify the hash chains of a plan: its status updates and its amendments."""

from dataclasses import dataclass

from django.db.models import Max

from deliverables.models import Amendment, StatusUpdate

CHUNK = 2000  # rows read at a time, so that memory does not grow with the history
# What the digests cover of other rows. A join with all that a code is made of takes as long as everything else.
RELATIONS = {StatusUpdate: ("deliverable", "corrects"), Amendment: ("meeting",)}


class BrokenChain(Exception):
    """Raised when a chain fails verification. The message names the first break."""


@dataclass(frozen=True)
class VerifiedChain:
    """The result of a successful verification: the number of entries and the last digest, empty for no entries.

    `unverifiable` are the numbers of entries whose own digest cannot be recomputed, since a text that it covers was
    taken down.
    """

    length: int
    head: str
    unverifiable: tuple[int, ...] = ()


def verify_history(plan):
    """Recompute every digest of a plan's status updates. Raise `BrokenChain` at the first mismatch."""
    return verify_chain(plan, StatusUpdate, "history", "Entry")


def verify_amendments(plan):
    """Recompute every digest of a plan's amendments. Raise `BrokenChain` at the first mismatch."""
    return verify_chain(plan, Amendment, "amendments", "Amendment")


def verify_chain(plan, model, chain, name):
    """Recompute a chain, and compare it with the length and head stored in `plan.{chain}_length` and `..._head`.

    No lock is taken: `in_chain` ends at the length that `plan` had when it was read.
    """
    length, head, unverifiable, form = 0, "", [], 1
    stated_length, stated_head = getattr(plan, f"{chain}_length"), getattr(plan, f"{chain}_head")

    for entry in model.objects.in_chain(plan).select_related(None).select_related(*RELATIONS[model]).iterator(CHUNK):
        length += 1
        entry.plan = plan
        if entry.sequence != length:
            raise BrokenChain(f"{name} {length} is missing: after {length - 1} comes {entry.sequence}.")
        if entry.form < form:  # a row turned into an older form would be covered by less
            raise BrokenChain(f"{name} {length} is of form {entry.form}, after one of form {form}.")
        form = entry.form
        if altered := entry.altered_texts():
            raise BrokenChain(f"{name} {length} has another {altered[0].replace('_', ' ')} than was recorded.")
        if not entry.is_recomputable:  # the entries after it still cover its digest
            unverifiable.append(length)
            head = entry.digest
            continue
        head = entry.digest_after(head)
        if entry.digest != head:
            raise BrokenChain(
                f"{name} {length} is not what was recorded: its digest is {entry.digest}, recomputed {head}."
            )

    # Rows beyond the stored length were inserted by other means. The order matters: an update recorded in between
    # raises the stored length too, so the length is read after the rows.
    last_sequence = model.objects.filter(plan=plan).aggregate(last=Max("sequence", default=0))["last"]
    plan.refresh_from_db(fields=[f"{chain}_length"])
    current_length = getattr(plan, f"{chain}_length")
    if last_sequence > current_length:
        raise BrokenChain(f"{name} {current_length + 1} was not recorded through the tracker.")

    if (length, head) != (stated_length, stated_head):
        raise BrokenChain(
            f"The plan states {stated_length} entries with head {stated_head or 'none'};"
            f" there are {length} with head {head or 'none'}."
        )
    return VerifiedChain(length, head, tuple(unverifiable))
