"""Backups, made and restored by the commands in processes of their own, from either kind of database to either."""

import errno
import gzip
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
import uuid
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from metropolis_tracker.backups import archive
from metropolis_tracker.backups.models import Backup
from plans.common.append_only import make_triggers
from tests.conftest import remove_triggers
from tests.server import fresh_environment, manage, prepared_environment

CONTENT = """
from datetime import date
from deliverables.plan_editing import structure
from deliverables.models import Decision
from metropolis_tracker.accounts.models import User
from plans.models import Plan, Translation
from tests.builders import deliverable, publish, report
sofia = User.objects.create_user("sofia@metropolis.example", name="Sofia Marín", role="Secretariat")
plan = Plan.objects.get()
report(deliverable("L2M5D1"), "attained", by=sofia, note="Zürich, 東京, =1+1, a \\u2028 line")
report(deliverable("L2M6D1"), "attained", by=sofia, note="table", evidence_link="https://metropolis.org")
Translation.objects.set_translations(plan, "es", {plan.title: "Tres años, dicho de otro modo"}, by=sofia)
publish(plan, by=sofia, titles={"es": "Informe"})
"""
RECORD = """
import uuid
from metropolis_tracker.accounts.models import User
from tests.builders import deliverable, report
print("entry", report(deliverable("L1M1D1"), "attained", by=User.objects.get(name="Sofia Marín")).sequence)
"""


def run(environment, *arguments):
    """A command that may fail: its exit code and what it says."""
    command = [os.sys.executable, "manage.py", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def timelines(environment):
    """The timelines of the plans, each of which a restore renews: cached pages of lost changes are not used again."""
    script = "from plans.models import Plan; print(*Plan.objects.values_list('timeline', flat=True))"
    return set(manage(environment, "shell", "--verbosity", "0", "--command", script).split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("backups")


@pytest.fixture(scope="module")
def tracker(folder):
    """A tracker with some of everything in it."""
    environment = prepared_environment(folder / "var")
    manage(environment, "shell", "--verbosity", "0", input=CONTENT)
    return environment


@pytest.fixture(scope="module")
def made(tracker, folder):
    """What `backup` printed, with the option that older crontabs have."""
    return manage(tracker, "backup", folder / "backup.gz", "--rehearse")


@pytest.fixture(scope="module")
def backup(made, folder):
    return folder / "backup.gz"


def test_a_backup_is_restored_on_trial(made):
    assert re.search(r"backup.gz: \d{3,} rows, trial restore identical, sha256 [0-9a-f]{64}; 0 uploaded", made)


def test_it_is_for_its_owner_alone(backup):
    assert oct(backup.stat().st_mode)[-3:] == "600"


def test_it_is_restored_and_goes_on(backup, tracker, tmp_path):
    """On PostgreSQL into PostgreSQL, too; the rehearsal went into SQLite."""
    restored = fresh_environment(tmp_path)
    assert "identical to the backup" in manage(restored, "restore", backup)
    assert timelines(restored).isdisjoint(timelines(tracker))
    assert manage(restored, "shell", "--verbosity", "0", input=RECORD) == "entry 68\n"
    assert "68 entries" in manage(restored, "verify_history")
    assert "as published" in manage(restored, "verify_editions")


if connection.vendor == "postgresql":

    def test_what_sqlite_kept_goes_into_postgresql(folder, tmp_path):
        sqlite = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "sqlite")}
        manage(sqlite, "prepare")
        manage(sqlite, "backup", folder / "sqlite.gz")
        restored = fresh_environment(tmp_path / "other")
        assert "identical to the backup" in manage(restored, "restore", folder / "sqlite.gz")


def test_a_full_database_is_left_alone(backup, tracker):
    code, said = run(tracker, "restore", backup)
    assert code == 1
    assert "not empty: it has 1 plans and 2 people. Name an empty one in DATABASE_URL." in said


def test_a_file_that_is_there_is_left_alone(backup, tracker):
    before = backup.read_bytes()
    assert "already exists" in run(tracker, "backup", backup)[1]
    assert backup.read_bytes() == before


