"""Backups of a tracker with uploaded files, by the commands in processes of their own: into a folder and onto S3."""

import hashlib
import re
from pathlib import Path

import pytest

from tests.deliverables.evidence.files import PDF
from tests.metropolis_tracker.backups.test_backups import run
from tests.object_storage import object_storage
from tests.server import free_port, fresh_environment, manage, prepared_environment

SHA256 = hashlib.sha256(PDF).hexdigest()
NAME = f"files/{SHA256[:2]}/{SHA256}"
CONTENT = """
from django.core.files.uploadedfile import SimpleUploadedFile
from deliverables.evidence.attached import store_upload
from metropolis_tracker.accounts.models import User
from tests.builders import deliverable, report
from tests.deliverables.evidence.files import PDF
sofia = User.objects.create_user("sofia@metropolis.example", name="Sofia Marín", role="Secretariat")
piece = store_upload(SimpleUploadedFile("minutes.pdf", PDF))
report(deliverable("L2M5D1"), "attained", by=sofia, evidence=[piece])
"""


@pytest.fixture(scope="module")
def tracker(tmp_path_factory):
    environment = prepared_environment(tmp_path_factory.mktemp("with-files") / "var")
    manage(environment, "shell", "--verbosity", "0", input=CONTENT)
    return environment


@pytest.fixture
def folder(tracker, tmp_path):
    """A folder with a backup."""
    path = tmp_path / "backups"
    path.mkdir()
    assert "1 uploaded files, 1 of them new" in manage(tracker, "backup", path / "one.gz")
    return path


def stored_in(environment):
    return Path(environment["DATA_DIR"], NAME)


def test_a_second_backup_copies_nothing_and_both_have_the_file(folder, tracker, tmp_path):
    before = (folder / NAME).stat()
    assert "1 uploaded files, 0 of them new" in manage(tracker, "backup", folder / "two.gz")
    assert (folder / NAME).stat() == before
    restored = fresh_environment(tmp_path / "restored")
    manage(restored, "restore", folder / "two.gz")
    assert stored_in(restored).read_bytes() == PDF


def test_a_rotten_file_beside_the_backup_stops_it_and_is_copied_again_once_it_is_deleted(folder, tracker):
    (folder / NAME).write_bytes(PDF.replace(b"obj", b"xxx"))
    code, said = run(tracker, "backup", folder / "two.gz")
    assert (code, (folder / "two.gz").exists(), (folder / "two.gz.failed").exists()) == (1, False, True)
    assert re.search(rf"1 uploaded files are missing or damaged beside the backups .*{SHA256}.* Delete those", said)
    (folder / NAME).unlink()
    assert "1 uploaded files, 1 of them new" in manage(tracker, "backup", folder / "two.gz")


def test_without_a_file_nothing_is_restored_unless_that_is_accepted(folder, tmp_path):
    (folder / NAME).unlink()
    restored = fresh_environment(tmp_path / "restored")
    code, said = run(restored, "restore", folder / "one.gz")
    assert (code, "add --accept-damaged-files" in said) == (1, True)
    code, said = run(restored, "restore", "--accept-damaged-files", folder / "one.gz")
    assert (code, f"1 uploaded files were not restored, since the backup does not have them: {SHA256}" in said) == (
        0,
        True,
    )


def test_a_file_that_is_damaged_in_the_tracker_is_told_with_where_a_good_one_is(folder, tracker):
    stored_in(tracker).write_bytes(b"")
    code, said = run(tracker, "backup", folder / "two.gz")
    stored_in(tracker).write_bytes(PDF)
    assert (code, f"damaged in the tracker, but not in the backup: {SHA256}. Copy them back" in said) == (0, True)
    stored_in(tracker).unlink()
    code, said = run(tracker, "backup", folder.parent / "elsewhere.gz")
    stored_in(tracker).write_bytes(PDF)
    assert (code, f"and not in this backup: {SHA256}" in said) == (0, True)


def test_a_file_that_was_missing_then_is_told_when_the_backup_is_restored(folder, tracker, tmp_path):
    stored_in(tracker).unlink()
    run(tracker, "backup", tmp_path / "elsewhere.gz")
    stored_in(tracker).write_bytes(PDF)
    code, said = run(fresh_environment(tmp_path / "restored"), "restore", tmp_path / "elsewhere.gz")
    assert (code, f"since the backup does not have them: {SHA256}" in said) == (0, True)


def test_a_storage_that_does_not_answer_is_not_taken_for_one_without_files(tracker, tmp_path):
    """Otherwise a backup without any file would pass."""
    away = {"FILES_URL": f"s3://files?endpoint_url=http://127.0.0.1:{free_port()}&region_name=eu-south-2"}
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    code, said = run(tracker | away | keys, "backup", tmp_path / "one.gz")
    assert (code, "No backup was written" in said, list(tmp_path.glob("one*"))) == (1, True, [])


def test_a_name_that_is_none_of_a_backup_is_refused(tracker, tmp_path):
    code, said = run(tracker, "backup", tmp_path / "one.bak")
    assert (code, "The name of a backup ends in .gz: choose one.bak.gz." in said) == (1, True)


def test_backups_are_refused_in_the_data_folder_itself(tracker):
    code, said = run(tracker, "backup", tracker["DATA_DIR"])
    assert (code, "Choose another folder for the backups" in said) == (1, True)


def test_an_object_storage_takes_backups_and_gives_them_back(tracker, tmp_path):
    with object_storage() as server:
        url = f"s3://backups/tracker?endpoint_url={server.endpoint}&region_name=eu-south-2"
        s3 = {"BACKUP_URL": url, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
        said = manage(tracker | s3, "backup")
        name = re.search(r"tracker/(\S+\.gz)\?", said)[1]
        assert set(server.objects) == {f"/backups/tracker/{name}", f"/backups/tracker/{NAME}"}
        restored = fresh_environment(tmp_path / "restored")
        assert "identical to the backup" in manage(restored | s3, "restore", name)
        assert stored_in(restored).read_bytes() == PDF
