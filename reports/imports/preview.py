"""The preview of an import: its changes cell by cell, and the problems that prevent it from being applied."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.codes import Code
from plans.common.dates import not_a_date
from plans.models import Plan
from plans.translations import labels_in_all_languages
from reports.files.fields import COLUMNS, WITHDRAWN

RESPONSIBLE = "responsible"  # an e-mail address: imported, but never exported, since exports are public
LABELS = {column.name: column.label for column in COLUMNS} | {RESPONSIBLE: gettext_lazy("Responsible (e-mail)")}


@dataclass(frozen=True)
class Change:
    """A cell that changes something, with the texts before and after. `row` is its row number in the file."""

    row: int
    code: str
    column: str
    before: str
    after: str
    is_earlier: bool = False  # is added to the history only: a later update decides the current status


@dataclass(frozen=True)
class Problem:
    """A problem that prevents the import, with its row and column. Row 0 is the file as a whole."""

    row: int
    column: str
    text: str


@dataclass
class ImportPreview:
    """The result of reading a table, for a plan as it was read before that.

    `steps` are applied together, unless there are any `problems`.
    """

    plan: Plan
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    steps: list = field(default_factory=list)
    unchanged: int = 0
    needs_decision: bool = False
    rows_by_code: dict[Code, int] = field(default_factory=dict)
    refused_rows: set[int] = field(default_factory=set)

    @property
    def rows_earlier(self):
        return len({change.row for change in self.changes if change.is_earlier})

    @property
    def rows_changed(self):
        return len({change.row for change in self.changes})

    def refuse(self, row, column, text):
        self.refused_rows.add(row)
        self.problems.append(Problem(row, str(LABELS.get(column, column)), str(text)))

    def compare(self, row, code, values, *, is_earlier=False):
        """Add a change for each of `values`, (before, after) by column, that differs. Return whether any does."""
        different = {name: pair for name, pair in values.items() if pair[0] != pair[1]}
        for name, (before, after) in different.items():
            self.changes.append(Change(row, str(code), str(LABELS[name]), before, after, is_earlier))
        return bool(different)


def parse_date(text):
    """Return the date in a text, or None. Spreadsheets may add a time of midnight."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d( 00:00:00)?", text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def is_withdrawn(text):
    """Return whether the status in a file says that the deliverable was withdrawn, in any language."""
    return text.lower() in withdrawn_texts()


@cache
def withdrawn_texts():
    return {WITHDRAWN, *labels_in_all_languages(gettext_lazy("Withdrawn"))}


def day_of(lines):
    """Return the date of a file of ours, if all its lines have the same, else None. Lines that were added have none."""
    days = {line["as_of"] for _row, line in lines if line.get("as_of")}
    return parse_date(days.pop()) if len(days) == 1 else None


def date_error(text):
    if not text:
        return _("The date is missing. Write it as year-month-day, such as 2019-12-31.")
    return not_a_date(text)
