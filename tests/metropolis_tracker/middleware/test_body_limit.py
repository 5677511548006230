"""What is far too large is refused before anything reads it."""

import io

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client

PLAN = "/plans/2018-2020/"


@pytest.fixture
def written(monkeypatch):
    """The files that were begun on the disk."""
    begun = []
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", lambda *args, **kwargs: begun.append(args))
    return begun


@pytest.mark.parametrize("path", ["/accounts/login/", "/language/", PLAN + "import/", PLAN + "L2M5D1/status/"])
def test_a_visitor_cannot_fill_the_disk(db, written, path):
    file = io.BytesIO(b"x" * 12_000_000)
    file.name = "large.csv"
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["csrftoken"] = "x" * 32
    response = client.post(path, {"file": file, "csrfmiddlewaretoken": "x" * 32})
    assert (response.status_code, written) == (413, [])
    assert "larger than the tracker takes" in response.content.decode()


def test_what_is_a_little_too_large_is_told_by_its_page(secretariat):
    file = io.BytesIO(b"x" * 6_000_000)
    file.name = "large.csv"
    response = secretariat.post(PLAN + "import/", {"file": file, "kind": "statuses"})
    assert response.status_code == 413
    assert "larger than 5 MB" in response.content.decode()
