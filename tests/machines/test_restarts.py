"""The tracker is restarted again and again while people read and record: nobody is told of a failure."""

import time

from tests.crashes.load import acknowledged, lost, wait_until_written
from tests.machines.nodes import NOTICED, Node, machines
from tests.machines.traffic import failures, requests, slowest, under_load

RESTARTS = 20
READERS, PAUSE = 12, 0.5  # and four who record, with seconds between: sixteen connections


def restart_under_load(folder, restart, *, nodes):
    """Restart one machine after the other. Return what failed for readers and for writers, and what is lost."""
    with machines(folder, nodes=nodes) as all_:
        with under_load(all_, READERS, PAUSE) as (readers, writers):
            wait_until_written(writers, 4)
            for number in range(RESTARTS):
                restart(all_.nodes[number % nodes])
                wait_until_written(writers, 2)
                time.sleep(NOTICED)
        result = failures(readers), failures(writers), list(lost(all_.nodes[0].environment, writers))
    print(
        f"\n{RESTARTS} times {restart.__name__} of {nodes} machine(s): {requests(readers)} pages read, slowest"
        f" {slowest(readers)[0]:.0f} ms, and {acknowledged(writers)} updates; failed {result[0]} and {result[1]}"
    )
    return result


def test_one_machine_is_reloaded_and_no_request_fails(tmp_path):
    assert restart_under_load(tmp_path, Node.reload, nodes=1) == ({}, {}, [])


def test_of_two_machines_each_is_restarted_and_no_request_fails(tmp_path):
    assert restart_under_load(tmp_path, Node.restart, nodes=2) == ({}, {}, [])
