"""A machine, Redis or the database is killed while people read and record: what they notice, and what is lost."""

import signal
import time

import pytest

from tests.crashes.load import acknowledged, lost, wait_until_written
from tests.machines.databases import SYNCHRONOUS
from tests.machines.nodes import NOTICED, machines
from tests.machines.traffic import failures, post_sign_in, requests, slowest, under_load
from tests.server import PRODUCTION

ROUNDS = 10
SECONDS_BEHIND = 8  # longer than a request waits for the database


def kill_a_machine(folder, rounds, change_nginx=lambda text: text):
    """Kill one machine after the other under load. Return what readers noticed, and which updates are lost."""
    with machines(folder, change_nginx=change_nginx) as all_:
        with under_load(all_) as (readers, writers):
            for number in range(rounds):
                node = all_.nodes[number % 2]
                wait_until_written(writers, 10)
                node.kill()
                wait_until_written(writers, 10)
                node.start()
                time.sleep(NOTICED)
        result = failures(readers), list(lost(all_.nodes[0].environment, writers))
    print(
        f"\n{rounds} times kill -9 of a machine: {requests(readers)} pages read, {failures(readers)} failed,"
        f" slowest {slowest(readers)[0]:.0f} ms; {acknowledged(writers)} updates acknowledged, {len(result[1])}"
        f" lost; writers were told {failures(writers)}"
    )
    return result


def test_a_machine_that_is_killed_loses_nothing_and_no_reader_notices(tmp_path):
    assert kill_a_machine(tmp_path, ROUNDS) == ({}, [])


def attempts(all_):
    """Sign in with a wrong password six times, on one machine after the other. Return the answers."""
    password = {"login": "s0@metropolis.example", "password": "wrong"}
    return [post_sign_in(all_.nodes[number % 2].address, password) for number in range(6)]


def redis_away(folder, application, away):
    """Let Redis go away under load. Return what readers noticed, whether attempts are limited, and what is lost."""
    with machines(folder, application=application) as all_:
        with under_load(all_, readers=4) as (readers, writers):
            wait_until_written(writers, 10)
            before = slowest(readers)
            for reader in readers:
                reader.seconds.clear()
            getattr(all_.redis, away[0])(*away[1:])
            wait_until_written(writers, 40)
            during = slowest(readers)
            limited = attempts(all_)
        result = failures(readers), failures(writers), limited, list(lost(all_.nodes[0].environment, writers))
    print(
        f"\nRedis {away[0]}: {failures(readers)} of readers and {failures(writers)} of writers failed, sign-ins"
        f" {limited}; page (slowest, median) {before[0]:.0f}, {before[1]:.0f} ms before,"
        f" {during[0]:.0f}, {during[1]:.0f} ms meanwhile; {len(result[3])} updates lost"
    )
    return result


WAYS = [("kill",), ("signal", signal.SIGSTOP)]


@pytest.mark.parametrize("away", WAYS, ids=["killed", "frozen"])
def test_without_redis_everything_works(tmp_path, away):
    assert redis_away(tmp_path, PRODUCTION, away) == ({}, {}, [200] * 5 + [429], [])


def fail_over(folder, *, options=SYNCHRONOUS, is_behind=False):
    """Kill the primary under load, promote the standby. Return the updates that are lost.

    If `is_behind`, the standby has been down for some seconds before, and the primary went on without it.
    """
    with machines(folder, options=options) as all_:
        with under_load(all_, readers=4) as (readers, writers):
            primary, standby = all_.database.primary, all_.database.standby
            wait_until_written(writers, 20)
            if is_behind:
                standby.kill()
                time.sleep(SECONDS_BEHIND)
            primary.kill()
            began, failed_before = time.monotonic(), failures(writers)
            if is_behind:
                standby.start()
            time.sleep(1)
            standby.promote()
            wait_until_written(writers, 5)
            seconds = time.monotonic() - began
        missing = list(lost(all_.nodes[0].environment, writers))
    print(
        f"\nprimary killed{', which the standby had not followed' * is_behind}: updates are recorded again after"
        f" {seconds:.1f} s, a second of which was waited before it was promoted; {acknowledged(writers)} updates"
        f" acknowledged, {len(missing)} lost; writers were told {failures(writers)} (before: {failed_before}),"
        f" readers {failures(readers)}"
    )
    return missing


@pytest.mark.parametrize("is_behind", [False, True])
def test_the_standby_takes_over_and_nothing_that_was_acknowledged_is_lost(tmp_path, is_behind):
    for number in range(ROUNDS // 2):
        (tmp_path / str(number)).mkdir()
        assert fail_over(tmp_path / str(number), is_behind=is_behind) == []
