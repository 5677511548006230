"""What an uploaded table comes to: its changes, cell by cell, and what keeps it from being applied."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.codes import Code
from reports.files.fields import COLUMNS

RESPONSIBLE = "responsible"  # an e-mail address; read, but never written, since exports are public
LABELS = {column.name: column.label for column in COLUMNS} | {RESPONSIBLE: gettext_lazy("Responsible (e-mail)")}


@dataclass(frozen=True)
class Change:
    """One cell that says something new: of which row, under which column, and what it says now and after."""

    row: int
    code: str
    column: str
    before: str
    after: str
    is_earlier: bool = False  # goes into the history; a later report still says how it stands


@dataclass(frozen=True)
class Problem:
    """What keeps the table from being applied, with its row and column; row 0 is the file as a whole."""

    row: int
    column: str
    text: str


@dataclass
class ImportPreview:
    """What a table comes to. `steps` are what would be done, in order; nothing of it while there are `problems`."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    steps: list = field(default_factory=list)
    unchanged: int = 0
    needs_decision: bool = False
    rows_by_code: dict[Code, int] = field(default_factory=dict)

    @property
    def rows_earlier(self):
        return len({change.row for change in self.changes if change.is_earlier})

    @property
    def rows_changed(self):
        return len({change.row for change in self.changes})

    def refuse(self, row, column, text):
        self.problems.append(Problem(row, str(LABELS.get(column, column)), str(text)))

    def compare(self, row, code, values, *, is_earlier=False):
        """Note what differs, of `values`: (now, after) by column. Returns whether anything does."""
        new = {name: pair for name, pair in values.items() if pair[0] != pair[1]}
        self.changes += [Change(row, str(code), str(LABELS[name]), *pair, is_earlier) for name, pair in new.items()]
        return bool(new)


def parse_date(text):
    """The day a text gives, None where it gives none."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d( 00:00:00)?", text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def date_error(text):
    if not text:
        return _("The day is missing. Write it as year-month-day, such as 2019-12-31.")
    return _("“%s” is not a date. Write it as year-month-day, such as 2019-12-31.") % text[:40]
