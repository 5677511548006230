"""Refuse a database that a newer version of the tracker has changed: this one would lose what it does not know."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.loader import MigrationLoader


def refuse_newer_database():
    """Raise `ImproperlyConfigured` if the database has migrations that this version does not have."""
    if unknown := unknown_migrations():
        raise ImproperlyConfigured(
            f"A newer version of the tracker has changed this database ({', '.join(unknown)}). Install that version, or"
            " restore a backup that this version made into an empty database."
        )


def unknown_migrations():
    """Return the names of the migrations that were applied and are not in this version, sorted."""
    loader = MigrationLoader(connection)
    applied = {(app, name) for app, name in loader.applied_migrations if app in loader.migrated_apps}
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    return sorted(f"{app}.{name}" for app, name in applied - loader.disk_migrations.keys() - replaced)
