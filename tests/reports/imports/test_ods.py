"""What is read of an ODS beside its values."""

import pytest

from reports.imports.files.reading import read_source
from tests.reports.imports.files import ods, ods_cell, ods_row, table_of

EMPTY_ROWS = ods_row("<table:table-cell table:number-columns-repeated='16384'/>")


def sheet_of(*rows, columns=""):
    xml = f'<table:table table:name="Plan">{columns}{"".join(rows)}</table:table>'
    return read_source(ods(xml)).sheets[0]


def formula(value):
    return f'<table:table-cell table:formula="of:=1+1" {value}</table:table-cell>'


def test_every_table_is_read():
    sheets = read_source(
        ods([["code"], ["x"]], table_of([["y", "z"]], name="Line 2"), table_of([], name="Empty"))
    ).sheets
    assert [(sheet.name, sheet.rows) for sheet in sheets] == [
        ("Plan", [(1, ["code"]), (2, ["x"])]),
        ("Line 2", [(1, ["y", "z"])]),
    ]


def test_a_million_empty_rows_at_the_end_are_passed_over():
    repeated = EMPTY_ROWS.replace("table-row ", 'table-row table:number-rows-repeated="1048575" ', 1)
    assert sheet_of(ods_row("x"), repeated).rows == [(1, ["x"])]


def test_repeated_cells_and_rows_are_read_as_often_as_they_stand_there():
    twice = ods_cell("x", 'table:number-columns-repeated="2"')
    rows = sheet_of(ods_row("code"), ods_row(twice, "y", attributes='table:number-rows-repeated="2"')).rows
    assert rows == [(1, ["code", "", ""]), (2, ["x", "x", "y"]), (3, ["x", "x", "y"])]


@pytest.mark.parametrize("why", ["collapse", "filter"])
def test_hidden_rows_are_left_out_and_hidden_columns_are_named(why):
    hidden = f'table:visibility="{why}"'
    columns = f"<table:table-column/><table:table-column {hidden} table:number-columns-repeated='5'/>"
    sheet = sheet_of(ods_row("a", "b", "c"), ods_row("x", attributes=hidden), ods_row("y"), columns=columns)
    assert [number for number, _ in sheet.rows] == [1, 3]
    assert (sheet.hidden_rows, sheet.hidden_columns) == ([2], [1, 2])


def test_merged_cells_fill_the_rows_below():
    covered = "<table:covered-table-cell/>"
    sheet = sheet_of(
        ods_row(ods_cell("Line 1", 'table:number-rows-spanned="2"'), "x"), ods_row(covered, "y"), ods_row("", "z")
    )
    assert sheet.rows == [(1, ["Line 1", "x"]), (2, ["Line 1", "y"]), (3, ["", "z"])]
    assert sheet.merged == ["A1:A2"]


def test_formulas_are_read_as_their_stored_value():
    sheet = sheet_of(ods_row("x", formula('office:value-type="float" office:value="2"><text:p>2</text:p>')))
    assert (sheet.rows, sheet.formulas) == ([(1, ["x", "2"])], ["B1"])


def test_formulas_without_a_stored_value_are_named():
    sheet = sheet_of(ods_row("x", formula(">")))
    assert (sheet.rows, sheet.unknown) == ([(1, ["x"])], ["B1"])


@pytest.mark.parametrize(
    "value",
    [
        'office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p>',
        'office:value-type="float" office:value="0"><text:p>#DIV/0!</text:p>',
        'office:value-type="float" office:value="0"><text:p>Err:502</text:p>',
    ],
)
def test_errors_are_read_as_nothing_and_named(value):
    sheet = sheet_of(ods_row("x", formula(value)))
    assert (sheet.rows, sheet.errors, sheet.formulas) == ([(1, ["x"])], ["B1"], [])


def test_dates_are_read_in_iso():
    day, moment = (
        f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
        for value in ("2026-05-01", "2026-05-01T17:00:00")
    )
    assert sheet_of(ods_row(day, moment)).rows == [(1, ["2026-05-01", "2026-05-01 17:00:00"])]


def test_a_comment_is_no_text_of_its_cell():
    note = "<office:annotation><text:p>Ask Jordi</text:p></office:annotation>"
    cell = f'<table:table-cell office:value-type="string">{note}<text:p>x</text:p></table:table-cell>'
    assert sheet_of(ods_row(cell, "y")).rows == [(1, ["x", "y"])]


def test_rows_of_a_header_and_of_a_group_are_counted():
    header = f"<table:table-header-rows>{ods_row('code')}</table:table-header-rows>"
    group = f"<table:table-row-group>{ods_row('x')}{ods_row('y')}</table:table-row-group>"
    assert sheet_of(header, group, ods_row("z")).rows == [(1, ["code"]), (2, ["x"]), (3, ["y"]), (4, ["z"])]
