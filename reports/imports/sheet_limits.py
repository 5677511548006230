"""Walks the XML of a sheet before its cells are read: refuses what is too large, or what no value can be read from.

It counts places as the reader does: a cell or a row that does not say where it stands comes after the one before it.
"""

import itertools
import re
from xml.parsers import expat

from django.utils.translation import gettext as _

LARGEST = 5_000_000  # bytes of an uploaded file
MOST_ROWS, MOST_COLUMNS, MOST_ELEMENTS = 5000, 60, 400_000


class Refused(Exception):
    """The file cannot be taken. The message says why, and what to do."""


def damaged():
    return Refused(_("This XLSX file is damaged and cannot be read. Open it in your spreadsheet and save it again."))


class SheetLimits:
    """Walks a sheet before it is read, and refuses what is too large or what no value can be read from."""

    def __init__(self, lengths):
        self.lengths = lengths
        self.characters = self.row = self.column = 0
        self.cell = self.value = ""
        self.is_shared = False

    def check(self, xml):
        parse_xml(xml, self.begin, self.text, self.end)

    def begin(self, tag, given):
        if tag == "row":
            self.row, self.column = int(given.get("r") or self.row + 1), 0
            self.stay_within(given.get("r", ""))
        elif tag == "c":
            self.begin_cell(given)
        elif tag == "f":
            raise Refused(
                _("Cell %s holds a formula. Copy the table and paste it as values, then try again.") % self.cell
            )
        elif tag == "mergeCell":
            raise Refused(
                _("The cells %s are merged. Unmerge them, so that every row has its own, then try again.")
                % given.get("ref", "")
            )

    def begin_cell(self, given):
        """A cell stands where it says, else beside the one before it."""
        self.cell, self.value, self.is_shared = given.get("r", ""), "", given.get("t") == "s"
        match = re.fullmatch(r"([A-Z]{1,4})(\d{1,9})", self.cell)
        if self.cell and match is None:
            raise damaged()
        self.column += 1
        if match:
            self.column, self.row = 0, int(match[2])
            for letter in match[1]:
                self.column = self.column * 26 + ord(letter) - 64
        self.cell = self.cell or f"R{self.row}C{self.column}"
        self.stay_within(self.cell)
        if given.get("t") == "e":
            raise Refused(_("Cell %s holds an error, such as #N/A. Mend it, then try again.") % self.cell)

    def stay_within(self, place):
        if self.column > MOST_COLUMNS or self.row > MOST_ROWS:
            values = {"cell": place or f"R{self.row}C{self.column}", "columns": MOST_COLUMNS, "rows": MOST_ROWS}
            raise Refused(
                _("“%(cell)s” stands outside the table: it may have %(columns)d columns and %(rows)d rows.") % values
            )

    def text(self, data):
        if self.is_shared and len(self.value) < 10:
            self.value += data
        self.characters += len(data)
        self.stay_short()

    def stay_short(self):
        if self.characters > LARGEST:
            raise Refused(_("The texts of this sheet are too long. Leave only the table in it, then try again."))

    def end(self, tag):
        if tag == "c" and self.is_shared and self.value.strip().isdecimal():
            place = int(self.value.strip()[:9])
            self.characters += self.lengths[place] if place < len(self.lengths) else 0
            self.stay_short()


def parse_xml(xml, begin, text=None, end=None):
    """Call these with the local name and attributes of every element, with its text, with its name at its end."""
    parser, elements = expat.ParserCreate(), itertools.count(1)

    def start(tag, given):
        if next(elements) > MOST_ELEMENTS:
            raise Refused(_("This sheet is too large. Leave only the table in it, then try again."))
        begin(tag.rpartition(":")[2], given)

    parser.StartElementHandler = start
    if text:
        parser.CharacterDataHandler = text
    if end:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise damaged() from error
