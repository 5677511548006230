"""What a database of release 1.0 or later holds. `tests.upgrades.store` runs it in a release's own shell.

All of it goes through the release's own methods. It has names and texts that nobody has in reality, and one small
edition, since its documents make most of the size.
"""

from datetime import UTC, date, datetime

from deliverables.models import Decision, Deliverable
from deliverables.plan_editing.structure import save_part, withdraw
from metropolis_tracker.accounts.models import User
from plans.models import Plan, Translation
from reports.mail.models import Follow
from tests.builders import deliverable, new_plan, publish, report

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)

sofia = User.objects.create_user("sofia@metropolis.example", name="Sofia Marín", role="Secretariat")
rashid = User.objects.create_user("rashid@metropolis.example", name="Rashid Amrani", role="Regional secretaries")
beatriz = User.objects.create_user("beatriz@metropolis.example", name="Beatriz Soler", role="Board")

# The printed plan: any text, a correction, a confirmation, a withdrawal, and its Spanish title.
printed = Plan.objects.get(slug="2018-2020")
report(deliverable("L2M5D1"), "attained", by=sofia, note="Zürich, 東京, =1+1, a \u2028 line, “quoted” and 'so'.")
wrong = report(deliverable("L1M1D2"), "attained", by=sofia, note="Recorded on the wrong deliverable.")
report(deliverable("L1M1D2"), "not_developed", by=sofia, note="", reason="no_resources", corrects=wrong)
attained = deliverable("L1M2D1")
attained.confirm(by=sofia, on=date(2021, 3, 1), seen=attained.last_sequence)
decision = Decision("The Board withdrew it in Montréal (decision 2).", date(2021, 2, 1), "https://metropolis.org/2")
withdraw(deliverable("L3M5D1"), by=sofia, decision=decision, at=AT)
Translation.objects.set_translations(printed, "es", {printed.title: "Tres años, dicho de otro modo"}, by=sofia)
Follow.objects.begin(beatriz, printed, AT)

# A small plan, with a new wording that was decided and an edition in two languages.
plan = new_plan(deliverables=3, title="A small plan")
small = Deliverable.objects.of_plan(plan.slug).with_current_status()
first, second, third = small
Deliverable.objects.filter(pk=third.pk).update(responsible=rashid)
report(first, "attained", by=sofia, note="", evidence_link="https://metropolis.org/minutes", evidence_title="Minutes")
report(second, "in_progress", by=rashid, effective_on=date(2021, 6, 1))
third.title = "Deliverable 3, in other words"
save_part(third, by=sofia, fields=["title"], decision=Decision("Decided in Lyon.", date(2021, 5, 1)), at=AT)
Translation.objects.set_translations(plan, "es", {plan.title: "Un plan pequeño"}, by=sofia)
publish(plan, by=sofia, title="Report on a small plan", titles={"es": "Informe de un plan pequeño"})
