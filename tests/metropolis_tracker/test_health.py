import pytest
from django.db import OperationalError, connection

from plans.append_only import make_triggers
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
        cursor.execute("DELETE FROM django_migrations WHERE app = 'reports' AND name LIKE '0003%%'")
    response = visitor.get("/readyz")
    assert response.status_code == 503
    assert "reports.0003" in response.content.decode()


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
