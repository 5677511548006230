"""New status updates, one or many: chained to the history of their plan, and written with what follows from them."""

from collections import defaultdict

from deliverables.models.evidence_file import EvidenceFile
from deliverables.models.status_update import StatusUpdate
from deliverables.models.takedown import Takedown
from plans.common.bulk_writes import BulkInsert, BulkUpdate
from plans.memory import plan_states

COPIED = ("status", "status_on", "status_since", "achieved")  # from the history to the deliverable


class NewUpdates:
    """Validated updates, each with its place after the last entry of a plan as it was read.

    Nothing is written before `write`, which is the only way into a history. Raises `ValidationError` where a text was
    taken down before. A constant number of queries.
    """

    def __init__(self, plan, updates):
        Takedown.objects.refuse_again([(update.deliverable, update.reported_texts) for update in updates])
        head = plan.history_head
        for sequence, update in enumerate(updates, start=plan.history_length + 1):
            head = update.follow(sequence, head)

        self.updates = updates
        stored = [each for each in copy_statuses(updates) if not each._state.adding]  # the others are yet to be saved
        items = [item for update in updates for item in update.new_items]
        self.writes = [BulkInsert(updates), BulkInsert(items), BulkUpdate(stored, COPIED)]

    def prepare(self):
        """Make the statements ready that `write` executes, before a lock is taken."""
        for write in self.writes:
            write.prepare()

    def write(self, plan):
        """Write the updates at the end of the history of `plan`, which is locked and still as it was read.

        Raises `ValidationError` where a file of their evidence is no longer stored.
        """
        if not self.updates:
            return

        EvidenceFile.objects.require([piece.file for each in self.updates for piece in each.evidence if piece.file])
        for write in self.writes:
            write.write()

        # Head and revision change with the rows, so that a reader never sees one without the other.
        plan.revision += 1
        plan.history_length, plan.history_head = self.updates[-1].sequence, self.updates[-1].digest
        plan.save(update_fields=["revision", "history_length", "history_head"])
        plan_states.cache_clear()


def copy_statuses(updates):
    """Give the deliverables of these updates the status that their histories give then. Return them. One query."""
    deliverables = {update.deliverable.key: update.deliverable for update in updates}
    in_effect, corrected = defaultdict(list), {update.corrects_id for update in updates} - {None}
    earlier = StatusUpdate.objects.in_effect().exclude(pk__in=corrected)
    earlier = earlier.filter(deliverable__in=[each.pk for each in deliverables.values() if each.pk])
    for key, *entry in earlier.values_list("deliverable__key", "effective_on", "sequence", "status", "achieved"):
        in_effect[key].append(entry)
    for each in updates:
        in_effect[each.deliverable.key].append([each.effective_on, each.sequence, each.status, each.achieved])

    for key, deliverable in deliverables.items():
        entries = sorted(in_effect[key], reverse=True)
        deliverable.status_on, _sequence, deliverable.status, _achieved = entries[0]
        breaks = (place for place, entry in enumerate(entries) if entry[2] != deliverable.status)
        deliverable.status_since = entries[next(breaks, len(entries)) - 1][0]
        deliverable.achieved = next((achieved for *_entry, achieved in entries if achieved is not None), None)
    return list(deliverables.values())
