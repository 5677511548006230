"""A published edition stays what it was: its number, its figures, its bytes."""

import hashlib
import io
import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from deliverables.attention import Attention
from metropolis_tracker.accounts.roles import Role
from plans.models import Plan, Visibility
from reports.figures.comparison import Comparison
from reports.figures.snapshot import from_snapshot
from reports.models import Edition, EditionDocument
from tests.builders import TODAY, deliverable, new_plan, publish, report
from tests.conftest import person, remove_triggers

pytestmark = pytest.mark.django_db
DOCUMENTS = [
    *("summary.pdf", "summary.html", "summary.xlsx", "summary.docx", "summary.pptx", "summary.csv", "summary.json"),
    *("summary.stratml.xml", "brief.pdf", "cover.png"),
]


@pytest.fixture(scope="module")
def published(shared_by_module):
    return publish(Plan.objects.get(), by=person("Sofia Marín", Role.SECRETARIAT), as_of=date(2020, 12, 31)).pk


@pytest.fixture
def edition(published, plan):
    return Edition.objects.get(pk=published)


WAYS = {
    "save": lambda edition: edition.save(),
    "update": lambda edition: Edition.objects.update(title="never so called"),
    "delete": lambda edition: Edition.objects.filter(pk=edition.pk)._raw_delete("default"),
    "update a document": lambda edition: EditionDocument.objects.update(content=b"never published"),
    "delete a document": lambda edition: EditionDocument.objects.all()._raw_delete("default"),
}


def test_the_first_edition_has_number_1_and_every_document(edition):
    assert (edition.number, edition.supersedes) == (1, None)
    assert [f"{each.kind}.{each.extension}" for each in edition.documents.order_by("pk")] == DOCUMENTS


def test_a_document_has_the_hash_of_its_bytes(edition):
    hashes = [(d.sha256, hashlib.sha256(d.content).hexdigest()) for d in edition.documents.all()]
    assert [stated for stated, _real in hashes] == [real for _stated, real in hashes]


def test_an_edition_states_the_history_it_was_made_from(edition, plan):
    assert (edition.history_length, edition.history_head, edition.revision) == (65, plan.history_head, 1)
    assert edition.is_in_history


def test_publishing_is_a_change_of_the_plan(edition, plan):
    plan.refresh_from_db()
    assert plan.revision == 2


def test_what_is_recorded_later_changes_nothing_in_it(edition, plan, sofia):
    before = [bytes(document.content) for document in edition.documents.all()]
    report(deliverable("L1M1D1"), "in_progress", by=sofia, effective_on=date(2020, 12, 31))
    after = [bytes(document.content) for document in Edition.objects.get().documents.all()]
    assert (after == before, from_snapshot(Edition.objects.get().summary).counts.attained) == (True, 49)


def test_the_next_edition_supersedes_it_and_says_so(edition, plan, sofia):
    second = publish(plan, by=sofia)
    assert (second.number, second.supersedes) == (2, edition)
    assert Edition.objects.get(number=1).superseded_by == second
    page = bytes(second.documents.get(extension="html").content).decode()
    assert "It supersedes edition 1." in page


def test_every_document_carries_number_link_and_history_head(edition, plan):
    link = "http://127.0.0.1:8000/plans/2018-2020/editions/1/"
    stored = {each.extension: bytes(each.content) for each in edition.documents.filter(kind="summary")}
    texts = {kind: stored[kind].decode() for kind in ("html", "csv", "json", "stratml.xml")}
    texts["pdf"] = "".join(page.extract_text() for page in PdfReader(io.BytesIO(stored["pdf"])).pages)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(stored["xlsx"])).get_sheet_by_name("Summary").to_python()
    texts["xlsx"] = "\n".join(str(row[0]) for row in sheet)
    assert ["Edition 1, published on" in texts[kind] for kind in ("html", "pdf", "xlsx")] == [True] * 3
    assert [kind for kind, text in texts.items() if link not in text or plan.history_head not in text] == []
    assert json.loads(texts["json"])["edition"]["number"] == 1


def test_two_editions_are_compared_from_what_they_froze(edition, plan, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    row = deliverable("L1M1D1")
    row.title = "A calendar"
    row.save(update_fields=["title"])
    second = publish(plan, by=sofia)
    changes = Comparison(from_snapshot(edition.summary), from_snapshot(second.summary))
    assert [str(move.row.code) for move in changes.attained] == ["L1M1D2"]
    assert [(move.before.title, move.after.title) for move in changes.reworded] == [
        ("Calendar of international events", "A calendar")
    ]


def test_an_edition_says_what_the_record_lacked(edition):
    assert {kind: len(codes) for kind, codes in edition.missing.items()} == {
        Attention.NO_EVIDENCE: 49,
        Attention.NO_REASON: 6,
    }
    page = bytes(edition.documents.get(extension="html").content).decode()
    assert "Not developed, reason not stated (6 of 65): L1M1D2, L1M4D1," in page


def test_a_plan_with_editions_does_not_become_a_draft_again(edition, plan):
    plan.visibility = Visibility.DRAFT
    with pytest.raises(ValidationError, match="it cannot become a draft again"):
        plan.full_clean()


def test_the_address_of_a_plan_with_editions_stays(edition, plan):
    plan.slug = "another"
    with pytest.raises(ValidationError, match="Other pages may link to this address"):
        plan.full_clean()


def test_verify_editions_finds_them_as_published(edition, capsys):
    call_command("verify_editions")
    assert capsys.readouterr().out == "2018-2020, edition 1: as published\n"


def test_verify_editions_names_what_was_tampered_with(edition, capsys):
    remove_triggers(connection)
    edition.documents.filter(extension="csv").update(content=b"never published")
    Edition.objects.update(history_head="f" * 64)
    with pytest.raises(CommandError, match="Not as published: 1 of 1 editions."):
        call_command("verify_editions")
    told = capsys.readouterr().out
    assert ("the csv hashes to b7d" in told, "entry 65 of the history is not ffff" in told) == (True, True)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_database_refuses_to_change_an_edition(edition, way):
    edition.title = "never so called"
    with pytest.raises(IntegrityError, match="never changed and never deleted"), transaction.atomic():
        way(edition)
    assert (Edition.objects.get().title, EditionDocument.objects.count()) == (
        "Three-year report 2018–2020",
        len(DOCUMENTS),
    )


def test_a_publishers_name_can_be_taken_out(edition):
    Edition.objects.update(published_by_name="")
    assert Edition.objects.get().published_by_name == ""


@pytest.mark.parametrize(("number", "supersedes"), [(1, True), (2, False)])
def test_the_database_knows_which_edition_supersedes(edition, number, supersedes):
    Plan.objects.filter(pk=edition.plan_id).update(revision=1)
    other = new_plan()
    odd = Edition(plan=other, number=number, title="Odd", as_of=TODAY, published_at=edition.published_at, summary={},
                  revision=1, history_length=0, supersedes=edition if supersedes else None)  # fmt: skip
    with pytest.raises(IntegrityError, match="edition_supersedes_the_one_before"), transaction.atomic():
        odd.save()
