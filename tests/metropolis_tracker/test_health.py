import pytest
from django.db import OperationalError, connection

from plans.common.append_only import make_triggers
from tests.conftest import remove_triggers


def test_the_process_is_alive_without_a_database(client, django_assert_num_queries):
    assert client.get("/healthz").content == b"alive\n"


def test_it_is_ready(visitor):
    response = visitor.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ready\n")


def test_it_is_not_ready_while_nothing_keeps_the_history(visitor):
    remove_triggers(connection)
    response = visitor.get("/readyz")
    make_triggers()
    assert response.status_code == 503
    assert "Nothing keeps the rows of deliverables_statusupdate" in response.content.decode()


def test_it_is_not_ready_for_a_database_of_another_version(visitor):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'reports' AND name LIKE '0004%%'")
    response = visitor.get("/readyz")
    assert response.status_code == 503
    assert "reports.0004" in response.content.decode()


def test_it_is_not_ready_without_a_database(visitor):
    def refuse(*args):
        raise OperationalError

    with connection.execute_wrapper(refuse):
        response = visitor.get("/readyz")
    assert (response.status_code, response.content) == (503, b"The database does not answer.\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_answers_over_plain_http_behind_what_ends_tls(visitor, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert visitor.get(path).status_code == 200
    assert visitor.get("/plans/").status_code == 301


@pytest.fixture
def cache_gone(settings):
    """A shared cache is named, and nobody answers there."""
    gone = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/1"}
    settings.CACHES = {
        "default": gone, "pages": gone | {"BACKEND": "metropolis_tracker.config.redis_cache.OptionalRedisCache"},
    }  # fmt: skip


def test_without_the_shared_cache_pages_are_drawn_anew(visitor, cache_gone):
    assert visitor.get("/plans/2018-2020/").status_code == 200


def test_without_the_shared_cache_it_is_not_ready_and_signing_in_waits(visitor, cache_gone):
    visitor.raise_request_exception = False
    assert visitor.get("/readyz").content == b"The shared cache does not answer.\n"
    response = visitor.post("/accounts/login/", {"login": "sofia@metropolis.example", "password": "x"})
    assert (response.status_code, response["Retry-After"]) == (503, "10")
