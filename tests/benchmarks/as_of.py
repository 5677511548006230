"""Compare the overview as of a past day with 10,000 updates and the overview of today with 65. Run by `make bench`.

Both plans have 65 deliverables and are in one database. Their pages are requested alternately, so that other load on
the machine affects both equally. The chart is cached by revision, so its first rendering is timed separately.
"""

import random
import statistics
import time
import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from deliverables.models import Deliverable, StatusUpdate
from deliverables.models.new_updates import COPIED, copy_statuses
from plans.common.bulk_writes import BulkUpdate
from tests.builders import new_plan

UPDATES, ROUNDS = 10_000, 60


def add_history(plan, number):
    """Give a plan this number of updates in one hash chain, spread over its deliverables and its period."""
    rows, generator = list(Deliverable.objects.of_plan(plan.slug)), random.Random(number)
    head, updates = "", []
    for sequence in range(1, number + 1):
        day = plan.starts_on + timedelta(days=generator.randrange(1090))
        update = StatusUpdate(
            plan=plan, deliverable=rows[sequence % len(rows)], sequence=sequence, effective_on=day,
            status=generator.choice(["attained", "in_progress"]), recorded_at=timezone.now(), recorded_by_name="Sofia",
            note="Seen in the minutes of the Board.", submission=uuid.uuid4(),
        )  # fmt: skip
        update.digest = head = update.digest_after(head)
        updates.append(update)
    StatusUpdate.objects.bulk_create(updates, batch_size=1000)
    BulkUpdate(copy_statuses(updates), COPIED).write()
    plan.history_length, plan.history_head = number, head
    plan.save()


def seconds(client, path):
    began = time.perf_counter()
    assert client.get(path).status_code == 200
    return time.perf_counter() - began


@pytest.mark.django_db
def test_as_of_under_a_long_history(client):
    for slug, number in (("short", 65), ("long", UPDATES)):
        add_history(new_plan(slug=slug, deliverables=65), number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a running PostgreSQL does this by itself within a minute
    now, then = "/plans/short/", "/plans/long/?as_of=2022-06-30"
    seconds(client, now)
    cache.clear()
    uncached = seconds(client, then)
    times = [(seconds(client, now), seconds(client, then)) for _ in range(ROUNDS)]
    today, as_of = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"\nas of today, 65 updates: {1000 * today:.1f} ms; as of a day, {UPDATES} updates: {1000 * as_of:.1f} ms;"
          f" ratio {as_of / today:.2f}; first rendering with chart: {1000 * uncached:.1f} ms")  # fmt: skip
