"""The uploaded files of a backup: copied once, each read back, and found where they are damaged."""

import hashlib
import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deliverables.evidence.attached import store_upload
from deliverables.models import EvidenceFile
from deliverables.models.evidence_file import storage, storage_name
from metropolis_tracker.backups.destination import Bucket, Folder
from metropolis_tracker.backups.files import copy_files, restore_files
from metropolis_tracker.config.evidence_storage import FolderStorage
from tests.deliverables.evidence.files import PDF, office
from tests.object_storage import object_storage

pytestmark = pytest.mark.django_db
DOCX = office("docx", ("word/media/big.bin", bytes(range(256)) * 4000))


@pytest.fixture
def uploaded(plan):
    """The SHA-256 of two uploaded files, in their order."""
    pieces = [store_upload(SimpleUploadedFile(name, content)) for name, content in [("a.pdf", PDF), ("b.docx", DOCX)]]
    yield sorted(piece.file.sha256 for piece in pieces)
    for piece in pieces:
        storage().delete(storage_name(piece.file.sha256))  # other tests use the same folder


@pytest.fixture(params=["folder", "bucket"])
def destination(request, tmp_path, monkeypatch):
    if request.param == "folder":
        yield Folder(tmp_path)
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with object_storage() as server:
        yield Bucket(f"s3://backups/tracker?endpoint_url={server.endpoint}&region_name=eu-south-2")


def rot(storage, name):
    """Change a byte of a stored file, as a bad disk does: the size is the same."""
    with storage.open(name) as file:
        content = file.read()
    storage.save(name, content_file(content[:-1] + bytes([content[-1] ^ 1])))


def content_file(content):
    return SimpleUploadedFile("changed", content)


def test_all_are_copied_and_read_back(uploaded, destination):
    files = copy_files(destination)
    assert (files.stored, files.missing, files.damaged, files.copied) == (uploaded, [], [], 2)
    assert restore_files(destination, uploaded, trial=True) == []


def test_what_is_there_is_not_copied_again(uploaded, destination):
    copy_files(destination)
    before = destination.files()
    assert copy_files(destination).copied == 0
    assert destination.files() == before


def test_half_a_file_is_copied_again(uploaded, destination):
    destination.save_file(uploaded[0], b"half")
    assert copy_files(destination).copied == 2
    assert restore_files(destination, uploaded, trial=True) == []


def test_each_is_read_once(uploaded, tmp_path, monkeypatch):
    opened, really_open = [], FolderStorage._open
    monkeypatch.setattr(FolderStorage, "_open", lambda *values: opened.append(values[1]) or really_open(*values))
    copy_files(Folder(tmp_path))
    assert sorted(opened) == [storage_name(sha256) for sha256 in uploaded]


def test_a_missing_one_and_a_rotten_one_beside_the_backup_are_found(uploaded, destination):
    copy_files(destination)
    rot(destination.storage, f"files/{storage_name(uploaded[0])}")
    destination.delete(f"files/{storage_name(uploaded[1])}")
    assert restore_files(destination, uploaded, trial=True) == uploaded


def test_one_that_is_damaged_in_the_storage_is_not_in_the_backup(uploaded, destination):
    rot(storage(), storage_name(uploaded[0]))
    files = copy_files(destination)
    assert (files.stored, files.missing, files.damaged) == (uploaded[1:], uploaded[:1], uploaded[:1])
    assert list(destination.files()) == uploaded[1:]


def test_a_backup_has_the_good_copy_of_one_that_was_damaged_later(uploaded, destination):
    copy_files(destination)
    storage().delete(storage_name(uploaded[0]))
    files = copy_files(destination)
    assert (files.stored, files.missing, files.damaged) == (uploaded, [], uploaded[:1])


def test_they_are_restored_into_the_storage(uploaded, destination):
    copy_files(destination)
    storage().delete(storage_name(uploaded[0]))
    rot(storage(), storage_name(uploaded[1]))
    assert restore_files(destination, uploaded, trial=False) == []
    assert all(file.is_intact for file in EvidenceFile.objects.all())


def test_a_trial_stores_nothing(uploaded, destination):
    copy_files(destination)
    storage().delete(storage_name(uploaded[0]))
    restore_files(destination, uploaded, trial=True)
    assert not storage().exists(storage_name(uploaded[0]))


def test_copies_are_for_their_owner_alone(uploaded, tmp_path):
    copy_files(Folder(tmp_path))
    path = Path(tmp_path, "files", storage_name(uploaded[0]))
    modes = [oct(os.stat(each).st_mode)[-3:] for each in (path, path.parent, tmp_path / "files")]
    assert modes == ["600", "700", "700"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == uploaded[0]
