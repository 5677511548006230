"""Measure the edit page of a plan of 760 deliverables, in 30, 8 and one line. Run it on both databases:

.ci/services .venv/bin/python -m pytest -n 0 -q -s tests/benchmarks/outline.py
.ci/services --postgresql .venv/bin/python -m pytest -n 0 -q -s tests/benchmarks/outline.py
"""

import statistics
import time

import pytest
from django.db import connection

from tests.shapes import plan_of_shape

ROUNDS = 9
TARGET = 300  # ms


@pytest.mark.django_db
@pytest.mark.parametrize("lines", [30, 8, 1])
def test_edit_page(secretariat, lines):
    plan_of_shape("long", lines=lines, deliverables=760)
    for query in ("", "?line=1"):
        seconds = []
        for _round in range(ROUNDS):
            began = time.perf_counter()
            response = secretariat.get(f"/plans/long/edit/{query}")
            seconds.append(time.perf_counter() - began)
        taken, size = 1000 * statistics.median(seconds), len(response.content) / 1000
        print(f"\n{connection.vendor}, {lines} lines, edit/{query}: {taken:.0f} ms (target: {TARGET}), {size:.0f} kB")
