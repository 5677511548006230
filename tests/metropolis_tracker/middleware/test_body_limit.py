"""A request whose body is over the limit is rejected before anything reads the body."""

import io

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client

PLAN = "/plans/2018-2020/"


@pytest.fixture
def temporary_files(monkeypatch):
    """The temporary files that were created for uploads."""
    created = []
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", lambda *args, **kwargs: created.append(args))
    return created


def form_with_file(content, *, end=True):
    """The body of a form with a file, as a browser sends it."""
    file = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n' + content + b"\r\n"
    last = b'--b\r\nContent-Disposition: form-data; name="end"\r\n\r\n1\r\n'
    return file + (last if end else b"") + b"--b--\r\n"


def upload(client, body, announced=None):
    path, kind = PLAN + "files/", "multipart/form-data; boundary=b"
    sent = {"CONTENT_LENGTH": str(announced or len(body)), "wsgi.input": io.BytesIO(body)}
    return client.generic("POST", path, body, content_type=kind, **sent)


def test_a_file_of_20_megabytes_arrives(secretariat):
    assert upload(secretariat, form_with_file(b"word " * 3_999_999)).status_code == 200


def test_a_larger_one_is_refused_unread(secretariat, temporary_files):
    assert upload(secretariat, b"x" * 1000, announced=5_000_000_000).status_code == 413
    assert temporary_files == []


@pytest.mark.parametrize("size", [1000, 3_000_000])
def test_a_file_that_broke_off_is_not_taken_for_a_whole_one(secretariat, size):
    body = form_with_file(b"word " * (size // 5))
    answer = upload(secretariat, body[: size - 200], announced=len(body))
    assert answer.status_code == 400
    assert "What you sent did not arrive. Send it again." in answer.content.decode()


def test_a_visitor_cannot_upload(client, db, temporary_files):
    assert upload(client, form_with_file(b"x" * 3_000_000)).status_code == 413
    assert temporary_files == []


@pytest.mark.parametrize("path", ["/accounts/login/", "/language/", PLAN + "import/", PLAN + "L2M5D1/status/"])
def test_a_visitor_cannot_fill_the_disk(db, temporary_files, path):
    file = io.BytesIO(b"x" * 12_000_000)
    file.name = "large.csv"
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["csrftoken"] = "x" * 32
    response = client.post(path, {"file": file, "csrfmiddlewaretoken": "x" * 32})
    assert (response.status_code, temporary_files) == (413, [])
    reason = "This file is larger than 5 MB." if "import" in path else "What you sent is too large."
    assert reason in response.content.decode()
    assert "Nothing was saved." in response.content.decode()


def test_a_slightly_too_large_import_gets_an_error_on_its_page(secretariat):
    file = io.BytesIO(b"x" * 6_000_000)
    file.name = "large.csv"
    response = secretariat.post(PLAN + "import/", {"file": file, "kind": "statuses"})
    assert response.status_code == 413
    assert "larger than 5 MB" in response.content.decode()
