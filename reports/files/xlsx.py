"""Write the report as a workbook: figures with formulas, a chart, the deliverables and the history as tables."""

import io
import re
from datetime import UTC, date, datetime, time

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from xlsxwriter import Workbook

from deliverables.models import StatusUpdate, join_lines
from deliverables.status import Status
from plans.common.text import printable
from reports.files.fields import COLUMNS, ORIGIN_LABELS, origin
from reports.files.palette import colours, hue
from reports.files.sentences import (
    cover_lines,
    history_sentence,
    missing_sentences,
    opening_lines,
    report_title,
)

WORKBOOK_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
MAX_CELL_LENGTH = 32_767  # characters, a limit of Excel
# xlsxwriter takes a text from `<r>` to `</r>` for its own XML, and misses escapes that share an underscore, such as
# `_x0041_x0042_`, which programs read as letters. Texts with either are cut here, and written in pieces.
MISREAD = re.compile("(?<=\\A<)(?=r>)|(?<=_)(?=x[0-9A-Fa-f]{4}_)")
ROWS_TABLE = "Deliverables"
FIRST_COUNT = 2  # the column of the first status on the figures sheet, after code and title
HISTORY = [
    (gettext_lazy("Entry"), 8, lambda update: update.sequence),
    (gettext_lazy("Recorded at (UTC)"), 20, lambda update: update.recorded_at.astimezone(UTC).replace(tzinfo=None)),
    (gettext_lazy("Code"), 10, lambda update: str(update.deliverable.code)),
    (gettext_lazy("Status"), 15, lambda update: update.status.label),
    (gettext_lazy("Status before"), 15, lambda update: update.status_before.label),
    (gettext_lazy("True since"), 14, lambda update: update.effective_on),
    (gettext_lazy("Reason"), 18, lambda update: update.get_reason_display()),
    (gettext_lazy("Evidence"), 36, lambda update: join_lines(piece.title for piece in update.evidence)),
    (gettext_lazy("Evidence link"), 40, lambda update: join_lines(piece.url for piece in update.evidence)),
    (gettext_lazy("Note"), 60, lambda update: update.note),
    (gettext_lazy("Achieved"), 10, lambda update: "" if update.achieved is None else update.achieved),
    (gettext_lazy("Next step"), 40, lambda update: update.next_step),
    (gettext_lazy("Expected on"), 14, lambda update: update.expected_on or ""),
    (gettext_lazy("Corrects entry"), 10, lambda update: update.corrects.sequence if update.corrects else ""),
    (gettext_lazy("Corrected by entry"), 10, lambda update: update.correction.sequence if update.is_corrected else ""),
    (gettext_lazy("Taken down"), 30, lambda update: "\n".join(map(str, update.takedown_sentences))),
    (pgettext_lazy("of an entry", "Digest"), 66, lambda update: update.digest),
]


def write_xlsx(summary, publication=None):
    """Return the workbook as bytes. Whatever people entered stays text and never becomes a formula or a link."""
    file = io.BytesIO()
    with Workbook(file, WORKBOOK_OPTIONS) as book:
        book.set_properties({
            "title": printable(f"{summary.localized_title}: {report_title(summary, publication)}"),
            "subject": f"{summary.plan.name}, {summary.as_of}",
            "author": summary.plan.organisation.name,
            "comments": " ".join([*cover_lines(summary, publication), history_sentence(summary.plan)]),
            "created": datetime.combine(summary.as_of, time(), UTC),
        })  # fmt: skip
        add_figures(book, summary, publication)
        add_table(book, _("Deliverables"), ROWS_TABLE, *deliverables_table(summary, publication))
        add_table(book, _("History"), "History", *history_table(summary))

    return file.getvalue()


def add_figures(book, summary, publication):
    """Add the first sheet: introduction, counts of each action line and of the plan as formulas, and their chart."""
    sheet = book.add_worksheet(_("Summary"))
    bold, title = book.add_format({"bold": True}), book.add_format({"bold": True, "font_size": 16})
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 72)
    sheet.set_column(FIRST_COUNT, FIRST_COUNT + len(Status), 15)
    fit_to_page_width(sheet)

    texts = summary.plan.translated_texts()
    write_text(book, sheet, 0, 0, texts.get(summary.plan.title), title)
    for row, text in enumerate(introduction(summary, publication), start=1):
        write_text(book, sheet, row, 0, text)

    head = row + 2
    sheet.write_row(head, 0, [_("Code"), _("Action line")], header_format(book))
    sheet.write_row(head, FIRST_COUNT, [*status_labels(), _("Total")], header_format(book, align="right"))
    for row, line in enumerate(summary.lines, start=head + 1):
        sheet.write_string(row, 0, str(line.code))
        write_text(book, sheet, row, 1, texts.get(line.title))
        in_line = f"{column_reference('action_line')},$A{row + 1},"
        write_counts(sheet, row, line.counts, count_formula(summary, head, in_line))

    total = head + len(summary.lines) + 1
    sheet.write_string(total, 1, _("The whole plan"), bold)
    write_counts(sheet, total, summary.counts, count_formula(summary, head), style=bold)

    if summary.lines:
        chart = status_chart(book, sheet.get_name(), head, total - 1)
        sheet.insert_chart(total + 2, 0, chart, {"description": str(summary.counts)})


