"""Where backups are stored: what a path or URL means, and what is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from metropolis_tracker.backups.destination import Bucket, Folder, UnusableDestination, check_is_apart, find
from metropolis_tracker.config.evidence_storage import FolderStorage, backup_url
from metropolis_tracker.config.s3_storage import PrivateS3Storage
from tests.object_storage import object_storage

OPTIONS = "?endpoint_url=http://127.0.0.1:1&region_name=eu-south-2"


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def test_a_folder_a_file_and_a_url_are_told_apart(tmp_path):
    places = [tmp_path, tmp_path / "new.gz", f"s3://backups/tracker{OPTIONS}", f"s3://backups/tracker/old.gz{OPTIONS}"]
    found = [find(str(place)) for place in places]
    assert [(type(destination), name) for destination, name in found] == [
        (Folder, ""),
        (Folder, "new.gz"),
        (Bucket, ""),
        (Bucket, "old.gz"),
    ]
    assert [str(destination) for destination, _name in found[2:]] == ["s3://backups/tracker"] * 2


def test_the_location_of_a_backup_leads_back_to_it(tmp_path):
    for place in (str(tmp_path), f"s3://backups{OPTIONS}", f"s3://backups/tracker/{OPTIONS}"):
        destination = find(place)[0]
        again, name = find(destination.location("2026-11-26-030000.gz"))
        assert (name, again.storage.location) == ("2026-11-26-030000.gz", destination.storage.location)


@pytest.mark.parametrize(
    ("path", "told"),
    [("nowhere", "There is no folder .*nowhere. Create it"), ("nowhere/new.gz", "There is no folder .*nowhere")],
)
def test_a_folder_that_is_not_there_is_refused(tmp_path, path, told):
    with pytest.raises(UnusableDestination, match=told):
        find(str(tmp_path / path))


def test_a_folder_of_the_settings_is_not_made_since_its_disk_may_not_be_mounted(settings, tmp_path):
    settings.BACKUP_URL = str(tmp_path / "disk")
    with pytest.raises(UnusableDestination, match="There is no folder"):
        find(None)


@pytest.mark.parametrize(
    ("backups", "evidence"),
    [
        (".", "files"),  # as DATA_DIR: beside the backups would lie the uploaded files themselves
        ("files", "files"),
        ("files/ab", "files"),
        (".", "files/evidence"),
    ],
)
def test_a_folder_that_would_mix_backups_and_uploaded_files_is_refused(tmp_path, monkeypatch, backups, evidence):
    evidence = FolderStorage(tmp_path / evidence)
    monkeypatch.setattr("metropolis_tracker.backups.destination.storage", lambda: evidence)
    with pytest.raises(UnusableDestination, match="Choose another folder for the backups"):
        check_is_apart(Folder(tmp_path / backups))


@pytest.mark.parametrize(
    ("backups", "is_refused"),
    [("evidence", True), ("evidence/files/backups", True), ("evidence/backups", False), ("other/files", False)],
)
def test_a_bucket_may_hold_both_in_folders_that_are_apart(monkeypatch, backups, is_refused):
    evidence = PrivateS3Storage(bucket_name="evidence", location="files", endpoint_url="http://127.0.0.1:1/")
    monkeypatch.setattr("metropolis_tracker.backups.destination.storage", lambda: evidence)
    try:
        check_is_apart(Bucket(f"s3://{backups}{OPTIONS}"))
    except UnusableDestination:
        assert is_refused
    else:
        assert not is_refused


def test_beside_the_data_folders_own_files_is_apart(settings, tmp_path):
    check_is_apart(Folder(settings.DATA_DIR / "backups"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("s3://Backups", "BACKUP_URL is no URL that the tracker can use.* It begins with s3://"),
        ("s3://key:secret@backups", "Take the credentials out of it"),
        ("backups", "BACKUP_URL is neither the absolute path of a folder nor a URL"),
        ("https://s3.example/backups", "BACKUP_URL is neither"),
    ],
)
def test_a_wrong_setting_is_told_and_not_repeated(text, told):
    with pytest.raises(ImproperlyConfigured, match=told) as error:
        backup_url(text, Path("backups"))
    assert "secret@" not in str(error.value)


def test_a_wrong_setting_prevents_the_start_with_one_sentence(tmp_path):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "BACKUP_URL": "backups"}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


@pytest.fixture
def server():
    with object_storage() as server:
        yield server


@pytest.fixture(params=["folder", "bucket"])
def destination(request, tmp_path, server):
    if request.param == "folder":
        return Folder(tmp_path)
    return Bucket(f"s3://backups/tracker?endpoint_url={server.endpoint}&region_name=eu-south-2")


def write(destination, name, content=b"backup"):
    with destination.create(name) as file:
        file.write(content)


def test_a_backup_is_written_renamed_read_and_deleted(destination):
    write(destination, "one.gz.unproven")
    destination.rename("one.gz.unproven", "one.gz")
    destination.save_file("ab" * 32, b"minutes")
    with destination.open("one.gz") as file:
        assert file.read() == b"backup"
    assert {name: entry.size for name, entry in destination.backups().items()} == {"one.gz": 6}
    assert {name: entry.size for name, entry in destination.files().items()} == {"ab" * 32: 7}
    destination.delete("one.gz")
    destination.delete(destination.files()["ab" * 32].path)
    assert destination.backups() == destination.files() == {}


def test_what_could_not_be_written_completely_is_not_there(destination):
    with pytest.raises(TypeError):
        write(destination, "one.gz", "no bytes")
    assert destination.backups() == {}


def test_a_refusal_of_the_server_is_an_error_as_of_a_disk(server):
    bucket = Bucket(f"s3://backups?endpoint_url={server.endpoint}&region_name=eu-south-2")
    server.status = 403
    for call in (bucket.backups, bucket.files, lambda: write(bucket, "one.gz"), lambda: bucket.open("one.gz")):
        with pytest.raises(OSError, match="The object storage failed"):
            call()
