"""People who read and record through nginx without a break, and notice whatever fails."""

import itertools
import re
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from tests.crashes.load import sessions, writing
from tests.test_no_lost_update import Recorder

PLAN = "/plans/2018-2020/"
NUMBERS = itertools.count()  # one for each request: for a page that is being read, nginx lets others wait 500 ms
PAGES = ["", "deliverables/", "L1M1D1/", "changes/", "L1M1/", "reports/"]


class Reader(threading.Thread):
    """Reads one page after the other over one connection. `answers` counts what was not a page; `seconds` has each."""

    def __init__(self, address, pages, cookie=""):
        super().__init__(daemon=True)
        self.address, self.pages, self.cookie = urlsplit(address).netloc, pages, cookie
        self.failures, self.seconds, self.is_over = Counter(), [], False

    def run(self):
        with closing(HTTPConnection(self.address, timeout=30)) as self.connection:
            for page in itertools.cycle(self.pages):
                if self.is_over:
                    return
                began = time.monotonic()
                self.read(f"{page}{'&' if '?' in page else '?'}n={next(NUMBERS)}")
                self.seconds.append(time.monotonic() - began)

    def read(self, page):
        try:
            self.connection.request("GET", page, headers={"Cookie": self.cookie} if self.cookie else {})
            response = self.connection.getresponse()
            response.read()
            if response.status != 200:
                self.failures[f"GET {response.status}"] += 1
        except (OSError, HTTPException) as error:
            self.failures[type(error).__name__] += 1
            self.connection.close()
            time.sleep(0.05)


@contextmanager
def reading(address, readers, pages=PAGES):
    """Let so many people read until the block ends. Gives them."""
    people = [Reader(address, [PLAN + page for page in pages]) for _number in range(readers)]
    for reader in people:
        reader.start()
    try:
        yield people
    finally:
        for reader in people:
            reader.is_over = True
        for reader in people:
            reader.join(40)


@contextmanager
def under_load(machines, readers=12, pause=0.0):
    """Let people read and four record, until the block ends. Gives readers and writers."""
    environment = machines.nodes[0].environment
    with (
        reading(machines.address, readers) as people,
        writing(machines.address, sessions(environment), pause) as writers,
    ):
        yield people, writers


def failures(people):
    """Return what failed of readers or writers, each with its number."""
    return dict(sum((person.failures for person in people), Counter()))


def requests(people):
    return sum(len(person.seconds) for person in people)


def slowest(people):
    """Return the longest time and the median of the requests of readers, in milliseconds."""
    seconds = sorted(second for person in people for second in person.seconds)
    return 1000 * seconds[-1], 1000 * seconds[len(seconds) // 2]


def post_sign_in(address, fields):
    """Send the form of the sign-in page. Return the status of the answer."""
    with closing(Recorder(address, session="")) as visitor:
        page = visitor.ask("GET", "/accounts/login/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        return visitor.ask("POST", "/accounts/login/", csrfmiddlewaretoken=token, **fields)[0]
