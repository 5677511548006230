"""Read a CSV file: with any usual delimiter, line end and encoding."""

import csv
import io
import re
from collections import Counter
from itertools import islice

from django.utils.translation import gettext as _

from plans.common.text import normalise
from reports.files.formulas import unescape_formula
from reports.imports.files.encodings import OTHERS, UTF_8, UTF_16, encodings_of
from reports.imports.files.sheet_limits import LAST_ROW, MAX_COLUMNS, MAX_ROWS, Refused, too_many_rows
from reports.imports.files.source import Sheet, Source

MAX_DELIMITERS_PER_LINE = 20_000  # a long note may hold many commas, but not as many
DELIMITERS = ";,\t|"
SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?[ \t]*(?=[\r\n]|$)", re.IGNORECASE)
CONTROL_CHARACTER = re.compile("[\0-\x08\x0e-\x1f]")  # no table has any
SAMPLE_LINES, SAMPLE_CHARACTERS = 40, 100_000
SHOWN_ROWS = 3
CHOSEN = {UTF_8, "utf-8-sig", "utf-16", *UTF_16, *OTHERS}


def read_csv(content, encoding=""):
    """Return a CSV as a `Source` of one sheet. `encoding` is the one that a person has chosen."""
    encodings = encodings_of(content)
    if encoding not in CHOSEN:
        encoding = encodings[0] if encodings else ""
    if not encoding:
        raise not_a_table()
    text = decoded(content, encoding)
    if CONTROL_CHARACTER.search(text):
        raise not_a_table()

    filled = []
    for number, row in rows_of(text):
        if any(row):
            filled.append((number, row))
        if len(filled) > MAX_ROWS or number > LAST_ROW:
            raise too_many_rows()
    width = max((len(row) for _, row in filled), default=0)
    sheet = Sheet("", [(number, row + [""] * (width - len(row))) for number, row in filled])
    return Source("csv", [sheet], encoding, encodings if len(encodings) > 1 else [])


def samples(content, encodings):
    """Return for each encoding the first rows with characters that it decides about, each a list of texts."""
    shown = {}
    for encoding in encodings:
        try:
            rows = (row for _, row in rows_of(decoded(content, encoding)) if not "".join(row).isascii())
            shown[encoding] = list(islice(rows, SHOWN_ROWS))
        except Refused:
            shown[encoding] = []
    return shown


def decoded(content, encoding):
    try:
        return content.decode(encoding).removeprefix("\ufeff").rstrip("\x1a")
    except UnicodeDecodeError:
        raise Refused(
            _("This file cannot be read in this encoding. Choose another one, or save it as “CSV UTF-8” or as XLSX.")
        ) from None


def not_a_table():
    return Refused(_("This is not a spreadsheet. Save the table as XLSX, ODS or CSV, then try again."))


def rows_of(text):
    """Yield the rows of a CSV with their numbers, from 1. A line that names the delimiter is none, but is counted."""
    named = SEPARATOR_LINE.match(text)
    text = text.rstrip(f" \r\n{DELIMITERS}")  # thousands of rows that are formatted, and hold nothing
    delimiter = named[1] if named else delimiter_of(text)
    try:
        for number, row in enumerate(csv.reader(lines_of(text, delimiter), delimiter=delimiter, strict=True), start=1):
            row = [normalise(unescape_formula(cell)) for cell in row]
            while row and not row[-1]:
                row.pop()
            if len(row) > MAX_COLUMNS:
                sentence = _("Row %(row)d has more than %(most)d cells. Remove the extra cells.")
                raise Refused(sentence % {"row": number, "most": MAX_COLUMNS})
            if not (named and number == 1):
                yield number, row
    except csv.Error:
        raise Refused(
            _("The quotation marks in this CSV file do not match. Save it again from your spreadsheet, or as XLSX.")
        ) from None


def delimiter_of(text):
    """Return the delimiter with which most of the first rows have the same number of cells, and most cells."""
    sample = text[:SAMPLE_CHARACTERS]
    head = next(iter(io.StringIO(sample, newline="")), "")
    return max(DELIMITERS, key=lambda delimiter: (regularity(sample, delimiter), head.count(delimiter)))


def regularity(sample, delimiter):
    widths = Counter()
    try:
        for row in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), SAMPLE_LINES):
            widths[len(row)] += 1
    except csv.Error:
        return 0
    return max(((width - 1) * count for width, count in widths.items()), default=0)


def lines_of(text, delimiter):
    """Yield the lines of a CSV. Refuse lines of millions of delimiters before they are split, which would take long."""
    for line in io.StringIO(text, newline=""):
        if line.count(delimiter) > MAX_DELIMITERS_PER_LINE:
            raise Refused(_("A row of this file has more than %d cells. Remove the extra cells.") % MAX_COLUMNS)
        yield line
