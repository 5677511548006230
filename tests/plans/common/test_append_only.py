"""The history cannot be changed: not by the ORM, not in bulk, not by raw SQL, not after a migration."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from deliverables.models import StatusUpdate, Takedown
from plans.common.append_only import check_triggers, drop_triggers, make_triggers, require_triggers
from tests.conftest import remove_triggers

pytestmark = pytest.mark.django_db
TABLE = "deliverables_statusupdate"
TABLES = [TABLE, "reports_edition", "reports_editiondocument"]
SQLITE = connection.vendor == "sqlite"


def first_update():
    return StatusUpdate.objects.order_by("sequence").first()


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def change_one():
    update = first_update()
    update.note = "changed later"
    update.save()


def change_in_bulk():
    update = first_update()
    update.note = "changed later"
    StatusUpdate.objects.bulk_update([update], ["note"])


def overwrite_by_insert():
    StatusUpdate.objects.bulk_create(
        [first_update()], update_conflicts=True, unique_fields=["id"], update_fields=["note"]
    )


WAYS = {
    "save": change_one,
    "update": lambda: StatusUpdate.objects.update(note="changed later"),
    "bulk_update": change_in_bulk,
    "upsert": overwrite_by_insert,
    "delete": lambda: first_update().delete(),
    "delete all": lambda: StatusUpdate.objects.all().delete(),
    "delete without collecting": lambda: StatusUpdate.objects.all()._raw_delete("default"),
    "raw update": lambda: execute(f"UPDATE {TABLE} SET note = 'changed later'"),
    "raw delete": lambda: execute(f"DELETE FROM {TABLE}"),
}
WAYS |= (
    {
        "replace": lambda: execute(f"REPLACE INTO {TABLE} SELECT * FROM {TABLE} WHERE sequence = 1"),
        "rowid": lambda: execute(f"UPDATE {TABLE} SET rowid = 9999 WHERE sequence = 1"),
        "replace by rowid": lambda: execute(
            f"UPDATE OR REPLACE {TABLE} SET _rowid_ = (SELECT id FROM {TABLE} WHERE sequence = 2) WHERE sequence = 1"
        ),
        "update or replace": lambda: execute(f"UPDATE OR REPLACE {TABLE} SET sequence = 2 WHERE sequence = 1"),
    }
    if SQLITE
    else {
        "truncate": lambda: execute(f"TRUNCATE {TABLE} CASCADE"),
        "on conflict": lambda: execute(
            f"INSERT INTO {TABLE} SELECT * FROM {TABLE} WHERE sequence = 1"
            " ON CONFLICT (id) DO UPDATE SET note = 'changed later'"
        ),
    }
)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_database_refuses_every_way_of_changing_history(plan, way):
    with pytest.raises(IntegrityError, match="never changed and never deleted"), transaction.atomic():
        way()
    assert (StatusUpdate.objects.count(), StatusUpdate.objects.filter(note="changed later").count()) == (65, 0)


def test_without_triggers_the_tracker_refuses_to_serve(plan):
    remove_triggers(connection)
    with pytest.raises(ImproperlyConfigured, match="Run manage.py prepare: it creates the triggers again."):
        require_triggers()


def test_the_system_check_names_the_tables(plan):
    remove_triggers(connection)
    errors = check_triggers(None, ["default"])
    assert {error.id for error in errors} == {"plans.E001"}
    assert [table for table in TABLES if not any(table in error.msg for error in errors)] == []


def test_the_system_check_passes_with_the_triggers(plan):
    assert check_triggers(None, ["default"]) == []


def test_a_single_missing_trigger_is_reported(plan):
    execute(f"DROP TRIGGER {TABLE}_delete_kept" if SQLITE else f"DROP TRIGGER {TABLE}_table_kept ON {TABLE}")
    assert len(check_triggers(None, ["default"])) == 1


@pytest.mark.django_db(transaction=True)
def test_triggers_lost_by_altering_the_table_come_back_with_the_next_migrate(plan):
    longer = models.CharField(max_length=200)
    longer.set_attributes_from_name("recorded_by_name")
    present = StatusUpdate._meta.get_field("recorded_by_name")
    with connection.schema_editor() as editor:
        editor.alter_field(StatusUpdate, present, longer)
    lost = len(check_triggers(None, ["default"]))
    make_triggers()
    assert (lost, check_triggers(None, ["default"])) == (1 if SQLITE else 0, [])
    with connection.schema_editor() as editor:
        editor.alter_field(StatusUpdate, longer, present)
    make_triggers()


@pytest.mark.django_db(transaction=True)
def test_migrate_creates_missing_triggers(plan):
    remove_triggers(connection)
    call_command("migrate", verbosity=0)
    assert check_triggers(None, ["default"]) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.once  # SQLite alone rebuilds tables
def test_a_table_that_triggers_elsewhere_name_can_be_rebuilt(plan):
    drop_triggers(plan=[("a migration", False)])
    field = Takedown._meta.get_field("reason")
    with connection.schema_editor() as editor:
        editor._remake_table(Takedown, alter_fields=[(field, field)])
    make_triggers()
    assert check_triggers(None, ["default"]) == []


def test_without_a_migration_the_triggers_stay(plan):
    drop_triggers(plan=[])
    assert check_triggers(None, ["default"]) == []


def test_a_table_without_erasable_columns_refuses_every_update(plan, monkeypatch):
    monkeypatch.setattr(StatusUpdate, "erasable", ())
    make_triggers()
    with pytest.raises(IntegrityError, match="never changed and never deleted"), transaction.atomic():
        StatusUpdate.objects.update(recorded_by_name="")
    monkeypatch.undo()
    make_triggers()
