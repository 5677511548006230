"""Refuse a database of another version of the tracker: this one would lose, or not find, what the other one stores."""

import pkgutil
from pathlib import Path

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def require_this_version():
    """Raise `ImproperlyConfigured` unless the database has exactly the migrations of this version."""
    refuse_newer_database()
    loader = MigrationLoader(connection)
    if loader.disk_migrations.keys() - loader.applied_migrations.keys():
        raise ImproperlyConfigured(
            "This database has not been brought to this version of the tracker yet. Start the tracker, or run"
            " manage.py prepare."
        )


def refuse_newer_database():
    """Raise `ImproperlyConfigured` if the database has migrations that this version does not have."""
    if unknown := unknown_migrations():
        raise ImproperlyConfigured(
            f"A newer version of the tracker has changed this database ({', '.join(unknown)}). Install that version, or"
            " restore a backup that this version made into an empty database."
        )


def unknown_migrations():
    """Return the names of the migrations that were applied and are not in this version, sorted."""
    applied, ours = MigrationRecorder(connection).applied_migrations(), migrations_of_this_version()
    return sorted(f"{app}.{name}" for app, name in applied if app in ours and name not in ours[app])


def migrations_of_this_version():
    """Return the names of the migrations of each app. Only their names: to import them takes a third of a start."""
    folders = {app.label: Path(app.path, "migrations") for app in apps.get_app_configs()}
    return {
        app: {module.name for module in pkgutil.iter_modules([str(folder)])}
        for app, folder in folders.items()
        if folder.is_dir()
    }
