"""Files in several languages: the same figures and rows, and they can be imported again."""

import io

import pytest
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from reports.figures.summary import summarise
from reports.files.docx import write_docx
from reports.files.formats import write_csv, write_json, write_pdf, write_xlsx
from reports.files.pptx import write_pptx
from tests.builders import TODAY, preview_of
from tests.reports.editions.test_languages import LANGUAGES, OWN, translate_title

pytestmark = pytest.mark.django_db


@pytest.fixture
def title(plan, sofia):
    return translate_title(plan, sofia)


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@pytest.mark.parametrize("kind", ["statuses", "plan"])
@pytest.mark.parametrize(("language", "reader"), [("es", "en"), ("fr", "fr"), ("es", "fr")])
def test_exports_of_any_language_go_back_in_unchanged(plan, title, write, kind, language, reader):
    with override(language):
        content = write(summarise(plan, today=TODAY))
    with override(reader):
        preview = preview_of(plan, content, kind)
    assert (preview.problems, preview.changes, preview.unchanged) == ([], [], 65)


def test_the_workbook_speaks_the_language(plan, title):
    with override("es"):
        content = write_xlsx(summarise(plan, today=TODAY))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Entregables").to_python()
    assert rows[0][:6] == ["Código", "Línea de acción", "Medida", "Texto de la medida", "Entregable", "Estado"]
    row = next(row for row in rows if row[0] == "L1M1D2")
    assert (row[4], row[5], row[14]) == (OWN, "No desarrollado", "es")


def test_the_json_is_the_same_in_every_language(plan, title):
    files = set()
    for language in LANGUAGES:
        with override(language):
            files.add(write_json(summarise(plan, today=TODAY)))
    assert len(files) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("write", [write_pdf, write_docx, write_pptx])
def test_a_document_is_the_same_each_time_it_is_drawn(plan, language, write):
    with override(language):
        assert write(summarise(plan, today=TODAY)) == write(summarise(plan, today=TODAY))
