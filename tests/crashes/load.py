"""People who record without a break over real HTTP, and remember what they were told was recorded."""

import itertools
import json
import re
import threading
import time
import uuid
from collections import Counter
from contextlib import closing, contextmanager
from http.client import HTTPException

from tests.server import manage
from tests.test_no_lost_update import PEOPLE, Recorder

WRITERS = 4
STATE = """
import json, sys
from deliverables.verification import BrokenChain, verify_history
from deliverables.models import StatusUpdate
from plans.models import Plan
plan = Plan.objects.get()
try:
    length = verify_history(plan).length
except BrokenChain as reason:
    length = str(reason)
rows = list(StatusUpdate.objects.filter(note__contains="in turn").values_list("note", flat=True))
print("state", json.dumps({"rows": rows, "length": length, "count": plan.updates.count()}))
"""


class Writer(Recorder, threading.Thread):
    """One member of the secretariat on deliverables of their own; an answer that does not come is no answer."""

    def __init__(self, address, session, codes, pause):
        Recorder.__init__(self, address, session)
        threading.Thread.__init__(self, daemon=True)
        self.codes, self.pause, self.acknowledged, self.is_over = codes, pause, [], False
        self.answered_at, self.failures = 0.0, Counter()

    def run(self):
        with closing(self):
            for turn, code in enumerate(itertools.cycle(self.codes)):
                if self.is_over:
                    return
                time.sleep(self.pause)
                try:
                    self.record_once(f"/plans/2018-2020/{code}/", turn)
                except (OSError, HTTPException, ValueError, AttributeError) as error:
                    self.failures[type(error).__name__] += 1
                    self.connection.close()
                    time.sleep(0.05)

    def record_once(self, page, turn):
        status, text = self.ask("GET", page)
        if status != 200:
            self.failures[f"GET {status}"] += 1
            return
        form = text[text.index('id="record"') :]
        fields = dict(re.findall(r'name="(csrfmiddlewaretoken|seen)" value="([^"]+)"', form))
        status, note = "attained" if turn % 2 else "in_progress", f"{page} in turn {turn}, {uuid.uuid4()}"
        fields |= {"status": status, "effective_on": "2021-03-01", "note": note}
        answer = self.ask("POST", page + "status/", **fields)[0]
        if answer == 302:
            self.acknowledged.append(note)
            self.answered_at = time.monotonic()
        else:
            self.failures[f"POST {answer}"] += 1


def sessions(environment):
    """Make the people, and give the session of each."""
    return re.findall(r"session (\w+)", manage(environment, "shell", "-v", "0", input=PEOPLE.format(clients=WRITERS)))


@contextmanager
def writing(address, sessions, pause=0.0):
    """Run writers until the block ends; each rests `pause` seconds between two updates."""
    writers = [
        Writer(address, session, [f"L{line}M{measure}D1" for line in (1, 2, 3) for measure in (number + 1,)], pause)
        for number, session in enumerate(sessions)
    ]
    for writer in writers:
        writer.start()
    try:
        yield writers
    finally:
        for writer in writers:
            writer.is_over = True
        for writer in writers:
            writer.join(30)


def wait_until_written(writers, more, seconds=90):
    """Until so many more updates were acknowledged."""
    wanted, end = acknowledged(writers) + more, time.monotonic() + seconds
    while acknowledged(writers) < wanted:
        assert time.monotonic() < end, f"only {acknowledged(writers)} of {wanted} were acknowledged"
        time.sleep(0.01)


def acknowledged(writers):
    return sum(len(writer.acknowledged) for writer in writers)


def lost(environment, writers):
    """What was acknowledged and is not there, a sentence each; nothing where all is well."""
    state = json.loads(manage(environment, "shell", "-v", "0", input=STATE).partition("state ")[2])
    rows = set(state["rows"])
    if len(rows) != len(state["rows"]):
        yield "one report is several rows"
    if state["length"] != state["count"]:
        yield f"the chain is not whole: {state['length']}"
    for note in [note for writer in writers for note in writer.acknowledged if note not in rows]:
        yield f"{note}: not there"
