"""Read the sheets of an XLS file, of Excel up to 2003: its records (BIFF) are checked before its cells are read.

A record is its type, its length, and its content. The sheets follow each other, and a list at the start says where.
"""

import itertools
import struct

from django.utils.translation import gettext as _

from reports.imports.files.archives import has_macros, has_password
from reports.imports.files.compound_file import CompoundFile
from reports.imports.files.sheet_limits import (
    LAST_ROW,
    MAX_COLUMNS,
    MAX_SHEETS,
    Refused,
    check_position,
    damaged_file,
    sheet_too_large,
    too_many_sheets,
)
from reports.imports.files.workbook import Notes, read_workbook

BEGIN, END = (0x0809, 0x0409, 0x0209, 0x0009), 0x000A  # of the workbook, of a sheet, and of a chart in a sheet
SHEET, PASSWORD = 0x0085, 0x002F
ROW, COLUMNS, MERGED = 0x0208, 0x007D, 0x00E5
FORMULA, ERROR_OR_TRUTH = 0x0006, 0x0205
CELLS = {FORMULA, ERROR_OR_TRUTH, 0x0203, 0x0204, 0x00D6, 0x00FD, 0x027E}  # each begins with its row and column
SEVERAL_NUMBERS = 0x00BD  # row, first column, ..., last column
HIDDEN_ROW = 0x20
DIMENSIONS = 0x0200  # first row, row after the last, first column, column after the last
SMALL = {14: struct.pack("<2I3H", 0, 1, 0, 1, 0), 10: struct.pack("<5H", 0, 1, 0, 1, 0)}  # by the length of the record
MAX_RECORDS = 1_500_000  # each is read twice


def read_xls(content):
    """Return the `Sheet` objects of a workbook that hold something."""
    file = CompoundFile(content)
    if "EncryptedPackage" in file.entries:
        raise has_password()
    if "_VBA_PROJECT_CUR" in file.entries:
        raise has_macros()
    name = next((name for name in ("Workbook", "Book") if name in file.entries), None)
    if name is None:
        raise Refused(
            _("This is not a spreadsheet. Copy its table into one, save that as XLSX or CSV, then try again.")
        )

    stream = file.stream(name)
    counter = itertools.count(1)
    begins = sheet_places(stream, counter)
    notes = [notes_of(records(stream, begin, counter)) for begin in begins]
    for begin in begins:
        content = with_small_dimensions(content, records(stream, begin, counter))
    return read_workbook(content, lambda cells: notes[cells["index"]] if cells["index"] < len(notes) else Notes())


def sheet_places(stream, counter):
    """Return where in the stream each sheet begins, in the order of the workbook."""
    begins = []
    for kind, content in records(stream, 0, counter):
        if kind == PASSWORD:
            raise has_password()
        if kind == SHEET:
            begins.append(unpack("<I", content)[0])
    if len(begins) > MAX_SHEETS:
        raise too_many_sheets()
    if len(set(begins)) < len(begins):
        raise damaged_file()
    return begins


def with_small_dimensions(content, sheet):
    """Return the file with a sheet that says to be small, since the reader reserves memory for what it says.

    A sheet whose last row has a height says to have all rows. What it has is checked already.
    """
    said = next((said for kind, said in sheet if kind == DIMENSIONS and len(said) in SMALL), None)
    if said is None:
        return content
    head = struct.pack("<HH", DIMENSIONS, len(said))
    return content.replace(head + said, head + SMALL[len(said)])


def records(stream, place, counter):
    """Yield the type and content of each record of the part of the stream that begins here, without charts in it.

    `counter` counts those of all parts, since one may lie inside another.
    """
    depth = 0
    while place + 4 <= len(stream):
        if next(counter) > MAX_RECORDS:
            raise sheet_too_large()
        kind, length = struct.unpack_from("<HH", stream, place)
        depth += (kind in BEGIN) - (kind == END)
        if depth < 1:
            return
        if depth == 1:
            yield kind, stream[place + 4 : place + 4 + length]
        place += 4 + length


def unpack(layout, content, place=0):
    try:
        return struct.unpack_from(layout, content, place)
    except struct.error:
        raise damaged_file() from None


def notes_of(sheet):
    """Return the `Notes` of the records of a sheet. Raise `Refused` for cells too far out."""
    notes = Notes()
    for kind, content in sheet:
        if kind in CELLS:
            note_cell(notes, kind, content)
        elif kind == SEVERAL_NUMBERS:
            check_position(unpack("<H", content)[0] + 1, unpack("<H", content[-2:])[0])
        elif kind == ROW and unpack("<H", content, 12)[0] & HIDDEN_ROW:
            notes.hidden_rows.add(unpack("<H", content)[0] + 1)
        elif kind == COLUMNS and unpack("<H", content, 8)[0] & 1:
            first, last = unpack("<2H", content)
            notes.hidden_columns.update(range(first, min(last + 1, MAX_COLUMNS)))
        elif kind == MERGED:
            notes.merged += merged_ranges(content)
    return notes


def note_cell(notes, kind, content):
    row, column = unpack("<2H", content)
    place = (row + 1, column)
    check_position(*place)
    if kind == ERROR_OR_TRUTH and unpack("<B", content, 7)[0]:
        notes.errors.append(place)
    elif kind == FORMULA:
        value = unpack("<8s", content, 6)[0]
        is_error = value.endswith(b"\xff\xff") and value[0] == 2
        (notes.errors if is_error else notes.formulas).append(place)


def merged_ranges(content):
    """Yield the first row and column and the last row and column of each range of more than one row."""
    for begin in range(2, len(content) - 7, 8):
        first, last, column, last_column = unpack("<4H", content, begin)
        if first < last and column < MAX_COLUMNS:
            yield first + 1, column, min(last + 1, LAST_ROW), last_column
