"""The preview of an import: its changes cell by cell, and the problems that prevent it from being applied."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from deliverables.status import Reason, Status
from plans.codes import Code
from plans.common.dates import not_a_date
from plans.models import Plan
from plans.translations import labels_in_all_languages
from reports.files.fields import COLUMNS, WITHDRAWN

RESPONSIBLE = "responsible"  # an e-mail address: imported, but never exported, since exports are public
LABELS = {column.name: column.label for column in COLUMNS} | {RESPONSIBLE: gettext_lazy("Responsible (e-mail)")}


@dataclass(frozen=True)
class Change:
    """A cell that changes something, with the texts before and after, or a part that is added.

    `row` is its row in the file, `title` the text of the part, `column` the label of the column or what is added.
    """

    row: object
    code: str
    title: str
    column: str
    before: str
    after: str
    is_earlier: bool = False  # is added to the history only: a later update decides the current status


@dataclass(frozen=True)
class Problem:
    """A problem that prevents the import, with its row and column."""

    row: object
    column: str
    text: str


@dataclass(frozen=True)
class JoinedProblem:
    """The same problem in several rows. `rows` names the first of them, `number` says how many there are."""

    rows: str
    number: int
    column: str
    text: str


@dataclass
class ImportPreview:
    """The result of reading a table, for a plan as it was read before that.

    `steps` are applied together, unless there are any `problems`. `left_out` and `remarks` are sentences about the
    file, `total` is its number of rows.
    """

    plan: Plan
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    steps: list = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    total: int = 0
    added: set[Code] = field(default_factory=set)
    statuses: int = 0
    needs_decision: bool = False
    rows_by_code: dict[Code, object] = field(default_factory=dict)
    refused_rows: set = field(default_factory=set)

    @property
    def rows_earlier(self):
        return len({change.row for change in self.changes if change.is_earlier})

    @property
    def rows_changed(self):
        return len({change.row for change in self.changes})

    @property
    def unchanged(self):
        return self.total - self.rows_changed

    @property
    def counts(self):
        """Return how many deliverables are added, how many other rows change, how many do not, how many statuses."""
        added = {self.rows_by_code[code] for code in self.added}
        changed = self.rows_changed - len(added)
        return {"added": len(added), "changed": changed, "unchanged": self.unchanged, "statuses": self.statuses}

    @property
    def joined_problems(self):
        """Return the problems, those of one column and text joined, by their first row."""
        rows = {}
        for problem in sorted(self.problems, key=lambda problem: problem.row):
            rows.setdefault((problem.column, problem.text), []).append(problem.row)
        return [JoinedProblem(row_list(found), len(found), *what) for what, found in rows.items()]

    def refuse(self, row, column, text):
        self.refused_rows.add(row)
        self.problems.append(Problem(row, str(LABELS.get(column, column)), str(text)))

    def compare(self, row, code, title, values, *, is_earlier=False):
        """Add a change for each of `values`, (before, after) by column, that differs. Return whether any does."""
        different = {name: pair for name, pair in values.items() if pair[0] != pair[1]}
        for name, pair in different.items():
            before, after = (display(name, text) for text in pair)
            self.changes.append(Change(row, str(code), title, str(LABELS[name]), before, after, is_earlier))
        return bool(different)

    def add(self, row, code, title, what, values):
        """Add the change that adds a part, or a deliverable's first status, with its texts by column."""
        texts = [display(name, text) for name, text in values.items() if text and text != title]
        self.changes.append(Change(row, str(code), title, str(what), "", " · ".join(texts)))


def display(name, text):
    """Return the text of a cell as people read it: the label of a status or reason."""
    for column, choices in (("status", Status), ("reason", Reason)):
        if name == column and text in choices.values:
            return str(choices(text).label)
    return text


MAX_ROWS_NAMED = 5


def row_list(rows):
    """Return rows or cells as text: the first few, and how many more there are."""
    text = ", ".join(map(str, rows[:MAX_ROWS_NAMED]))
    more = len(rows) - MAX_ROWS_NAMED
    return text if more <= 0 else _("%(rows)s and %(number)d more") % {"rows": text, "number": more}


def named_rows(rows):
    """Return rows as text that says that they are rows, not how many: “rows 5, 6”."""
    return ngettext("row %(rows)s", "rows %(rows)s", len(rows)) % {"rows": row_list(rows)} if rows else ""


@cache
def texts_of_choices(choices):
    """Return the choice by each text that stands for it: its value, or its label in any language, in lower case."""
    return {text: choice for choice in choices for text in (choice.value, *labels_in_all_languages(choice.label))}


def parse_choice(choices, text):
    """Return the choice with this value, or with this label in any language; None if there is none. Case is ignored."""
    return texts_of_choices(choices).get(text.lower())


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
