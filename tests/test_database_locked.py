"""A database that somebody has locked: those who write are told soon, and nobody else waits for them."""

import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg2
from django.db import connection

from tests.crashes.load import sessions
from tests.server import prepared_environment, serving
from tests.test_database_away import PAGE, Person, is_kept

LONGEST = 10  # seconds; it should be five, and the machine may be busy
PATIENCE = 15  # seconds for a visitor; those who write wait longer
WAITING = 10  # people who write: two for each thread of a worker
READ = [PAGE, "/healthz", f"{PAGE}?as_of=2020-01-01", "/plans/2018-2020/", "/plans/2018-2020/summary.csv"]


@contextmanager
def locked(environment):
    """Keep everybody from writing: on PostgreSQL into the plan and the counts of attempts to sign in."""
    if connection.vendor == "sqlite":
        other = sqlite3.connect(Path(environment["DATA_DIR"], "tracker.sqlite3"), isolation_level=None)
        statements = ["BEGIN IMMEDIATE"]
    else:
        other = psycopg2.connect(environment["DATABASE_URL"])
        statements = ["SELECT id FROM plans_plan FOR UPDATE", "LOCK TABLE tracker_cache IN EXCLUSIVE MODE"]
    with closing(other):
        cursor = other.cursor()
        for statement in statements:
            cursor.execute(statement)
        yield
        other.rollback()


def test_reads_go_on_and_writes_come_back(tmp_path):
    environment = prepared_environment(tmp_path)
    session = sessions(environment)[0]
    with serving(environment) as address, closing(Person(address, session)) as person:
        page = person.read()[1]
        with locked(environment):
            assert is_kept(person.write(page))
            assert person.read()[0] == 200
        assert person.write(page)[0] == 302


def test_the_first_page_of_a_session_needs_no_write(tmp_path):
    """It would note when the session was used, and that somebody was here: neither keeps the page from them."""
    environment = prepared_environment(tmp_path)
    session = sessions(environment)[0]
    with serving(environment) as address, closing(Person(address, session)) as person, locked(environment):
        assert [person.read()[0] for _time in range(2)] == [200, 200]


def write(person, page):
    return person.ask("POST", PAGE + "status/", **person.fields_of(page))


def waiting_people(environment, application):
    """Let more people write than the server has threads, each of whom would wait for a minute. Return whether a visitor
    could read meanwhile, and what was answered by then to those who write.
    """
    environment = environment | {"PYTHONPATH": str(Path.cwd())}
    session = sessions(environment)[0]
    with serving(environment, application, workers=1) as address, ExitStack() as stack:
        visitor = stack.enter_context(closing(Person(address, "")))
        visitor.cookies.clear()
        visitor.read()
        people = [stack.enter_context(closing(Person(address, session))) for _number in range(WAITING)]
        pages = [person.read()[1] for person in people]
        pool = stack.enter_context(ThreadPoolExecutor(WAITING + 1))
        with locked(environment):
            writing = [pool.submit(write, person, page) for person, page in zip(people, pages, strict=True)]
            time.sleep(1.5)  # until they wait
            reading = pool.submit(lambda: {visitor.ask("GET", path)[0] for path in READ * 2})
            could_read = reading in wait([reading], timeout=PATIENCE).done
            told = [each.result() for each in writing if each.done()]
        assert reading.result() == {200}
    return could_read, told


def test_nobody_else_waits_for_those_who_write(tmp_path):
    could_read, told = waiting_people(prepared_environment(tmp_path), "tests.twins.enduring:application")
    assert could_read
    assert 0 < len(told) < WAITING
    assert [answer[0] for answer in told if not is_kept(answer)] == []


def test_the_harness_catches_a_server_whose_threads_all_may_wait(tmp_path):
    application = "tests.twins.without_seats:application"
    could_read, told = waiting_people(prepared_environment(tmp_path), application)
    assert (could_read, told) == (False, [])


def test_signing_in_says_that_the_database_is_not_responding(tmp_path):
    """The limits cannot count an attempt then, and must not take that for too many."""
    environment = prepared_environment(tmp_path)
    with serving(environment) as address, closing(Person(address, "")) as person:
        page = person.read("/accounts/login/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        fields = {"csrfmiddlewaretoken": token, "login": "somebody@example.org", "password": "not this one"}
        with locked(environment):
            began = time.monotonic()
            status, text = person.ask("POST", "/accounts/login/", **fields)
            assert time.monotonic() - began < LONGEST
            assert (status, "The database is not responding" in text, "not this one" in text) == (503, True, False)
        assert person.ask("POST", "/accounts/login/", **fields)[0] == 200
