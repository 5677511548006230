"""Measure time, size and memory of the documents of a hundred different editions, and the slides of a large plan.

Run by `make bench`.
"""

import statistics
import time
from dataclasses import replace
from pathlib import Path

import pytest

from reports.figures.summary import summarise
from reports.files.formats import DOCUMENTS
from reports.files.pptx import write_pptx
from reports.models import Edition
from tests.builders import TODAY
from tests.reports.files.test_pptx import large_plan

pytestmark = pytest.mark.django_db
EDITIONS = 100


def memory():
    """Return the memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def with_unique_titles(summary, number):
    """Return the summary with other titles, so that no cached typesetting can be reused."""
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
    times, sizes = {document: [] for document in DOCUMENTS}, {}
    print(f"\nmemory before: {memory():.0f} MB")
    summary, publication = Edition.objects.draft(plan, title="Three-year report", as_of=TODAY, on=TODAY)
    for number in range(EDITIONS):
        unique_summary = with_unique_titles(summary, number)
        for document, write in DOCUMENTS.items():
            start = time.perf_counter()
            sizes[document] = len(write(unique_summary, publication))
            times[document].append(1000 * (time.perf_counter() - start))
    for (kind, extension), milliseconds in times.items():
        first, median, longest = milliseconds[0], statistics.median(milliseconds), max(milliseconds[1:])
        result = f"first {first:.0f} ms, median {median:.0f}, longest {longest:.0f}"
        print(f"{kind}.{extension}: {result}, {sizes[kind, extension] / 1000:.0f} kB")
    print(f"memory after {EDITIONS} editions: {memory():.0f} MB")


def test_slides_of_760_deliverables_take_less_than_5_seconds(db):
    summary = summarise(large_plan(), today=TODAY)
    start = time.perf_counter()
    write_pptx(summary)
    seconds = time.perf_counter() - start
    print(f"\nslides of 760 deliverables: {seconds:.1f} s")
    assert seconds < 5
