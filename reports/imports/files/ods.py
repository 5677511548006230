"""Read the sheets of an ODS file: its XML is checked and its notes are taken before its cells are read.

OpenDocument writes equal cells and rows once, with a number of repetitions: a sheet may end with a million empty rows.
"""

import re

from reports.imports.files.archives import has_password, read_part
from reports.imports.files.sheet_limits import (
    LAST_ROW,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEETS,
    check_position,
    damaged_file,
    parse_xml,
    sheet_too_large,
    too_many_rows,
    too_many_sheets,
)
from reports.imports.files.workbook import Notes, read_workbook

CELLS = ("table-cell", "covered-table-cell")
HIDDEN = ("collapse", "filter")
ERROR = re.compile(r"#[A-Z]+[A-Z0-9/]*[!?]?$|Err:\d+$")  # where the XML does not say itself that it is one
ASIDE = ("annotation", "shapes", "tracked-changes", "forms")  # what is in the table, but not in its cells


def read_ods(content, archive):
    """Return the `Sheet` objects of a workbook that hold something."""
    if "META-INF/manifest.xml" in archive.namelist():
        check_manifest(read_part(archive, "META-INF/manifest.xml"))
    notes = TableNotes().read(read_part(archive, "content.xml"))
    archive.close()
    return read_workbook(content, lambda cells: notes[cells["index"]] if cells["index"] < len(notes) else Notes())


def check_manifest(xml):
    def begin(tag, _attributes):
        if tag == "encryption-data":
            raise has_password()

    parse_xml(xml, begin)


class TableNotes:
    """A streaming check of all tables, which takes `Notes`. `read` raises `Refused` at the first broken limit."""

    def __init__(self):
        self.tables, self.aside = [], 0
        self.row = self.column = self.next_row = self.next_column = 0
        self.filled_rows = self.repeated = self.noted = 0
        self.cell, self.value = {}, ""

    def read(self, xml):
        parse_xml(xml, self.begin, self.text, self.end)
        return self.tables

    def begin(self, tag, attributes):
        if tag in ASIDE or self.aside:
            self.aside += tag in ASIDE
            return
        if tag == "table":
            self.begin_table()
        elif self.tables and tag in CELLS:
            self.begin_cell(without_prefixes(attributes))
        elif self.tables and tag == "table-row":
            self.begin_row(without_prefixes(attributes))
        elif self.tables and tag == "table-column":
            self.hide_columns(without_prefixes(attributes))

    def begin_table(self):
        if len(self.tables) == MAX_SHEETS:
            raise too_many_sheets()
        self.tables.append(Notes())
        self.row = self.next_row = 1
        self.next_column = 0

    def hide_columns(self, attributes):
        first, self.next_column = self.next_column, self.next_column + repetitions(attributes, "columns")
        if attributes.get("visibility") in HIDDEN:
            self.tables[-1].hidden_columns.update(range(first, min(self.next_column, MAX_COLUMNS)))

    def begin_row(self, attributes):
        self.repeated = repetitions(attributes, "rows")
        self.row, self.next_row, self.next_column = self.next_row, self.next_row + self.repeated, 0
        self.is_filled = False
        if attributes.get("visibility") in HIDDEN:
            self.tables[-1].hidden_rows.update(range(self.row, min(self.next_row, LAST_ROW + 1)))

    def begin_cell(self, attributes):
        self.column, self.next_column = self.next_column, self.next_column + repetitions(attributes, "columns")
        self.cell, self.value = attributes, ""

    def text(self, data):
        if not self.aside and len(self.value) < 20:
            self.value += data[:20]

    def end(self, tag):
        if self.aside:
            self.aside -= tag in ASIDE
        elif tag in CELLS and self.tables:
            if self.cell.get("value-type") or self.cell.get("formula"):
                self.end_filled_cell()
            self.cell = {}
        elif tag == "table-row" and self.tables and self.is_filled:
            self.filled_rows += self.repeated
            if self.filled_rows > LAST_ROW:
                raise too_many_rows()

    def end_filled_cell(self):
        """Check the last place of a cell that holds something, and note each of its places."""
        check_position(self.next_row - 1, self.next_column - 1)
        self.is_filled = True
        spanned = number(self.cell.get("number-rows-spanned", "1"))
        if spanned > 1:
            last = min(self.row + spanned - 1, LAST_ROW)
            last_column = self.column + number(self.cell.get("number-columns-spanned", "1")) - 1
            self.tables[-1].merged.append((self.row, self.column, last, last_column))

        places = self.places_for_formula()
        if places is not None:
            rows, columns = range(self.row, self.next_row), range(self.column, self.next_column)
            self.noted += len(rows) * len(columns)
            if self.noted > MAX_ROWS * MAX_COLUMNS:
                raise sheet_too_large()
            places.extend((row, column) for row in rows for column in columns)

    def places_for_formula(self):
        """Return the list in which a cell with a formula or an error is noted, or None."""
        notes, formula = self.tables[-1], self.cell.get("formula")
        if self.cell.get("calcext:value-type") == "error" or formula and ERROR.match(self.value.strip()):
            return notes.errors
        if formula:
            return notes.formulas if self.cell.get("value-type") else notes.unknown
        return None


def without_prefixes(attributes):
    """Return attributes by their names alone, except those of LibreOffice, which repeat names of OpenDocument."""
    return {name if name.startswith("calcext:") else name.rpartition(":")[2]: v for name, v in attributes.items()}


def repetitions(attributes, kind):
    return max(number(attributes.get(f"number-{kind}-repeated", "1")), 1)


def number(text):
    if not re.fullmatch(r"\d{1,9}", text.strip()):
        raise damaged_file()
    return int(text)
