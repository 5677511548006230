"""What a file that is imported may hold at most, and how its XML is parsed within these limits.

The spreadsheet reader allocates memory for every cell up to the last one that holds something, so one cell far out
would exhaust it. Cells that hold nothing cost nothing, wherever they are.
"""

import itertools
from xml.parsers import expat

from django.utils.translation import gettext as _

MAX_ROWS, MAX_COLUMNS, MAX_SHEETS = 6000, 60, 30  # with content; rows of all sheets together
LAST_ROW = 20_000  # below which nothing may be
MAX_ELEMENTS, MAX_ATTRIBUTES, MAX_DEPTH = 400_000, 60, 100  # of XML; elements of all sheets together


class Refused(Exception):
    """Raised for a file that cannot be imported. The message says why, and what to do."""


class Damaged(Refused):
    """Raised for a file that is damaged, or that two readers might read differently."""


def damaged_file():
    return Damaged(_("This file is damaged and cannot be read. Open it in your spreadsheet program and save it again."))


def sheet_too_large():
    return Refused(_("This sheet is too large. Remove all except the table, then try again."))


def texts_too_long():
    return Refused(_("The texts of this file are too long. Remove all except the table, then try again."))


def too_many_rows():
    return Refused(
        _("The file has more than %d rows. Split it into several, or delete the sheets that need no import.") % MAX_ROWS
    )


def too_many_sheets():
    return Refused(
        _("The file has more than %d sheets. Delete those that need no import, then try again.") % MAX_SHEETS
    )


def check_position(row, column):
    """Refuse content outside of what can be read. Rows count from 1, columns from 0."""
    if column >= MAX_COLUMNS or row > LAST_ROW:
        values = {"cell": cell_name(row, column), "columns": MAX_COLUMNS, "rows": LAST_ROW}
        raise Refused(
            _(
                "Cell %(cell)s holds something, but a table can have %(columns)d columns and end in row %(rows)d."
                " Delete what is outside of the table, then try again."
            )
            % values
        )


def cell_name(row, column):
    """Return the name of a cell as a spreadsheet shows it: D16. Rows count from 1, columns from 0."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def parse_xml(xml, begin, text=None, end=None, elements=None):
    """Parse XML with the callbacks `begin(name, attributes)`, `text(data)`, `end(name)`. Names have no prefix.

    Document types are refused: their entities could expand without limit. `elements` counts those of several files.
    """
    parser, elements, depth = expat.ParserCreate(), elements or itertools.count(1), 0
    parser.buffer_text = True  # one call for a text of many lines

    def start(tag, attributes):
        nonlocal depth
        depth += 1
        if next(elements) > MAX_ELEMENTS or len(attributes) > MAX_ATTRIBUTES or depth > MAX_DEPTH:
            raise sheet_too_large()
        begin(tag.rpartition(":")[2], attributes)

    def finish(tag):
        nonlocal depth
        depth -= 1
        if end:
            end(tag.rpartition(":")[2])

    def refuse(*_arguments):
        raise damaged_file()

    parser.StartElementHandler, parser.EndElementHandler = start, finish
    parser.StartDoctypeDeclHandler = refuse
    if text:
        parser.CharacterDataHandler = text

    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise damaged_file() from error
