"""Compare the pages of one plan in a database with 1,000 times the data and in one without. Run by `make bench`.

Two servers use two databases, and each page is requested from both alternately. At the end, the query plans of the main
queries in the large database are printed. GROWTH=0.01 makes a hundredth of the data.
"""

import os
import statistics
import subprocess
import sys
import time

from django.db import connection

from tests.benchmarks.serving import requests_a_second
from tests.server import fresh_environment, manage, prepare, serving

SHARE = float(os.environ.get("GROWTH", 1))
PLAN = "/plans/2018-2020/"
PAGES = {
    "overview": PLAN,
    "list": PLAN + "deliverables/",
    "deliverable": PLAN + "L2M5D1/",
    "feed": PLAN + "changes.atom",
    "overview as of a day": PLAN + "?as_of=2019-12-31",
}
ROUNDS = 5
APPLICATION = "tests.benchmarks.served:application"
ANALYZE = "from django.db import connection; connection.cursor().execute('ANALYZE')"
EXPLAIN = "from tests.query_plans import report; print('report', report())"


def prepare_tracker(folder):
    environment = fresh_environment(folder) | {"STATEMENT_TIMEOUT": "0"}
    prepare(environment)
    return environment


def test_growth(tmp_path):
    small, large = prepare_tracker(tmp_path / "small"), prepare_tracker(tmp_path / "large")
    sizes = {"--plans": 200, "--deliverables": 65_000, "--updates": 1_000_000}
    began = time.monotonic()
    sizes = [part for name, size in sizes.items() for part in (name, str(int(size * SHARE) or 1))]
    command = [sys.executable, "-m", "tests.benchmarks.data", *sizes]
    output = subprocess.run(command, env=large, capture_output=True, text=True, check=True).stdout
    print(f"\n{connection.vendor}: {output.strip()}, made in {time.monotonic() - began:.0f} s")
    for environment in (small, large):
        # A running PostgreSQL does this by itself within a minute.
        manage(environment, "shell", "-v", "0", input=ANALYZE)
    with serving(small, APPLICATION) as small_server, serving(large, APPLICATION) as large_server:
        for name, path in PAGES.items():
            pairs = [
                [requests_a_second(f"{address}/uncached{path}") for address in (small_server, large_server)]
                for _ in range(ROUNDS)
            ]
            first, second = (statistics.median(rates) for rates in zip(*pairs, strict=True))
            print(f"{name}: {first:.0f} requests a second alone, {second:.0f} with the large data, "
                  f"{first / second:.2f} times the cost (target: at most 1.5)")  # fmt: skip
    report = manage(large, "shell", "-v", "0", input=EXPLAIN).partition("report ")[2]
    print(report)
