import io
import re
import zipfile
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from reports.figures.summary import Selection, summarise
from reports.files.xlsx import write_xlsx
from tests.builders import NOON, TODAY, deliverable, report

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
    assert [row[2:] for row in rows[-4:]] == [
        [12, 2, 3, 0, 17],
        [22, 2, 3, 0, 27],
        [15, 6, 0, 0, 21],
        [49, 10, 6, 0, 65],
    ]


def test_the_counts_are_formulas_over_the_rows_sheet(workbook):
    formulas = re.findall(r"<f>(.*?)</f>", part(workbook, "xl/worksheets/sheet1.xml"))
    assert formulas[0] == "COUNTIFS(Deliverables[Action line],$A10,Deliverables[Status],C$9)"
    assert formulas[-2:] == ["COUNTIFS(Deliverables[Status],F$9)", "SUM(C13:F13)"]
    assert sheet(workbook, "Summary")[8][:3] == ["Code", "Action line", "Attained"]


def test_a_filtered_workbook_keeps_the_plans_figures_as_numbers(plan):
    selection = Selection({"q": "x"}, "Search: x", frozenset([deliverable("L1M1D1").code]))
    data = write_xlsx(summarise(plan, today=TODAY, selection=selection))
    assert "COUNTIFS" not in part(data, "xl/worksheets/sheet1.xml")
    assert (sheet(data, "Summary")[-1][2:], len(sheet(data, "Deliverables"))) == ([49, 10, 6, 0, 65], 2)


def test_the_history_sheet_holds_every_entry_effective_by_the_day(plan, sofia):
    report(deliverable("L1M1D1"), "in_progress", by=sofia, effective_on=date(2021, 3, 1), note="Later.")
    entries = [sheet(write_xlsx(summarise(plan, day, today=TODAY)), "History") for day in (None, date(2020, 12, 31))]
    assert [len(rows) - 1 for rows in entries] == [66, 65]
    assert entries[0][1][:6] == [66, NOON.replace(tzinfo=None), "L1M1D1", "In progress", "Attained", date(2021, 3, 1)]


def test_the_same_summary_gives_the_same_bytes(workbook, plan):
    assert write_xlsx(summarise(plan, today=TODAY)) == workbook


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
    assert 'ref="A1:AC66"' in part(workbook, "xl/tables/table1.xml")
    assert '<pane xSplit="1" ySplit="1"' in part(workbook, "xl/worksheets/sheet2.xml")


def test_the_chart_is_native_stacked_and_of_the_counts(workbook):
    chart = part(workbook, "xl/charts/chart1.xml")
    assert '<c:grouping val="percentStacked"/>' in chart
    columns = [f"Summary!${letter}$10:${letter}$12" for letter in "CDEF"]
    assert re.findall(r"<c:val><c:numRef><c:f>(.*?)</c:f>", chart) == columns


def test_what_was_typed_is_text_and_never_a_formula_or_a_link(plan, sofia):
    report(deliverable("L1M1D1"), "attained", by=sofia, note="=1+1", evidence_link="https://metropolis.org/a")
    xml = part(write_xlsx(summarise(plan, today=TODAY)), "xl/worksheets/sheet2.xml")
    assert ("<f>" in xml, "<hyperlink" in xml) == (False, False)


def test_control_characters_do_not_spoil_the_file(plan, sofia):
    report(deliverable("L1M1D1"), "attained", by=sofia, note="a bell \x07 and \ufffe")
    assert sheet(write_xlsx(summarise(plan, today=TODAY)), "Deliverables")[1][11] == "a bell  and"


def test_a_plan_with_nothing_to_show_still_opens(plan):
    data = write_xlsx(summarise(plan, today=TODAY, selection=Selection({"q": "zeppelin"}, codes=frozenset())))
    assert sheet(data, "Deliverables")[0][0] == "Code"
