"""Measure how many statuses a second 8 people record at once on the production server. None may be lost.

Each report goes over HTTP to a deliverable without an earlier report, all in one plan. Run by `make bench`.
"""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from django.db import connection

from tests.server import fresh_environment, manage, prepare, serving
from tests.test_no_lost_update import PEOPLE, Recorder

CLIENTS, SECONDS, DELIVERABLES = 8, 10, 6000
PLAN = f"""
from tests.builders import new_plan
new_plan(deliverables={DELIVERABLES})
"""
STATE = """
from deliverables.verification import verify_history
from plans.models import Plan
print("state", verify_history(Plan.objects.get(slug="2021-2023")).length)
"""


class QuickRecorder(Recorder):
    """A person whose browser reuses its connection and has loaded the pages before."""

    more = {}

    def record(self, number, token):
        fields = {"status": "in_progress", "effective_on": "2021-03-01", "note": f"Turn {number}", "seen": 0}
        return self.ask("POST", f"/plans/2021-2023/L1M1D{number}/status/", **fields, csrfmiddlewaretoken=token)[0]


def test_recording(tmp_path):
    environment = fresh_environment(tmp_path)
    prepare(environment)
    manage(environment, "shell", "-v", "0", input=PLAN)
    people = manage(environment, "shell", "-v", "0", input=PEOPLE.format(clients=CLIENTS))
    people = re.findall(r"session (\w+)", people)
    with serving(environment) as address, ThreadPoolExecutor(CLIENTS) as pool:

        def record_for(offset, session):
            with closing(QuickRecorder(address, session)) as quick:
                page = quick.ask("GET", "/plans/2018-2020/L1M1D1/")[1]
                token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
                began, answers = time.monotonic(), []
                for number in range(1 + offset, DELIVERABLES, CLIENTS):
                    if time.monotonic() - began > SECONDS:
                        break
                    answers.append(quick.record(number, token))
                return answers

        answers = [answer for statuses in pool.map(record_for, range(CLIENTS), people) for answer in statuses]
    accepted = answers.count(302)
    length = int(manage(environment, "shell", "-v", "0", input=STATE).split()[1])
    rate = accepted / SECONDS
    print(f"\n{connection.vendor}, {CLIENTS} clients: {rate:.0f} statuses recorded a second (target: 150), "
          f"{accepted - length} lost, {len(answers) - accepted} refused")  # fmt: skip
    assert length == accepted
