import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError, connection
from django.utils import timezone
from redis.exceptions import ConnectionError

from metropolis_tracker.backups.archive import migrations
from metropolis_tracker.backups.models import Backup
from metropolis_tracker.config import redis_cache
from plans.common.append_only import make_triggers
from tests.conftest import remove_triggers


def test_healthz_needs_no_database(client, django_assert_num_queries):
    assert client.get("/healthz").content == b"alive\n"


def test_a_healthy_tracker_is_ready(visitor):
    response = visitor.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ready\n")


def test_two_days_without_a_backup_are_told_by_a_tracker_that_is_ready(visitor):
    Backup.objects.create(made_at=timezone.now() - timedelta(days=3, hours=1), rows=1, sha256="0", rehearsed=True)
    response = visitor.get("/readyz")
    said = b"ready\nNo backup has passed for 3 days: see docs/operating.md#backups\n"
    assert (response.status_code, response.content) == (200, said)


def test_it_is_not_ready_without_the_history_triggers(visitor):
    remove_triggers(connection)
    response = visitor.get("/readyz")
    make_triggers()
    assert response.status_code == 503
    assert "The triggers that protect the rows of deliverables_statusupdate are missing" in response.content.decode()


def test_it_is_not_ready_with_an_unapplied_migration(visitor):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'reports' AND name = %s", [migrations()["reports"]])
    response = visitor.get("/readyz")
    assert response.status_code == 503
    assert f"reports.{migrations()['reports']}" in response.content.decode()


def test_it_is_not_ready_when_the_database_does_not_answer(visitor):
    def refuse(*args):
        raise OperationalError

    with connection.execute_wrapper(refuse):
        response = visitor.get("/readyz")
    assert (response.status_code, response.content) == (503, b"The database does not answer.\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_answer_over_plain_http_behind_a_tls_proxy(visitor, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert visitor.get(path).status_code == 200
    assert visitor.get("/plans/").status_code == 301


@pytest.fixture
def shared_cache_down(settings, monkeypatch):
    """A shared cache is configured but does not answer."""
    monkeypatch.setattr(redis_cache, "asked_again_at", {})
    down = {"LOCATION": "redis://127.0.0.1:1/1"}
    optional = down | {"BACKEND": "metropolis_tracker.config.redis_cache.OptionalSharedCache"}
    settings.REDIS = down
    settings.CACHES = settings.CACHES | {
        "default": down | {"BACKEND": "metropolis_tracker.config.redis_cache.SharedCache"},
        "pages": optional, "limits": optional, "withdrawals": optional,
    }  # fmt: skip


@pytest.mark.parametrize("path", ["", "summary.csv"])
def test_without_the_shared_cache_pages_and_files_are_still_made(visitor, shared_cache_down, path):
    assert [visitor.get(f"/plans/2018-2020/{path}").status_code for _time in range(2)] == [200, 200]


def test_without_the_shared_cache_it_is_ready_and_says_so(visitor, shared_cache_down):
    response = visitor.get("/readyz")
    assert response.status_code == 200
    assert response.content.decode().splitlines()[:2] == [
        "ready", "The shared cache (CACHE_URL) does not answer. Everything works, only slower.",
    ]  # fmt: skip


def test_without_the_shared_cache_failed_sign_ins_are_still_limited(visitor, sofia, shared_cache_down):
    wrong = {"login": sofia.email, "password": "wrong"}
    answers = [visitor.post("/accounts/login/", wrong).status_code for _time in range(6)]
    assert answers == [200] * 5 + [429]


class Frozen:
    """A Redis that lets whoever asks wait, and notes who does."""

    def __init__(self, asked):
        self.asked = asked

    def get(self, *arguments):
        self.asked.append(threading.current_thread())
        time.sleep(0.2)
        raise ConnectionError


def test_while_the_shared_cache_is_down_one_thread_asks_it_once_in_a_while(settings, shared_cache_down):
    asked = []

    def read(name):
        cache = caches[name]  # each thread has its own
        cache.redis = Frozen(asked)
        return cache.get("key")

    assert read("pages") is None
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(read, ["pages", "limits"] * 10))
    assert len(asked) == 1

    redis_cache.asked_again_at = dict.fromkeys(redis_cache.asked_again_at, time.monotonic() - 1)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(read, ["pages", "limits"] * 10))
    assert len(asked) == 2


def test_a_shared_cache_that_is_back_is_used_by_all(settings, shared_cache_down):
    cache = caches["pages"]
    assert cache.get("key") is None
    redis_cache.asked_again_at = dict.fromkeys(redis_cache.asked_again_at, time.monotonic() - 1)
    cache.redis = LocMemCache("back", {})
    cache.set("key", "value")
    assert (cache.get("key"), redis_cache.asked_again_at) == ("value", {})
