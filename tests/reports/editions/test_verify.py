import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from metropolis_tracker.accounts.roles import Role
from plans.common import upload_limits
from plans.common.uploads import HashingUploadHandler
from plans.models import Plan, Visibility
from reports.models import EditionDocument
from tests.builders import publish
from tests.conftest import person

pytestmark = pytest.mark.django_db


def texts(response):
    return " ".join(response.content.decode().split())


@pytest.fixture(scope="module")
def published(shared_by_module):
    return publish(Plan.objects.get(), by=person("Sofia Marín", Role.SECRETARIAT)).pk


@pytest.fixture
def document(published, plan):
    return EditionDocument.objects.get(edition=published, extension="pdf")


def upload(client, content, name="report.pdf"):
    return client.post("/verify/", {"file": SimpleUploadedFile(name, content)})


def test_a_published_file_is_named(visitor, document):
    text = texts(upload(visitor, bytes(document.content)))
    assert (
        "This is edition 1 of “Three-year report 2018–2020”, Action Plan 2018–2020: its PDF file, unchanged since it"
        " was published on 24 November 2026."
    ) in text
    assert "It is the current edition." in text


def test_a_superseded_edition_is_told(visitor, document, plan, sofia):
    publish(plan, by=sofia)
    assert "It is superseded by edition 2." in texts(visitor.get(f"/verify/?hash={document.sha256}"))


def test_one_changed_byte_is_not_published(visitor, document):
    changed = bytearray(document.content)
    changed[100] ^= 1
    assert "Not a published document: no edition contains exactly this file." in texts(upload(visitor, bytes(changed)))


@pytest.mark.parametrize("form", ["{}", " {}\n", "{}  report.pdf", "sha256:{}", "SHA256 (report.pdf) = {}"])
def test_a_hash_is_understood_as_programs_print_it(visitor, document, form):
    for written in (document.sha256, document.sha256.upper()):
        assert "This is edition 1" in texts(visitor.post("/verify/", {"hash": form.format(written)}))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"hash": "abc"}, "This is not a SHA-256"),
        ({"hash": "a" * 65}, "This is not a SHA-256"),
        ({}, "Choose a file, or paste its SHA-256."),
    ],
)
def test_what_cannot_be_checked_is_told(visitor, plan, typed, sentence):
    response = visitor.post("/verify/", typed)
    assert (response.status_code, sentence in texts(response)) == (422, True)
    assert response.context["form"]["hash"].value() == typed.get("hash")


def test_an_empty_file_is_told(visitor, plan):
    assert "The submitted file is empty." in texts(upload(visitor, b""))


def test_a_file_over_the_limit_is_refused(visitor, plan):
    response = upload(visitor, b"x" * (upload_limits.DOCUMENT + 1))
    assert (response.status_code, "larger than 20 MB" in texts(response)) == (422, True)


def test_a_body_far_over_the_limit_is_not_hashed(visitor, plan, monkeypatch):
    monkeypatch.setattr(HashingUploadHandler, "receive_data_chunk", None)
    response = visitor.post("/verify/", b"x" * 21_000_000, content_type="multipart/form-data; boundary=x")
    assert (response.status_code, "larger than 20 MB" in texts(response)) == (413, True)


def test_nothing_of_an_upload_is_kept(visitor, document, tmp_path, settings):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    response = upload(visitor, b"secret" * 700_000)
    file = response.context["form"].cleaned_data["file"]
    assert (list(tmp_path.iterdir()), file.file.closed, file.size) == ([], True, 4_200_000)
    assert file.sha256 == hashlib.sha256(b"secret" * 700_000).hexdigest()


def test_an_edition_for_members_is_told_to_members(visitor, board, document):
    Plan.objects.update(visibility=Visibility.MEMBERS)
    answers = [
        "This is edition 1" in texts(client.get(f"/verify/?hash={document.sha256}")) for client in (visitor, board)
    ]
    assert answers == [False, True]


def test_a_program_may_ask_without_a_token(document):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/verify/", {"file": io.BytesIO(bytes(document.content))})
    assert "This is edition 1" in texts(response)


def test_checking_takes_two_queries_however_many_editions(visitor, plan, sofia, document, django_assert_num_queries):
    publish(plan, by=sofia)
    with django_assert_num_queries(2):
        visitor.get(f"/verify/?hash={document.sha256}")
