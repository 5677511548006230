"""Keep threads of a worker free: only some of them may wait for something slow at the same time.

A request that waits holds its thread: for the rest of a body, for a database that is locked, for its turn to make a
document. With all threads waiting, nobody could be answered, not even with a stored page. So a waiting room has few
seats, and another request that would have to wait there is refused at once, and can be sent again. While all seats are
taken and a document is made, one of five threads is still free; of seven with the sign-in of the organisation, where
one more request asks its provider, and another may wait to (`metropolis_tracker/accounts/organisation/adapter.py`).
"""

import math
import threading
import time
from contextlib import ExitStack, contextmanager

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string

RETRY_SECONDS = 10
FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.01  # seconds between two attempts
STUCK = 0.5  # seconds that everybody in the room has waited
GRACE = 0.25  # seconds: a wait this short is no reason to refuse anybody


class Busy(Exception):
    """Raised when too many requests of this worker are waiting already."""


class WaitingRoom:
    """Counts the threads that wait. It has `seats`."""

    def __init__(self, seats):
        self.seats, self.began, self.changed = seats, [], threading.Condition()

    @contextmanager
    def seat(self):
        """Take a seat for the block. Wait for one as long as seats get free; raise `Busy` when the room is stuck."""
        began = self.sit_down()
        try:
            yield
        finally:
            with self.changed:
                self.began.remove(began)
                self.changed.notify()

    def sit_down(self):
        """Return the moment from which the seat is taken."""
        with self.changed:
            while len(self.began) >= self.seats:
                if self.is_stuck:
                    raise Busy
                self.changed.wait(LONGEST_PAUSE)
            began = time.monotonic()
            self.began.append(began)
            return began

    @property
    def is_stuck(self):
        """Return whether all seats are taken, each for so long that none may get free soon."""
        began = list(self.began)
        return len(began) >= self.seats and time.monotonic() - max(began) > STUCK


bodies = WaitingRoom(1)  # a body that is there already is read in no time, so one after the other is enough
uploads = WaitingRoom(1)  # large files, which take minutes to arrive from a phone: other bodies do not wait for them
room = WaitingRoom(max(settings.THREADS - (6 if settings.OIDC else 4), 1))  # for everything else


def wait_until(attempt, seconds):
    """Call `attempt` again and again, at least once, until it returns True. Raise `Busy` if that takes too long.

    A wait that is longer than `GRACE` needs a seat.
    """
    began, pause, is_seated = time.monotonic(), FIRST_PAUSE, False
    with ExitStack() as stack:
        while not attempt():
            waited = time.monotonic() - began
            if waited > seconds:
                raise Busy
            if not is_seated and (waited > GRACE or room.is_stuck):
                stack.enter_context(room.seat())
                is_seated = True
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)


def busy(request):
    """Answer 503 to a request that would have to wait where too many do. What was typed has not been read."""
    return unavailable({"is_busy": True, "is_sent": request.method == "POST", "page": request.get_full_path()})


def unavailable(context, *, status=503, seconds=RETRY_SECONDS):
    """Return the page that asks the reader to try again soon. It costs next to nothing."""
    headers = {"Retry-After": str(seconds), "Cache-Control": "private, no-store"}
    return HttpResponse(render_to_string("503.html", context), status=status, headers=headers)


class Limits(threading.local):
    """What the current thread may wait for one answer of the database, in seconds."""

    seconds = math.inf


limits = Limits()


@contextmanager
def waiting_at_most(seconds):
    """Let the block wait this many seconds for each answer of PostgreSQL, not for as long as usual."""
    before, limits.seconds = limits.seconds, seconds
    try:
        yield
    finally:
        limits.seconds = before
