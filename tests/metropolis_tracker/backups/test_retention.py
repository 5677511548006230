"""Which backups are kept, and what is removed with those that are not."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metropolis_tracker.backups.archive import InvalidBackup
from metropolis_tracker.backups.destination import Folder
from metropolis_tracker.backups.retention import (
    day_of,
    kept,
    name_at,
    remove_old_backups,
    remove_remnants,
    remove_unneeded_files,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
hours = st.integers(0, 24 * 700)
names = st.sets(hours.map(lambda hours: name_at(NOW - timedelta(hours=hours))), max_size=60)
# The rule once more, in other words: how many periods of each kind it keeps, and in which period a day is.
PERIODS = [(7, "%Y-%m-%d"), (4, "%G-%V"), (12, "%Y-%m")]


def is_to_be_kept(name, others):
    """Whether a backup is the last of its day, week or month, and fewer than so many of these came after it."""
    for number, form in PERIODS:
        period = day_of(name).strftime(form)
        later = {day_of(other).strftime(form) for other in others if other > name}
        if period not in later and len(later) < number:
            return True
    return False


@given(names)
def test_the_newest_of_the_last_seven_days_four_weeks_and_twelve_months_are_kept(names):
    assert kept(names) == {name for name in names if is_to_be_kept(name, names)}


@given(names)
def test_the_newest_is_kept_and_the_rule_keeps_what_it_kept(names):
    assert max(names, default=None) == max(kept(names), default=None)
    assert kept(kept(names)) == kept(names)


@given(names)
def test_applied_each_night_it_keeps_as_much_as_applied_once(names):
    """Nothing that is wanted later is removed before."""
    there = set()
    for name in sorted(names):
        there = kept(there | {name})
    assert there == kept(names)


def nightly(days):
    return {name_at(NOW - timedelta(days=number)) for number in range(days)}


def test_two_years_of_nights_are_twenty_backups():
    """7 days, with the ends of this week and of the last in them; 2 weeks more; 11 months more, back to December."""
    assert len(kept(nightly(730))) == 7 + 2 + 11
    assert min(kept(nightly(730))) == "2025-12-31-130000.gz"


def test_a_rule_that_keeps_too_little_is_caught(monkeypatch):
    """The broken twin: one that forgets the months."""
    monkeypatch.setattr("metropolis_tracker.backups.retention.RULE", [(7, lambda day: day)])
    names = nightly(60)
    assert kept(names) != {name for name in names if is_to_be_kept(name, names)}


@pytest.mark.parametrize(
    "name",
    ["before-upgrade.gz", "2026-99-01-030000.gz", "2026-11-01-030000.gz.failed", "2026-11-01.gz", "2026-11-01-030000"],
)
def test_another_name_is_none_of_ours(name):
    assert (day_of(name), kept([name])) == (None, set())


def test_a_day_begins_in_the_time_zone_of_the_settings():
    assert name_at(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == "2026-07-01-003000.gz"


@pytest.fixture
def destination(tmp_path):
    return Folder(tmp_path)


def add(path, files=(), *, form=3, days=0):
    """Write what is the beginning of a backup that needs these files, so many days old."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [{"form": form}, {"files": list(files)} if form == 3 else {"table": "plans_plan"}]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode() + b"\n"))
    moment = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (moment, moment))


def left_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_only_backups_that_the_rule_does_not_keep_are_removed(destination, tmp_path):
    others = {"before-upgrade.gz", "notes.txt", "2020-01-01-030000.gz.failed", "2020-01-01-030000.tar.gz"}
    for name in nightly(40) | others:
        add(tmp_path / name)
    removed = remove_old_backups(destination, max(nightly(40)))
    assert set(removed) == nightly(40) - kept(nightly(40))
    assert left_in(tmp_path) == kept(nightly(40)) | others


def test_the_one_that_has_just_passed_stays_even_if_the_clock_was_wrong_before(destination, tmp_path):
    future = {name_at(NOW + timedelta(days=400 * number)) for number in range(1, 14)}
    for name in future | {name_at(NOW)}:
        add(tmp_path / name)
    remove_old_backups(destination, name_at(NOW))
    assert name_at(NOW) in left_in(tmp_path)


def test_what_did_not_pass_is_removed_after_seven_days(destination, tmp_path):
    for days in (6, 8):
        for end in ("failed", "unproven"):
            add(tmp_path / f"{name_at(NOW - timedelta(days=days))}.{end}", days=days)
    add(tmp_path / "before-upgrade.gz.failed", days=8)
    remove_remnants(destination, NOW)
    young = name_at(NOW - timedelta(days=6))
    assert left_in(tmp_path) == {f"{young}.failed", f"{young}.unproven", "before-upgrade.gz.failed"}


def sha(letter):
    return letter * 64


def add_files(folder, *letters, days=2):
    for letter in letters:
        add(folder / f"files/{letter * 2}/{sha(letter)}", days=days)


def test_files_that_no_backup_needs_are_removed(destination, tmp_path):
    """Those of a backup with a name of its own are needed; one of an earlier version has them inside."""
    add_files(tmp_path, "a", "b", "c", "d")
    add(tmp_path / "before-upgrade.gz", [sha("a")])
    add(tmp_path / name_at(NOW), [sha("b")])
    add(tmp_path / "of-an-earlier-version.gz", form=2)
    add(tmp_path / "files/dd/notes.txt", days=2)
    assert remove_unneeded_files(destination, [sha("b")], NOW) == 2
    left = {path for path in left_in(tmp_path) if path.startswith("files/")}
    assert left == {f"files/aa/{sha('a')}", f"files/bb/{sha('b')}", "files/dd/notes.txt"}


@pytest.mark.parametrize("name", ["2025-01-01-030000.gz.keep", "before the elections"])
def test_the_files_of_a_backup_that_somebody_has_renamed_stay(destination, tmp_path, name):
    add_files(tmp_path, "a")
    add(tmp_path / name, [sha("a")])
    (tmp_path / "notes.txt").write_text("What lies here, and why.")
    assert remove_unneeded_files(destination, [], NOW) == 0


def test_a_draft_that_a_crash_has_left_is_removed(destination, tmp_path):
    add(tmp_path / "files/aa/tmpk3x_9.part", days=2)
    add(tmp_path / "files/aa/tmpk3x_8.part", days=0.5)
    assert remove_unneeded_files(destination, [], NOW) == 1
    assert left_in(tmp_path) == {"files/aa/tmpk3x_8.part"}


def test_a_young_file_may_belong_to_a_backup_that_is_being_written(destination, tmp_path):
    add_files(tmp_path, "a", days=0.9)
    assert remove_unneeded_files(destination, [], NOW) == 0


def test_while_another_backup_is_written_no_file_is_removed(destination, tmp_path):
    add_files(tmp_path, "a")
    add(tmp_path / f"{name_at(NOW)}.unproven")
    assert remove_unneeded_files(destination, [], NOW) == 0


def test_if_a_backup_cannot_be_read_no_file_is_removed(destination, tmp_path):
    add_files(tmp_path, "a")
    (tmp_path / "damaged.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(InvalidBackup, match="damaged.gz is not a complete backup"):
        remove_unneeded_files(destination, [], NOW)
    assert f"files/aa/{sha('a')}" in left_in(tmp_path)
