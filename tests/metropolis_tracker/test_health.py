from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from metropolis_tracker.backups.archive import migrations
from metropolis_tracker.backups.models import Backup
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
def shared_cache_down(settings):
    """A shared cache is configured but does not answer."""
    down = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/1"}
    settings.CACHES = {
        "default": down, "pages": down | {"BACKEND": "metropolis_tracker.config.redis_cache.OptionalRedisCache"},
    }  # fmt: skip


def test_without_the_shared_cache_pages_are_still_rendered(visitor, shared_cache_down):
    assert visitor.get("/plans/2018-2020/").status_code == 200


def test_without_the_shared_cache_it_is_not_ready_and_signing_in_is_503(visitor, shared_cache_down):
    visitor.raise_request_exception = False
    assert visitor.get("/readyz").content == b"The shared cache does not answer.\n"
    response = visitor.post("/accounts/login/", {"login": "sofia@metropolis.example", "password": "x"})
    assert (response.status_code, response["Retry-After"]) == (503, "10")
