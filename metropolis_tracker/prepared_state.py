"""Tell whether `prepare` has anything to do.

All that `prepare` brings about is read again from the database, in four short queries, and compared with what it last
left there, and so is the release. A backup that was restored, another database, or a table, trigger or role that
somebody changed is therefore prepared as after an upgrade. Nothing is believed because it was so at the last start.
"""

import hashlib

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from metropolis_tracker.accounts.models import User
from metropolis_tracker.database_version import migrations_of_this_version
from plans.cache_entries import release_digest
from plans.models import Plan

# Every table, and every trigger with what it does.
SCHEMA = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
    "postgresql": """
        SELECT c.relname, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid), p.prosrc FROM pg_class c
        LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal LEFT JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY 1, 2
    """,
}
RIGHTS = ("content_type__app_label", "content_type__model", "codename")
ROLES = ("name", *(f"permissions__{name}" for name in RIGHTS))


def is_prepared():
    """Return whether `prepare` would change nothing."""
    file = state_file()
    stored = file.read_text() if file.exists() else ""
    return stored == prepared_state() and Plan.objects.exists() and User.objects.administrators().exists()


def store_prepared_state():
    """Remember what `prepare` has left in the database."""
    state_file().write_text(prepared_state())


def state_file():
    return settings.DATA_DIR / "prepared"


def prepared_state():
    """Return a digest of this release and of what `prepare` brings about in the database; None if a table is missing.

    The names of the migrations are a part of the release: those of packages are not in `release_digest`.
    """
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA[connection.vendor])
        schema = cursor.fetchall()
    try:
        applied = sorted(MigrationRecorder(connection).applied_migrations())
        rights = sorted(Permission.objects.order_by().values_list(*RIGHTS))
        roles = sorted(Group.objects.values_list(*ROLES), key=str)
    except DatabaseError:
        return None
    ours = sorted((app, sorted(names)) for app, names in migrations_of_this_version().items())
    state = (release_digest(), ours, applied, schema, rights, roles)
    return hashlib.sha256(repr(state).encode()).hexdigest()
