"""Who is asked about what in a reporting round, and who has answered."""

from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from deliverables.models import Deliverable, Proposal, ProposalState, ReportingRound, StatusUpdate
from deliverables.proposals.rights import secretaries
from plans.models import Measure, Plan, Region


class Answer(models.TextChoices):
    """What became of a question."""

    OPEN = "open", _("Not reported yet")
    SENT_BACK = "sent_back", _("Sent back")
    WAITING = "waiting", _("Waiting for the Secretariat")
    ACCEPTED = "accepted", _("Accepted")
    RECORDED = "recorded", _("Recorded by the Secretariat")


MISSING = (Answer.OPEN, Answer.SENT_BACK)  # what a reminder lists


@dataclass(frozen=True, eq=False)
class Party:
    """Who is asked: a region, with its secretaries, or a responsible person. `people` are written to."""

    region: Region | None
    person: models.Model | None
    people: tuple = ()

    @property
    def key(self):
        """Return what names the party in a form: the region's short name, or the person's id."""
        return self.region.slug if self.region else str(self.person.pk)

    @property
    def name(self):
        return self.region.name if self.region else self.person.name

    def is_of(self, person):
        """Return whether a person is asked for themselves, not as a deputy."""
        return person == self.person if self.person else person.region_id == self.region.pk


@dataclass(frozen=True, eq=False)
class Ask:
    """A question: to a party (None outside a round), a deliverable, what became of it, the last proposal (or None)."""

    party: Party | None
    deliverable: Deliverable
    answer: Answer
    proposal: Proposal | None = None

    @property
    def is_missing(self):
        return self.answer in MISSING


@dataclass
class PartyReports:
    """The questions to one party."""

    party: Party
    asks: list[Ask] = field(default_factory=list)

    @property
    def total(self):
        return len(self.asks)

    @cached_property
    def missing(self):
        return [ask for ask in self.asks if ask.is_missing]

    @property
    def answered(self):
        return self.total - len(self.missing)

    @property
    def share(self):
        """Return how much is answered, as a width in percent."""
        return f"{100 * self.answered / self.total:.0f}%"

    @property
    def is_complete(self):
        return not self.missing


@dataclass(frozen=True)
class RoundBoard:
    """All questions of a round, by party: regions first, then people, each by name."""

    round: ReportingRound | None  # None in a preview
    parties: list[PartyReports]
    unasked: list[Deliverable]  # nobody is responsible, and no region with a secretary has them
    without_secretary: list[Region]  # regions of the deliverables that nobody reports for

    @cached_property
    def asks(self):
        return [ask for party in self.parties for ask in party.asks]

    @property
    def total(self):
        return len(self.asks)

    @property
    def answered(self):
        return sum(party.answered for party in self.parties)

    @property
    def late(self):
        """Return the parties that have not reported on everything."""
        return [party for party in self.parties if not party.is_complete]

    @property
    def result(self):
        """Return who has reported, as a closed round stores it."""
        return [
            {
                "name": party.party.name,
                "region": bool(party.party.region),
                "answered": party.answered,
                "total": party.total,
            }
            for party in self.parties
        ]

    def asks_of(self, person, parties=None):
        """Return what is asked of a person: for their region, as responsible, and as a deputy.

        Each deliverable comes once: they report for the region where both apply, as `rights.asked_capacity` says. With
        `parties`, only what these are asked.
        """
        asks = {}
        for each in self.parties:
            if person in each.party.people:
                for ask in each.asks:
                    asks.setdefault(ask.deliverable.pk, ask)
        chosen = None if parties is None else {each.party for each in parties}
        return [ask for ask in asks.values() if chosen is None or ask.party in chosen]

    def in_place_of(self, person):
        """Return the names of those whose deputy a person is, where they are asked only as that."""
        parties = [each.party for each in self.parties if person in each.party.people and not each.party.is_of(person)]
        found = (each for party in parties for each in party.people if each.deputy_id == person.pk)
        return list(dict.fromkeys(each.name for each in found))

    def people(self, parties=None):
        """Return who is written to about the parties (default: all), each with their questions."""
        people = {person for each in (self.parties if parties is None else parties) for person in each.party.people}
        return {person: self.asks_of(person, parties) for person in people}


def progress_of_round(reporting_round, board=None):
    """Return how many reports of a round are in, and how many it asks for: of a closed one, as it was then.

    The `board` of an open round is read if it is not given.
    """
    if not reporting_round.is_open:
        result = reporting_round.result
        return sum(each["answered"] for each in result), sum(each["total"] for each in result)
    board = board or board_of(reporting_round)
    return board.answered, board.total


