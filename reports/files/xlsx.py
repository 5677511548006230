"""The summary as a workbook: figures that count the rows, a chart of them, the rows as a real table, the history."""

import io
from datetime import UTC, date, datetime, time

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from xlsxwriter import Workbook

from deliverables.models import StatusUpdate
from deliverables.status import Status
from plans.common.dates import date_format
from plans.common.text import printable
from reports.files.context import (
    address_of_tracker,
    cover_lines,
    fallback_sentence,
    history_sentence,
    kind_of,
    missing_sentences,
    selection_sentence,
)
from reports.files.fields import COLUMNS

# The hues of static/css/foundation.css in light, for a format that cannot read them there.
FILLS = {
    Status.ATTAINED: "#0B7455",
    Status.IN_PROGRESS: "#C98A1B",
    Status.NOT_DEVELOPED: "#B3263C",
    Status.NO_STATUS: "#8A919A",
}
MOST_IN_A_CELL = 32_767  # characters; Excel takes no more
ROWS_TABLE = "Deliverables"
FIRST_COUNT = 2  # the column of the first status on the figures sheet, after code and title
HISTORY = [
    (gettext_lazy("Entry"), 8, lambda update: update.sequence),
    (gettext_lazy("Recorded at (UTC)"), 20, lambda update: update.recorded_at.astimezone(UTC).replace(tzinfo=None)),
    (gettext_lazy("Code"), 10, lambda update: str(update.deliverable.code)),
    (gettext_lazy("Status"), 15, lambda update: update.status.label),
    (gettext_lazy("Status before"), 15, lambda update: update.previous_status.label),
    (gettext_lazy("Effective on"), 14, lambda update: update.effective_on),
    (gettext_lazy("Reason"), 18, lambda update: update.get_reason_display()),
    (gettext_lazy("Evidence"), 36, lambda update: update.evidence_title),
    (gettext_lazy("Evidence link"), 40, lambda update: update.evidence_link),
    (gettext_lazy("Note"), 60, lambda update: update.note),
    (gettext_lazy("Corrects entry"), 10, lambda update: update.corrects.sequence if update.corrects else ""),
    (gettext_lazy("Corrected by entry"), 10, lambda update: update.correction.sequence if update.is_corrected else ""),
    (pgettext_lazy("of an entry", "Digest"), 66, lambda update: update.digest),
]


def write_xlsx(summary, publication=None):
    """The workbook's bytes. Text is always text: nothing typed by a person is taken for a formula or a link."""
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(file, options) as book:
        book.set_properties({
            "title": printable(f"{summary.localized_title}: {kind_of(summary, publication)}"),
            "subject": f"{summary.plan.name}, {summary.as_of}",
            "author": summary.plan.organisation.name,
            "comments": " ".join([*cover_lines(summary, publication), history_sentence(summary.plan)]),
            "created": datetime.combine(summary.as_of, time(), UTC),
        })  # fmt: skip
        add_figures(book, summary, publication)
        add_table(book, _("Deliverables"), ROWS_TABLE, *rows_of(summary))
        add_table(book, _("History"), "History", *history_of(summary))
    return file.getvalue()


def add_figures(book, summary, publication):
    """The headline, the counts of each action line and of the plan as formulas over the rows, a stacked bar of them."""
    sheet = book.add_worksheet(_("Summary"))
    bold, title = book.add_format({"bold": True}), book.add_format({"bold": True, "font_size": 16})
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 72)
    sheet.set_column(FIRST_COUNT, FIRST_COUNT + len(Status), 15)
    print_on_pages_of_one_width(sheet)
    texts = summary.plan.translated_texts()
    sheet.write_string("A1", printable(texts.get(summary.plan.title)), title)
    for row, text in enumerate(introduction(summary, publication), start=1):
        sheet.write_string(row, 0, printable(text))
    head = row + 2
    sheet.write_row(head, 0, [_("Code"), _("Action line")], header_of(book))
    sheet.write_row(head, FIRST_COUNT, [*status_labels(), _("Total")], header_of(book, align="right"))
    for row, line in enumerate(summary.lines, start=head + 1):
        sheet.write_string(row, 0, str(line.code))
        sheet.write_string(row, 1, printable(texts.get(line.title)))
        write_counts(sheet, row, head, line.counts, summary, in_line=f"{column_of('action_line')},$A{row + 1},")
    total = head + len(summary.lines) + 1
    sheet.write_string(total, 1, _("The whole plan"), bold)
    write_counts(sheet, total, head, summary.counts, summary, style=bold)
    if summary.lines:
        chart = chart_of(book, sheet.get_name(), head, total - 1)
        sheet.insert_chart(total + 2, 0, chart, {"description": str(summary.counts)})


