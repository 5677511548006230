"""What was done: deliverables, the history of what was reported on them, the decisions that changed them."""

from deliverables.models.amendment import Amendment, AmendmentKind, Decision
from deliverables.models.deliverable import NATURAL_ORDER, Deliverable
from deliverables.models.status_update import WEB_ADDRESS_WANTED, Conflict, StatusUpdate

__all__ = [
    "NATURAL_ORDER",
    "WEB_ADDRESS_WANTED",
    "Amendment",
    "AmendmentKind",
    "Conflict",
    "Decision",
    "Deliverable",
    "StatusUpdate",
]
