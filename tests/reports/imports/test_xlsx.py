"""What is read of an XLSX beside its values: hidden parts, merged cells, formulas, errors, formatted nothing."""

import pytest

from reports.imports.files.reading import read_source
from reports.imports.files.xlsx import without_empty
from tests.reports.imports.files import row, sheet_with, workbook


def sheet_of(fill):
    return read_source(workbook(fill)).sheets[0]


def test_every_sheet_is_read_and_hidden_ones_are_named():
    def fill(book, sheet):
        book.add_worksheet("Line 2").write(2, 1, "x")
        book.add_worksheet("Old").write(0, 0, "y")
        book.add_worksheet("Empty")
        book.get_worksheet_by_name("Old").hide()

    sheets = read_source(workbook(fill)).sheets
    assert [(sheet.name, sheet.is_hidden, sheet.rows[-1]) for sheet in sheets] == [
        ("Deliverables", False, (1, ["code", "status"])),
        ("Line 2", False, (3, ["", "x"])),
        ("Old", True, (1, ["y"])),
    ]


def test_a_sheet_that_is_a_chart_is_passed_over():
    def fill(book, sheet):
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Deliverables!$A$1:$A$2"})
        book.add_chartsheet("Chart").set_chart(chart)
        book.add_worksheet("More").write(0, 0, "x")

    assert [sheet.name for sheet in read_source(workbook(fill)).sheets] == ["Deliverables", "More"]


def test_merged_cells_fill_the_rows_below_that_hold_something():
    def fill(book, sheet):
        sheet.merge_range("A2:B5", "Line 1")
        for number in (1, 2, 4):
            sheet.write(number, 2, "x")

    sheet = sheet_of(fill)
    assert sheet.rows[1:] == [(number, ["Line 1", "", "x"]) for number in (2, 3, 5)]
    assert sheet.merged == ["A2:B5"]


def test_a_title_over_several_columns_is_written_once():
    def fill(book, sheet):
        sheet.merge_range("A2:C2", "Plan")
        sheet.write("A3", "x")

    sheet = sheet_of(fill)
    assert (sheet.rows[1:], sheet.merged) == ([(2, ["Plan", ""]), (3, ["x", ""])], [])


def test_hidden_rows_are_left_out_and_hidden_columns_are_named():
    def fill(book, sheet):
        row(book, sheet)
        sheet.write("A3", "hidden")
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_row(9, None, None, {"hidden": True})
        sheet.set_column("B:D", None, None, {"hidden": True})

    sheet = sheet_of(fill)
    assert [number for number, _ in sheet.rows] == [1, 2]
    assert (sheet.hidden_rows, sheet.hidden_columns) == ([3], [1])


def test_a_formula_is_read_as_its_stored_value():
    sheet = sheet_of(lambda book, sheet: sheet.write_formula("B2", "=1+1", None, 2))
    assert (sheet.rows[1], sheet.formulas) == ((2, ["", "2"]), ["B2"])


def test_a_formula_that_gives_an_empty_text_has_a_value():
    cell = '<c r="B1" t="str"><f>""</f><v></v></c>'
    source = read_source(sheet_with(f'<sheetData><row r="1"><c r="A1"><v>1</v></c>{cell}</row></sheetData>'))
    assert (source.sheets[0].formulas, source.sheets[0].unknown) == (["B1"], [])


@pytest.mark.parametrize("stored", ["", "<v></v>", "<v/>"])
def test_a_formula_without_a_stored_value_is_named(stored):
    cells = f'<c r="A1"><v>1</v></c><c r="B1"><f>ROW()</f>{stored}</c>'
    sheet = read_source(sheet_with(f'<sheetData><row r="1">{cells}</row></sheetData>')).sheets[0]
    assert (sheet.rows, sheet.unknown, sheet.formulas) == ([(1, ["1"])], ["B1"], [])


def test_an_error_is_read_as_nothing_and_named():
    def fill(book, sheet):
        sheet.write("A2", "x")
        sheet.write_formula("B2", "=NA()", None, "#N/A")

    sheet = sheet_of(fill)
    assert (sheet.rows[1], sheet.errors, sheet.formulas) == ((2, ["x", ""]), ["B2"], [])


def test_dates_keep_their_time_and_numbers_their_digits():
    def fill(book, sheet):
        at = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_number("A2", 42735.70833333334, at)
        sheet.write_row("B2", [1.1, 0.1 + 0.2, True, 42735])

    assert sheet_of(fill).rows[1] == (2, ["2016-12-31 17:00:00", "1.1", "0.3", "TRUE", "42735"])


def test_a_link_is_not_added_to_an_address_and_not_outside_of_the_table():
    def fill(book, sheet):
        sheet.write_url("B2", "http://www.example.org/", string="www.example.org")
        sheet.write_url("B3", "https://example.org/a", string="Minutes")
        sheet.write_url("XFD1048576", "https://example.org/b")
        sheet.write_blank("XFD1048576", None, book.add_format({"bold": True}))

    rows = [(2, ["", "www.example.org"]), (3, ["", "Minutes https://example.org/a"])]
    assert sheet_of(fill).rows[1:] == rows


def test_formatted_cells_that_hold_nothing_are_no_part_of_the_table():
    def fill(book, sheet):
        bold = book.add_format({"bold": True})
        sheet.write_blank("B20000", None, bold)
        sheet.write_blank("XFD1048576", None, bold)
        sheet.set_row(1_048_575, 40)

    assert sheet_of(fill).rows == [(1, ["code", "status"])]


@pytest.mark.parametrize("attribute", ["", ' ht="9"'])
def test_hundreds_of_thousands_of_formatted_cells_are_passed_over(attribute):
    rows = "".join(f'<row r="{n}"{attribute}><c r="A{n}" s="1"/><c r="B{n}"/></row>' for n in range(2, 120_000))
    content = sheet_with(f'<sheetData><row r="1"><c r="A1"><v>7</v></c></row>{rows}</sheetData>')
    assert read_source(content).sheets[0].rows == [(1, ["7"])]


def test_cells_without_a_place_are_counted_with_the_empty_ones_between_them():
    xml = b'<row r="1"><c r="A1"/><c><v>1</v></c></row>'
    assert without_empty(xml) == xml
    sheet = read_source(sheet_with(f"<sheetData>{xml.decode()}</sheetData>")).sheets[0]
    assert sheet.rows == [(1, ["", "1"])]


def test_tables_and_comments_change_nothing():
    def fill(book, sheet):
        row(book, sheet)
        sheet.add_table("A1:B2", {"columns": [{"header": "code"}, {"header": "status"}]})
        sheet.write_comment("A2", "Ask Jordi")

    assert sheet_of(fill).rows[1] == (2, ["L1M1D1", "attained"])


def test_a_million_rows_that_are_merged_cost_nothing():
    content = workbook(lambda book, sheet: sheet.merge_range("A2:A1048576", "x") and None)
    assert read_source(content).sheets[0].rows == [(1, ["code", "status"]), (2, ["x", ""])]


def test_6000_rows_in_several_sheets_are_read():
    def fill(book, sheet):
        other = book.add_worksheet("Line 2")
        for number in range(2999):
            sheet.write_row(number + 1, 0, ["x", "y", "z"])
            other.write_row(number, 0, ["x", "y", "z"])
        other.write(2999, 0, "x")

    assert [len(sheet.rows) for sheet in read_source(workbook(fill)).sheets] == [3000, 3000]
