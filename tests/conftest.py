"""The people and the plan that the tests speak of. A person's initial is that of their role."""

import os
import shutil
import sqlite3
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.core.management import call_command
from django.core.management.commands.flush import Command as FlushCommand
from django.db import connections, transaction
from django.test import Client, override_settings
from django.test.utils import setup_databases, teardown_databases

from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role, ensure_roles
from metropolis_tracker.accounts.sending import MAIL_EXECUTOR
from plans.common.append_only import SQLITE, append_only_models
from plans.memory import forget_all
from plans.models import Plan
from tests import demo
from tests.builders import deliverable

PASSWORD = "correct horse battery"

# What these find is the same on either database: `make test` runs them on SQLite alone.
ONCE = {
    "deliverables/evidence/test_content.py", "deliverables/evidence/test_images.py",
    "metropolis_tracker/accounts/organisation/test_proof.py",
    "metropolis_tracker/accounts/organisation/test_refusals.py", "metropolis_tracker/accounts/test_people.py",
    "metropolis_tracker/accounts/test_second_factor.py", "metropolis_tracker/accounts/test_sign_in.py",
    "metropolis_tracker/config/", "metropolis_tracker/middleware/test_body_limit.py",
    "metropolis_tracker/middleware/test_language.py", "metropolis_tracker/test_another_language.py",
    "metropolis_tracker/test_every_text.py", "metropolis_tracker/test_help.py", "metropolis_tracker/test_settings.py",
    "metropolis_tracker/test_translation_files.py", "plans/common/test_security_log.py",
    "reports/editions/test_languages.py", "reports/editions/test_publishing_languages.py",
    "reports/files/", "reports/imports/test_reading.py", "reports/mail/",
    "reports/translating/", "test_headers.py", "test_pages_by_role.py", "test_repository.py",
}  # fmt: skip


LOCALE = Path(__file__).parents[1] / "metropolis_tracker/locale"
COMPILE = ".venv/bin/pybabel compile --domain django --directory metropolis_tracker/locale"

os.umask(0o022)  # chosen here, so that the machine's does not matter


def pytest_configure(config):
    """Make the folder that all workers share. Stop if the translations are not compiled: many tests would fail."""
    if not all(texts.with_suffix(".mo").exists() for texts in LOCALE.glob("*/LC_MESSAGES/django.po")):
        raise pytest.UsageError(f"The translations are not compiled. Run `{COMPILE}`, then the tests again.")

    if not hasattr(config, "workerinput"):  # the workers inherit it
        os.environ["TEST_FOLDER"] = mkdtemp(prefix="tracker-")
        config.add_cleanup(partial(shutil.rmtree, os.environ["TEST_FOLDER"]))


def pytest_collection_modifyitems(items):
    for item in items:
        path = item.path.relative_to(Path(__file__).parent).as_posix()
        if any(path.startswith(name) for name in ONCE):
            item.add_marker(pytest.mark.once)


def load_plan():
    ensure_roles()
    call_command("loaddata", "goals", "plan-2018-2020", verbosity=0)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """The test database with the Action Plan in it. What a test commits is undone by going back to this state.

    pytest-django's own fixture makes no database if no chosen test is marked with `django_db`: a module that uses the
    database in its fixtures alone would then write to the real one.
    """
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False)
        load_plan()
        undo = going_back(connections["default"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FlushCommand, "handle", undo)
        yield

    with django_db_blocker.unblock():
        teardown_databases(databases, verbosity=0)


def going_back(connection, flush=FlushCommand.handle):
    """Return what runs in place of the flush after a test that commits.

    SQLite gets back a copy of the database, which takes milliseconds. PostgreSQL is flushed and loaded again. Only here
    may a flush empty the append-only tables: their triggers are removed before it, and the migrate signal at its end
    makes them again.
    """

    def flush_and_load(command, **options):
        remove_triggers(connection)
        flush(command, **options | {"reset_sequences": True})  # so that the plan has the same ids again
        load_plan()

    if connection.vendor != "sqlite":
        return flush_and_load
    copy = sqlite3.connect(":memory:")
    with connection.cursor() as cursor:
        cursor.connection.backup(copy)

    def copy_back(command, **options):
        with connection.cursor() as cursor:
            copy.backup(cursor.connection)

    return copy_back


def remove_triggers(connection):
    with connection.cursor() as cursor:
        for table in [model._meta.db_table for model in append_only_models()]:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP FUNCTION {table}_kept CASCADE")
            else:
                for name in SQLITE:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")


@pytest.fixture(scope="module")
def shared_by_module(django_db_setup, django_db_blocker):
    """A transaction around all tests of a module, for what they share and only read. Rolled back after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def example(shared_by_module):
    """The invented plan of `make demo`, which takes seconds to add."""
    return demo.add_demo()


@pytest.fixture(scope="session", autouse=True)
def quick(tmp_path_factory):
    """Settings without `collectstatic` and slow hashing, which tests/test_serving.py runs for real."""
    own = settings.CACHES["withdrawals"] | {"LOCATION": tmp_path_factory.mktemp("withdrawals")}  # for each worker
    fast = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    evidence = settings.STORAGES["evidence"] | {"OPTIONS": {"location": tmp_path_factory.mktemp("files")}}
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES=settings.STORAGES | {"staticfiles": fast, "evidence": evidence},
        CACHES=settings.CACHES | {"withdrawals": own},
    ):
        yield


@pytest.fixture(autouse=True)
def empty_page_cache(monkeypatch):
    monkeypatch.setattr("plans.memory.SECONDS", 0)  # visitors see each change at once, and not a second later
    caches["pages"].clear()
    caches["members"].clear()
    caches["limits"].clear()
    caches["withdrawals"].clear()
    forget_all()


@pytest.fixture
def plan(db):
    """The Action Plan 2018-2020 as printed."""
    return Plan.objects.get(slug="2018-2020")


@pytest.fixture
def translated_plan(plan):
    """The Action Plan with the unofficial Spanish and French texts that come with it."""
    call_command("loaddata", "plan-2018-2020-translations", verbosity=0)
    return plan


@pytest.fixture
def running(plan):
    """The Action Plan as if it went on until 2027: of a plan that is over, nobody is asked for anything."""
    Plan.objects.filter(pk=plan.pk).update(ends_on=date(2027, 12, 31))
    plan.refresh_from_db()
    return plan


def person(name, role):
    """Return the person of this name, whom another fixture may have made already for the whole module."""
    email = f"{name.split()[0].lower()}@metropolis.example"
    there = User.objects.filter(email=email).first()
    return there or User.objects.create_user(email, PASSWORD, name=name, role=role)


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
def voice(plan):
    """L1M1D2, the publications “Voice of the Mayors”: not developed."""
    return deliverable("L1M1D2")


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


def sign_in(someone):
    """Return the browser of somebody who has just given their password, as the pages about people require."""
    client = Client()
    client.post("/accounts/login/", {"login": someone.email, "password": PASSWORD})
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
    return sign_in(adam)
