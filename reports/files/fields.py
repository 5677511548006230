"""The columns of a row, once for all tables: CSV takes names and values, XLSX labels and words, the data page all."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from reports.figures.summary import Row


@dataclass(frozen=True)
class Column:
    """`value` gives the text for programs; `words` the text for people, where that differs. `width` in characters."""

    name: str
    label: str
    meaning: str
    width: int
    value: Callable[[Row], object]
    words: Callable[[Row], object] | None = None

    def text(self, row):
        value = self.value(row)
        return "" if value is None else str(value)

    def in_words(self, row):
        value = (self.words or self.value)(row)
        return "" if value is None else str(value)


WITHDRAWN = "withdrawn"  # in the place of a status: no status of it counts

COLUMNS = [
    Column("code", _("Code"), _("The deliverable's code, such as L2M10D1: unique in the plan."),
           10, lambda row: row.code),
    Column("action_line", _("Action line"), _("The code of its action line, such as L2."),
           12, lambda row: row.code.in_line),
    Column("measure", _("Measure"), _("The code of its measure, such as L2M10."),
           10, lambda row: row.code.in_measure),
    Column("measure_statement", _("Measure in words"), _("What the measure says is to be true at the end."),
           60, lambda row: row.statement),
    Column("title", _("Deliverable"), _("What is to be delivered."),
           60, lambda row: row.title),
    Column("status", _("Status"), _("attained, in_progress, not_developed, or no_status where nobody has reported;"
           " withdrawn for what a decision took back, which counts in no figure."),
           15, lambda row: WITHDRAWN if row.withdrawn_on else row.status.value,
           lambda row: _("Withdrawn") if row.withdrawn_on else row.status.label),
    Column("effective_on", _("Effective on"), _("The day since when the status is true; empty without a report."),
           14, lambda row: row.effective_on),
    Column("reason", _("Reason"), _("Only with not_developed: not_started, postponed, no_resources, outside_control,"
           " given_up or not_stated."), 18, lambda row: row.reason, lambda row: row.reason and row.reason.label),
    Column("due_on", _("Due on"), _("The day it is due; empty where none was set."),
           14, lambda row: row.due_on),
    Column("evidence_title", _("Evidence"), _("What shows that it is so."),
           36, lambda row: row.evidence_title),
    Column("evidence_link", _("Evidence link"), _("The web address of the evidence."),
           40, lambda row: row.evidence_link),
    Column("note", _("Note"), _("What was reported, in the reporter's words."),
           60, lambda row: row.note),
    Column("action_line_title", _("Action line in words"), _("The title of its action line."),
           40, lambda row: row.line_title),
    Column("themes", _("Themes"), _("The themes of its measure, with semicolons between."),
           20, lambda row: "; ".join(row.themes)),
    Column("language", _("Language"), _("The language of the deliverable's title: en where it is not translated."),
           10, lambda row: row.language),
]  # fmt: skip

ORIGIN = {
    "as_of": _("The day the file shows, the same on every line."),
    "history_head": _("The digest of the last entry of the history that the file was made from."),
    "edition": _("The number of the published edition; empty in a file that is not one."),
    "edition_link": _("The address of the edition's page."),
}


def origin(summary, publication):
    """Where a file comes from, as the last columns of its table: a text for each name of `ORIGIN`."""
    number, link = (publication.number, publication.link) if publication else ("", "")
    values = [summary.as_of, summary.plan.history_head, number, link]
    return {name: str(value) for name, value in zip(ORIGIN, values, strict=True)}
