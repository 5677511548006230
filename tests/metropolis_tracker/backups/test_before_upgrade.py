"""The copy of the database before an upgrade. That it brings back old releases: tests/upgrades/test_upgrades.py."""

import os
import re
import resource
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from metropolis_tracker.backups.before_upgrade import outdated
from tests.server import manage, prepared_environment
from tests.upgrades.databases import connected, read

# A migration that changes no table: it can be applied twice.
HARMLESS = ("backups", "0003_total_order")
PENDING = f"DELETE FROM django_migrations WHERE app = '{HARMLESS[0]}' AND name = '{HARMLESS[1]}'"


def applied(environment):
    with connected(environment) as opened:
        return set(read(opened, "SELECT app, name FROM django_migrations")[1])


def copies_of(environment):
    return sorted(Path(environment["DATA_DIR"], "before-upgrades").glob("*"))


def run(environment, *arguments, **options):
    """Run a command that may fail. Return its exit code and what it says."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, **options)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def old(tmp_path):
    """A tracker with data and with a migration that is not applied yet."""
    environment = prepared_environment(tmp_path / "var")
    with connected(environment) as opened:
        opened.cursor().execute(PENDING)
    return environment


def test_an_upgrade_copies_the_database_first_and_says_how_to_go_back(old):
    said = manage(old, "prepare")
    (copy,) = copies_of(old)
    assert f"Before its upgrade, the database was copied to {copy}. To go back: stop the tracker, install" in said
    assert ("pg_restore" in said) == (connection.vendor == "postgresql")
    assert HARMLESS in applied(old)


def test_its_owner_alone_can_read_the_copy(old):
    manage(old, "prepare")
    (copy,) = copies_of(old)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (copy.parent, copy)] == [0o700, 0o600]


def test_what_has_nothing_to_migrate_or_no_data_is_not_copied(old):
    """`prepared_environment` has prepared an empty database."""
    assert copies_of(old) == []
    manage(old, "prepare")
    manage(old, "prepare")
    Path(old["DATA_DIR"], "prepared").unlink()
    manage(old, "prepare")
    assert len(copies_of(old)) == 1


def test_where_no_copy_can_be_written_nothing_is_migrated(old):
    """`serve` ends in the same way, since it calls `prepare`."""

    def limit_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    code, said = run(old, "prepare", preexec_fn=limit_files)
    assert (code, len(said.splitlines())) == (1, 1)
    assert "could not be copied before. Nothing was changed. The reason is" in said
    assert "then run manage.py prepare --without-backup" in said
    assert HARMLESS not in applied(old)
    assert copies_of(old) == []


def test_a_folder_that_cannot_be_made_is_named(old):
    Path(old["DATA_DIR"], "before-upgrades").touch()
    code, said = run(old, "prepare")
    assert (code, "before-upgrades: Not a directory" in said or "before-upgrades: File exists" in said) == (1, True)
    assert HARMLESS not in applied(old)


def test_an_operator_can_go_on_without_a_copy(old):
    manage(old, "prepare", "--without-backup")
    assert (HARMLESS in applied(old), copies_of(old)) == (True, [])


def names(folder, *names):
    for name in names:
        (folder / name).touch()
    return sorted(path.name for path in outdated(folder))


def test_the_last_three_copies_stay(tmp_path):
    made = [f"2026-11-2{day}-120000-0000000{day}.sqlite3" for day in range(5)]
    assert names(tmp_path, *made, "note.txt", "2026-11-20-120000.gz") == made[:2]


def test_copies_of_an_upgrade_that_fails_again_and_again_do_not_replace_the_one_from_before(tmp_path):
    before, *again = [f"2026-11-2{day}-120000-0000000{min(day, 1)}.dump" for day in range(5)]
    assert names(tmp_path, before, *again) == again[:2]


if connection.vendor == "postgresql":

    def program(folder, text):
        """Make a program pg_dump, and return the environment that finds it first."""
        (folder / "pg_dump").write_text(f"#!/bin/sh\n{text}\n")
        (folder / "pg_dump").chmod(0o755)
        return {"PATH": f"{folder}:{os.environ['PATH']}"}

    def test_without_pg_dump_nothing_is_migrated_and_the_package_is_named(old, tmp_path):
        code, said = run(old | {"PATH": str(tmp_path)}, "prepare")
        assert (code, HARMLESS in applied(old)) == (1, False)
        assert re.search(r"no program pg_dump. Install pg_dump of PostgreSQL \d+ or later, .* postgresql-client", said)

    def test_a_pg_dump_that_is_too_old_is_named(old, tmp_path):
        text = "echo 'pg_dump: error: aborting because of server version mismatch' >&2; exit 1"
        code, said = run(old | program(tmp_path, text), "prepare")
        assert (code, HARMLESS in applied(old), copies_of(old)) == (1, False, [])
        assert re.search(r"server version mismatch. Install pg_dump of PostgreSQL \d+ or later", said)

    def test_the_password_is_not_among_the_arguments(old, tmp_path):
        text = f'echo "$@" > {tmp_path}/arguments; echo "$PGPASSWORD" > {tmp_path}/secret; exec {pg_dump()} "$@"'
        url = old["DATABASE_URL"].replace("tracker@", "tracker:gehe1m@")
        manage(old | program(tmp_path, text) | {"DATABASE_URL": url}, "prepare")
        assert (tmp_path / "secret").read_text() == "gehe1m\n"
        assert "gehe1m" not in (tmp_path / "arguments").read_text()
        assert "--format=custom" in (tmp_path / "arguments").read_text()

    def pg_dump():
        return shutil.which("pg_dump")

    def test_of_two_machines_one_copies_the_database(old, tmp_path):
        machines = [old | {"DATA_DIR": str(tmp_path / name)} for name in ("one", "two")]
        command = [sys.executable, "manage.py", "prepare"]
        running = [subprocess.Popen(command, env=machine, stdout=subprocess.DEVNULL) for machine in machines]
        assert [process.wait(120) for process in running] == [0, 0]
        assert sum(len(copies_of(machine)) for machine in machines) == 1
