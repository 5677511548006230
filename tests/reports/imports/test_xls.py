"""What is read of an XLS beside its values, and how its container is read."""

import contextlib
import struct

import pytest

from reports.imports.files.compound_file import CompoundFile
from reports.imports.files.reading import read_source
from reports.imports.files.sheet_limits import Refused
from tests.reports.imports.files import compound_file, record, xls, xls_text

ERROR, EMPTY = struct.pack("<BBBBHH", 2, 0, 0x2A, 0, 0, 0xFFFF), struct.pack("<BBBBHH", 3, 0, 0, 0, 0, 0xFFFF)


def formula(row, column, value):
    return record(0x0006, "HHH8sHIH", row, column, 0, value, 0, 0, 0)


def sheet_of(*records):
    return read_source(xls(b"".join(records))).sheets[0]


def test_every_sheet_is_read_and_hidden_ones_are_named():
    sheets = read_source(xls(xls_text(0, 0, "Straße"), b"", xls_text(2, 1, "計画"), hidden={2})).sheets
    assert [(sheet.name, sheet.is_hidden, sheet.rows) for sheet in sheets] == [
        ("Sheet1", False, [(1, ["Straße"])]),
        ("Sheet3", True, [(3, ["", "計画"])]),
    ]


def test_hidden_rows_are_left_out_and_hidden_columns_are_named():
    hidden_row = record(0x0208, "HHHHHHHH", 1, 0, 2, 0, 0, 0, 0x20, 0)
    hidden_column = record(0x007D, "HHHHHH", 1, 255, 0, 0, 1, 0)
    cells = [xls_text(row, column, "x") for row in range(3) for column in range(2)]
    sheet = sheet_of(hidden_row, hidden_column, *cells)
    assert [number for number, _ in sheet.rows] == [1, 3]
    assert (sheet.hidden_rows, sheet.hidden_columns) == ([2], [1])


def test_merged_cells_fill_the_rows_below():
    cells = [xls_text(0, 0, "Line 1"), xls_text(0, 1, "x"), xls_text(1, 1, "y")]
    sheet = sheet_of(*cells, record(0x00E5, "HHHHH", 1, 0, 1, 0, 0))
    assert (sheet.rows, sheet.merged) == ([(1, ["Line 1", "x"]), (2, ["Line 1", "y"])], ["A1:A2"])


def test_formulas_are_read_as_their_stored_value():
    sheet = sheet_of(formula(0, 0, struct.pack("<d", 2.5)), formula(0, 1, EMPTY))
    assert (sheet.rows, sheet.formulas) == ([(1, ["2.5"])], ["A1", "B1"])


def test_errors_are_read_as_nothing_and_named():
    sheet = sheet_of(xls_text(0, 0, "x"), formula(0, 1, ERROR), record(0x0205, "HHHBB", 0, 2, 0, 0x2A, 1))
    assert (sheet.rows, sheet.errors, sheet.formulas) == ([(1, ["x"])], ["B1", "C1"], [])


def test_formatted_cells_that_hold_nothing_are_no_part_of_the_table():
    blank = record(0x0201, "HHH", 65_535, 255, 0)
    assert sheet_of(xls_text(0, 0, "x"), blank).rows == [(1, ["x"])]


def test_a_sheet_that_says_to_be_large_is_read():
    dimensions = record(0x0200, "IIHHH", 0, 65_536, 0, 256, 0)
    assert sheet_of(dimensions, xls_text(1, 1, "x")).rows == [(2, ["", "x"])]


def test_a_chart_in_a_sheet_is_passed_over():
    chart = record(0x0809, "HHHHII", 0x0600, 0x0020, 0, 0, 0, 0) + xls_text(9999, 99, "x") + record(0x000A)
    assert sheet_of(xls_text(0, 0, "x"), chart, record(0x00E5, "H", 0)).rows == [(1, ["x"])]


def test_a_small_stream_is_read_from_the_stream_of_the_root():
    content = bytearray(compound_file({"Mini": b"small" + bytes(59) + b"next"}))
    root = content.index("Root Entry".encode("utf-16-le"))
    struct.pack_into("<II", content, root + 116, 0, 4096)  # the root's stream is what was the stream itself
    struct.pack_into("<II", content, root + 128 + 116, 0, 68)
    mini_fat = struct.pack("<16I", 1, 0xFFFFFFFE, *[0xFFFFFFFF] * 14)
    content[512 + 512 : 512 + 512 + 64] = mini_fat
    struct.pack_into("<I", content, 0x3C, 1)
    assert CompoundFile(bytes(content)).stream("Mini") == b"small" + bytes(59) + b"next"


@pytest.mark.parametrize("place", range(0x1E, 0x50, 2))
def test_a_container_with_a_wrong_number_is_read_or_refused(place):
    content = bytearray(xls(xls_text(0, 0, "x")))
    content[place : place + 2] = b"\xff\x7f"
    with contextlib.suppress(Refused):
        assert read_source(bytes(content)).sheets[0].rows == [(1, ["x"])]
