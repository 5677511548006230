"""Any text comes back from the files that are data, read by other programs. No text breaks those that are not."""

import csv
import io
import json
import re
import zipfile

import lxml.html
import pytest
from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.translation import override
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from deliverables.models import Amendment, Deliverable, StatusUpdate
from plans.common.text import normalise
from reports.figures.summary import summarise
from reports.files import formats
from reports.files.atom import write_atom
from reports.files.docx import write_docx
from reports.files.fields import COLUMNS
from reports.files.formats import write_csv, write_history, write_html, write_json, write_pdf, write_xlsx
from reports.files.formulas import unescape_formula
from reports.files.pptx import write_pptx
from reports.files.xlsx import write_text
from tests.any_text import UNTIL_THE_FIRST_FAILURE, any_text, on_any_texts
from tests.builders import TODAY
from tests.reports.files.office_files import slides_of, text_of_docx, text_of_pptx

pytestmark = pytest.mark.django_db
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ATOM = "{http://www.w3.org/2005/Atom}"
LANGUAGES = ("en", "es")


def texts_of(plan, language):
    """The texts of each deliverable as they are stored, by the names of the columns."""
    texts = plan.translated_texts(language)
    for row in Deliverable.objects.of_plan(plan.slug).with_update():
        update = row.updates.first()
        themes = [texts.get(theme.name) for theme in row.measure.themes.all()]
        yield {
            "title": texts.get(row.title),
            "measure_statement": texts.get(row.measure.statement),
            "action_line_title": texts.get(row.measure.action_line.title),
            "themes": sorted(themes),
            "note": update.note if update else "",
            "evidence_title": "\n".join(piece.title for piece in update.evidence) if update else "",
            "evidence_link": "\n".join(piece.link for piece in update.evidence) if update else "",
        }


def as_read(cells):
    """The same texts of a row that was read. No name of a theme holds a semicolon; each ends in its number."""
    texts = {name: cells[name] for name in ("title", "measure_statement", "action_line_title")}
    texts |= {name: cells[name] for name in ("note", "evidence_title", "evidence_link")}
    return texts | {"themes": sorted(cells["themes"].split("; "))}


def read_csv(content):
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True):
        yield {name: unescape_formula(cell) for name, cell in row.items()}


def text_in(element):
    """The text of a cell or a shared text: of its pieces, with the signs that are written as `_xHHHH_`."""
    pieces = [piece.text or "" for piece in element.iter(f"{SHEET}t")]
    return "".join(re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), piece) for piece in pieces)


