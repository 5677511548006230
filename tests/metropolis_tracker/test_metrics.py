"""METRICS_PORT: what Prometheus reads of a running server."""

import re
import time
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from metropolis_tracker.backups.models import Backup
from metropolis_tracker.metrics import tracker_metrics
from tests.server import free_port, prepared_environment, serving, wait_for

LABELS = r'\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\}'
LINE = re.compile(
    rf"# HELP [a-z_]+ .+|# TYPE [a-z_]+ (counter|gauge|histogram)|[a-z_]+({LABELS})? (\+Inf|[0-9.e+]+)",
)


def values(text):
    """Return the values by name, and check that each line is one of Prometheus's format."""
    lines = text.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return dict(line.rsplit(" ", 1) for line in lines if line.startswith("tracker_"))


def test_a_server_exports_the_metrics_of_granian_and_its_own(tmp_path):
    port = free_port()
    environment = prepared_environment(tmp_path) | {"METRICS_PORT": str(port)}
    with serving(environment) as address:
        wait_for(f"http://127.0.0.1:{port}/metrics")
        for _time in range(20):
            wait_for(f"{address}/healthz")
        time.sleep(1.5)  # until the workers have told what they have done
        text = wait_for(f"http://127.0.0.1:{port}/metrics")
    assert values(text) == {
        "tracker_database_up": "1", "tracker_mail_waiting": "0", "tracker_last_backup_age_seconds": "+Inf",
    }  # fmt: skip
    assert "granian_workers_spawns" in text


if connection.vendor == "sqlite":

    def test_reading_the_metrics_makes_no_database_where_there_is_none(tmp_path):
        port = free_port()
        with serving(prepared_environment(tmp_path) | {"METRICS_PORT": str(port)}):
            for path in tmp_path.glob("tracker.sqlite3*"):
                path.unlink()
            assert values(wait_for(f"http://127.0.0.1:{port}/metrics")) == {"tracker_database_up": "0"}
        assert list(tmp_path.glob("tracker.sqlite3*")) == []


@pytest.fixture
def keep_connection(monkeypatch):
    """The transaction of a test is in the connection, which must stay open."""
    monkeypatch.setattr(connection, "close", lambda: None)


def test_the_age_of_the_last_backup_that_passed(db, keep_connection, django_assert_num_queries):
    now = timezone.now()
    Backup.objects.create(made_at=now - timezone.timedelta(hours=5), rows=1, sha256="0" * 64, rehearsed=True)
    Backup.objects.create(made_at=now, rows=1, sha256="0" * 64, rehearsed=False)
    with django_assert_num_queries(2):
        found = values(tracker_metrics())
    assert int(found["tracker_last_backup_age_seconds"]) == pytest.approx(5 * 3600, abs=5)


def test_mail_that_waits_is_counted(sofia, keep_connection):
    message = {"person": sofia, "kind": "reminder", "made_on": timezone.localdate(), "made_at": timezone.now()}
    sofia.messages.create(subject="Waits", **message)
    sofia.messages.create(subject="Was sent", sent_at=timezone.now(), **message)
    assert values(tracker_metrics())["tracker_mail_waiting"] == "1"


@contextmanager
def database_gone():
    def refuse(*args):
        raise OperationalError

    with connection.execute_wrapper(refuse):
        yield


def test_without_the_database_it_says_so(db, keep_connection):
    with database_gone():
        assert values(tracker_metrics()) == {"tracker_database_up": "0"}
