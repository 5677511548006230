"""Each scenario on a twin that is broken on purpose, which it must catch. In `make soak` alone: they take minutes."""

from tests.machines.nodes import Node
from tests.machines.test_failures import ROUNDS, WAYS, fail_over, kill_a_machine, redis_away
from tests.machines.test_restarts import restart_under_load
from tests.machines.test_together import HELD_EVERYWHERE, outdated_pages, run_two_timers, sign_in_everywhere


def test_the_harness_catches_a_machine_that_remembers_for_too_long(tmp_path):
    assert outdated_pages(tmp_path, "tests.twins.remembering:application") != []


def test_the_harness_catches_machines_that_count_each_for_itself(tmp_path):
    assert sign_in_everywhere(tmp_path, "tests.twins.counting_alone:application") != HELD_EVERYWHERE


def test_the_harness_catches_timers_that_claim_nothing(tmp_path):
    assert max(run_two_timers(tmp_path, "tests/twins/claiming_nothing.py").values()) > 1


def test_the_harness_catches_an_nginx_that_asks_no_other_machine(tmp_path):
    def asks_one(text):
        return text.replace("location / {", "location / { proxy_next_upstream off;")

    noticed, _lost = kill_a_machine(tmp_path, ROUNDS, asks_one)
    assert noticed != {}


def test_the_harness_catches_a_tracker_that_needs_redis(tmp_path):
    assert redis_away(tmp_path, "tests.twins.needs_redis:application", WAYS[0])[:3] != ({}, {}, [200] * 5 + [429])


def test_the_harness_catches_a_primary_that_does_not_wait_for_its_standby(tmp_path):
    assert fail_over(tmp_path, options="-c synchronous_commit=local", is_behind=True) != []


def test_the_harness_catches_one_machine_that_is_stopped_and_started(tmp_path):
    assert restart_under_load(tmp_path, Node.restart, nodes=1)[:2] != ({}, {})
