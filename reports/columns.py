"""The columns of a row, once for all tables: CSV takes the names and values, XLSX the labels and words."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from reports.summary import Row


@dataclass(frozen=True)
class Column:
    """`value` gives the text for programs; `words` the text for people, where that differs. `width` in characters."""

    name: str
    label: str
    width: int
    value: Callable[[Row], object]
    words: Callable[[Row], object] | None = None

    def text(self, row):
        value = self.value(row)
        return "" if value is None else str(value)

    def in_words(self, row):
        value = (self.words or self.value)(row)
        return "" if value is None else str(value)


COLUMNS = [
    Column("code", _("Code"), 10, lambda row: row.code),
    Column("action_line", _("Action line"), 12, lambda row: row.code.in_line),
    Column("measure", _("Measure"), 10, lambda row: row.code.in_measure),
    Column("measure_statement", _("Measure in words"), 60, lambda row: row.statement),
    Column("title", _("Deliverable"), 60, lambda row: row.title),
    Column("status", _("Status"), 15, lambda row: row.status.value, lambda row: row.status.label),
    Column("effective_on", _("Effective on"), 14, lambda row: row.effective_on),
    Column("reason", _("Reason"), 18, lambda row: row.reason, lambda row: row.reason and row.reason.label),
    Column("evidence_title", _("Evidence"), 36, lambda row: row.evidence_title),
    Column("evidence_link", _("Evidence link"), 40, lambda row: row.evidence_link),
    Column("note", _("Note"), 60, lambda row: row.note),
]  # fmt: skip
