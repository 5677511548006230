"""How long a start takes, and what a worker weighs after 10,000 requests. Run it with `make bench`."""

import http.client
import itertools
import statistics
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

from tests.browser.pages import OPEN
from tests.crashes.postgresql import parent_of
from tests.server import command_of, fresh_environment, prepare, wait_for

REQUESTS = 10_000
PLAN = "/plans/2018-2020/"
FILES = [PLAN + f"summary.{kind}" for kind in ("pdf", "xlsx", "csv", "json")] + [
    PLAN + "changes.atom",
    f"/es{PLAN}summary.pdf",
]
DAYS = [
    f"{PLAN}{page}?as_of=20{year}-{month:02d}-01"
    for page in ("", "deliverables/")
    for year in (18, 19, 20)
    for month in (2, 6, 9)
]


def test_cold_start(tmp_path):
    environment, seconds = fresh_environment(tmp_path), []
    for _time in range(7):
        began = time.perf_counter()
        subprocess.run([sys.executable, "manage.py", "check"], env=environment, check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    print(f"\nmanage.py check: {statistics.median(seconds):.2f} s (1 wanted), the slowest {max(seconds):.2f}")


def memory(process):
    """Of a process, in MB: its own, and its share of the programs that it has in common with others."""
    return (
        sum(int(line.split()[1]) for line in Path(f"/proc/{process}/smaps_rollup").open() if line.startswith("Pss:"))
        / 1024
    )


def test_memory(tmp_path):
    environment = fresh_environment(tmp_path)
    prepare(environment)
    server = subprocess.Popen(
        command_of(environment), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{environment['PORT']}/healthz")
        workers = [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if parent_of(stat) == server.pid]
        before = [memory(worker) for worker in workers]
        addresses = [path for path in OPEN if "nowhere" not in path] + FILES + DAYS
        for number, path in zip(range(REQUESTS), itertools.cycle(addresses), strict=False):
            asker = http.client.HTTPConnection("127.0.0.1", int(environment["PORT"]), timeout=30)
            asker.request("GET", path if number % 10 else f"{PLAN}deliverables/?q={number}")
            assert asker.getresponse().read() is not None
            asker.close()
        after = [memory(worker) for worker in workers]
    finally:
        server.terminate()
        server.wait(20)
    what = f"{REQUESTS} requests, {len(addresses)} addresses and 1,000 searches among them"
    print(f"\n{connection.vendor}: {what}; MB of each worker: {[round(each) for each in before]} before, "
          f"{[round(each) for each in after]} after (120 wanted)")  # fmt: skip
