"""Read an uploaded XLSX or CSV file as a table of texts, or raise `Refused` with a sentence that says what to do.

Uploads are hostile until checked. The format is decided by the bytes, never by the name; the unpacked size is added up
before anything is unpacked; and `SheetLimits` checks a sheet before its cells are read.
"""

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.common import upload_limits
from plans.common.text import normalise
from plans.translations import labels_in_all_languages
from reports.files.formulas import unescape_formula
from reports.imports.sheet_limits import MAX_COLUMNS, MAX_ROWS, Refused, SheetLimits, damaged_file, parse_xml

MAX_UNPACKED_BYTES = 50_000_000  # all files in the archive together
MAX_PART_BYTES = 20_000_000  # one file in the archive, such as a sheet
MAX_DELIMITERS_PER_LINE = 20_000  # a long note may hold many commas, but not as many
MAX_TAGS, MAX_OTHER_TAGS = 2_000_000, 200_000  # of a sheet and of the texts of all sheets; of any other part
LARGE_COUNT = re.compile(rb"""\b(?:unique)?count\s*=\s*["']\s*\+?0*[1-9]\d{6}""", re.IGNORECASE)  # memory for so many
LONG_TAG = re.compile(rb"<[^<>]{5000}")  # readers compare each attribute of a tag with all the others
MAX_PARTS = 500  # files in the archive
LARGEST_WHOLE_NUMBER = 10**15  # of a spreadsheet, which has 15 digits; the digits of others would mean nothing
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Table:
    """The column names of a table and its lines, each with its row number in the file. The column names are row 1."""

    heads: list[str]
    lines: list[tuple[int, list[str]]]


def read_table(content):
    """Return the `Table` in a file's bytes. Raise `Refused` if it cannot be imported."""
    if len(content) > upload_limits.IMPORT:
        raise Refused(too_large())
    if content.startswith((b"%PDF", b"{\\rtf")):
        raise Refused(neither_format())
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            _("This is an old Excel file or has a password. Save it as XLSX without a password, then try again.")
        )

    rows = read_xlsx(content) if content.startswith(b"PK") else read_csv(content)
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(normalise(cell) for cell in row)]
    if len(filled) < 2:
        raise Refused(_("The file has no rows below its column names. Add some, then try again."))
    (first, heads), *lines = filled
    if first != 1:
        raise Refused(_("The first row is empty. Put the column names there."))

    while heads and not normalise(heads[-1]):
        heads = heads[:-1]
    width = len(heads)
    lines = [(number, fit_to_width(number, row, width)) for number, row in lines]
    return Table([normalise(head) for head in heads], lines)


def fit_to_width(number, row, width):
    """Return the row with one text per column. Raise `Refused` for cells without a column name, which would be lost."""
    if any(normalise(cell) for cell in row[width:]):
        raise Refused(_("Row %d has more cells than there are column names. Remove the extra cells.") % number)
    return [normalise(cell) for cell in (row + [""] * width)[:width]]


def too_large():
    """Return the refusal of a file over the limit."""
    text = _("This file is larger than %d MB. Remove what the tracker does not read, such as pictures.")
    return text % upload_limits.megabytes(upload_limits.IMPORT)


def neither_format():
    return _("This is neither an XLSX nor a CSV file. Save the table as one of these, then try again.")


def read_csv(content):
    """Return the rows of a CSV. The delimiter is the one that occurs most in the first line."""
    text = decode(content)
    if "\0" in text or re.match(r"\s*<(!doctype|html|\?xml)", text, re.IGNORECASE):
        raise Refused(neither_format())

    head = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    rows = []
    try:
        for row in csv.reader(lines_of(text, delimiter), delimiter=delimiter, strict=True):
            rows.append([unescape_formula(cell) for cell in row])
            if len(rows) > MAX_ROWS:
                raise Refused(_("The file has more than %d rows. Split it into several.") % MAX_ROWS)
            if len(row) > MAX_COLUMNS:
                text = _("Row %(row)d has more than %(most)d cells. Remove the extra cells.")
                raise Refused(text % {"row": len(rows), "most": MAX_COLUMNS})
    except csv.Error:
        raise Refused(
            _("The quotation marks in this CSV file do not match. Save it again from your spreadsheet, or as XLSX.")
        ) from None
    return rows


def lines_of(text, delimiter):
    """Yield the lines of a CSV. Refuse lines of millions of delimiters before they are split, which would take long."""
    for line in io.StringIO(text, newline=""):
        if line.count(delimiter) > MAX_DELIMITERS_PER_LINE:
            raise Refused(_("A row of this file has more than %d cells. Remove the extra cells.") % MAX_COLUMNS)
        yield line


