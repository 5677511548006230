"""Reads an uploaded XLSX or CSV into texts, or refuses it in a sentence that says how to mend it.

A file is judged by its bytes, never by its name. What it would unpack to is summed before anything is unpacked, and a
sheet is measured by a streaming parser before its cells are read: a cell far out would make a reader fill memory.
"""

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from python_calamine import CalamineError, CalamineWorkbook

from plans.common.text import printable
from plans.translations import in_every_language
from reports.imports.sheet_limits import LARGEST, MOST_COLUMNS, MOST_ROWS, Refused, SheetLimits, damaged, parse_xml

LARGEST_UNPACKED = 50_000_000  # bytes of all that an archive holds
LARGEST_PART = 20_000_000  # bytes of one sheet, or of its texts
LONGEST_LINE = 20_000  # delimiters: more than any text of ours, or row of cells, could hold
MOST_PARTS = 500  # of an archive
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Table:
    """The heads of a table and its lines, all texts; each line with the row it stands in, the heads' row being 1."""

    heads: list[str]
    lines: list[tuple[int, list[str]]]


def read_table(content):
    """The table that a file's bytes hold. Raises `Refused`."""
    if len(content) > LARGEST:
        raise Refused(_("This file is larger than 5 MB. Take out what the tracker does not read, such as pictures."))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            _("This is an old Excel file, or one with a password. Save it as XLSX without a password, then try again.")
        )
    rows = read_xlsx(content) if content.startswith(b"PK") else read_csv(content)
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]
    if len(filled) < 2:
        raise Refused(_("The file has no rows below its column names. Fill some in, then try again."))
    (first, heads), *lines = filled
    if first != 1:
        raise Refused(_("The first row is empty. Put the column names into it."))
    while heads and not heads[-1].strip():
        heads = heads[:-1]
    width = len(heads)
    return Table([head.strip() for head in heads], [(number, fitted(number, row, width)) for number, row in lines])


def fitted(number, row, width):
    """A line as wide as the heads, its texts as they are stored; what stands beyond the heads would be lost."""
    if any(cell.strip() for cell in row[width:]):
        raise Refused(_("Row %d has more cells than there are column names. Take the cells beyond them out.") % number)
    return [as_stored(cell) for cell in (row + [""] * width)[:width]]


def as_stored(text):
    """A text as it is compared and stored: line ends are one character, control characters are none."""
    return printable(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def read_csv(content):
    text = decoded(content)
    if "\0" in text:
        raise Refused(_("This is neither an XLSX nor a CSV file. Save the table as one of these, then try again."))
    head = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    rows = []
    try:
        for row in csv.reader(lines_of(text, delimiter), delimiter=delimiter, strict=True):
            rows.append([plain(cell) for cell in row])
            if len(rows) > MOST_ROWS:
                raise Refused(_("The file has more than %d rows. Split it into several.") % MOST_ROWS)
            if len(row) > MOST_COLUMNS:
                raise Refused(_("Row %(row)d has more than %(most)d cells.") % {"row": len(rows), "most": MOST_COLUMNS})
    except csv.Error:
        raise Refused(
            _("The quotation marks of this CSV do not fit together. Save it again from your spreadsheet, or as XLSX.")
        ) from None
    return rows


def lines_of(text, delimiter):
    """The lines of a CSV, one by one: a line of commas alone would take long to be told apart into cells."""
    for line in io.StringIO(text, newline=""):
        if line.count(delimiter) > LONGEST_LINE:
            raise Refused(_("A row of this file has more than %d cells.") % MOST_COLUMNS)
        yield line


def decoded(content):
    """The text of a CSV: UTF-8, or UTF-16 that says so."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Refused(
            _("The letters of this file cannot be read: it is not UTF-8. Save it as “CSV UTF-8”, or as XLSX.")
        ) from None


def plain(cell):
    """A cell without the apostrophe that our own CSV puts before what a spreadsheet would take for a formula."""
    return cell[1:] if re.match(r"'[=+\-@\t\r\n']", cell) else cell


def read_xlsx(content):
    """The cells of the sheet called Deliverables, or of the first one, as rows of texts."""
    archive = opened(content)
    name, part = sheet_to_read(archive)
    SheetLimits(lengths_of_texts(archive)).check(part_of(archive, part))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise damaged() from error
    except BaseException as panic:  # a panic of the reader is no Exception
        if type(panic).__name__ != "PanicException":
            raise
        raise damaged() from None
    return [[as_text(cell) for cell in row] for row in rows]


def opened(content):
    """The archive, once it is seen to hold no more than it may, to be whole, and to be without macros."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise Refused(_("This file unpacks to more than 50 MB. Take out what the tracker does not read."))
        if len({part.filename.lower() for part in parts}) < len(parts):
            raise damaged()  # two readers could each see another of two parts of one name
        if any(part.flag_bits & 1 for part in parts):
            raise Refused(_("This file has a password. Save it without one, then try again."))
        if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
            raise Refused(_("This file holds macros. Save it as XLSX, which has none, then try again."))
        if archive.testzip() is not None:
            raise damaged()
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise damaged() from error
    return archive


def part_of(archive, name):
    """The bytes of a part of the archive: XML without a document type, so that nothing in it multiplies."""
    try:
        if archive.getinfo(name).file_size > LARGEST_PART:
            raise Refused(_("A sheet of this file is too large. Leave only the table in it, then try again."))
        xml = archive.read(name)
    except KeyError:
        raise damaged() from None
    if b"<!DOCTYPE" in xml or b"\0" in xml:
        raise damaged()
    return xml


def sheet_to_read(archive):
    """The name of the sheet and of the part of the archive that holds it. What could be read in two ways is refused."""
    sheets, targets = [], []
    parse_xml(part_of(archive, "xl/workbook.xml"), lambda tag, given: tag == "sheet" and sheets.append(given))
    parse_xml(
        part_of(archive, "xl/_rels/workbook.xml.rels"),
        lambda tag, given: tag == "Relationship" and targets.append((given.get("Id"), given.get("Target", ""))),
    )
    names = [sheet.get("name", "") for sheet in sheets]
    if not sheets or len(set(names)) < len(names) or len(dict(targets)) < len(targets):
        raise damaged()
    ours = in_every_language(gettext_lazy("Deliverables"))
    sheet = min(sheets, key=lambda sheet: sheet.get("name", "").lower() not in ours)
    relations = [value for name, value in sheet.items() if name.endswith(":id")]
    target = dict(targets).get(relations[0]) if len(relations) == 1 else None
    if not target:
        raise damaged()
    return sheet.get("name", ""), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def lengths_of_texts(archive):
    """How long each of the texts is that the sheets of a workbook share: a cell names its text by its place."""
    names = [name for name in archive.namelist() if name.lower() == "xl/sharedstrings.xml"]  # as the reader finds it
    if not names:
        return []
    lengths = []

    def begin(tag, _given):
        if tag == "si":
            lengths.append(0)

    def text(data):
        if lengths:
            lengths[-1] += len(data)

    parse_xml(part_of(archive, names[0]), begin, text)
    return lengths


def as_text(cell):
    """A cell's value as it is compared and stored: days in ISO 8601, whole numbers without a point."""
    if isinstance(cell, datetime):
        return str(cell.date()) if cell.time() == time() else str(cell)
    if isinstance(cell, date):
        return str(cell)
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
