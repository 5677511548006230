"""Deliverables, the history of their status updates, and the amendments that changed them."""

from deliverables.models.amendment import Amendment, AmendmentKind, Change, Decision
from deliverables.models.deliverable import Deliverable, Target, continues_error
from deliverables.models.deliverable_query import NATURAL_ORDER
from deliverables.models.evidence import (
    INVALID_WEB_ADDRESS,
    MAX_EVIDENCE,
    Evidence,
    EvidenceItem,
    StoredFile,
    join_lines,
    load_evidence,
    split_lines,
)
from deliverables.models.evidence_file import EvidenceFile
from deliverables.models.link_check import LinkCheck, LinkState, may_see_link_checks
from deliverables.models.proposal import AlreadyAnswered, AlreadyProposed, Proposal, ProposalItem, ProposalState
from deliverables.models.reporting_round import ReportingRound, open_deliverables
from deliverables.models.status_update import PLANNED_FIELDS, REPORT_FIELDS, Conflict, StatusUpdate
from deliverables.models.takedown import Takedown, TakedownField

__all__ = [
    "open_deliverables",
    "ReportingRound",
    "ProposalState",
    "ProposalItem",
    "Proposal",
    "AlreadyAnswered",
    "AlreadyProposed",
    "INVALID_WEB_ADDRESS",
    "MAX_EVIDENCE",
    "NATURAL_ORDER",
    "PLANNED_FIELDS",
    "REPORT_FIELDS",
    "Amendment",
    "AmendmentKind",
    "Change",
    "Conflict",
    "Decision",
    "Deliverable",
    "Evidence",
    "EvidenceFile",
    "EvidenceItem",
    "LinkCheck",
    "LinkState",
    "StatusUpdate",
    "StoredFile",
    "Takedown",
    "TakedownField",
    "Target",
    "continues_error",
    "join_lines",
    "load_evidence",
    "may_see_link_checks",
    "split_lines",
]
