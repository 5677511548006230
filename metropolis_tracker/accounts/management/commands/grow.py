import random
from datetime import date, timedelta
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from deliverables.models import Deliverable
from deliverables.status import Status
from deliverables.updates import StatusUpdate
from plans.models import ActionLine, Measure, Organisation, Plan, Visibility

LINES, MEASURES = 5, 13  # of each plan
STARTS_ON, DAYS = date(2020, 1, 1), 1090
AT_ONCE = 5000
NOTE = "Seen in the minutes of the Board of that month."


class Command(BaseCommand):
    help = (
        "Adds many invented plans with long histories, to measure with: see `make bench`. Never where a plan is kept."
    )

    def add_arguments(self, parser):
        parser.add_argument("--plans", type=int, default=200)
        parser.add_argument("--deliverables", type=int, default=65_000, help="in all plans together")
        parser.add_argument("--updates", type=int, default=1_000_000, help="in all plans together")

    def handle(self, *, plans, deliverables, updates, **options):
        if Plan.objects.exclude(slug="2018-2020").exists():
            raise CommandError("There are plans already. Name an empty database in DATABASE_URL, and prepare it.")
        organisation = Organisation.objects.get_or_create(slug="grown", defaults={"name": "Grown"})[0]
        for number in range(plans):
            with transaction.atomic():
                plan = add_plan(organisation, number, deliverables // plans)
                add_history(plan, updates // plans, random.Random(number))  # noqa: S311 (the same each time)
        self.stdout.write(
            f"{plans} plans, {Deliverable.objects.count()} deliverables, {StatusUpdate.objects.count()} updates"
        )


def add_plan(organisation, number, deliverables):
    plan = Plan.objects.create(
        organisation=organisation,
        slug=f"grown-{number}",
        title=f"The plan of the network {number}",
        headline="It had {total} outcomes to deliver.",
        starts_on=STARTS_ON,
        ends_on=STARTS_ON + timedelta(days=DAYS),
        visibility=Visibility.PUBLIC,
    )
    lines = [ActionLine(plan=plan, number=each, title=f"Line {each} of {number}") for each in range(1, LINES + 1)]
    measures = [
        Measure(action_line=line, number=each, statement=f"That measure {each} of line {line.number} is true.")
        for line in ActionLine.objects.bulk_create(lines)
        for each in range(1, MEASURES + 1)
    ]
    measures = Measure.objects.bulk_create(measures)
    Deliverable.objects.bulk_create(
        Deliverable(
            measure=measures[each % len(measures)],
            number=1 + each // len(measures),
            title=f"Deliverable {each} of the network {number}, seen by everyone",
        )
        for each in range(deliverables)
    )
    return plan


def add_history(plan, updates, chance):
    """So many reports spread over the plan's days, each a link of its chain, and how each deliverable stands then."""
    rows, head, now, made = list(Deliverable.objects.of(plan.slug)), "", timezone.now(), []
    latest = {}
    for sequence in range(1, updates + 1):
        row, day = rows[sequence % len(rows)], STARTS_ON + timedelta(days=chance.randrange(DAYS))
        update = StatusUpdate(
            plan=plan, deliverable=row, sequence=sequence, effective_on=day, recorded_at=now, note=NOTE,
            status=chance.choice([Status.ATTAINED, Status.IN_PROGRESS]), recorded_by_name="Grown", submission=uuid4(),
        )  # fmt: skip
        update.digest = head = update.digest_after(head)
        made.append(update)
        latest[row] = max(latest.get(row, (STARTS_ON, 0, "")), (day, sequence, update.status))
    StatusUpdate.objects.bulk_create(made, batch_size=AT_ONCE)
    for row, (day, _sequence, status) in latest.items():
        row.status, row.status_on = status, day
    Deliverable.objects.bulk_update(latest, ["status", "status_on"], batch_size=500)
    plan.history_length, plan.history_head = updates, head
    plan.save(update_fields=["history_length", "history_head"])
