"""Read the sheets of an XLSX file: the XML of each is checked and its notes are taken before its cells are read."""

import itertools
import re

from reports.imports.files.archives import read_part
from reports.imports.files.sheet_limits import (
    LAST_ROW,
    MAX_COLUMNS,
    MAX_SHEETS,
    check_position,
    damaged_file,
    parse_xml,
    too_many_sheets,
)
from reports.imports.files.workbook import Notes, read_workbook

CELL = re.compile(r"([A-Z]{1,4})(\d{1,9})")
# Cells and rows that are formatted and hold nothing: there may be a million of them.
CELL_WITHOUT_VALUE = rb'<c r="[A-Z]+\d+"(?: s="\d+")?(?: ?/>|></c>)'
EMPTY_CELLS = re.compile(rb"(?:%s)++" % CELL_WITHOUT_VALUE)
EMPTY_ROWS = re.compile(rb'(?:<row r="\d+"(?:[^<>]*/>|[^<>]*>(?:%s)*+</row>))++' % CELL_WITHOUT_VALUE)
FALSE = ("", "0", "false", "off")


def read_xlsx(content, archive):
    """Return the `Sheet` objects of a workbook that hold something."""
    parts = worksheets(archive)
    elements = itertools.count(1)
    notes = {
        name: SheetNotes(elements, addresses(archive, part)).read(read_part(archive, part))
        for name, part in parts.items()
    }
    archive.close()
    return read_workbook(content, lambda cells: notes[cells["name"]] if cells["name"] in notes else Notes())


def worksheets(archive):
    """Return the name of each sheet of cells, with the archive's file that holds it.

    Refuse a workbook that is ambiguous about it: one file would be checked, and another be read.
    """
    sheets, relations = [], []
    parse_xml(read_part(archive, "xl/workbook.xml"), lambda tag, attrs: tag == "sheet" and sheets.append(attrs))
    parse_xml(
        read_part(archive, "xl/_rels/workbook.xml.rels"),
        lambda tag, attrs: tag == "Relationship" and relations.append(attrs),
    )

    targets = {relation.get("Id"): relation for relation in relations}
    names = [sheet.get("name", "") for sheet in sheets]
    if not sheets or len(set(names)) < len(names) or len(targets) < len(relations):
        raise damaged_file()
    if len(sheets) > MAX_SHEETS:
        raise too_many_sheets()
    related = {sheet.get("name", ""): targets.get(relation_of(sheet), {}) for sheet in sheets}
    return {name: part_of(relation) for name, relation in related.items() if leads_to_cells(relation)}


def addresses(archive, part):
    """Return the web addresses to which a sheet has links, by the name of their relation."""
    folder, _slash, name = part.rpartition("/")
    relations, path = [], f"{folder}/_rels/{name}.rels"
    if path in archive.namelist():
        parse_xml(read_part(archive, path), lambda tag, attrs: tag == "Relationship" and relations.append(attrs))
    found = {each.get("Id"): each.get("Target", "") for each in relations if each.get("TargetMode") == "External"}
    return {key: link for key, link in found.items() if link.startswith(("https://", "http://")) and len(link) <= 1000}


def relation_of(sheet):
    relations = [value for name, value in sheet.items() if name.endswith(":id")]
    return relations[0] if len(relations) == 1 else None


def leads_to_cells(relation):
    """Return whether it is not a sheet that is a chart or a dialog."""
    return relation.get("Type", "worksheet").endswith("worksheet")


def part_of(relation):
    """Return the path in the archive to which a relation of the workbook leads."""
    target = relation.get("Target")
    if not target:
        raise damaged_file()
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def without_empty(xml):
    """Return the XML of a sheet without cells and rows that hold nothing, if every other one says where it is."""
    if xml.count(b"<c ") + xml.count(b"<c>") != xml.count(b'<c r="'):
        return xml
    if xml.count(b"<row ") + xml.count(b"<row>") == xml.count(b'<row r="'):
        xml = EMPTY_ROWS.sub(b"", xml)
    return EMPTY_CELLS.sub(b"", xml)


class SheetNotes:
    """A streaming check of one sheet, which takes `Notes`. `read` raises `Refused` at the first broken limit.

    It counts positions as the reader does: a cell or row without a reference comes after the one before it.
    """

    def __init__(self, elements, addresses):
        self.notes, self.elements, self.addresses = Notes(), elements, addresses
        self.row, self.column = 0, -1
        self.kind = self.value = ""
        self.has_formula = self.has_value = self.is_value = False

    def read(self, xml):
        parse_xml(without_empty(xml), self.begin, self.text, self.end, self.elements)
        return self.notes

    def begin(self, tag, attributes):
        if tag == "c":
            self.begin_cell(attributes)
        elif tag in ("v", "t"):
            self.is_value = self.has_value = True
        elif tag == "f":
            self.has_formula = True
        elif tag == "row":
            self.row, self.column = int(attributes.get("r") or self.row + 1), -1
            if is_true(attributes.get("hidden")):
                self.notes.hidden_rows.add(self.row)
        elif tag == "col" and is_true(attributes.get("hidden")):
            first, last = int(attributes.get("min", 0)), int(attributes.get("max", 0))
            self.notes.hidden_columns.update(range(max(first, 1) - 1, min(last, MAX_COLUMNS)))
        elif tag == "hyperlink" and relation_of(attributes) in self.addresses:
            row, column = position(attributes.get("ref", "").partition(":")[0])
            if column < MAX_COLUMNS and row <= LAST_ROW:  # others have no text
                self.notes.links[row, column] = self.addresses[relation_of(attributes)]
        elif tag == "mergeCell":
            self.merge(attributes.get("ref", ""))

    def begin_cell(self, attributes):
        """Move to the position of a cell: its reference, or the column after the last one."""
        self.column += 1
        if reference := attributes.get("r"):
            self.row, self.column = position(reference)
        self.kind, self.value = attributes.get("t", "n"), ""
        self.has_formula = self.has_value = self.is_value = False

    def text(self, data):
        if self.is_value and len(self.value) < 10:  # whether there is a value, not which
            self.value += data[:10].strip()

    def end(self, tag):
        if tag in ("v", "t"):
            self.is_value = False
        elif tag == "c":
            self.end_cell((self.row, self.column))

    def end_cell(self, place):
        if self.value or self.has_formula or self.kind == "e":
            check_position(*place)
        if self.kind == "e":
            self.notes.errors.append(place)
        elif self.has_formula and not self.value and not (self.kind == "str" and self.has_value):  # "" is a value, too
            self.notes.unknown.append(place)
        elif self.has_formula:
            self.notes.formulas.append(place)

    def merge(self, reference):
        first, _colon, last = reference.partition(":")
        (row, column), (last_row, last_column) = position(first), position(last or first)
        if column < MAX_COLUMNS and row < last_row:
            self.notes.merged.append((row, column, min(last_row, LAST_ROW), last_column))


def position(reference):
    """Return the row, from 1, and column, from 0, of a cell such as D16."""
    match = CELL.fullmatch(reference)
    if match is None:
        raise damaged_file()
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column - 1


def is_true(value):
    return (value or "").lower() not in FALSE
