"""kill -9 of PostgreSQL while people record, the tracker's server staying up: nothing lost, and serving again soon.

Wants a PostgreSQL to kill: part of the run on PostgreSQL, where `.ci/services` has its programs.
"""

import time

from django.db import connection

from tests.crashes.load import acknowledged, lost, sessions, wait_until_written, writing
from tests.crashes.postgresql import cluster
from tests.server import IS_LONG, fresh_environment, prepare, serving, wait_for

ROUNDS = 5 if IS_LONG else 1
WITHOUT_WAITING = "-c synchronous_commit=off"  # the twin: it does not wait for its log
PAGE = "/plans/2018-2020/"


def run(folder, rounds, options=""):
    """So many crashes: what was acknowledged, what is lost, and the seconds until each was over."""
    with cluster(options) as postgresql:
        environment = fresh_environment(folder) | {"DATABASE_URL": postgresql.url}
        prepare(environment)
        people, seconds = sessions(environment), []
        with serving(environment) as address, writing(address, people) as writers:
            for _round in range(rounds):
                if options:
                    postgresql.keep_log_in_memory()
                wait_until_written(writers, 8)
                began = time.monotonic()
                postgresql.kill()
                postgresql.start()
                seconds.append(until_serving(address, writers, began))
        return acknowledged(writers), list(lost(environment, writers)), seconds


def until_serving(address, writers, began):
    """Seconds from the crash until a page is drawn anew and an update is acknowledged."""
    wait_for(f"{address}{PAGE}?as_of=2019-{1 + int(began) % 12:02d}-01")
    wait_until_written(writers, 1)
    return time.monotonic() - began


if connection.vendor == "postgresql":

    def test_no_acknowledged_update_is_lost_and_it_serves_again(tmp_path):
        told, missing, seconds = run(tmp_path, ROUNDS)
        print(f"{ROUNDS} times kill -9 of PostgreSQL: {told} acknowledged, {len(missing)} lost, "
              f"serving again after {max(seconds):.1f} s at most")  # fmt: skip
        assert missing == []
        assert max(seconds) < 10

    def test_the_harness_catches_a_database_that_does_not_wait_for_its_log(tmp_path):
        _told, missing, _seconds = run(tmp_path, 1, WITHOUT_WAITING)
        assert missing != []
