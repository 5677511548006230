import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from metropolis_tracker.accounts.roles import Role
from plans.common import upload_limits
from plans.common.uploads import HashingUploadHandler
from plans.models import Plan, Visibility
from reports.editions.withdrawal import EditionWithdrawal
from reports.models import Edition, EditionDocument
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
    return EditionDocument.objects.get(edition=published, kind="summary", extension="pdf")


def upload(client, content, name="report.pdf"):
    return client.post("/verify/", {"file": SimpleUploadedFile(name, content)})


def test_a_published_file_is_named(visitor, document):
    text = texts(upload(visitor, bytes(document.content)))
    assert (
        "This is edition 1 of “Three-year report 2018–2020”, Action Plan 2018–2020: its file “Summary, PDF”, unchanged"
        " since it was published on 24 November 2026."
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
        ({"hash": "abc"}, "This is neither a hash, which has 64 digits"),
        ({"hash": "a" * 65}, "This is neither a hash, which has 64 digits"),
        ({}, "Choose a file, or paste a hash or a link."),
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


def ask(client, text, language=""):
    return texts(client.post(f"{language}/verify/", {"hash": text}))


@pytest.mark.parametrize(
    "form", ["{} {}", "{}\n{}", "Hash: {}\r\n  {} ", "SHA-256 {}\N{NO-BREAK SPACE}{}", "{}\N{SOFT HYPHEN}{}"]
)
def test_a_hash_with_blanks_and_line_breaks_is_understood(visitor, document, form):
    halves = document.sha256[:31], document.sha256[31:].upper()
    assert "This is edition 1" in ask(visitor, form.format(*halves))


LINKS = ["{}/plans/2018-2020/editions/1/", "{}/es/plans/2018-2020/editions/1/?since=1", "{}/plans/2018-2020/editions/1"]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize(
    "start", ["https://testserver", "http://testserver:8000", "testserver", "", "HTTPS://TESTSERVER"]
)
def test_a_link_says_which_edition_it_leads_to(visitor, published, link, start):
    text = ask(visitor, link.format(start))
    assert (
        "This link leads to edition 1 of “Three-year report 2018–2020”, Action Plan 2018–2020, published on"
        " 24 November 2026."
    ) in text
    assert "It is the current edition." in text


def test_a_link_to_a_document_says_so(visitor, published):
    text = ask(visitor, "https://testserver/fr/plans/2018-2020/editions/1/summary.pdf?download")
    assert "This link leads to a file of edition 1 of" in text
    assert "A link does not show whether the report you have is unchanged." in text


def test_a_link_broken_over_two_lines_is_understood(visitor, published):
    assert "This link leads to edition 1" in ask(visitor, "https://testserver/plans/2018-\n2020/editions/1/")


def test_a_link_to_a_superseded_edition_is_told(visitor, published, plan, sofia):
    publish(plan, by=sofia)
    assert "It is superseded by edition 2." in ask(visitor, "/plans/2018-2020/editions/1/")


def test_the_history_hash_says_which_edition_was_made_from_it(visitor, published, plan):
    text = ask(visitor, plan.history_head.upper())
    assert "This is the last hash of the history from which edition 1 of “Three-year report 2018–2020”" in text
    assert "It belongs to the record behind the edition, not to a file." in text
    assert "It is the current edition." in text


def test_the_history_hash_of_two_editions_names_both(visitor, published, plan, sofia):
    publish(plan, by=sofia)
    text = ask(visitor, plan.history_head)
    assert ("It is superseded by edition 2." in text, "It is the current edition." in text) == (True, True)


@pytest.mark.parametrize("kind", ["link", "history hash"])
def test_what_is_asked_about_a_withdrawn_edition_is_told(visitor, published, plan, adam, kind):
    edition = Edition.objects.get(pk=published)
    EditionWithdrawal.objects.withdraw(edition, reason="It named a child.", is_erased=False, by=adam)
    asked = {"link": "/plans/2018-2020/editions/1/", "history hash": plan.history_head}[kind]
    assert "It was withdrawn from reading." in ask(visitor, asked)


@pytest.mark.parametrize("kind", ["link", "history hash"])
def test_an_edition_for_members_is_found_by_members_alone(visitor, board, published, plan, kind):
    Plan.objects.update(visibility=Visibility.MEMBERS)
    asked = {"link": "/plans/2018-2020/editions/1/", "history hash": plan.history_head}[kind]
    assert ["See this edition" in ask(client, asked) for client in (visitor, board)] == [False, True]


@pytest.mark.parametrize("number", [2, 99999999999999999999])
def test_a_link_to_an_edition_that_does_not_exist_is_told(visitor, published, number):
    assert "This link leads to no edition." in ask(visitor, f"https://testserver/plans/2018-2020/editions/{number}/")


@pytest.mark.parametrize(
    "link",
    [
        "https://tracker.example.com/plans/2018-2020/editions/1/",
        "tracker.example.com/plans/2018-2020/editions/1/",
        "https://testserver@tracker.example.com/plans/2018-2020/editions/1/",
        "//tracker.example.com/plans/2018-2020/editions/1/",
    ],
)
def test_a_link_to_another_host_is_refused(visitor, published, link):
    response = visitor.post("/verify/", {"hash": link})
    assert (response.status_code, "See this edition" in texts(response)) == (422, False)
    assert "This link leads to tracker.example.com, not to this tracker: it may be forged." in texts(response)


@pytest.mark.parametrize(
    "link",
    ["https://testserver/plans/2018-2020/", "https://testserver/nowhere/", "https://[/plans/x/editions/1/", "https://"],
)
def test_a_link_to_something_else_is_refused(visitor, published, link):
    response = visitor.post("/verify/", {"hash": link})
    assert (response.status_code, "This link does not lead to an edition." in texts(response)) == (422, True)
