"""Deliverables, the history of their status updates, and the amendments that changed them."""

from deliverables.models.amendment import Amendment, AmendmentKind, Change, Decision
from deliverables.models.deliverable import MAX_TITLE, Deliverable, continues_error, neighbours_of, standings_of
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
from deliverables.models.feed import COLUMNS as FEED_COLUMNS
from deliverables.models.feed import FeedEntry
from deliverables.models.link_check import LinkCheck, LinkState, may_see_link_checks
from deliverables.models.new_updates import NewUpdates
from deliverables.models.proposal import AlreadyAnswered, AlreadyProposed, Proposal, ProposalItem, ProposalState
from deliverables.models.reporting_round import ReportingRound, open_deliverables, open_round_of
from deliverables.models.standing import COLUMNS as STANDING_COLUMNS
from deliverables.models.standing import Standing
from deliverables.models.status_update import PLANNED_FIELDS, REPORT_FIELDS, Conflict, StatusUpdate
from deliverables.models.takedown import Takedown, TakedownField, load_takedowns
from deliverables.models.target import Target

__all__ = [
    "open_deliverables",
    "open_round_of",
    "standings_of",
    "STANDING_COLUMNS",
    "Standing",
    "ReportingRound",
    "ProposalState",
    "ProposalItem",
    "Proposal",
    "AlreadyAnswered",
    "AlreadyProposed",
    "FEED_COLUMNS",
    "FeedEntry",
    "INVALID_WEB_ADDRESS",
    "MAX_EVIDENCE",
    "MAX_TITLE",
    "NATURAL_ORDER",
    "NewUpdates",
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
    "load_takedowns",
    "neighbours_of",
    "may_see_link_checks",
    "split_lines",
]
