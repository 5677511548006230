"""Time, size and memory of the documents of a hundred editions, no two alike. `make bench` prints them."""

import statistics
import time
from dataclasses import replace
from pathlib import Path

import pytest

from reports.files.formats import FORMATS
from reports.models import Edition
from tests.builders import TODAY

pytestmark = pytest.mark.django_db
EDITIONS = 100


def memory():
    """Of this process, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def unlike_any_other(summary, number):
    """The same plan in other words, so that nothing set before can be used again."""
    lines = tuple(
        replace(
            line,
            measures=tuple(
                replace(measure, rows=tuple(replace(row, title=f"{row.title} {number}") for row in measure.rows))
                for measure in line.measures
            ),
        )
        for line in summary.lines
    )
    return replace(summary, lines=lines)


def test_documents(plan):
    times, sizes = {extension: [] for extension in FORMATS}, {}
    print(f"\nmemory before: {memory():.0f} MB")
    summary, publication = Edition.objects.draft(plan, title="Three-year report", as_of=TODAY, on=TODAY)
    for number in range(EDITIONS):
        odd = unlike_any_other(summary, number)
        for extension, (_type, write) in FORMATS.items():
            start = time.perf_counter()
            sizes[extension] = len(write(odd, publication))
            times[extension].append(1000 * (time.perf_counter() - start))
    for extension, taken in times.items():
        told = f"first {taken[0]:.0f} ms, median {statistics.median(taken):.0f}, longest {max(taken[1:]):.0f}"
        print(f"{extension}: {told}, {sizes[extension] / 1000:.0f} kB")
    print(f"memory after {EDITIONS} editions: {memory():.0f} MB")