def decode(content):
    """Return the text of a CSV in UTF-8, or in UTF-16 with a byte order mark."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Refused(
            _("This file cannot be read because it is not UTF-8. Save it as “CSV UTF-8” or as XLSX.")
        ) from None


def read_xlsx(content):
    """Return the rows of the sheet named Deliverables (in any language), or of the first sheet."""
    archive = open_archive(content)
    name, part = sheet_to_read(archive)
    SheetLimits(shared_text_lengths(archive)).check(read_part(archive, part))

    calamine_workbook = import_string("python_calamine.CalamineWorkbook")  # here, since hardly any process needs it
    try:
        book = calamine_workbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic inside the reader, which is written in Rust, is no `Exception`
        raise damaged_file() from error

    return [[as_text(cell) for cell in row] for row in rows]


# What the file is instead, by the start of a name in the archive or of the type that OpenDocument files state first.
OTHER_SPREADSHEETS = {
    "application/vnd.oasis.opendocument.spreadsheet": gettext_lazy("This is an ODS file, from LibreOffice."),
    "xl/workbook.bin": gettext_lazy("This is a binary Excel file (XLSB)."),
    "Index/": gettext_lazy("This is a Numbers file."),
}
OTHER_DOCUMENTS = {
    "application/vnd.oasis.opendocument": gettext_lazy("This is a LibreOffice file, but not a spreadsheet."),
    "word/": gettext_lazy("This is a Word document."),
    "ppt/": gettext_lazy("This is a PowerPoint presentation."),
}


def check_kind(archive):
    """Refuse an archive that is no XLSX workbook, by the name of what it is."""
    names = [part.filename for part in archive.infolist()]
    if any(name.lower() == "xl/workbook.xml" for name in names):
        return

    stated = archive.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in names else ""
    save = _("Open it in your spreadsheet program, save the table as XLSX or CSV, then try again.")
    copy = _("Copy its table into a spreadsheet, save that as XLSX or CSV, then try again.")
    for kinds, advice in [(OTHER_SPREADSHEETS, save), (OTHER_DOCUMENTS, copy)]:
        for start, text in kinds.items():
            if any(name.startswith(start) for name in [stated, *names]):
                raise Refused(f"{text} {advice}")
    raise Refused(_("This is a ZIP file without an Excel workbook. %s") % save)


def open_archive(content):
    """Return the archive after checking its size, its integrity, and that it has neither password nor macros."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise Refused(_("This file unpacks to more than 50 MB. Remove what the tracker does not read."))
        if len({part.filename.lower() for part in parts}) < len(parts):
            raise damaged_file()  # of two parts with one name, we would check one and the reader read the other
        if any(part.flag_bits & 1 for part in parts):
            raise Refused(_("This file has a password. Save it without one, then try again."))
        if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
            raise Refused(_("This file contains macros. Save it as XLSX, which has none, then try again."))
        for part in parts:
            content = read_announced(archive, part)
            if part.filename.lower().endswith((".xml", ".rels")):
                check_xml(part.filename.lower(), content)
        check_kind(archive)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise damaged_file() from error
    return archive


def read_announced(archive, part):
    """Return as much of a part as the archive says it has. Raise `BadZipFile` where it is damaged, or has more."""
    with archive.open(part) as file:
        content = file.read(part.file_size)
        file.read(1)  # only at its end is a part compared with its checksum
    return content


def check_xml(name, content):
    """Refuse a part of a workbook that costs its readers much more than it weighs."""
    is_table = "/worksheets/" in name or name.endswith("sharedstrings.xml")
    if LONG_TAG.search(content) or LARGE_COUNT.search(content):
        raise damaged_file()
    if content.count(b"<") > (MAX_TAGS if is_table else MAX_OTHER_TAGS):
        raise Refused(_("This sheet is too large. Remove all except the table, then try again."))


def read_part(archive, name):
    """Return an XML file of the archive. Refuse document types: their entities could expand without limit."""
    try:
        if archive.getinfo(name).file_size > MAX_PART_BYTES:
            raise Refused(_("A sheet of this file is too large. Remove all except the table, then try again."))
        xml = archive.read(name)
    except KeyError:
        raise damaged_file() from None
    if b"<!DOCTYPE" in xml or b"\0" in xml:
        raise damaged_file()
    return xml


def sheet_to_read(archive):
    """Return the name of the sheet and of the archive's file that holds it.

    Refuse a workbook that is ambiguous about it: the limits would be checked on one sheet, and another be read.
    """
    sheets, targets = [], []
    parse_xml(read_part(archive, "xl/workbook.xml"), lambda tag, attrs: tag == "sheet" and sheets.append(attrs))
    parse_xml(
        read_part(archive, "xl/_rels/workbook.xml.rels"),
        lambda tag, attrs: tag == "Relationship" and targets.append((attrs.get("Id"), attrs.get("Target", ""))),
    )

    names = [sheet.get("name", "") for sheet in sheets]
    if not sheets or len(set(names)) < len(names) or len(dict(targets)) < len(targets):
        raise damaged_file()
    our_names = labels_in_all_languages(gettext_lazy("Deliverables"))
    sheet = min(sheets, key=lambda sheet: sheet.get("name", "").lower() not in our_names)  # else the first

    relations = [value for name, value in sheet.items() if name.endswith(":id")]
    target = dict(targets).get(relations[0]) if len(relations) == 1 else None
    if not target:
        raise damaged_file()
    return sheet.get("name", ""), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def shared_text_lengths(archive):
    """Return the lengths of the texts that the sheets of a workbook share. Cells refer to them by index."""
    # The reader ignores case, so the check must, too.
    names = [name for name in archive.namelist() if name.lower() == "xl/sharedstrings.xml"]
    if not names:
        return []

    lengths = []

    def begin(tag, _attributes):
        if tag == "si":
            lengths.append(0)

    def text(data):
        if lengths:
            lengths[-1] += len(data)

    parse_xml(read_part(archive, names[0]), begin, text)
    return lengths


def as_text(cell):
    """Return a cell's value as text: dates in ISO 8601, whole numbers without a decimal point."""
    if isinstance(cell, datetime):
        return str(cell.date()) if cell.time() == time() else str(cell)
    if isinstance(cell, date):
        return str(cell)
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_WHOLE_NUMBER:
        return str(int(cell))
    return str(cell)
