"""Measure the start-up time, and the memory of a worker after 10,000 requests. Run by `make bench`."""

import http.client
import itertools
import statistics
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

from tests.browser.pages import OPEN
from tests.server import children, command_of, fresh_environment, prepare, wait_for

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
    print(f"\nmanage.py check: {statistics.median(seconds):.2f} s (target: 1), slowest {max(seconds):.2f}")


def memory(process):
    """Return the memory of a process in MB: its own, plus its share of what it has in common with other processes."""
    return (
        sum(int(line.split()[1]) for line in Path(f"/proc/{process}/smaps_rollup").open() if line.startswith("Pss:"))
        / 1024
    )


def test_memory(tmp_path):
    environment = fresh_environment(tmp_path)
    prepare(environment)
    server = subprocess.Popen(command_of(), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{environment['PORT']}/healthz")
        (master,) = children(server.pid)
        workers = children(master)
        before = [memory(worker) for worker in workers]
        addresses = [path for path in OPEN if "nowhere" not in path] + FILES + DAYS
        for number, path in zip(range(REQUESTS), itertools.cycle(addresses), strict=False):
            http_connection = http.client.HTTPConnection("127.0.0.1", int(environment["PORT"]), timeout=30)
            http_connection.request("GET", path if number % 10 else f"{PLAN}deliverables/?q={number}")
            assert http_connection.getresponse().read() is not None
            http_connection.close()
        after = [memory(worker) for worker in workers]
    finally:
        server.terminate()
        server.wait(20)
    description = f"{REQUESTS} requests, {len(addresses)} addresses and 1,000 searches among them"
    print(f"\n{connection.vendor}: {description}; MB of each worker: {[round(each) for each in before]} before, "
          f"{[round(each) for each in after]} after (target: 120)")  # fmt: skip
