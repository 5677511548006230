import io
import zipfile
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from reports.summary import summarise
from reports.workbook import write_xlsx
from tests.builders import TODAY, deliverable, report

pytestmark = pytest.mark.django_db


def sheet(data, name):
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(name).to_python()


def part(data, name):
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


@pytest.fixture
def workbook(plan):
    return write_xlsx(summarise(plan, today=TODAY))


def test_the_figures_sheet_holds_headline_and_counts_by_line(workbook):
    rows = sheet(workbook, "Summary")
    assert rows[2][0] == (
        "Between 2018 and 2020, Metropolis had 65 outcomes to deliver. In short,"
        " 49 attained, 10 in progress, 6 not developed."
    )
    assert [row[1:] for row in rows[5:9]] == [
        [12, 2, 3, 0, 17],
        [22, 2, 3, 0, 27],
        [15, 6, 0, 0, 21],
        [49, 10, 6, 0, 65],
    ]


def test_the_rows_sheet_holds_every_deliverable(workbook):
    rows = sheet(workbook, "Deliverables")
    assert len(rows) == 66
    assert [*rows[2][:3], *rows[2][4:8]] == [
        "L1M1D2",
        "L1",
        "L1M1",
        'Publications "Voice of the Mayors" as samples of the legacy from the mayors of the major metropolises',
        "Not developed",
        date(2020, 12, 31),
        "Not stated",
    ]


def test_the_rows_are_a_real_table_with_a_frozen_header(workbook):
    assert 'ref="A1:K66"' in part(workbook, "xl/tables/table1.xml")
    assert '<pane xSplit="1" ySplit="1"' in part(workbook, "xl/worksheets/sheet2.xml")


def test_the_chart_is_native_and_stacked(workbook):
    assert '<c:grouping val="percentStacked"/>' in part(workbook, "xl/charts/chart1.xml")


def test_what_was_typed_is_text_and_never_a_formula_or_a_link(plan, sofia):
    report(deliverable("L1M1D1"), "attained", by=sofia, note="=1+1", evidence_link="https://metropolis.org/a")
    xml = part(write_xlsx(summarise(plan, today=TODAY)), "xl/worksheets/sheet2.xml")
    assert ("<f>" in xml, "<hyperlink" in xml) == (False, False)


def test_control_characters_do_not_spoil_the_file(plan, sofia):
    report(deliverable("L1M1D1"), "attained", by=sofia, note="bell \x07 and \ufffe")
    assert sheet(write_xlsx(summarise(plan, today=TODAY)), "Deliverables")[1][10] == "bell  and "


def test_a_plan_with_nothing_to_show_still_opens(plan):
    data = write_xlsx(summarise(plan, today=TODAY, filters={"q": "zeppelin"}, shown=frozenset()))
    assert sheet(data, "Deliverables")[0][0] == "Code"
