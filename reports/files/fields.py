"""The columns of the report's tables: CSV takes name and value, XLSX label and display text, the data page all.

Imports recognise a column by its name and by its label in every language. A new name or label would refuse files that
people have exported before.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from deliverables.status import Reason
from reports.figures.summary import Row


@dataclass(frozen=True)
class Column:
    """A column. `value` is for programs, `display` for people if that differs, `width` in characters."""

    name: str
    label: str
    meaning: str
    width: int
    value: Callable[[Row], object]
    display: Callable[[Row], object] | None = None

    def text(self, row):
        value = self.value(row)
        return "" if value is None else str(value)

    def display_text(self, row):
        value = (self.display or self.value)(row)
        return "" if value is None else str(value)


WITHDRAWN = "withdrawn"  # instead of the status, which is not included in the totals
UNOFFICIAL = "unofficial"

COLUMNS = [
    Column("code", _("Code"), _("The deliverable's code, such as L2M10D1: unique in the plan."),
           10, lambda row: row.code),
    Column("action_line", _("Action line"), _("The code of its action line, such as L2."),
           12, lambda row: row.code.in_line),
    Column("measure", _("Measure"), _("The code of its measure, such as L2M10."),
           10, lambda row: row.code.in_measure),
    Column("measure_statement", _("Measure in words"), _("What the measure is to achieve."),
           60, lambda row: row.statement),
    Column("title", _("Deliverable"), _("What is to be delivered."),
           60, lambda row: row.title),
    Column("status", _("Status"), _("attained, in_progress, not_developed, or no_status without a status update."
           " withdrawn if a decision withdrew it: it is not included in the totals."),
           15, lambda row: WITHDRAWN if row.withdrawn_on else row.status.value,
           lambda row: _("Withdrawn") if row.withdrawn_on else row.status.label),
    Column("effective_on", _("Confirmed"),
           _("The last day for which the status was reported; empty without a status update."),
           14, lambda row: row.effective_on),
    Column("reason", _("Reason"),
           format_lazy(_("Only with not_developed: one of {reasons}."), reasons=", ".join(Reason.values)),
           18, lambda row: row.reason, lambda row: row.reason and row.reason.label),
    Column("due_on", _("Due on"), _("The due date; empty if none is set."),
           14, lambda row: row.due_on),
    Column("evidence_title", _("Evidence"), _("The titles of the evidence, one a line; - for a piece that has none."),
           36, lambda row: row.evidence_titles),
    Column("evidence_link", _("Evidence link"),
           _("The web addresses of the evidence, each on the line of its title."),
           40, lambda row: row.evidence_links),
    Column("note", _("Note"), _("The note of the status update."),
           60, lambda row: row.note),
    Column("action_line_title", _("Action line in words"), _("The title of its action line."),
           40, lambda row: row.line_title),
    Column("themes", _("Themes"), _("The themes of its measure, separated by semicolons."),
           20, lambda row: "; ".join(row.themes)),
    Column("language", _("Language"), _("The language of the deliverable's title: en if it is not translated."),
           10, lambda row: row.language),
    Column("since", _("Since"),
           _("The day on which the status began; empty without a status update."),
           14, lambda row: row.since),
    Column("next_step", _("Next step"), _("What happens next; only of what is not attained."),
           40, lambda row: row.next_step),
    Column("expected_on", _("Expected on"), _("The day by which it is expected, as last reported."),
           14, lambda row: row.expected_on),
    Column("achieved", _("Achieved"), _("How many of the target there are, as last reported."),
           10, lambda row: row.achieved),
    Column("target", _("Target"), _("How many there are to be; empty without a target."),
           10, lambda row: row.target and row.target.number),
    Column("target_unit", _("Unit"), _("What the target counts, such as pilot projects."),
           20, lambda row: row.target and row.target.unit),
    Column("translation", _("Translation"),
           _("unofficial if a text of the plan in this row was translated for this tracker and the secretariat has not"
             " confirmed it; otherwise empty."),
           14, lambda row: UNOFFICIAL if row.is_unofficial else "",
           lambda row: _("Unofficial") if row.is_unofficial else ""),
    Column("measure_name", _("Short name of the measure"), _("What lists call the measure; empty if it has"
            " no short name. The JSON says for each"
           " whether it is the tracker's own; the statements are the organisation's."),
           30, lambda row: row.measure_name),
    Column("continues", _("Continues"), _("The deliverable of an earlier plan that this one carries on: the plan's"
           " address and the code, such as 2018-2020 L2M1D2; empty if there is none."),
           22, lambda row: row.continues),
    Column("regions", _("Regions"), _("The regions that report on it, separated by semicolons; empty if it concerns the"
           " whole network."),
           30, lambda row: "; ".join(row.regions)),
]  # fmt: skip

COLUMN_LABELS = {column.name: column.label for column in COLUMNS}
FORMER_LABELS = {"effective_on": _("Effective on")}  # in files exported before release 1.3

ORIGIN = {
    "as_of": _("The date that the file shows, the same in every row."),
    "history_head": _("The digest of the last entry of the history that the file was made from."),
    "edition": _("The number of the edition; empty if the file is not a published edition."),
    "edition_link": _("The address of the edition's page."),
}


ORIGIN_LABELS = {
    "as_of": _("As of"),
    "history_head": _("Last hash of the history"),
    "edition": _("Edition"),
    "edition_link": _("Address of the edition"),
}


def origin(summary, publication):
    """Return the last columns of a table, which say where the file comes from, by the names of `ORIGIN`."""
    number, link = (publication.number, publication.link) if publication else ("", "")
    values = [summary.as_of, summary.plan.history_head, number, link]
    return {name: str(value) for name, value in zip(ORIGIN, values, strict=True)}
