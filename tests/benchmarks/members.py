"""Measure pages for a signed-in member, relative to a plain Django template of 65 rows. Run by `make bench`.

Each page is read directly after a status was recorded, and once more. All is asked in turn over one connection, so
that other load on the machine affects all equally. The plain template is behind the same middleware and asks for its
65 rows with one query: `tests.benchmarks.served`. The plans are that of 2018-2020, the invented one of `make demo`,
which runs and has proposals that wait, and one of 760 deliverables in eight lines.
"""

import re
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import closing
from datetime import date
from itertools import cycle

import pytest
from django.db import connection

from tests.server import fresh_environment, manage, prepare, serving
from tests.test_no_lost_update import PEOPLE, Recorder

ROUNDS = 15
PAGES = {"overview": "", "list": "deliverables/", "deliverable": "L1M1D1/", "To do": "todo/?who=all",
         "changes": "changes/", "reports": "reports/"}  # fmt: skip
TODAY = date.today()  # noqa: DTZ011 (any day that is not in the future)
LARGE_PLAN = """
from deliverables.models import Deliverable
from plans.models import ActionLine, Measure
from tests.builders import new_plan
plan = new_plan(deliverables=4)
for line in range(2, 9):
    line = ActionLine.objects.create(plan=plan, number=line, title=f"Line {line}")
    for number in range(1, 19):
        measure = Measure.objects.create(action_line=line, number=number, statement="That it is done.")
        titles = [f"Deliverable {each} of {measure.code}" for each in range(1, 7)]
        rows = [Deliverable(measure=measure, number=each, title=title) for each, title in enumerate(titles, start=1)]
        Deliverable.objects.bulk_create(rows)
"""


class Member(Recorder):
    """A member of the secretariat whose browser keeps its connection. `seconds` holds what each request took."""

    more = {}

    def __init__(self, address, session, plan):
        super().__init__(address, session)
        self.plan, self.seconds = f"/plans/{plan}/", defaultdict(list)
        codes = re.findall(r'<a href="[^"]*/(L\d+M\d+D\d+)/"', self.ask("GET", self.plan + "deliverables/")[1])
        self.turns = zip(cycle(codes[1:]), cycle(["attained", "in_progress", "in_progress"]), strict=False)

    def timed(self, name, method, path, **fields):
        began = time.perf_counter()
        status, page = self.ask(method, path, **fields)
        self.seconds[name].append(time.perf_counter() - began)
        assert status in (200, 302), (name, status)
        return page

    def record(self, *, in_place):
        """Record a status for today, of another deliverable each time."""
        code, status = next(self.turns)
        page = self.ask("GET", f"{self.plan}{code}/")[1]
        form = page[page.index('id="record"') :]
        hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|seen)" value="([^"]*)"', form))
        fields = hidden | {"status": status, "effective_on": TODAY, "note": f"Seen in the minutes of {code}."}
        self.more = {"HX-Request": "true"} if in_place else {}
        name = "recording, in place" if in_place else "recording"
        self.timed(name, "POST", f"{self.plan}{code}/status/", next=f"{self.plan}deliverables/", **fields)
        self.more = {}
        self.ask("GET", f"{self.plan}mine/")  # takes the message

    def ratios(self):
        median = {name: statistics.median(seconds) for name, seconds in self.seconds.items()}
        return median["plain"], {name: each / median["plain"] for name, each in median.items() if name != "plain"}


def read_all(member):
    """Read each page after a record and once more, in so many rounds. Return the size of the list in bytes."""
    sizes = {}
    for turn in range(ROUNDS):
        for name, path in PAGES.items():
            member.timed("plain", "GET", "/plain/")
            member.ask("GET", member.plan + path)  # so that one record, and no more, lies between two readings
            member.record(in_place=turn % 2 == 1)
            page = member.timed(name, "GET", member.plan + path)
            member.timed(f"{name}, again", "GET", member.plan + path)
            sizes[name] = len(page.encode())
    return sizes["list"]


@pytest.mark.parametrize("plan", ["2018-2020", "2025-2027", "2021-2023"])
def test_pages_of_members(tmp_path, plan):
    environment = fresh_environment(tmp_path)
    prepare(environment)
    manage(environment, "shell", "-v", "0", input=LARGE_PLAN)
    subprocess.run([sys.executable, "-m", "tests.demo"], env=environment, check=True, capture_output=True)
    (session,) = re.findall(r"session (\w+)", manage(environment, "shell", "-v", "0", input=PEOPLE.format(clients=1)))
    with (
        serving(environment, "tests.benchmarks.served:application") as address,
        closing(Member(address, session, plan)) as member,
    ):
        size = read_all(member)
    plain, ratios = member.ratios()
    print(f"\n{connection.vendor}, {plan}: the plain template takes {1000 * plain:.1f} ms; list {size / 1000:.0f} kB")
    for name, ratio in ratios.items():
        target = 2.0 if "recording" in name else 0.4 if "again" in name else 3.0 if plan == "2021-2023" else 1.0
        print(f"{name}: {ratio:.2f} (target: {target})")