def read_sheet(content, number):
    """The cells of a sheet as texts; those that hold numbers as they are written."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        shared = [text_in(each) for each in etree.fromstring(archive.read("xl/sharedStrings.xml"))]
        sheet = etree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
    for row in sheet.iter(f"{SHEET}row"):
        values = [(cell.get("t"), cell.findtext(f"{SHEET}v", "")) for cell in row]
        yield [shared[int(value)] if kind == "s" else value for kind, value in values]


def read_table(content, number=2):
    heads, *lines = read_sheet(content, number)
    by_label = {str(column.label): column.name for column in COLUMNS}
    return [dict(zip([by_label.get(head, head) for head in heads], line, strict=True)) for line in lines]


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(any_text, min_size=20, max_size=20))
@example(texts=["<r><t>x</t></r>", "<r></b></r>", "_x0041_x0042_x0043_", "_x005F_x0041_", "'x", "=1"])
def test_any_text_is_written_into_a_cell_as_it_is(texts):
    """Read back by two programs, the one that reads imports among them."""
    file, texts = io.BytesIO(), [normalise(text) for text in texts]
    with Workbook(file) as book:
        sheet = book.add_worksheet()
        for row, text in enumerate(texts):
            write_text(book, sheet, row, 0, text)
            write_text(book, sheet, row, 1, "end")

    by_import = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_index(0).to_python()
    assert by_import == list(read_sheet(file.getvalue(), 1)) == [[text, "end"] for text in texts]


def comes_back_from_csv(plan):
    for language in LANGUAGES:
        with override(language):
            rows = read_csv(write_csv(summarise(plan, TODAY, today=TODAY)))
        assert [as_read(row) for row in rows] == list(texts_of(plan, language))


test_any_text_comes_back_from_the_csv = on_any_texts(15)(comes_back_from_csv)


@on_any_texts(15)
def test_any_text_comes_back_from_the_xlsx(plan):
    for language in LANGUAGES:
        with override(language):
            content = write_xlsx(summarise(plan, TODAY, today=TODAY))
            rows, figures = read_table(content), list(read_sheet(content, 1))
        assert [as_read(row) for row in rows] == list(texts_of(plan, language))
        texts = plan.translated_texts(language)
        assert figures[0] == [texts.get(plan.title)]
        assert texts.get(plan.action_lines.get().title) in sum(figures, [])

    updates = [(update.note, "\n".join(piece.title for piece in update.evidence)) for update in plan.updates.all()]
    assert [(row["Nota"], row["Evidencia"]) for row in read_history(content)] == updates


def read_history(content):
    heads, *lines = read_sheet(content, 3)
    return [dict(zip(heads, line, strict=True)) for line in lines]


@on_any_texts(15)
def test_any_text_comes_back_from_the_json(plan):
    content = json.loads(write_json(summarise(plan, TODAY, today=TODAY)))
    assert {name: content["plan"][name] for name in ("title", "subtitle")} == {
        "title": plan.title,
        "subtitle": plan.subtitle,
    }
    line, measure = content["action_lines"][0]["title"], content["measures"][0]["statement"]
    for row, stored in zip(content["deliverables"], texts_of(plan, "en"), strict=True):
        evidence = row["evidence"][0] if row["evidence"] else {"title": "", "link": ""}
        assert (
            as_read(
                {"title": row["title"], "measure_statement": measure, "action_line_title": line, "note": row["note"]}
                | {"evidence_title": evidence["title"], "evidence_link": evidence["link"]}
                | {"themes": "; ".join(theme["name"] for theme in content["themes"])}
            )
            == stored
        )

    translations = plan.translations.exclude(source=plan.headline).filter(source__in=content["translations"]["es"])
    for entry in translations:
        assert content["translations"][entry.language][entry.source] == entry.text


@on_any_texts(10)
def test_any_text_comes_back_from_the_history(plan):
    content = json.loads(write_history(plan))
    assert [entry["content"] for entry in content["updates"]] == [
        update.content for update in StatusUpdate.objects.filter(plan=plan).order_by("sequence")
    ]
    stored = Amendment.objects.filter(plan=plan).order_by("sequence")
    assert [entry["content"] for entry in content["amendments"]["entries"]] == [each.content for each in stored]


@on_any_texts(10)
def test_any_text_comes_back_from_the_feed(plan):
    """A note is HTML there, whose paragraphs keep the lines, and not how many empty ones are between them."""
    updates = StatusUpdate.objects.for_feed(plan).last_updated_first()
    feed = etree.fromstring(write_atom(plan, Paginator(updates, 100).get_page(1), QueryDict()))
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == plan.organisation.name

    entries = feed.findall(f"{ATOM}entry")
    for entry, update in zip(entries, updates, strict=True):
        assert entry.findtext(f"{ATOM}title").startswith(f"{update.deliverable.title}: ")
        shown = lxml.html.fragment_fromstring(entry.findtext(f"{ATOM}summary"), create_parent="div")
        assert holds(shown, [update.note, *(text for piece in update.evidence for text in (piece.title, piece.link))])


def holds(element, texts):
    """Assert that the text of HTML has these texts in it, apart from white space; return whether it has."""
    text = " ".join(" ".join(element.itertext()).split())
    assert [each for each in texts if " ".join(each.split()) not in text] == []
    return True


@on_any_texts(10)
def test_any_text_is_shown_in_the_html(plan):
    for language in LANGUAGES:
        with override(language):
            page = lxml.html.document_fromstring(write_html(summarise(plan, TODAY, today=TODAY)))
        texts, rows = plan.translated_texts(language), list(texts_of(plan, language))
        own = [texts.get(text) for text in (plan.title, plan.subtitle, plan.organisation.full_name)]
        own += [texts.get(plan.acknowledgement).finished, plan.organisation.name, plan.organisation.address]
        typed = [row[name] for row in rows for name in ("title", "measure_statement", "action_line_title")]
        assert holds(page, own + typed + [rows[0]["note"], rows[2]["note"], rows[1]["evidence_title"]])


@on_any_texts(10)
def test_any_text_is_shown_in_the_docx(plan):
    for language in LANGUAGES:
        with override(language):
            text = text_of_docx(write_docx(summarise(plan, TODAY, today=TODAY)))
        texts, rows = plan.translated_texts(language), list(texts_of(plan, language))
        own = [texts.get(text) for text in (plan.title, plan.subtitle, plan.organisation.full_name)]
        typed = [row[name] for row in rows for name in ("title", "measure_statement", "action_line_title", "note")]
        assert [each for each in own + typed if " ".join(each.split()) not in text] == []


@on_any_texts(10)
def test_no_text_breaks_the_pptx(plan):
    with override("es"):
        content = write_pptx(summarise(plan, TODAY, today=TODAY))
    assert len(slides_of(content)) >= 5
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for name in file.namelist():
            if name.endswith(".xlsx"):
                CalamineWorkbook.from_filelike(io.BytesIO(file.read(name))).get_sheet_by_index(0).to_python()
    assert text_of_pptx(content)


@on_any_texts(15)
def test_no_text_breaks_the_pdf(plan):
    with override("es"):
        assert write_pdf(summarise(plan, TODAY, today=TODAY)).startswith(b"%PDF")


def test_a_csv_that_does_not_say_which_apostrophe_is_its_own_is_noticed(sofia, monkeypatch):
    monkeypatch.setattr(formats, "escape_formula", lambda text: f"'{text}" if text[:1] in "=+-@" else text)
    with pytest.raises(AssertionError):
        on_any_texts(60, **UNTIL_THE_FIRST_FAILURE)(comes_back_from_csv)(sofia=sofia)
