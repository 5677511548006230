"""The workbook to be filled in: what it shows, locks and offers, and that it comes back in unchanged."""

import io
import re
import zipfile

import pytest
from django.utils.translation import override
from lxml import etree
from python_calamine import CalamineWorkbook

from deliverables.models import Deliverable
from plans.models import Plan
from reports.figures.summary import summarise
from reports.files.to_fill_in import instructions, write_to_fill_in
from reports.imports.applying import preview_import
from reports.imports.files.reading import read_source
from reports.imports.mapping.choices import guess
from tests.any_text import on_any_texts
from tests.builders import TODAY, deliverable, report
from tests.shapes import plan_of_shape

pytestmark = pytest.mark.django_db
MAIN = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
LANGUAGES = ("en", "es", "fr")


def written(plan, language="en"):
    with override(language):
        summary = summarise(Plan.objects.get(pk=plan.pk), today=TODAY)
        return write_to_fill_in(summary, summary.rows, "all statuses")


def part(data, name):
    return etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read(name))


def sheet(data):
    return part(data, "xl/worksheets/sheet1.xml")


def heads_of(data):
    return read_source(data).sheets[0].rows[0][1]


def previewed(plan, source):
    plan = Plan.objects.get(pk=plan.pk)
    reading = guess(source, plan)
    assert reading.is_certain
    preview = preview_import(plan, reading)
    changes = [(change.code, change.column, change.before, change.after) for change in preview.changes]
    return changes, [problem.text for problem in preview.problems]


def with_cells(source, code, **cells):
    """The file with other cells in the row of a deliverable, by their heads."""
    rows = source.sheets[0].rows
    line = next(line for _row, line in rows if code in line)
    for head, text in cells.items():
        line[rows[0][1].index(head)] = text
    return source


@pytest.fixture
def reported(plan, sofia):
    Deliverable.objects.filter(pk=deliverable("L1M1D1").pk).update(target=6, target_unit="projects")
    report(deliverable("L1M1D1"), "in_progress", by=sofia, achieved=2, next_step="A third.", expected_on=TODAY)
    report(deliverable("L1M1D2"), "not_developed", by=sofia, reason="postponed", note="=1+1")
    report(deliverable("L1M2D1"), "attained", by=sofia, evidence_title="Minutes", evidence_link="https://a.example")
    return plan


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_nobody_changed_changes_nothing(reported, language):
    source = read_source(written(reported, language))
    assert (len(source.sheets[0].rows), previewed(reported, source)) == (66, ([], []))


@on_any_texts(15)
def test_any_text_comes_back_in_unchanged(plan):
    for language in ("en", "es"):
        assert previewed(plan, read_source(written(plan, language))) == ([], [])


def test_a_status_chosen_from_the_list_in_spanish_is_one_change(reported):
    table = read_source(written(reported, "es"))
    changed = with_cells(table, "L1M1D1", Estado="No desarrollado", Motivo="Aplazado")
    changes, problems = previewed(reported, changed)
    assert problems == []
    assert [change[:2] for change in changes] == [("L1M1D1", "Status"), ("L1M1D1", "Reason")]


def test_what_was_recorded_after_the_file_was_made_is_noticed(reported, sofia):
    table = read_source(written(reported))
    report(deliverable("L1M1D1"), "in_progress", by=sofia, note="The third one is built now.")
    _changes, problems = previewed(reported, with_cells(table, "L1M1D1", Note="Other."))
    assert ["was updated after this file was exported" in problem for problem in problems] == [True]


@pytest.mark.parametrize("language", LANGUAGES)
def test_statuses_and_reasons_are_lists_in_the_language_of_the_page(plan, language):
    lists = sheet(written(plan, language)).xpath("//m:dataValidation[@type='list']/m:formula1/text()", namespaces=MAIN)
    with override(language):
        first = {"en": "Attained", "es": "Alcanzado", "fr": "Atteint"}[language]
    assert [text.strip('"').split(",")[0] for text in lists] == [first, lists[1].strip('"').split(",")[0]]
    assert [len(text.split(",")) for text in lists] == [4, 6]


def test_days_numbers_and_lengths_are_checked_with_a_sentence(reported):
    rules = sheet(written(reported)).xpath("//m:dataValidation", namespaces=MAIN)
    assert sorted(rule.get("type") for rule in rules) == ["date"] * 2 + ["list"] * 2 + ["textLength"] * 4 + ["whole"]
    assert [rule.get("sqref") for rule in rules if not rule.get("error")] == []


def cell_is_locked(data, reference):
    style = int(sheet(data).xpath(f"//m:c[@r='{reference}']/@s", namespaces=MAIN)[0])
    formats = part(data, "xl/styles.xml").xpath("//m:cellXfs/m:xf", namespaces=MAIN)
    return formats[style].xpath("m:protection/@locked", namespaces=MAIN) != ["0"]


def test_codes_titles_and_targets_are_locked_and_the_rest_is_not(reported):
    data = written(reported)
    heads = heads_of(data)
    locked = [head for number, head in enumerate(heads) if cell_is_locked(data, f"{chr(65 + number)}2")]
    assert locked == ["Code", "Deliverable", "Target", "Unit", "As of", "Last hash of the history"]


def test_a_quantity_without_a_target_is_locked(reported):
    data = written(reported)
    column = chr(65 + heads_of(data).index("Achieved"))
    assert [cell_is_locked(data, f"{column}{row}") for row in (2, 3)] == [False, True]


def test_the_lock_has_no_password_and_columns_can_be_made_wider(plan):
    (lock,) = sheet(written(plan)).xpath("//m:sheetProtection", namespaces=MAIN)
    assert (lock.get("password"), lock.get("formatColumns"), lock.get("sheet")) == (None, "0", "1")


def test_a_plan_without_targets_has_no_columns_for_them(plan):
    heads = heads_of(written(plan_of_shape()))
    assert {"Achieved", "Target", "Unit"} & set(heads) == set()


def test_what_was_typed_is_text_and_never_a_formula(reported):
    assert sheet(written(reported)).xpath("//m:f", namespaces=MAIN) == []


def test_the_second_sheet_says_how_to_fill_it_in(plan):
    book = CalamineWorkbook.from_filelike(io.BytesIO(written(plan)))
    sentences = [row[0] for row in book.get_sheet_by_index(1).to_python()]
    assert book.sheet_names == ["Deliverables", "How to fill this in"]
    assert sentences[1:] == instructions(summarise(plan, today=TODAY))


def test_the_same_rows_give_the_same_bytes(plan):
    assert written(plan) == written(plan)


def test_the_head_stays_and_is_printed_on_every_page(plan):
    names = zipfile.ZipFile(io.BytesIO(written(plan))).read("xl/workbook.xml").decode()
    (pane,) = sheet(written(plan)).xpath("//m:pane", namespaces=MAIN)
    assert (pane.get("xSplit"), pane.get("ySplit"), bool(re.search("Print_Titles", names))) == ("2", "1", True)
