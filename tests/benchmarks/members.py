"""Measure pages for a signed-in member, relative to a plain Django template of the same 65 rows. Run by `make bench`.

Each page is read directly after a status was recorded, and once more. All is asked in turn over one connection, so
that other load on the machine affects all equally.
"""

import re
import statistics
import time
from collections import defaultdict
from contextlib import closing
from itertools import cycle

import pytest
from django.db import connection

from tests.server import fresh_environment, manage, prepare, serving
from tests.test_no_lost_update import PEOPLE, Recorder

ROUNDS = 15
PAGES = {"overview": "", "list": "deliverables/", "deliverable": "L1M1D1/", "To do": "todo/", "changes": "changes/",
         "reports": "reports/"}  # fmt: skip
LARGE_PLAN = """
from tests.builders import new_plan
new_plan(deliverables=760)
"""


class Member(Recorder):
    """A member of the secretariat whose browser keeps its connection. `seconds` holds what each request took."""

    more = {}

    def __init__(self, address, session, plan):
        super().__init__(address, session)
        self.plan, self.seconds, self.turns = f"/plans/{plan}/", defaultdict(list), cycle(["attained", "in_progress"])

    def timed(self, name, method, path, **fields):
        began = time.perf_counter()
        status, page = self.ask(method, path, **fields)
        self.seconds[name].append(time.perf_counter() - began)
        return status, page

    def report(self, name="recording", **more):
        """Record a status of the first deliverable of the plan, with the form of its page."""
        page = self.ask("GET", f"{self.plan}L1M1D2/")[1]
        form = page[page.index('id="record"') :]
        hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|seen|submission)" value="([^"]*)"', page[:0] + form))
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        fields = {"status": next(self.turns), "effective_on": "2021-03-01", "note": "Seen in the minutes of the Board."}
        fields |= {"csrfmiddlewaretoken": token} | hidden | more
        status, page = self.timed(name, "POST", f"{self.plan}L1M1D2/status/", **fields)
        assert status in (200, 302), (status, page)

    def ratios(self):
        median = {name: statistics.median(seconds) for name, seconds in self.seconds.items()}
        return median["plain"], {name: each / median["plain"] for name, each in median.items() if name != "plain"}


@pytest.mark.parametrize(("plan", "rows"), [("2018-2020", 65), ("2021-2023", 760)])
def test_pages_of_members(tmp_path, plan, rows):
    environment = fresh_environment(tmp_path)
    prepare(environment)
    manage(environment, "shell", "-v", "0", input=LARGE_PLAN)
    said = manage(environment, "shell", "-v", "0", input=PEOPLE.format(clients=1))
    (session,) = re.findall(r"session (\w+)", said)
    with (
        serving(environment, "tests.benchmarks.served:application") as address,
        closing(Member(address, session, plan)) as member,
    ):
        for _round in range(ROUNDS):
            for name, path in PAGES.items():
                member.timed("plain", "GET", "/plain/")
                member.report()
                status, page = member.timed(name, "GET", member.plan + path)
                assert status == 200, (name, status)
                member.timed(f"{name}, again", "GET", member.plan + path)
                if name == "list":
                    size = len(page.encode())
    plain, ratios = member.ratios()
    print(f"\n{connection.vendor}, {rows} deliverables; plain template of 65 rows {1000 * plain:.1f} ms = 1; "
          f"list {size / 1000:.0f} kB")  # fmt: skip
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f}")
