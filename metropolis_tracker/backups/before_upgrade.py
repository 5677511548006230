"""Copy the database before an upgrade changes it, to a file in DATA_DIR, with the database's own tools.

A backup (see `archive`) is no help there: this version reads the tables by its own models, and they are still those of
the version before. The copy has the tables as they are, with their triggers, for that version to use again.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from contextlib import suppress
from functools import partial

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from metropolis_tracker.accounts.models import User
from plans.models import Plan

FOLDER = "before-upgrades"
HALF_WRITTEN = ".half-written"  # the end of the name of a file that is not complete
NAME = re.compile(r"\d{4}-\d\d-\d\d-\d{6}-([0-9a-f]{8})\.(?:sqlite3|dump)")  # the time in UTC, the state of the tables
KEPT = 3
KEPT_OF_ONE_STATE = 2
LOCK_SECONDS = 60  # how long pg_dump waits for somebody who changes tables


class NotCopied(Exception):
    """Raised when the database could not be copied. The message says why and what to do."""


def is_upgrade():
    """Return whether there are migrations to apply, and data that they could change."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    tables = connection.introspection.table_names()
    return any(model._meta.db_table in tables and model.objects.exists() for model in (Plan, User))


def copy_database():
    """Copy the database to a new file that its owner alone can read. Return the path. Raise `NotCopied` if that fails.

    The file gets its name only when it is complete and on the disk. Older copies are removed: see `outdated`.
    """
    folder, copy = settings.DATA_DIR / FOLDER, copy_postgresql if connection.vendor == "postgresql" else copy_sqlite
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        remove_half_written(folder)
        path = folder / new_name()
        draft = path.with_name(f"{path.name}.{os.getpid()}{HALF_WRITTEN}")

        try:
            with open(draft, "xb", opener=partial(os.open, mode=0o600)) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                copy(file)
                os.fsync(file.fileno())
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)

        for other in outdated(folder):
            other.unlink()
    except (OSError, DatabaseError) as error:
        raise NotCopied(f"{folder}: {getattr(error, 'strerror', None) or error}.") from None
    return path


def remove_half_written(folder):
    """Remove the drafts of copies whose process was killed. Who is still writing one holds its lock."""
    for draft in folder.glob(f"*{HALF_WRITTEN}"):
        with suppress(OSError), open(draft, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.unlink(missing_ok=True)


def new_name():
    """Return a name with the time, and with a digest of the migrations that the tables have now."""
    state = repr(sorted(MigrationRecorder(connection).applied_migrations()))
    suffix = "dump" if connection.vendor == "postgresql" else "sqlite3"
    return f"{timezone.now():%Y-%m-%d-%H%M%S}-{hashlib.sha256(state.encode()).hexdigest()[:8]}.{suffix}"


def outdated(folder):
    """Return the copies to remove: all but the last three, and of one state of the tables all but the last two.

    A migration that fails is tried again at every start. Without the second rule, copies of what it has left behind
    would soon replace the one from before the upgrade.
    """
    kept, removed = [], []
    for path in sorted((path for path in folder.iterdir() if NAME.fullmatch(path.name)), reverse=True):
        same = [other for other in kept if state_of(other) == state_of(path)]
        is_kept = len(kept) < KEPT and len(same) < KEPT_OF_ONE_STATE
        (kept if is_kept else removed).append(path)
    return removed


def state_of(path):
    return NAME.fullmatch(path.name)[1]


def copy_sqlite(file):
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [file.name])


def copy_postgresql(file):
    """Run pg_dump. It gets the password in its environment, where other users of the machine cannot read it."""
    program = shutil.which("pg_dump")
    version = connection.pg_version // 10_000
    advice = f"Install pg_dump of PostgreSQL {version} or later, in Debian the package postgresql-client"
    if program is None:
        raise NotCopied(f"there is no program pg_dump. {advice}.")

    options = ["--format=custom", "--no-password", f"--lock-wait-timeout={LOCK_SECONDS}s"]
    (_psql, *arguments), secrets = connection.client.settings_to_cmd_args_env(connection.settings_dict, options)
    environment = os.environ | (secrets or {}) | {"LC_ALL": "C"}
    if wanted := connection.settings_dict["OPTIONS"].get("target_session_attrs"):
        environment["PGTARGETSESSIONATTRS"] = wanted  # of several servers, not one that is behind
    command = [program, *arguments]
    done = subprocess.run(command, env=environment, stdout=file, stderr=subprocess.PIPE, text=True)  # noqa: S603

    if done.returncode:
        said = " ".join(done.stderr.split()) or f"pg_dump ended with {done.returncode}"
        raise NotCopied(f"{said}. {advice}." if "version mismatch" in said else f"{said}.")


def way_back(path):
    """Return what an operator does to use the copy again."""
    if connection.vendor == "postgresql":
        how = (
            f"load it into an empty database (pg_restore --no-owner --dbname=... {path}) and name that in DATABASE_URL"
        )
    else:
        database = connection.settings_dict["NAME"]
        how = f"move {database}, and the files -wal and -shm beside it, away, and copy it to {database}"
    return f"To go back: stop the tracker, install the version before, {how}. See docs/operating.md, “Go back”."
