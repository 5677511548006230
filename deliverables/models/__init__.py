"""Deliverables, the history of their status updates, and the amendments that changed them."""

from deliverables.models.amendment import Amendment, AmendmentKind, Change, Decision
from deliverables.models.deliverable import NATURAL_ORDER, Deliverable
from deliverables.models.status_update import (
    EVIDENCE_FIELDS,
    INVALID_WEB_ADDRESS,
    REPORT_FIELDS,
    Conflict,
    StatusUpdate,
)

__all__ = [
    "EVIDENCE_FIELDS",
    "NATURAL_ORDER",
    "REPORT_FIELDS",
    "INVALID_WEB_ADDRESS",
    "Amendment",
    "AmendmentKind",
    "Change",
    "Conflict",
    "Decision",
    "Deliverable",
    "StatusUpdate",
]
