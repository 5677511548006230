"""What is asked of one person in a plan: in the open round, or without one, what they may report on."""

from dataclasses import dataclass

from deliverables.models import Proposal, ProposalState, ReportingRound
from deliverables.proposals.rights import reportable
from deliverables.rounds.board import Answer, Ask, answer_of, board_of
from deliverables.status import Status


@dataclass(frozen=True)
class Asked:
    """What is asked of a person. `round` is None where no round is open.

    `in_place_of` are the names of those whose deputy they are, where a round asks them only as that.
    """

    round: ReportingRound | None
    rows: tuple[Ask, ...]
    in_place_of: tuple[str, ...] = ()

    @property
    def missing(self):
        """Return what is not reported yet: first what was sent back, then in the order of the plan."""
        rows = [row for row in self.rows if row.is_missing]
        return sorted(rows, key=lambda row: row.answer != Answer.SENT_BACK)

    @property
    def done(self):
        return [row for row in self.rows if not row.is_missing]

    @property
    def sent_back(self):
        return [row for row in self.rows if row.answer == Answer.SENT_BACK]


def asked_of(person, plan):
    """Return the `Asked` of a person in a plan. Who records statuses is asked in rounds, too."""
    if reporting_round := ReportingRound.objects.open_in(plan):
        reporting_round.plan = plan
        board = board_of(reporting_round)
        return Asked(reporting_round, tuple(board.asks_of(person)), tuple(board.in_place_of(person)))

    deliverables = reportable(person, plan).with_current_status().exclude(current_status=Status.ATTAINED)
    own = Proposal.objects.filter(plan=plan, proposed_by=person).standing()
    last = {proposal.deliverable_id: proposal for proposal in own.order_by("proposed_at", "pk")}
    open_ones = {pk: each for pk, each in last.items() if each.state != ProposalState.ACCEPTED}
    rows = [
        Ask(None, row, answer_of(open_ones.get(row.pk), is_recorded=False), open_ones.get(row.pk))
        for row in deliverables
    ]
    return Asked(None, tuple(rows))
