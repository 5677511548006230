"""Measure the start-up time, and the memory of a worker with everything warm. Run by `make bench`."""

import http.client
import itertools
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError

from django.db import connection

from reports.files.formats import FORMATS
from tests.browser.pages import OPEN, SIGNED_IN
from tests.server import children, command_of, fresh_environment, prepare, sign_in, wait_for

REQUESTS = 10_000
ROUNDS_SIGNED_IN = 20  # of the pages of a member
PLAN = "/plans/2018-2020/"
NAMES = [f"summary.{kind}" for kind in FORMATS] + [
    *("brief.pdf", "card.png", "changes.pdf", "changes.xlsx", "changes.atom", "history.json"),
    *("regions/africa/summary.pdf", "regions/africa/summary.xlsx"),
]
FILES = [language + PLAN + name for language in ("", "/es", "/fr") for name in NAMES if name != "summary.html"]
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
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def visit_signed_in(address, password):
    """Request the pages of a member, signed in as the first administrator."""
    cookie = {"Cookie": sign_in(address, "administrator@metropolis.example", password)}
    for path in SIGNED_IN * ROUNDS_SIGNED_IN:
        with suppress(HTTPError):  # a plan or a round that this database does not have
            urllib.request.urlopen(urllib.request.Request(address + path, headers=cookie)).read()


def test_memory(tmp_path):
    environment = fresh_environment(tmp_path)
    password = re.search(r"password (\S+)", prepare(environment))[1]
    server = subprocess.Popen(command_of(), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{environment['PORT']}/healthz")
        (master,) = children(server.pid)
        workers = children(master)
        before = [memory(worker) for worker in workers]
        addresses, made = [path for path in OPEN if "nowhere" not in path] + FILES + DAYS, set()
        for number, path in zip(range(REQUESTS), itertools.cycle(addresses), strict=False):
            http_connection = http.client.HTTPConnection("127.0.0.1", int(environment["PORT"]), timeout=30)
            address = path if number % 10 else f"{PLAN}deliverables/?q={number}"
            http_connection.request("GET", address, headers={"Accept-Encoding": "gzip"})  # as browsers do
            response = http_connection.getresponse()
            assert response.read() is not None
            made |= {path} if response.status == 200 else set()
            http_connection.close()
        assert set(FILES) <= made, set(FILES) - made
        visit_signed_in(f"http://127.0.0.1:{environment['PORT']}", password)
        after = [memory(worker) for worker in workers]
    finally:
        server.terminate()
        server.wait(20)
    description = (
        f"{REQUESTS} requests, {len(addresses)} addresses and 1,000 searches among them, {len(FILES)} files,"
        f" {len(SIGNED_IN)} pages of a member"
    )
    print(f"\n{connection.vendor}: {description}; MB of each worker: {[round(each) for each in before]} before, "
          f"{[round(each) for each in after]} after (target: 180)")  # fmt: skip
