"""Backups while people record: each is of one moment, is restored, and is equal."""

import subprocess
import sys

import pytest

from tests.crashes.load import acknowledged, sessions, wait_until_written, writing
from tests.server import IS_LONG, fresh_environment, manage, prepared_environment, serving

BACKUPS = 20 if IS_LONG else 1
PAUSE = 0 if IS_LONG else 0.3  # seconds: a backup takes many times as long
COUNT = "from deliverables.models import StatusUpdate; print('rows', StatusUpdate.objects.count())"


def run(folder, command, backups):
    """So many backups under load, each restored: how many rows each held at least and at most, and what failed."""
    environment = prepared_environment(folder / "var")
    people, found, failures = sessions(environment), [], []
    with serving(environment) as address, writing(address, people, PAUSE) as writers:
        for number in range(backups):
            wait_until_written(writers, 4)
            before, file = 65 + acknowledged(writers), folder / f"{number}.gz"
            done = subprocess.run([*command, "backup", file], env=environment, capture_output=True, text=True)
            wait_until_written(writers, 1)
            restored = fresh_environment(folder / f"restored-{number}")
            again = subprocess.run([*command, "restore", file], env=restored, capture_output=True, text=True)
            if done.returncode or again.returncode:
                failures.append(done.stderr + again.stderr)
                continue
            rows = int(manage(restored, "shell", "-v", "0", input=COUNT).split()[1])
            found.append((before, rows, 65 + acknowledged(writers)))
    return found, failures


def test_each_is_restored_and_equal(tmp_path):
    found, failures = run(tmp_path, [sys.executable, "manage.py"], BACKUPS)
    print(f"{BACKUPS} backups under load: {len(found)} restored and equal, {len(failures)} failed")
    assert failures == []
    assert [rows for before, rows, after in found if not before <= rows <= after + 4] == []


@pytest.mark.once  # make soak runs this on PostgreSQL, too
def test_the_harness_catches_a_backup_that_is_not_of_one_moment(tmp_path):
    _found, failures = run(tmp_path, [sys.executable, "-m", "tests.twins.blurred"], 1)
    assert "damaged data" in failures[0]
