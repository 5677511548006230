"""What a database of release 1.3 or later holds besides: see since_1_0.py, which runs before in the same shell."""

from datetime import UTC, date, datetime

from deliverables.models import Decision, Deliverable, Evidence, Takedown
from deliverables.plan_editing.structure import save_part
from metropolis_tracker.accounts.models import User
from plans.meetings import Meeting
from plans.models import Plan
from reports.editions.withdrawal import EditionWithdrawal
from tests.builders import publish, report

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)

sofia = User.objects.get(name="Sofia Marín")
rashid = User.objects.get(name="Rashid Amrani")
adam = User.objects.create_user("adam@metropolis.example", name="Adam Weiss", role="Administrators")
plan = Plan.objects.get(slug="2021-2023")

# A target and a due date that a meeting decided, an update with all that it may hold, and one without its note.
meeting = Meeting(
    organisation=plan.organisation, name="Board of Directors", place="Lyon", held_on=date(2021, 5, 1)
).store()
third = Deliverable.objects.of_plan(plan.slug).with_current_status().get(number=3)
third.target, third.target_unit, third.due_on = 6, "pilot projects", date(2023, 6, 30)
decision = Decision("Six pilot projects (decision 4).", meeting.held_on, meeting=meeting)
save_part(third, by=sofia, fields=["target", "target_unit", "due_on"], decision=decision, at=AT)
third = Deliverable.objects.of_plan(plan.slug).with_current_status().get(number=3)
evidence = [Evidence("Pilot in Douala", "https://metropolis.org/douala"), Evidence("Minutes of the Board", "")]
options = {"proposed_by": rashid, "achieved": 2, "next_step": "Pilot in Accra.", "expected_on": date(2022, 3, 1)}
report(third, "in_progress", by=sofia, note="It names somebody.", evidence=evidence, **options)
Takedown.objects.take_down(third.updates.last(), ["note-0"], reason="It named a person who asked.", by=adam, at=AT)

# An edition whose documents were erased.
edition = publish(plan, by=sofia, title="Published by mistake")
EditionWithdrawal.objects.withdraw(edition, reason="It was published by mistake.", is_erased=True, by=adam, at=AT)
