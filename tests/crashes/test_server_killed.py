"""kill -9 of the whole server, again and again while people record: what was acknowledged is there."""

import atexit
import subprocess

import pytest

from tests.crashes.load import acknowledged, lost, sessions, wait_until_written, writing
from tests.server import IS_LONG, PRODUCTION, command_of, family, prepared_environment, signal_all, wait_for

ROUNDS = 20 if IS_LONG else 2


def start(environment, application):
    options = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command_of(application), **options)
    atexit.register(kill, server)  # should the test end before it does
    wait_for(f"http://127.0.0.1:{environment['PORT']}/healthz")
    return server


def kill(server):
    """Kill the server and all its workers at one moment."""
    if server.poll() is None:
        signal_all(family(server.pid))
        server.wait(10)


def run(folder, application, rounds):
    """So many crashes under load: how much was acknowledged, and what of it is lost."""
    environment = prepared_environment(folder)
    address = f"http://127.0.0.1:{environment['PORT']}"
    people = sessions(environment)
    server = start(environment, application)
    with writing(address, people) as writers:
        for _round in range(rounds):
            wait_until_written(writers, 5)
            kill(server)
            server = start(environment, application)
        wait_until_written(writers, 1)
    kill(server)
    return acknowledged(writers), list(lost(environment, writers))


def test_no_acknowledged_update_is_lost(tmp_path):
    told, missing = run(tmp_path, PRODUCTION, ROUNDS)
    print(f"{ROUNDS} times kill -9 of the server: {told} acknowledged, {len(missing)} lost")
    assert missing == []


@pytest.mark.once  # make soak runs this on PostgreSQL, too
def test_the_harness_catches_a_tracker_that_answers_before_it_writes(tmp_path):
    _told, missing = run(tmp_path, "tests.twins.hasty:application", 1)
    assert missing != []
