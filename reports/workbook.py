"""The summary as a workbook: a sheet of figures with a chart, and a sheet of rows as a real table."""

import io
from datetime import date

from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from deliverables.status import Status
from reports.columns import COLUMNS
from reports.text import printable

# The hues of static/css/tokens.css in light, for a format that cannot read them there.
FILLS = {
    Status.ATTAINED: "#0E7A5A",
    Status.IN_PROGRESS: "#C98A1B",
    Status.NOT_DEVELOPED: "#B3263C",
    Status.NO_STATUS: "#8A919A",
}


def write_xlsx(summary):
    """The workbook's bytes. Text is always text: nothing typed by a person is taken for a formula or a link."""
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(file, options) as book:
        book.set_properties(
            {"title": f"{summary.plan.title}: {summary.plan.name}", "author": summary.plan.organisation.name}
        )
        add_figures(book, summary)
        add_rows(book, summary)
    return file.getvalue()


def add_figures(book, summary):
    """The headline, the counts of the plan and of each action line, and a stacked bar of them."""
    sheet = book.add_worksheet(_("Summary"))
    bold, title, header = (
        book.add_format({"bold": True}),
        book.add_format({"bold": True, "font_size": 16}),
        header_of(book),
    )
    sheet.set_column(0, 0, 64)
    sheet.set_column(1, len(Status) + 1, 15)
    sheet.write_string("A1", printable(summary.plan.title), title)
    sheet.write_string("A2", printable(f"{summary.plan.name}. " + _("Status as of %s.") % summary.as_of))
    sheet.write_string("A3", printable(f"{summary.headline} {summary.counts}.".strip()))
    print_on_pages_of_one_width(sheet)
    sheet.write_row("A5", [_("Action line"), *(str(status.label) for status in Status), _("Total")], header)
    first = row = 5
    for line in summary.lines:
        sheet.write_string(row, 0, printable(f"{line.code} {line.title}"))
        sheet.write_row(row, 1, [*line.counts.by_status.values(), line.counts.total])
        row += 1
    sheet.write_string(row, 0, _("The whole plan"), bold)
    sheet.write_row(row, 1, [*summary.counts.by_status.values(), summary.counts.total], bold)
    if summary.lines:
        sheet.insert_chart(
            row + 2, 0, chart_of(book, sheet.get_name(), first, row - 1), {"description": str(summary.counts)}
        )


def chart_of(book, sheet, first, last):
    chart = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for column, status in enumerate(Status, start=1):
        chart.add_series({
            "name": [sheet, 4, column],
            "categories": [sheet, first, 0, last, 0],
            "values": [sheet, first, column, last, column],
            "fill": {"color": FILLS[status]},
            "gap": 60,
        })  # fmt: skip
    chart.set_title({"name": _("Where each action line stands"), "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "0%", "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 860, "height": 130 + 60 * (last - first + 1)})
    return chart


def add_rows(book, summary):
    """The rows sheet: a table with filters, its header frozen, each printed page as wide as the table."""
    sheet = book.add_worksheet(_("Deliverables"))
    rows, header = summary.shown_rows, header_of(book)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
    sheet.freeze_panes(1, 1)
    print_on_pages_of_one_width(sheet)
    sheet.repeat_rows(0)
    heads = [{"header": str(column.label), "header_format": header} for column in COLUMNS]
    sheet.add_table(0, 0, max(len(rows), 1), len(COLUMNS) - 1, {"name": "Deliverables", "columns": heads})
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width, wrap)
        for number, row in enumerate(rows, start=1):
            if isinstance(value := column.value(row), date):
                sheet.write_datetime(number, place, value, day)
            else:
                sheet.write_string(number, place, printable(column.in_words(row)), wrap)


def print_on_pages_of_one_width(sheet):
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def header_of(book):
    return book.add_format(
        {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1D3FAE", "valign": "top", "text_wrap": True}
    )
