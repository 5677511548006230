"""What the pages of one plan cost among 1,000 times the data, beside what they cost alone. Run it with `make bench`.

Two servers on two databases, each page asked of both in turn; then how the grown database goes about the main queries.
GROWTH=0.01 makes a hundredth of the data.
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


def tracker(folder):
    environment = fresh_environment(folder) | {"STATEMENT_TIMEOUT": "0"}
    prepare(environment)
    return environment


def test_growth(tmp_path):
    small, large = tracker(tmp_path / "small"), tracker(tmp_path / "large")
    sizes = {"--plans": 200, "--deliverables": 65_000, "--updates": 1_000_000}
    began = time.monotonic()
    sizes = [part for name, size in sizes.items() for part in (name, str(int(size * SHARE) or 1))]
    command = [sys.executable, "-m", "tests.benchmarks.data", *sizes]
    said = subprocess.run(command, env=large, capture_output=True, text=True, check=True).stdout
    print(f"\n{connection.vendor}: {said.strip()}, made in {time.monotonic() - began:.0f} s")
    for environment in (small, large):
        manage(environment, "shell", "-v", "0", input=ANALYZE)  # a server does so by itself, within a minute
    with serving(small, APPLICATION) as alone, serving(large, APPLICATION) as among:
        for name, path in PAGES.items():
            pairs = [[requests_a_second(f"{address}/anew{path}") for address in (alone, among)] for _ in range(ROUNDS)]
            first, second = (statistics.median(rates) for rates in zip(*pairs, strict=True))
            print(f"{name}: {first:.0f} requests a second alone, {second:.0f} among the rest, "
                  f"costs {first / second:.2f} times as much (1.5 at most wanted)")  # fmt: skip
    told = manage(large, "shell", "-v", "0", input=EXPLAIN).partition("report ")[2]
    print(told)
