"""Limit how long a page waits for a database that is slow, locked or down.

PostgreSQL cancels a long statement by itself (see `settings`). It cannot do so if it hangs, and many short statements
can still add up: both cases are ended here. Commands are not limited.
"""

import select
import time

import psycopg2
from django.db import OperationalError, connection
from psycopg2 import extensions

QUERY_TIMEOUT = 6  # seconds for one response of PostgreSQL; a little over its own timeout, which should act first
REQUEST_TIMEOUT = 8  # seconds of waiting in all, after which a request may send no further query


class DatabaseTimeoutMiddleware:
    """Ends a request that has waited too long for the database in all. Only waiting counts, not rendering."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        waited = 0.0

        def execute_and_time(execute, *args):
            nonlocal waited
            if waited > REQUEST_TIMEOUT:
                raise OperationalError(f"The database took more than {REQUEST_TIMEOUT} seconds.")
            began = time.monotonic()
            try:
                return execute(*args)
            finally:
                waited += time.monotonic() - began

        with connection.execute_wrapper(execute_and_time):
            return self.get_response(request)


def install_timeout():
    """Make psycopg2 give up on a server that hangs. This has no effect with SQLite."""
    extensions.set_wait_callback(wait)


def wait(postgresql):
    """Wait for the response on a psycopg2 connection. Raise `OperationalError` after `QUERY_TIMEOUT` seconds."""
    end = time.monotonic() + QUERY_TIMEOUT
    while (state := postgresql.poll()) != extensions.POLL_OK:
        socket = postgresql.fileno()
        reading, writing = state == extensions.POLL_READ, state == extensions.POLL_WRITE
        remaining = max(end - time.monotonic(), 0)
        if not any(select.select([socket] * reading, [socket] * writing, [], remaining)):
            raise psycopg2.OperationalError(f"The database did not answer in {QUERY_TIMEOUT} seconds.")
