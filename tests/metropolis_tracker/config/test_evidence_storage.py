"""Where evidence is stored: the folder on a real disk, and FILES_URL as a new process reads it."""

import errno
import importlib.util
import os
import resource
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from metropolis_tracker.config.evidence_storage import FolderStorage, evidence_storage, s3_options

NAME = "ab/abcdef"


@pytest.fixture
def storage(tmp_path):
    return FolderStorage(tmp_path / "files")


def files_in(storage):
    return sorted(
        os.path.relpath(os.path.join(folder, name), storage.location)
        for folder, _folders, names in os.walk(storage.location)
        for name in names
    )


def test_a_file_is_stored_under_its_name_and_read_back(storage):
    assert storage.save(NAME, ContentFile(b"minutes")) == NAME
    with storage.open(NAME) as file:
        assert file.read() == b"minutes"
    assert files_in(storage) == [NAME]


def test_only_the_owner_can_read_it(storage):
    storage.save(NAME, ContentFile(b"minutes"))
    paths = [storage.location, storage.path("ab"), storage.path(NAME)]
    assert [oct(stat.S_IMODE(os.stat(path).st_mode)) for path in paths] == ["0o700", "0o700", "0o600"]


def test_storing_it_again_replaces_it(storage):
    names = [storage.save(NAME, ContentFile(content)) for content in (b"minutes", b"minutes", b"others")]
    assert (names, files_in(storage)) == ([NAME] * 3, [NAME])
    assert storage.size(NAME) == 6


@pytest.mark.parametrize("name", ["../outside", "ab/../../outside", "/tmp/outside", "."])
def test_a_name_outside_the_folder_is_refused(storage, tmp_path, name):
    with pytest.raises(SuspiciousFileOperation):
        storage.save(name, ContentFile(b"minutes"))
    with pytest.raises(SuspiciousFileOperation):
        storage.open(f"../{name}")
    assert list(tmp_path.rglob("outside")) == []


def test_nothing_has_a_url(storage):
    with pytest.raises(ValueError, match="has no URL"):
        storage.url(NAME)


@contextmanager
def largest_file(size):
    """Let this process write no file larger than `size`, as a disk that is full lets it write no more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_cannot_be_written_leaves_nothing(storage):
    with largest_file(100_000), pytest.raises(OSError) as error:
        storage.save(NAME, ContentFile(b"x" * 300_000))
    assert (error.value.errno, files_in(storage)) == (errno.EFBIG, [])


def test_one_that_could_not_be_replaced_stays(storage):
    storage.save(NAME, ContentFile(b"minutes"))
    with largest_file(100_000), pytest.raises(OSError):
        storage.save(NAME, ContentFile(b"x" * 300_000))
    assert files_in(storage) == [NAME]
    assert Path(storage.path(NAME)).read_bytes() == b"minutes"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_is_full_at_the_end_leaves_nothing(storage, monkeypatch, step):
    storage.save("ab/other", ContentFile(b""))
    monkeypatch.setattr(os, step, full_disk)
    with pytest.raises(OSError, match="No space left"):
        storage.save(NAME, ContentFile(b"minutes"))
    assert files_in(storage) == ["ab/other"]


def full_disk(*_args):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_content_is_on_the_disk_before_its_name_and_the_name_before_the_answer(storage, monkeypatch):
    storage.save("ab/other", ContentFile(b""))
    steps, fsync, replace = [], os.fsync, os.replace

    def note_fsync(handle):
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else f"{os.fstat(handle).st_size} bytes")
        fsync(handle)

    def note_replace(*paths):
        steps.append("name")
        replace(*paths)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    storage.save(NAME, ContentFile(b"minutes"))
    assert steps == ["7 bytes", "name", "folder"]


def test_readers_see_the_whole_file_while_it_is_replaced(storage):
    contents = [bytes([letter]) * 200_000 for letter in b"ab"]
    storage.save(NAME, ContentFile(contents[0]))
    ended = threading.Event()

    def replace_often():
        for number in range(40):
            storage.save(NAME, ContentFile(contents[number % 2]))
        ended.set()

    writer, seen = threading.Thread(target=replace_often), set()
    writer.start()
    while not ended.is_set():
        with storage.open(NAME) as file:
            seen.add(file.read())
    writer.join()
    assert seen <= set(contents)


def test_the_folder_of_the_settings_is_in_the_data_folder(settings):
    folder = settings.DATA_DIR / "files"
    assert evidence_storage("", folder)["OPTIONS"] == {"location": folder}
    assert type(storages["evidence"]).__name__ == "FolderStorage"


def test_a_url_with_a_bucket_alone_is_enough():
    assert s3_options("s3://evidence") == {"bucket_name": "evidence", "location": ""}


def test_a_url_may_have_a_folder_and_options():
    url = "s3://evidence.example/tracker/files/?endpoint_url=https://s3.example:9000&region_name=eu-south-2"
    assert s3_options(f"{url}&addressing_style=path") == {
        "bucket_name": "evidence.example",
        "location": "tracker/files",
        "endpoint_url": "https://s3.example:9000",
        "region_name": "eu-south-2",
        "addressing_style": "path",
    }


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("evidence", "It begins with s3:// and the name of a bucket"),
        ("/var/lib/files", "It begins with s3://"),
        ("https://s3.example/evidence", "It begins with s3://"),
        ("s3:///files", "It begins with s3://"),
        ("s3://Evidence", "It begins with s3://"),
        ("s3://evidence:9000", "It begins with s3://"),
        ("s3://evidence#files", "It begins with s3://"),
        ("s3://[evidence", "It cannot be read"),
        ("s3://evidence?region_name", "It cannot be read"),
        ("s3://key:pa%2Fw@evidence", "Take the credentials out of it, and set AWS_ACCESS_KEY_ID"),
        ("s3://evidence/../other", "The folder after the bucket"),
        ("s3://evidence//files", "The folder after the bucket"),
        ("s3://evidence?acl=public-read", "Its options are endpoint_url, region_name, addressing_style, each once"),
        ("s3://evidence?secret_key=pa/w", "Its options are endpoint_url"),
        ("s3://evidence?region_name=a&region_name=b", "each once"),
        ("s3://evidence?region_name=", "Its region_name is one such as eu-south-2"),
        ("s3://evidence?endpoint_url=", "Its endpoint_url is that of a server"),
        ("s3://evidence?endpoint_url=s3.example", "Its endpoint_url is that of a server"),
        ("s3://evidence?endpoint_url=https://key:pa%2Fw@s3.example", "without credentials"),
        ("s3://evidence?addressing_style=other", "Its addressing_style is one of auto, path, virtual"),
    ],
)
def test_a_url_that_is_wrong_is_not_repeated(url, told):
    with pytest.raises(ImproperlyConfigured) as error:
        evidence_storage(url, "files")
    assert told in str(error.value)
    assert "pa" + "/w" not in str(error.value)
    assert url not in str(error.value)


@pytest.mark.parametrize("missing", ["storages", "boto3"])
def test_a_missing_package_is_named(monkeypatch, missing):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name != missing and find_spec(name))
    with pytest.raises(ImproperlyConfigured, match="Install those of .ci/requirements-optional.txt"):
        evidence_storage("s3://evidence", "files")


def test_a_wrong_url_prevents_the_start_with_one_sentence(tmp_path):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "FILES_URL": "s3://key:secret@evidence"}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "FILES_URL is no URL that the tracker can use" in done.stderr
    assert "secret@" not in done.stderr