def close_round(reporting_round, *, by, at=None):
    """Close a round, and store who has reported."""
    with transaction.atomic():
        Plan.objects.select_for_update().get(pk=reporting_round.plan_id)
        reporting_round.refresh_from_db(fields=["closed_at"])
        if reporting_round.is_open:
            reporting_round.close(by=by, result=board_of(reporting_round).result, at=at)


def board_of(reporting_round):
    """Return the `RoundBoard` of an open round. The number of queries does not depend on its size."""
    plan = reporting_round.plan
    rows = Deliverable.objects.filter(rounds=reporting_round).not_withdrawn().with_current_status()
    deliverables = rows.grouped_under(Measure.objects.of_plan(plan), with_responsible=False)
    answers = latest_proposals(reporting_round), recorded_since(reporting_round)
    return RoundBoard(reporting_round, *parties_of(plan, deliverables, *answers))


def preview_of(plan, deliverables):
    """Return the board that a new round about these deliverables of a plan would have."""
    return RoundBoard(None, *parties_of(plan, deliverables, {}, set()))


def parties_of(plan, deliverables, proposals, recorded):
    """Return what a `RoundBoard` has: the parties, what nobody is asked about, and the regions without a secretary."""
    regions, region_parties = Deliverable.objects.regions_in(plan), parties_of_regions()
    person_parties = parties_of_people({row.responsible_id for row in deliverables} - {None})
    reports, unasked, without_secretary = {}, [], set()
    for deliverable in deliverables:
        of_deliverable = regions.get(deliverable.pk, ())
        asked = [region_parties[each] for each in of_deliverable if each in region_parties]
        without_secretary.update(each for each in of_deliverable if each not in region_parties)
        responsible = person_parties.get(deliverable.responsible_id)
        if responsible and not any(responsible.person in party.people for party in asked):
            asked.append(responsible)  # unless they are asked as the secretary of a region
        for party in asked:
            # Of a responsible person, who may have handed over meanwhile, any report on their behalf counts.
            proposal = proposals.get((deliverable.pk, party.region))
            answer = answer_of(proposal, is_recorded=deliverable.pk in recorded)
            if party not in reports:
                reports[party] = PartyReports(party)
            reports[party].asks.append(Ask(party, deliverable, answer, proposal))
        if not asked:
            unasked.append(deliverable)
    ordered = sorted(reports.values(), key=lambda each: (each.party.region is None, each.party.name, each.party.key))
    return ordered, unasked, sorted(without_secretary, key=lambda region: region.name)


def parties_of_regions():
    """Return the `Party` of each region that has a secretary."""
    people = {}
    for secretary in secretaries():
        people.setdefault(secretary.region, []).append(secretary)
    return {region: Party(region, None, with_deputies(found)) for region, found in people.items()}


def with_deputies(people):
    """Return the active ones of these people and of their deputies, each once."""
    everyone = [each for person in people for each in (person, person.deputy)]
    return tuple(dict.fromkeys(each for each in everyone if each and each.is_active))


def parties_of_people(ids):
    """Return the `Party` of each responsible person who has an active account, by id."""
    people = get_user_model().objects.filter(is_active=True).select_related("deputy").in_bulk(ids)
    return {pk: Party(None, person, with_deputies([person])) for pk, person in people.items()}


def latest_proposals(reporting_round):
    """Return the last proposal of a round by deliverable and region (None: of its responsible person)."""
    proposals = Proposal.objects.filter(round=reporting_round).exclude(state=ProposalState.WITHDRAWN)
    proposals = proposals.select_related("region", "proposed_by").order_by("proposed_at", "pk")
    latest = {}
    for each in proposals:
        before = latest.get((each.deliverable_id, each.region))
        if not (before and before.is_waiting) or each.is_waiting:  # what waits comes before what was sent back
            latest[each.deliverable_id, each.region] = each
    return latest


def recorded_since(reporting_round):
    """Return the ids of the deliverables on which the secretariat has recorded since the round was opened."""
    updates = StatusUpdate.objects.filter(plan=reporting_round.plan, sequence__gt=reporting_round.opened_after)
    return set(updates.filter(proposed_by=None).values_list("deliverable_id", flat=True))


def answer_of(proposal, *, is_recorded):
    """Return what became of a question, from the last proposal of its party and whether the secretariat recorded."""
    if proposal and proposal.state == ProposalState.WAITING:
        return Answer.WAITING
    if proposal and proposal.state == ProposalState.ACCEPTED:
        return Answer.ACCEPTED
    if is_recorded:
        return Answer.RECORDED
    return Answer.SENT_BACK if proposal else Answer.OPEN
