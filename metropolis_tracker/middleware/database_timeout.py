"""How long a reader waits for a database that is slow, locked or gone: never for ever.

PostgreSQL ends a statement by itself, see `settings`. A server that hangs does not, nor does a page that asks a slow
one for many things: both are ended here. Commands wait as long as they need.
"""

import select
import time

import psycopg2
from django.db import OperationalError, connection
from psycopg2 import extensions

LONGEST_ANSWER = 6  # seconds for one answer of PostgreSQL, a little longer than it gives itself
LONGEST_PAGE = 8  # seconds that a page may have waited before it asks for one thing more


class DatabaseTimeoutMiddleware:
    """Ends a request once it waited too long for the database in all; time of its own is not counted."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        waited = 0.0

        def timed(execute, *args):
            nonlocal waited
            if waited > LONGEST_PAGE:
                raise OperationalError(f"The database took more than {LONGEST_PAGE} seconds.")
            began = time.monotonic()
            try:
                return execute(*args)
            finally:
                waited += time.monotonic() - began

        with connection.execute_wrapper(timed):
            return self.get_response(request)


def install_timeout():
    """Have psycopg2 give up on a server that hangs. Of no consequence where the database is SQLite."""
    extensions.set_wait_callback(wait)


def wait(postgresql):
    """Wait until a psycopg2 connection has its answer."""
    end = time.monotonic() + LONGEST_ANSWER
    while (state := postgresql.poll()) != extensions.POLL_OK:
        socket = postgresql.fileno()
        reading, writing = state == extensions.POLL_READ, state == extensions.POLL_WRITE
        patience = max(end - time.monotonic(), 0)
        if not any(select.select([socket] * reading, [socket] * writing, [], patience)):
            raise psycopg2.OperationalError(f"The database did not answer in {LONGEST_ANSWER} seconds.")
