"""What is done on one machine holds on the other: records, sessions, limits, mail and reporting rounds."""

import re
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from functools import partial

from django.db import connection

from tests.crashes.load import sessions
from tests.machines.nodes import machines
from tests.machines.traffic import PLAN, first_time, post_sign_in
from tests.server import IS_LONG, PRODUCTION, manage
from tests.test_no_lost_update import Recorder

RECORDS = 20 if IS_LONG else 3
MESSAGES = 200 if IS_LONG else 30
WITHIN = 1.0  # seconds
BUSY = 1.0  # seconds more that a page may take on a machine that everything shares
PAGE = f"{PLAN}L2M5D1/"
# Of visitors, and of members. Each says how the deliverable stands, or what was written about it.
PAGES = ["", "deliverables/", "L2M5D1/", "L2M5/", "L2/", "changes/", "history.json", "summary.json"]
PASSWORD = "correct horse battery"
PEOPLE = f"""
from metropolis_tracker.accounts.models import User
for name in ("ana", "ben"):
    user = User.objects.create_user(f"{{name}}@metropolis.example", name=name.title(), role="Secretariat")
    user.set_password("{PASSWORD}")
    user.save()
"""
# Many who are asked by a round, and as many reminders that wait.
ROUND = """
from datetime import timedelta
from django.utils import timezone
from deliverables.models import Deliverable, ReportingRound
from metropolis_tracker.accounts.models import User
from plans.models import Plan, Visibility
people = [User.objects.create_user(f"p{{number}}@metropolis.example", name=f"P {{number}}",
          role="Regional secretaries") for number in range({number})]
plan, today = Plan.objects.get(), timezone.localdate()
print("people", len(people))
{open_round}
"""

if connection.vendor == "postgresql":

    def seconds_until_everywhere(here, there, session, note):
        """Record on one machine. Return the seconds until each page of the other one, of both its workers, has it."""
        with closing(Recorder(here.address, session)) as person:
            form = person.ask("GET", PAGE)[1].partition('id="record"')[2]
            fields = dict(re.findall(r'name="(csrfmiddlewaretoken|seen)" value="([^"]+)"', form))
            fields |= {"status": "attained", "effective_on": "2021-03-01", "note": note}
            assert person.ask("POST", f"{PAGE}status/", **fields)[0] == 302
        began = time.monotonic()
        for cookies in ({}, {"sessionid": session}):
            for page in PAGES:
                assert first_time(partial(is_shown, there.address, PLAN + page, cookies, note), 30) < 30, page
        return time.monotonic() - began
