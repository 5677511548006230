"""Fill an empty database with many invented plans and long histories for benchmarks. Never use it on real data.

DATABASE_URL=... python -m tests.benchmarks.data --plans 200 --deliverables 65000 --updates 1000000
"""

import argparse
import itertools
import os
import random
import sys
from collections import defaultdict
from datetime import date, timedelta
from uuid import uuid4

import django
from django.db import transaction
from django.utils import timezone

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")
    django.setup()  # before the models below are imported

from deliverables.models import Deliverable, EvidenceItem, StatusUpdate  # noqa: E402
from deliverables.status import Status  # noqa: E402
from plans.models import ActionLine, Measure, Organisation, Plan, Visibility  # noqa: E402

LINES, MEASURES = 5, 13  # of each plan
STARTS_ON, DAYS = date(2020, 1, 1), 1090
BATCH_SIZE = 5000
NOTE = "Seen in the minutes of the Board of that month."


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=200)
    parser.add_argument("--deliverables", type=int, default=65_000, help="in all plans together")
    parser.add_argument("--updates", type=int, default=1_000_000, help="in all plans together")
    options = parser.parse_args()
    if Plan.objects.exclude(slug="2018-2020").exists():
        sys.exit("The database already has plans. Name an empty one in DATABASE_URL and run manage.py prepare.")
    organisation = Organisation.objects.get_or_create(slug="grown", defaults={"name": "Grown"})[0]
    for number in range(options.plans):
        with transaction.atomic():
            plan = add_plan(organisation, number, options.deliverables // options.plans)
            seeded = random.Random(number)  # the same data each time
            add_history(plan, options.updates // options.plans, seeded)
    print(f"{options.plans} plans, {Deliverable.objects.count()} deliverables, {StatusUpdate.objects.count()} updates")


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


def add_history(plan, updates, seeded):
    """Add this number of updates in one hash chain, spread over the plan's days, and set each current status."""
    rows, head, now, status_updates = list(Deliverable.objects.of_plan(plan.slug)), "", timezone.now(), []
    entries = defaultdict(list)
    for sequence in range(1, updates + 1):
        row, day = rows[sequence % len(rows)], STARTS_ON + timedelta(days=seeded.randrange(DAYS))
        update = StatusUpdate(
            plan=plan, deliverable=row, sequence=sequence, effective_on=day, recorded_at=now, note=NOTE,
            status=seeded.choice([Status.ATTAINED, Status.IN_PROGRESS]), recorded_by_name="Grown", submission=uuid4(),
        )  # fmt: skip
        update.new_items = [item_of(update)] if update.status == Status.ATTAINED else []
        head = update.follow(sequence, head)
        status_updates.append(update)
        entries[row].append((day, sequence, update.status))
    StatusUpdate.objects.bulk_create(status_updates, batch_size=BATCH_SIZE)
    items = [item for update in status_updates for item in update.new_items]
    EvidenceItem.objects.bulk_create(items, batch_size=BATCH_SIZE)
    for row, days in entries.items():
        days.sort(reverse=True)
        row.status_on, _sequence, row.status = days[0]
        run = itertools.takewhile(lambda entry, status=row.status: entry[2] == status, days)
        row.status_since = min(day for day, _sequence, _status in run)
    Deliverable.objects.bulk_update(entries, ["status", "status_on", "status_since"], batch_size=500)
    plan.history_length, plan.history_head = updates, head
    plan.save(update_fields=["history_length", "history_head"])


def item_of(update):
    """Return unsaved evidence: a title and a web address, as nearly all has."""
    link = f"https://metropolis.example/minutes/{update.sequence}"
    item = EvidenceItem(update=update, number=1, title=f"Minutes of the Board, {update.effective_on}", link=link)
    item.seal()
    return item


if __name__ == "__main__":
    main()
