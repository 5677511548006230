"""Readers are told that a translation is unofficial, on pages, in documents and in data, until it is confirmed."""

import csv
import io
import json

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext, override
from jsonschema import Draft202012Validator
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from plans.memory import forget_all
from plans.models import Plan, Translation
from reports.figures.snapshot import from_snapshot, to_snapshot
from reports.figures.summary import summarise
from reports.files.docx import write_docx
from reports.files.fields import UNOFFICIAL
from reports.files.formats import write_csv, write_html, write_json, write_pdf, write_xlsx
from reports.files.pptx import write_pptx
from reports.files.schema import SCHEMA
from reports.files.sentences import unofficial_sentence
from tests.builders import TODAY, preview_of
from tests.reports.files.office_files import text_of_docx, text_of_pptx

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
SPANISH_TITLE = "Una nueva mirada para repensar los espacios metropolitanos"
SHORT = "Texts of the plan: unofficial translation made for this tracker, not yet confirmed by the secretariat."
PAGES = ["L1/", "L1M1/", "L1M1D1/", "deliverables/"]


def confirm(plan, sources, *, by, language="es"):
    """Confirm the Spanish translations of some texts. Return the plan as it is then."""
    Translation.objects.confirm(plan, language, sources, by=by)
    return Plan.objects.get(pk=plan.pk)


def summary_of(plan):
    return summarise(Plan.objects.select_related("organisation").get(pk=plan.pk), today=TODAY)


def text_of_pdf(content):
    text = "".join(page.extract_text() + " " for page in PdfReader(io.BytesIO(content)).pages)
    return " ".join(text.split())


def text_of_xlsx(content):
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return " ".join(str(cell) for row in rows for cell in row)


DOCUMENTS = {
    "pdf": lambda summary: text_of_pdf(write_pdf(summary)),
    "html": lambda summary: " ".join(write_html(summary).decode().replace("&#x27;", "'").split()),
    "xlsx": lambda summary: text_of_xlsx(write_xlsx(summary)),
    "docx": lambda summary: text_of_docx(write_docx(summary)),
    "pptx": lambda summary: text_of_pptx(write_pptx(summary)),
}


@pytest.mark.parametrize("extension", DOCUMENTS)
def test_a_spanish_document_says_that_its_translation_is_unofficial(translated_plan, extension):
    with override("es"):
        summary = summary_of(translated_plan)
        text, notice = DOCUMENTS[extension](summary), unofficial_sentence(summary)
    assert notice
    assert notice in text
    assert "Ejercer la diplomacia urbana y la incidencia política" in text


def test_the_spanish_pdf_speaks_spanish(translated_plan):
    with override("es"):
        text = text_of_pdf(write_pdf(summary_of(translated_plan)))
    titles = ["Calendario de eventos internacionales", "Código Ético de Metropolis", SPANISH_TITLE]
    assert [title for title in titles if title not in text] == []
    assert "Calendar of international events" not in text


@pytest.mark.parametrize("extension", DOCUMENTS)
def test_a_document_says_nothing_once_all_are_confirmed(translated_plan, sofia, extension):
    with override("es"):
        notice = unofficial_sentence(summary_of(translated_plan))
        confirm(translated_plan, summary_of(translated_plan).texts, by=sofia)
        summary = summary_of(translated_plan)
        assert (notice in DOCUMENTS[extension](summary), unofficial_sentence(summary)) == (False, "")


def test_english_documents_say_nothing(translated_plan):
    assert unofficial_sentence(summary_of(translated_plan)) == ""


def test_it_says_how_many_if_some_are_confirmed(translated_plan, sofia):
    texts = list(summary_of(translated_plan).texts)
    confirm(translated_plan, texts[:100], by=sofia)
    with override("es"):
        sentence = unofficial_sentence(summary_of(translated_plan))
    assert (str(len(texts)) in sentence, str(len(texts) - 100) in sentence) == (True, True)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_so_once_in_its_language_alone(visitor, translated_plan, sofia, page):
    with override("es"):
        notice = gettext(SHORT)
    shown = [visitor.get(f"{at}{PLAN}{page}").content.decode().count(notice) for at in ("/es", "")]
    confirm(translated_plan, summary_of(translated_plan).texts, by=sofia)
    shown.append(visitor.get(f"/es{PLAN}{page}").content.decode().count(notice))
    assert shown == [1, 0, 0]


def test_the_overview_says_so(visitor, translated_plan, sofia):
    page = visitor.get(f"/es{PLAN}")
    assert page.context["unofficial"]
    assert page.context["unofficial"] in page.content.decode()
    confirm(translated_plan, summary_of(translated_plan).texts, by=sofia)
    assert visitor.get(f"/es{PLAN}").context["unofficial"] == ""


@pytest.mark.parametrize("page", ["", *PAGES])
def test_saying_so_takes_no_query(visitor, translated_plan, page, django_assert_num_queries):
    with CaptureQueriesContext(connection) as unofficial:
        visitor.get(f"/es{PLAN}{page}")

    Translation.objects.all().delete()
    caches["pages"].clear()
    forget_all()
    with django_assert_num_queries(len(unofficial)):
        visitor.get(f"/es{PLAN}{page}")


def test_the_json_lists_the_texts_of_each_language(translated_plan, sofia):
    texts = list(summary_of(translated_plan).texts)
    plan = confirm(translated_plan, [text for text in texts if text != "Youth"], by=sofia)
    content = json.loads(write_json(summary_of(plan)))
    assert content["unofficial_translations"]["es"] == ["Youth"]
    assert sorted(content["unofficial_translations"]["fr"]) == sorted(texts)
    Draft202012Validator(SCHEMA).validate(content)


def test_an_edition_remembers_what_was_unofficial(translated_plan, sofia):
    snapshot = to_snapshot(summary_of(translated_plan))
    confirm(translated_plan, summary_of(translated_plan).texts, by=sofia)
    with override("es"):
        assert from_snapshot(snapshot).translated_texts().get("Youth").is_unofficial
    del snapshot["unofficial_translations"]  # as in editions from before there were any
    with override("es"):
        assert not from_snapshot(snapshot).translated_texts().get("Youth").is_unofficial


def test_a_row_of_the_csv_says_so(translated_plan, sofia):
    row = summary_of(translated_plan).rows[0]
    confirm(translated_plan, [row.title, row.statement, row.line_title, *row.themes], by=sofia)
    with override("es"):
        rows = csv.DictReader(io.StringIO(write_csv(summary_of(translated_plan)).decode("utf-8-sig")))
    assert [row["translation"] for row in rows] == ["", *[UNOFFICIAL] * 64]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@pytest.mark.parametrize("kind", ["statuses", "plan"])
@pytest.mark.parametrize("language", ["es", "fr"])
def test_what_is_exported_goes_back_in_unchanged(translated_plan, write, kind, language):
    with override(language):
        preview = preview_of(translated_plan, write(summary_of(translated_plan)), kind)
    assert (preview.problems, preview.changes, preview.unchanged) == ([], [], 65)
