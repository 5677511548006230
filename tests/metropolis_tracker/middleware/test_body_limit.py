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
