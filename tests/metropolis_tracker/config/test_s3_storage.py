"""The object storage, on a server of its own that knows the few requests it sends."""

import base64
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile

from metropolis_tracker.config.evidence_storage import s3_options
from metropolis_tracker.config.s3_storage import PrivateS3Storage
from plans.common import upload_limits

NAME = "ab/abcdef"


class Handler(BaseHTTPRequestHandler):
    """Stores objects in `server.objects` and their checksums, which it compares and returns. Notes requests."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        self.note()
        if self.headers.get("x-amz-checksum-sha256") != digest:
            return self.answer(400)
        self.server.objects[self.key], self.server.checksums[self.key] = content, digest
        return self.answer(200)

    def do_GET(self):
        self.note()
        content = self.server.objects.get(self.key)
        self.answer(404 if content is None else 200, content or b"")

    do_HEAD = do_GET

    def do_DELETE(self):
        self.note()
        self.server.objects.pop(self.key, None)
        self.answer(204)

    @property
    def key(self):
        return unquote(urlsplit(self.path).path)

    def note(self):
        self.server.requests.append((self.command, self.key, dict(self.headers)))

    def answer(self, status, content=b""):
        self.send_response(self.server.status or status)
        self.send_header("Content-Length", str(len(content)))
        if self.key in self.server.checksums and self.headers.get("x-amz-checksum-mode") == "ENABLED":
            self.send_header("x-amz-checksum-sha256", self.server.checksums[self.key])
        self.send_header("Last-Modified", "Thu, 26 Nov 2020 10:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *args):
        """Write nothing."""


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.objects, server.checksums, server.requests, server.status = {}, {}, [], None
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def storage(server, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    endpoint = f"http://127.0.0.1:{server.server_port}"
    url = f"s3://evidence/files?endpoint_url={endpoint}&region_name=eu-south-2"
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


CALLS = {
    "save": lambda storage: storage.save(NAME, ContentFile(b"minutes")),
    "open": lambda storage: storage.open(NAME),
    "exists": lambda storage: storage.exists(NAME),
    "size": lambda storage: storage.size(NAME),
    "delete": lambda storage: storage.delete(NAME),
    "listdir": lambda storage: storage.listdir(""),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [403, 503])
def test_a_refusal_is_an_error_as_of_a_disk(storage, server, call, status):
    server.status = status
    with pytest.raises(OSError, match="The object storage of FILES_URL failed"):
        CALLS[call](storage)


@pytest.mark.parametrize("call", ["save", "open"])
def test_a_server_that_is_away_is_an_error_as_of_a_disk(storage, server, call):
    server.shutdown()
    server.server_close()
    with pytest.raises(OSError, match="The object storage of FILES_URL failed"):
        CALLS[call](storage)


def test_content_that_changes_on_its_way_is_refused(storage, server, monkeypatch):
    monkeypatch.setattr(hashlib, "file_digest", lambda *_args: hashlib.sha256(b"others"))
    with pytest.raises(OSError, match="The object storage of FILES_URL failed"):
        storage.save(NAME, ContentFile(b"minutes"))
    assert server.objects == {}


def test_content_that_has_changed_in_the_storage_is_not_read(storage, server):
    storage.save(NAME, ContentFile(b"minutes"))
    server.objects[f"/evidence/files/{NAME}"] = b"Minutes"
    with pytest.raises(OSError, match="did not match"):
        storage.open(NAME)