def introduction(summary, publication):
    """Return the lines above the figures: what this document is, its date, and what is missing."""
    headline = f"{summary.localized_headline} {summary.counts}.".strip()
    return [*opening_lines(summary, publication, headline), *missing_sentences(summary, publication)]


def count_formula(summary, head, in_line=""):
    """Return the formula that counts a status in the table of deliverables, with `{letter}` for the status' column.

    Return an empty text with filters: the table then holds only some of the deliverables, so the counts of the whole
    plan are plain numbers.
    """
    if not summary.selection.is_all:
        return ""
    return f"=COUNTIFS({in_line}{column_reference('status')},{{letter}}${head + 1})"


def write_counts(sheet, row, counts, formula, style=None):
    """Write a row of counts, each as a formula where there is one, and their total."""
    letters = "ABCDEFGHIJ"[FIRST_COUNT:]
    for index, value in enumerate(counts.by_status.values()):
        column = FIRST_COUNT + index
        if formula:
            sheet.write_formula(row, column, formula.format(letter=letters[index]), style, value)
        else:
            sheet.write_number(row, column, value, style)

    first, last = letters[0], letters[len(Status) - 1]
    sheet.write_formula(row, FIRST_COUNT + len(Status), f"=SUM({first}{row + 1}:{last}{row + 1})", style, counts.total)


def column_reference(name):
    """Return the reference of a column of the deliverables in a formula."""
    return f"{ROWS_TABLE}[{next(column.label for column in COLUMNS if column.name == name)}]"


def status_labels():
    return [str(status.label) for status in Status]


def status_chart(book, sheet, head, last):
    """Return the stacked bar chart of the counts in the rows after `head` up to `last`."""
    chart = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for column, status in enumerate(Status, start=FIRST_COUNT):
        chart.add_series({
            "name": [sheet, head, column],
            "categories": [sheet, head + 1, 1, last, 1],
            "values": [sheet, head + 1, column, last, column],
            "fill": {"color": hue(status)},
            "gap": 60,
        })  # fmt: skip
    chart.set_title({"name": _("Status by action line"), "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "0%", "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 920, "height": 130 + 60 * (last - head)})
    return chart


def deliverables_table(summary, publication):
    """Return the headers of the deliverables with their widths, and a line of values each.

    The last columns say where the table comes from: an import needs to know its day.
    """
    source = list(origin(summary, publication).values())
    heads = [(column.label, column.width) for column in COLUMNS]
    heads += [(label, 14) for label in ORIGIN_LABELS.values()]
    rows = [row.translated(summary.plan.translated_texts()) for row in summary.listed_rows]
    return heads, [[*(cell_value(column, row) for column in COLUMNS), *source] for row in rows]


def cell_value(column, row):
    value = column.value(row)
    return value if isinstance(value, date | int) else column.display_text(row)


def history_table(summary):
    """Return headers and lines of the history: the updates of the listed deliverables up to the day, newest first."""
    updates = StatusUpdate.objects.for_feed(summary.plan, summary.as_of).with_evidence().with_takedowns()
    shown = [update for update in updates if update.deliverable.code in summary.selection]
    heads = [(label, width) for label, width, _value in HISTORY]
    return heads, [[value(update) for _label, _width, value in HISTORY] for update in shown]


def add_table(book, title, name, heads, lines):
    """Add a sheet with one table. It has filters, and its header stays visible on screen and on every printed page."""
    sheet = book.add_worksheet(title)
    header, wrap = header_format(book), book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top", "align": "left"})

    sheet.freeze_panes(1, 1)
    fit_to_page_width(sheet)
    sheet.repeat_rows(0)
    columns = [{"header": str(label), "header_format": header} for label, _width in heads]
    sheet.add_table(0, 0, max(len(lines), 1), len(heads) - 1, {"name": name, "columns": columns})
    for column, (_label, width) in enumerate(heads):
        sheet.set_column(column, column, width, wrap)

    for row, line in enumerate(lines, start=1):
        for column, value in enumerate(line):
            if isinstance(value, date):
                sheet.write_datetime(row, column, value, moment if isinstance(value, datetime) else day)
            elif isinstance(value, int):
                sheet.write_number(row, column, value, wrap)
            else:
                write_text(book, sheet, row, column, str(value), wrap)


def write_text(book, sheet, row, column, text, style=None):
    """Write a text into a cell as it is: never as a formula, a link, a number or XML."""
    first, *others = MISREAD.split(printable(text)[:MAX_CELL_LENGTH])
    if not others:
        sheet.write_string(row, column, first, style)
    else:
        plain = book.add_format()
        pieces = [first, *(part for piece in others for part in (plain, piece))]
        sheet.write_rich_string(row, column, *pieces, style or plain)


def fit_to_page_width(sheet):
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def header_format(book, **more):
    colour = {"font_color": colours()["accent-ink"], "bg_color": colours()["accent"]}
    look = {"bold": True, "valign": "top", "text_wrap": True} | colour
    return book.add_format(look | more)
