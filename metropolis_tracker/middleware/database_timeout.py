"""Limit how long a page waits for a database that is slow, locked or down. Commands are not limited.

It also notices when the file of SQLite is deleted or replaced: an open file goes on taking what nobody will ever find.

SQLite has one lock for all who write, and says at once if it is taken: a request tries again for `LOCK_SECONDS` in all.
PostgreSQL cancels a long statement by itself (see `settings`). It cannot do so if it hangs, and many short statements
can still add up: both are ended here. A wait that is longer than `GRACE` needs a seat in the waiting room.
"""

import os
import select
import sqlite3
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import psycopg2
from django.db import OperationalError, connection, connections
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from psycopg2 import extensions

from plans.common.waiting import GRACE, Busy, limits, room, wait_until

LOCK_SECONDS = 4  # for SQLite's lock, in one request; `lock_timeout` in `settings` is the same for PostgreSQL
QUERY_TIMEOUT = 5  # seconds for one response of PostgreSQL; a little over its own timeout, which should act first
REQUEST_TIMEOUT = 8  # seconds of waiting in all, after which a request may send no further query
SQLITE_TIMEOUT = 0.02  # seconds for which SQLite itself waits, such as while a connection is made


class DatabaseTimeoutMiddleware:
    """Ends a request that has waited too long for the database in all. Only waiting counts, not rendering."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if connection.connection and has_lost_its_file(connection):
            connection.close()  # the next query opens the file that is there now, or fails
        with connection.execute_wrapper(Patience().execute):
            return self.get_response(request)


class Patience:
    """How long one request has waited for the database: `waited` in all, `for_lock` for SQLite's lock, in seconds."""

    def __init__(self):
        self.waited = self.for_lock = 0.0

    def execute(self, execute, sql, params, many, context):
        """Execute a statement. Wait for the lock of SQLite where the statement needs it and another writer has it."""
        if self.waited > REQUEST_TIMEOUT:
            raise OperationalError(f"The database took more than {REQUEST_TIMEOUT} seconds.")

        began = time.monotonic()
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            # In a transaction the lock is ours already, and what was executed in it before would be lost.
            if not is_locked(error) or context["connection"].in_atomic_block:
                raise
            return self.execute_when_free(lambda: execute(sql, params, many, context), error)
        finally:
            self.waited += time.monotonic() - began

    def execute_when_free(self, execute, error):
        """Try again until the lock is free. Raise the `error` when that takes too long, or too many wait."""
        results = []

        def attempt():
            try:
                results.append(execute())
            except OperationalError as latest:
                if not is_locked(latest):
                    raise
            return bool(results)

        began = time.monotonic()
        try:
            wait_until(attempt, LOCK_SECONDS - self.for_lock)
        except Busy:
            self.for_lock = LOCK_SECONDS  # whatever else the request has to write does not wait again
            raise error from None
        self.for_lock += time.monotonic() - began
        return results[0]


def is_locked(error):
    """Return whether SQLite refused a statement because another connection has the lock."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def limit_waiting():
    """Make both databases leave the waiting to this module. To be called once, where pages are served."""
    extensions.set_wait_callback(wait)
    if connection.vendor == "sqlite":
        connections.settings["default"]["OPTIONS"]["timeout"] = SQLITE_TIMEOUT
    never_make_the_file()


def never_make_the_file():
    """Let this process open the database of SQLite only where it is: one that is gone is not made anew."""
    database = connections.settings["default"]
    if connection.vendor == "sqlite" and not str(database["NAME"]).startswith("file:"):
        database["NAME"] = f"{Path(database['NAME']).as_uri()}?mode=rw"


@receiver(connection_created)
def note_file(connection, **kwargs):
    """Note which files a new connection has opened."""
    connection.file_ids = file_ids(connection)


def has_lost_its_file(connection):
    """Return whether a file that a connection has opened is no longer where it was."""
    opened = getattr(connection, "file_ids", ())
    return any(was and was != now for was, now in zip(opened, file_ids(connection), strict=False))


def file_ids(connection):
    """Return what identifies the files of an SQLite database, None for each that is missing. Others have none."""
    if connection.vendor != "sqlite":
        return []
    name = str(connection.settings_dict["NAME"])
    path = url2pathname(urlsplit(name).path) if name.startswith("file:") else name
    return [file_id(path), file_id(f"{path}-wal")]


def file_id(path):
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def wait(postgresql):
    """Wait for the response on a psycopg2 connection. Raise `OperationalError` when it takes too long.

    psycopg2 then closes the connection, so that nobody reads a late answer to an earlier question.
    """
    began, seconds = time.monotonic(), min(QUERY_TIMEOUT, limits.seconds)
    with ExitStack() as stack:
        is_seated = False
        while (state := postgresql.poll()) != extensions.POLL_OK:
            socket, waited = postgresql.fileno(), time.monotonic() - began
            reading, writing = state == extensions.POLL_READ, state == extensions.POLL_WRITE
            until = seconds if is_seated else min(GRACE, seconds)
            if any(select.select([socket] * reading, [socket] * writing, [], max(until - waited, 0))):
                continue
            if is_seated or until == seconds:
                raise psycopg2.OperationalError(f"The database did not answer in {seconds} seconds.")
            try:
                stack.enter_context(room.seat())
            except Busy:
                raise psycopg2.OperationalError("The database is slow, and too many requests wait for it.") from None
            is_seated = True