def introduction(summary, publication):
    """The lines above the figures: what this is, of which day, and what it lacks."""
    place = address_of_tracker(summary, publication)
    lines = [
        f"{kind_of(summary, publication)}. " + _("Status as of %s.") % date_format(summary.as_of),
        f"{summary.localized_headline} {summary.counts}.".strip(),
        fallback_sentence(summary),
        selection_sentence(summary),
        *cover_lines(summary, publication),
        place["url"],
        history_sentence(summary.plan),
        *missing_sentences(summary, publication),
    ]
    return [line for line in lines if line]


def write_counts(sheet, row, head, counts, summary, *, in_line="", style=None):
    """A row of counts: formulas over the rows sheet, plain numbers where that sheet holds but some of the rows."""
    letters = "ABCDEFGHIJ"[FIRST_COUNT:]
    for place, value in enumerate(counts.by_status.values()):
        column = FIRST_COUNT + place
        if summary.shown is None:
            formula = f"=COUNTIFS({in_line}{column_of('status')},{letters[place]}${head + 1})"
            sheet.write_formula(row, column, formula, style, value)
        else:
            sheet.write_number(row, column, value, style)
    first, last = letters[0], letters[len(Status) - 1]
    sheet.write_formula(row, FIRST_COUNT + len(Status), f"=SUM({first}{row + 1}:{last}{row + 1})", style, counts.total)


def column_of(name):
    """A column of the rows' table as a formula calls it."""
    return f"{ROWS_TABLE}[{next(column.label for column in COLUMNS if column.name == name)}]"


def status_labels():
    return [str(status.label) for status in Status]


def chart_of(book, sheet, head, last):
    chart = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for column, status in enumerate(Status, start=FIRST_COUNT):
        chart.add_series({
            "name": [sheet, head, column],
            "categories": [sheet, head + 1, 1, last, 1],
            "values": [sheet, head + 1, column, last, column],
            "fill": {"color": FILLS[status]},
            "gap": 60,
        })  # fmt: skip
    chart.set_title({"name": _("Where each action line stands"), "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "0%", "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 920, "height": 130 + 60 * (last - head)})
    return chart


def rows_of(summary):
    """The deliverables as a table: heads with their widths, and a line of values each."""
    heads = [(column.label, column.width) for column in COLUMNS]
    rows = [row.translated(summary.plan.translated_texts()) for row in summary.listed_rows]
    return heads, [[in_cell(column, row) for column in COLUMNS] for row in rows]


def in_cell(column, row):
    value = column.value(row)
    return value if isinstance(value, date) else column.in_words(row)


def history_of(summary):
    """Every report on the rows shown, effective by the day of the summary, newest first."""
    updates = StatusUpdate.objects.for_feed(summary.plan, summary.as_of)
    shown = [update for update in updates if summary.shown is None or update.deliverable.code in summary.shown]
    heads = [(label, width) for label, width, _value in HISTORY]
    return heads, [[value(update) for _label, _width, value in HISTORY] for update in shown]


def add_table(book, title, name, heads, lines):
    """A sheet that is one table with filters, its header frozen and repeated, each printed page as wide as it."""
    sheet = book.add_worksheet(title)
    header, wrap = header_of(book), book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top", "align": "left"})
    sheet.freeze_panes(1, 1)
    print_on_pages_of_one_width(sheet)
    sheet.repeat_rows(0)
    columns = [{"header": str(label), "header_format": header} for label, _width in heads]
    sheet.add_table(0, 0, max(len(lines), 1), len(heads) - 1, {"name": name, "columns": columns})
    for place, (_label, width) in enumerate(heads):
        sheet.set_column(place, place, width, wrap)
    for row, line in enumerate(lines, start=1):
        for place, value in enumerate(line):
            if isinstance(value, date):
                sheet.write_datetime(row, place, value, moment if isinstance(value, datetime) else day)
            elif isinstance(value, int):
                sheet.write_number(row, place, value, wrap)
            else:
                sheet.write_string(row, place, printable(str(value))[:MOST_IN_A_CELL], wrap)


def print_on_pages_of_one_width(sheet):
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def header_of(book, **more):
    look = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1D3FAE", "valign": "top", "text_wrap": True}
    return book.add_format(look | more)
