"""Check the XML of a sheet before its cells are read: refuse what is too large, or holds no plain values.

The spreadsheet reader allocates memory for every cell up to the last one, so one cell far out would exhaust it. The
check counts positions as the reader does: a cell or row without a reference comes after the one before it.
"""

import itertools
import re
from xml.parsers import expat

from django.utils.translation import gettext as _

from plans.common import upload_limits

MAX_ROWS, MAX_COLUMNS, MAX_ELEMENTS, MAX_ATTRIBUTES = 5000, 60, 400_000, 60


class Refused(Exception):
    """Raised for a file that cannot be imported. The message says why, and what to do."""


def damaged_file():
    """Return the error for a file that is not valid XLSX, or that two readers might read differently."""
    return Refused(_("This XLSX file is damaged and cannot be read. Open it in your spreadsheet and save it again."))


class SheetLimits:
    """A streaming check of one sheet. `check` raises `Refused` at the first element that breaks a limit.

    `text_lengths` are the lengths of the workbook's shared texts: cells refer to them by index, as often as they like.
    """

    def __init__(self, text_lengths):
        self.text_lengths = text_lengths
        self.characters = self.row = self.column = 0
        self.cell = self.value = ""
        self.is_shared = False

    def check(self, xml):
        parse_xml(xml, self.begin, self.text, self.end)

    def begin(self, tag, attributes):
        if tag == "row":
            self.row, self.column = int(attributes.get("r") or self.row + 1), 0
            self.check_position(attributes.get("r", ""))
        elif tag == "c":
            self.begin_cell(attributes)
        elif tag == "f":
            raise Refused(
                _("Cell %s contains a formula. Copy the table and paste it as values, then try again.") % self.cell
            )
        elif tag == "mergeCell":
            raise Refused(
                _("Cells %s are merged. Unmerge them so that every row has its own cells, then try again.")
                % attributes.get("ref", "")
            )

    def begin_cell(self, attributes):
        """Move to the position of a cell: its reference, or the column after the last one."""
        self.cell, self.value, self.is_shared = attributes.get("r", ""), "", attributes.get("t") == "s"
        match = re.fullmatch(r"([A-Z]{1,4})(\d{1,9})", self.cell)
        if self.cell and match is None:
            raise damaged_file()

        self.column += 1
        if match:
            self.column, self.row = 0, int(match[2])
            for letter in match[1]:
                self.column = self.column * 26 + ord(letter) - 64
        self.cell = self.cell or f"R{self.row}C{self.column}"

        self.check_position(self.cell)
        if attributes.get("t") == "e":
            raise Refused(_("Cell %s contains an error, such as #N/A. Correct it, then try again.") % self.cell)

    def check_position(self, reference):
        if self.column > MAX_COLUMNS or self.row > MAX_ROWS:
            values = {"cell": reference or f"R{self.row}C{self.column}", "columns": MAX_COLUMNS, "rows": MAX_ROWS}
            raise Refused(
                _("“%(cell)s” is outside the table, which can have %(columns)d columns and %(rows)d rows.") % values
            )

    def text(self, data):
        if self.is_shared and len(self.value) < 10:
            self.value += data
        self.characters += len(data)
        self.check_length()

    def check_length(self):
        if self.characters > upload_limits.IMPORT:
            raise Refused(_("The texts of this sheet are too long. Remove all except the table, then try again."))

    def end(self, tag):
        if tag == "c" and self.is_shared and self.value.strip().isdecimal():
            index = int(self.value.strip()[:9])
            self.characters += self.text_lengths[index] if index < len(self.text_lengths) else 0
            self.check_length()


def parse_xml(xml, begin, text=None, end=None):
    """Parse XML with the callbacks `begin(name, attributes)`, `text(data)`, `end(name)`. Names have no prefix."""
    parser, elements = expat.ParserCreate(), itertools.count(1)
    parser.buffer_text = True  # one call for a text of many lines

    def start(tag, attributes):
        if next(elements) > MAX_ELEMENTS or len(attributes) > MAX_ATTRIBUTES:
            raise Refused(_("This sheet is too large. Remove all except the table, then try again."))
        begin(tag.rpartition(":")[2], attributes)

    parser.StartElementHandler = start
    if text:
        parser.CharacterDataHandler = text
    if end:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])

    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise damaged_file() from error