def test_in_a_folder_each_backup_has_a_name_of_its_own(tracker, tmp_path):
    manage(tracker, "backup", tmp_path)
    time.sleep(1)  # the names tell the second
    manage(tracker, "backup", "--keep-all", tmp_path)
    assert [bool(re.fullmatch(r"\d{4}-\d\d-\d\d-\d{6}\.gz", path.name)) for path in tmp_path.iterdir()] == [True] * 2


def test_without_a_place_it_goes_into_the_data_folder_and_is_restored_by_its_name(tracker, folder, tmp_path):
    manage(tracker, "backup")
    [path] = (folder / "var" / "backups").iterdir()
    restored = fresh_environment(tmp_path) | {"BACKUP_URL": str(path.parent)}
    assert "identical to the backup" in manage(restored, "restore", path.name)


def test_the_name_of_no_backup_is_told_with_those_there_are(backup, tracker, tmp_path):
    shutil.copy(backup, tmp_path)  # beside it lies what other tests have made
    code, said = run(tracker | {"BACKUP_URL": str(tmp_path)}, "restore", "2020-01-01-000000.gz")
    assert code == 1
    assert "There is no backup 2020-01-01-000000.gz in" in said
    assert "The last ones there: backup.gz" in said


def test_two_at_once_wait_for_each_other(tracker, tmp_path):
    """As two timers, of two machines with PostgreSQL: both pass, and the rule keeps the later one of a day."""
    command = [sys.executable, "manage.py", "backup", str(tmp_path)]
    both = [subprocess.Popen(command, env=tracker, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    names = sorted(re.search(r"[\d-]+\.gz", text)[0] for text in said)
    assert names[0] < names[1]
    assert [path.name for path in tmp_path.iterdir()] == names[1:]


def test_where_files_cannot_grow_a_backup_is_one_sentence_and_leaves_no_file(tracker, tmp_path):
    """On SQLite reading fails as well, since it has to make a file of its own."""

    def limit_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    command = [sys.executable, "manage.py", "backup", str(tmp_path)]
    done = subprocess.run(command, env=tracker, capture_output=True, text=True, preexec_fn=limit_files)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert re.search("No backup was written to .*: File too large.|cannot be used: disk I/O error", done.stderr)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_a_disk_that_gets_full_is_one_sentence_and_leaves_no_file(plan, tmp_path, monkeypatch):
    def lines(files):
        yield from ["{}"] * 100_000
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(archive, "lines", lines)
    with pytest.raises(CommandError, match="No backup was written to .*: No space left on device."):
        call_command("backup", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tracker, folder):
    assert "There is no folder" in run(tracker, "backup", folder / "nowhere" / "backup.gz")[1]


def lines_of(backup):
    with gzip.open(backup, "rt", encoding="utf-8") as text:
        return text.read().splitlines()


def written(tmp_path, lines):
    path = tmp_path / "changed.gz"
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return path


def test_a_changed_word_is_found(backup, tmp_path):
    lines = [line.replace("Sofia Marín", "Sofia Marin") for line in lines_of(backup)]
    with pytest.raises(archive.InvalidBackup, match="has changed since it was written"):
        archive.read(written(tmp_path, lines))


@pytest.mark.parametrize("kept", [0, 1, 5, -1])
def test_a_file_that_ends_early_is_found(backup, tmp_path, kept):
    with pytest.raises(archive.InvalidBackup, match="not a complete backup|has changed since it was written"):
        archive.read(written(tmp_path, lines_of(backup)[:kept]))


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_file_cut_off_is_found(backup, tmp_path, share):
    content = backup.read_bytes()
    (tmp_path / "cut.gz").write_bytes(content[: int(share * len(content))])
    with pytest.raises(archive.InvalidBackup, match="not a complete backup"):
        archive.read(tmp_path / "cut.gz")


OTHER_FILES = {
    "empty": b"",
    "zip": b"PK\3\4",
    "cut gzip": b"\x1f\x8b",
    "json": b"{}",
    "gzip of a list": gzip.compress(b"[]\n"),
    "gzip of a letter": gzip.compress(b"x"),
}


# Named, since a gzip holds the second it was made in, and each worker must collect tests of the same names.
@pytest.mark.parametrize("name", OTHER_FILES)
def test_another_file_is_told_apart(tmp_path, name):
    (tmp_path / "other").write_bytes(OTHER_FILES[name])
    with pytest.raises(archive.InvalidBackup, match="is not a complete backup of the tracker"):
        archive.read(tmp_path / "other")


def test_a_backup_of_another_version_is_refused_by_name(backup, tmp_path):
    head, *rest = lines_of(backup)
    head = json.loads(head)
    head["migrations"]["reports"] = "0099_later"
    with pytest.raises(archive.InvalidBackup, match=r"reports 0099_later there, \d{4}_\w+ here.*Install that version"):
        archive.read(written(tmp_path, [json.dumps(head), *rest]))


def test_a_backup_of_another_format_is_refused_with_what_to_do(backup, tmp_path):
    head, *rest = lines_of(backup)
    older = json.dumps(json.loads(head) | {"form": 2})
    with pytest.raises(archive.InvalidBackup, match="has format 2, .* makes format 3. Install the version that made"):
        archive.read(written(tmp_path, [older, *rest]))


@pytest.mark.parametrize("place", [100, 0.5, -1])
def test_a_flipped_bit_is_found(backup, tmp_path, place):
    content = bytearray(backup.read_bytes())
    content[int(place * len(content)) if isinstance(place, float) else place] ^= 8
    (tmp_path / "flipped.gz").write_bytes(content)
    with pytest.raises(archive.InvalidBackup):
        archive.read(tmp_path / "flipped.gz")


@pytest.mark.django_db(transaction=True)
def test_a_history_that_was_meddled_with_does_not_pass(plan, tmp_path, restored_triggers):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deliverables_statusupdate SET note = 'Nothing to see' WHERE sequence = 7")
    with pytest.raises(CommandError, match="damaged data: 2018-2020: Entry 7 is not what was recorded"):
        call_command("backup", tmp_path / "backup.gz")
    assert not Backup.objects.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["backup.gz.failed"]


@pytest.fixture
def restored_triggers(plan):
    remove_triggers(connection)
    yield
    make_triggers()


def test_the_admin_says_when_a_backup_last_passed(administrator):
    assert "No backup has been restored as a test yet" in administrator.get("/admin/").content.decode()
    Backup.objects.create(made_at=timezone.now(), rows=393, sha256="0" * 64, rehearsed=True)
    Backup.objects.create(made_at=timezone.now(), rows=7, sha256="0" * 64)
    page = administrator.get("/admin/").content.decode()
    assert "restored as a test, without a difference" in page
    assert "393 rows" in page


# What the constraints of a row of form 2 want.
FORM_2 = {
    "deliverables.StatusUpdate": {
        "form": 2, "status": "in_progress", "previous_status": "", "evidence_title": "", "evidence_link": "",
    }
}  # fmt: skip


def sample(field, text):
    """A value for a column: `text` wherever the database takes any text."""
    if field.null:
        return None
    if field.choices:
        return field.get_default() if field.has_default() or field.blank else field.choices[0][0]
    if isinstance(field, models.JSONField):
        return {text: [text, None, 1]}
    if isinstance(field, models.BinaryField):
        return text.encode()
    if isinstance(field, models.CharField | models.TextField):
        return text[: field.max_length]
    by_type = {
        models.UUIDField: uuid.UUID(int=1), models.BooleanField: True,
        models.DateTimeField: datetime(2026, 1, 1, tzinfo=UTC), models.DateField: date(2026, 1, 1),
    }  # fmt: skip
    if isinstance(field, models.ForeignKey):
        return sample(field.target_field, text)
    return next((value for kind, value in by_type.items() if isinstance(field, kind)), 1)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
@example(text="table")
@example(text="columns")
@example(text='["rows"]')
@example(text='{"table": "plans_plan"}')
def test_any_text_in_any_field_comes_back(plan, text):
    """A row of every table, the text in each of its columns that holds text, without what it refers to."""
    for model in archive.models():
        fields = model._meta.concrete_fields
        with transaction.atomic():
            remove_triggers(connection)
            model._base_manager.all()._raw_delete(using="default")
            values = {field.attname: sample(field, text) for field in fields} | FORM_2.get(model._meta.label, {})
            model._base_manager.bulk_create([model(**values)])
            lines = list(archive.lines_of(model))
            model._base_manager.all()._raw_delete(using="default")
            archive.load(lines)
            assert list(archive.lines_of(model)) == lines
            transaction.set_rollback(True)
