"""The people and the plan that the tests speak of. A person's initial is that of their role."""

from pathlib import Path

import pytest
from django.core import mail
from django.core.cache import caches
from django.core.management import call_command
from django.core.management.commands.flush import Command as FlushCommand
from django.db import connections
from django.test import Client

from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role, ensure_roles
from metropolis_tracker.accounts.sending import MAIL_EXECUTOR
from plans.common.append_only import SQLITE, append_only_models
from plans.models import Plan

PASSWORD = "correct horse battery"

# What these find is the same on either database: `make test` runs them on SQLite alone.
ONCE = {
    "metropolis_tracker/accounts/test_people.py", "metropolis_tracker/accounts/test_second_factor.py",
    "metropolis_tracker/accounts/test_sign_in.py", "metropolis_tracker/middleware/test_body_limit.py",
    "metropolis_tracker/middleware/test_language.py", "metropolis_tracker/test_every_text.py",
    "metropolis_tracker/test_help.py", "metropolis_tracker/test_settings.py",
    "metropolis_tracker/test_translation_files.py", "plans/common/test_security_log.py",
    "reports/editions/test_languages.py", "reports/files/", "reports/imports/test_reading.py", "reports/mail/",
    "reports/translating/", "test_headers.py", "test_pages_by_role.py", "test_repository.py",
}  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in items:
        path = item.path.relative_to(Path(__file__).parent).as_posix()
        if any(path.startswith(name) for name in ONCE):
            item.add_marker(pytest.mark.once)


def load_plan():
    ensure_roles()
    call_command("loaddata", "goals", "plan-2018-2020", verbosity=0)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        load_plan()


@pytest.fixture(scope="session", autouse=True)
def flush_may_empty_the_history():
    """Tests that commit are followed by a flush. Only here may it empty the tables that keep their rows.

    The triggers are taken away before it; the flush ends like a migrate, which makes them again.
    """
    flush = FlushCommand.handle

    def handle(self, **options):
        remove_triggers(connections[options["database"]])
        flush(self, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FlushCommand, "handle", handle)
        yield


def remove_triggers(connection):
    with connection.cursor() as cursor:
        for table in [model._meta.db_table for model in append_only_models()]:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP FUNCTION {table}_kept CASCADE")
            else:
                for name in SQLITE:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")


@pytest.fixture(autouse=True)
def quick(settings):
    """Without `collectstatic` and slow hashing, which tests/test_serving.py runs for real; with an empty cache."""
    caches["pages"].clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def plan(db):
    """The Action Plan 2018-2020 as printed. Tests that commit empty the database, hence the second loading."""
    if not Plan.objects.exists():
        load_plan()
    return Plan.objects.get(slug="2018-2020")


def person(name, role):
    email = f"{name.split()[0].lower()}@metropolis.example"
    return User.objects.create_user(email, PASSWORD, name=name, role=role)


@pytest.fixture
def beatriz(plan):
    return person("Beatriz Soler", Role.BOARD)


@pytest.fixture
def rashid(plan):
    return person("Rashid Amrani", Role.REGIONAL_SECRETARIES)


@pytest.fixture
def sofia(plan):
    return person("Sofia Marín", Role.SECRETARIAT)


@pytest.fixture
def adam(plan):
    return person("Adam Weiss", Role.ADMINISTRATORS)


def sent_mail():
    """The messages sent by now, those that were on their way among them."""
    MAIL_EXECUTOR.submit(int).result()
    return mail.outbox


def browser_of(someone):
    client = Client()
    client.force_login(someone)
    return client


@pytest.fixture
def visitor(plan, client):
    """Somebody without an account."""
    return client


@pytest.fixture
def board(beatriz):
    return browser_of(beatriz)


@pytest.fixture
def regional(rashid):
    return browser_of(rashid)


@pytest.fixture
def secretariat(sofia):
    return browser_of(sofia)


@pytest.fixture
def administrator(adam):
    return browser_of(adam)
