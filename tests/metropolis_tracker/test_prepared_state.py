"""A start repeats nothing that is done, and repairs whatever is not as `prepare` left it."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from metropolis_tracker.prepared_state import is_prepared, state_file
from plans.common.append_only import protected_tables

pytestmark = pytest.mark.django_db
DROP_TRIGGER = {
    "sqlite": "DROP TRIGGER deliverables_statusupdate_update_kept",
    "postgresql": "DROP TRIGGER deliverables_statusupdate_rows_kept ON deliverables_statusupdate",
}


@pytest.fixture(autouse=True)
def prepared(plan, adam, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    call_command("prepare")


def statements():
    """Return the statements of another `prepare`."""
    with CaptureQueriesContext(connection) as captured:
        call_command("prepare")
    return [query["sql"] for query in captured]


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_second_time_nothing_is_written():
    done = statements()
    assert [sql for sql in done if not sql.lstrip().startswith("SELECT")] == []
    assert 0 < len(done) < 8


def test_another_release_is_prepared():
    state_file().write_text("of the release before")
    assert any("CREATE TRIGGER" in sql or "CREATE OR REPLACE TRIGGER" in sql for sql in statements())
    assert is_prepared()


def test_a_trigger_that_was_dropped_is_made_again():
    execute(DROP_TRIGGER[connection.vendor])
    call_command("prepare")
    assert "deliverables_statusupdate" in protected_tables(connection)


def test_the_table_of_the_cache_is_made_again():
    execute("DROP TABLE tracker_cache")
    call_command("prepare")
    assert "tracker_cache" in connection.introspection.table_names()


def test_a_permission_that_was_given_to_a_role_by_hand_is_taken_back():
    board = Group.objects.get(name=Role.BOARD)
    board.permissions.add(Permission.objects.get(codename="record_status"))
    call_command("prepare")
    assert [permission.codename for permission in board.permissions.all()] == ["read_member_plan"]


def test_a_role_that_was_deleted_is_made_again():
    Group.objects.get(name=Role.BOARD).delete()
    call_command("prepare")
    assert Group.objects.filter(name=Role.BOARD).exists()


def test_a_migration_that_was_not_applied_is_no_prepared_state():
    execute("DELETE FROM django_migrations WHERE app = 'reports' AND name = '0009_edition_texts'")
    assert not is_prepared()


def test_a_table_that_is_missing_is_no_prepared_state():
    execute("DROP TABLE auth_group_permissions")
    assert not is_prepared()


def test_without_an_administrator_one_is_let_in_again():
    User.objects.update(is_active=False)
    call_command("prepare")
    assert User.objects.administrators().exists()
