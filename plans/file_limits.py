"""Limit what files cost: one is made at a time on each machine, and so many a minute for one address.

Files from the cache are not counted.
"""

import ctypes
import fcntl
import time
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core.cache import caches

from plans.common.security_log import log_event, network_of
from plans.common.waiting import unavailable, wait_until

MAKING_SECONDS = 10  # how long a request waits for its turn to make a file
malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries do not have it
FILES_A_MINUTE = 30  # made for one address, by each worker; what is in the cache is not counted


def is_over_limit(request):
    """Return whether the address of a request has had as many files made in this minute as it may."""
    return caches["limits"].get(minute_key(request), 0) >= FILES_A_MINUTE


def count_file(request):
    """Count a file to make for this address."""
    counts = caches["limits"]
    counts.add(minute_key(request), 0, 60)
    with suppress(ValueError):  # the shared cache does not answer: better too many files than none
        counts.incr(minute_key(request))


def minute_key(request):
    return f"files/{network_of(request)}/{int(time.time() // 60)}"


def too_many_files(request):
    """Answer 429 to an address that asks for more files than a person reads."""
    if caches["limits"].add(f"{minute_key(request)}/told", True, 60):  # once: there may be thousands
        log_event("downloads stopped by a limit", request)
    return unavailable({"files": FILES_A_MINUTE}, status=429, seconds=60)


@contextmanager
def turn_to_make_a_file():
    """Wait until no other thread or worker of this machine makes a file. Raise `Busy` if that takes too long."""
    with open(settings.DATA_DIR / "making_a_file.lock", "w") as lock:

        def attempt():
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            return False

        wait_until(attempt, MAKING_SECONDS)
        yield
        if malloc_trim:
            malloc_trim(0)  # two milliseconds, for some 50 MB that were freed and that glibc would keep
