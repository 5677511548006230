"""Many people on one deliverable at once, over real HTTP: every accepted answer is a row, everything else a conflict.

Who is told that the database is not responding sends the form again, as that page asks: a slow disk is no fault.
The same is run on a broken twin of the tracker, without its locks, which must be caught.
"""

import http.client
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from urllib.parse import urlencode, urlsplit

from tests.server import IS_LONG, PRODUCTION, manage, prepared_environment, serving

CLIENTS = 8
POSTS = 40 if IS_LONG else 12  # of each client
PAGE = "/plans/2018-2020/L2M5D1/"
PATIENCE = 60  # seconds that one of them goes on sending the same form
PEOPLE = """
from metropolis_tracker.accounts.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.conf import settings
for number in range({clients}):
    user = User.objects.create_user(f"s{{number}}@metropolis.example", name=f"S {{number}}", role="Secretariat")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    print("session", session.session_key)
"""
STATE = """
from deliverables.verification import BrokenChain, verify_history
from plans.models import Plan
plan = Plan.objects.get()
try:
    print("state", plan.updates.count(), verify_history(plan).length)
except BrokenChain as reason:
    print("state", plan.updates.count(), "broken")
"""


class Recorder:
    """One member of the secretariat who reads the page and records, again and again."""

    more = {"Connection": "close"}  # any worker may answer

    def __init__(self, address, session):
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        self.cookies = {"sessionid": session}
        self.page = None

    def close(self):
        self.connection.close()

    def ask(self, method, path, **fields):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} | self.more
        self.connection.request(method, path, urlencode(fields), headers)
        response = self.connection.getresponse()
        page = response.read().decode()
        if token := re.search(r"csrftoken=(\w+)", response.getheader("Set-Cookie") or ""):
            self.cookies["csrftoken"] = token[1]
        return response.status, page

    def record(self, turn):
        """Record once more: with the form of the page that told of a conflict, or else of the page loaded anew."""
        status, page = (200, self.page) if self.page else self.ask_until_answered("GET", PAGE)
        if status != 200:
            return status
        form = page[page.index('id="record"') :]
        hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|seen)" value="([^"]+)"', form))
        status = "attained" if turn % 2 else "in_progress"
        fields = {"status": status, "effective_on": "2021-03-01", "note": f"Turn {turn} of the writer"} | hidden
        status, page = self.ask_until_answered("POST", PAGE + "status/", **fields)
        self.page = page if status == 409 else None
        return status

    def ask_until_answered(self, method, path, **fields):
        """Ask again while the answer is 503. Nothing was stored then: a row that was is one too many."""
        end = time.monotonic() + PATIENCE
        while (answer := self.ask(method, path, **fields))[0] == 503 and time.monotonic() < end:
            time.sleep(0.2)
        return answer


def run(tmp_path, application, posts):
    """All clients at once: the answers by status, how many rows there are then, and how long the chain is."""
    environment = prepared_environment(tmp_path)
    said = manage(environment, "shell", "--verbosity", "0", input=PEOPLE.format(clients=CLIENTS))
    with serving(environment, application, workers=4) as address, ThreadPoolExecutor(CLIENTS) as pool:

        def work(session):
            with closing(Recorder(address, session)) as recorder:
                return [recorder.record(turn) for turn in range(posts)]

        answers = Counter(chain.from_iterable(pool.map(work, re.findall(r"session (\w+)", said))))
    rows, length = manage(environment, "shell", "--verbosity", "0", input=STATE).split()[1:]
    return answers, int(rows), length


def is_sound(answers, rows, length):
    accepted = answers[302]
    return set(answers) <= {302, 409} and 0 < accepted == rows - 65 and length == str(rows)


def test_no_update_is_lost_and_none_is_written_that_was_not_accepted(tmp_path):
    answers, rows, length = run(tmp_path, PRODUCTION, POSTS)
    print(f"{answers[302]} accepted, {answers[409]} conflicts, {rows - 65} rows, chain of {length}")
    assert is_sound(answers, rows, length), (answers, rows, length)
    assert sum(answers.values()) == CLIENTS * POSTS


def test_the_harness_catches_a_tracker_without_locks(tmp_path):
    found = run(tmp_path, "tests.twins.unlocked:application", posts=12)
    print(*found)
    assert not is_sound(*found)
