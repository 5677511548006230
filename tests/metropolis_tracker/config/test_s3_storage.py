"""The object storage, on a server of its own that knows the few requests it sends."""

import hashlib

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile

from metropolis_tracker.config.evidence_storage import s3_options
from metropolis_tracker.config.s3_storage import PrivateS3Storage
from plans.common import upload_limits
from tests.object_storage import object_storage

NAME = "ab/abcdef"


@pytest.fixture
def server():
    with object_storage() as server:
        yield server


@pytest.fixture
def storage(server, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    url = f"s3://evidence/files?endpoint_url={server.endpoint}&region_name=eu-south-2"
    return PrivateS3Storage(**s3_options(url))


@pytest.mark.parametrize("size", [0, 7, upload_limits.EVIDENCE])
def test_a_file_is_stored_in_one_request_and_read_back(storage, server, size):
    content = b"x" * size
    assert storage.save(NAME, ContentFile(content)) == NAME
    assert server.objects == {f"/evidence/files/{NAME}": content}
    assert [command for command, *_rest in server.requests] == ["PUT"]
    with storage.open(NAME) as file:
        assert file.read() == content


def test_a_file_of_which_a_part_was_read_is_stored_whole(storage, server):
    content = ContentFile(b"minutes")
    content.read(3)
    storage.save(NAME, content)
    assert list(server.objects.values()) == [b"minutes"]


def test_it_is_signed_and_has_no_access_list(storage, server):
    storage.save(NAME, ContentFile(b"minutes"))
    ((_command, _key, headers),) = server.requests
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
    assert "/eu-south-2/s3/" in headers["Authorization"]
    assert [name for name in headers if "acl" in name.lower()] == []


def test_storing_it_again_replaces_it(storage, server):
    names = [storage.save(NAME, ContentFile(b"minutes")) for _ in range(2)]
    assert (names, len(server.objects)) == ([NAME] * 2, 1)


def test_existence_and_size_are_told(storage):
    before = storage.exists(NAME)
    storage.save(NAME, ContentFile(b"minutes"))
    assert (before, storage.exists(NAME), storage.size(NAME)) == (False, True, 7)


def test_a_deleted_file_is_gone(storage):
    storage.save(NAME, ContentFile(b"minutes"))
    storage.delete(NAME)
    with pytest.raises(FileNotFoundError):
        storage.open(NAME)


def test_a_name_outside_the_folder_is_refused(storage, server):
    with pytest.raises(SuspiciousOperation):
        storage.save("../other", ContentFile(b"minutes"))
    with pytest.raises(SuspiciousOperation):
        storage.open("../other")
    assert server.requests == []


def test_nothing_has_a_url(storage):
    with pytest.raises(ValueError, match="has no URL"):
        storage.url(NAME)


def test_files_are_listed_with_their_sizes_by_folder(storage, server):
    for name in ("one", "two", NAME):
        storage.save(name, ContentFile(b"x" * len(name)))
    server.objects["/evidence/files-of-others/one"] = b""
    assert [(name, size) for name, size, _time in storage.list_files()] == [("one", 3), ("two", 3)]
    nested = storage.list_files("ab/", are_nested=True)
    assert [(name, size) for name, size, _time in nested] == [(NAME, len(NAME))]


CALLS = {
    "save": lambda storage: storage.save(NAME, ContentFile(b"minutes")),
    "open": lambda storage: storage.open(NAME),
    "exists": lambda storage: storage.exists(NAME),
    "size": lambda storage: storage.size(NAME),
    "delete": lambda storage: storage.delete(NAME),
    "listdir": lambda storage: storage.listdir(""),
    "list_files": lambda storage: storage.list_files(),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [403, 503])
def test_a_refusal_is_an_error_as_of_a_disk(storage, server, call, status):
    server.status = status
    with pytest.raises(OSError, match="The object storage failed"):
        CALLS[call](storage)


@pytest.mark.parametrize("call", ["save", "open"])
def test_a_server_that_is_away_is_an_error_as_of_a_disk(storage, server, call):
    server.shutdown()
    server.server_close()
    with pytest.raises(OSError, match="The object storage failed"):
        CALLS[call](storage)


def test_content_that_changes_on_its_way_is_refused(storage, server, monkeypatch):
    monkeypatch.setattr(hashlib, "file_digest", lambda *_args: hashlib.sha256(b"others"))
    with pytest.raises(OSError, match="The object storage failed"):
        storage.save(NAME, ContentFile(b"minutes"))
    assert server.objects == {}


def test_content_that_has_changed_in_the_storage_is_not_read(storage, server):
    storage.save(NAME, ContentFile(b"minutes"))
    server.objects[f"/evidence/files/{NAME}"] = b"Minutes"
    with pytest.raises(OSError, match="did not match"):
        storage.open(NAME)
