"""A workbook to be filled in: the statuses of deliverables, with drop-down lists, that an import reads back.

Each cell holds what is stored, so that a file that nobody changed changes nothing. What identifies a row is locked. The
sheet has no password: the lock keeps people from slips, and the import checks everything.
"""

import io
from datetime import UTC, date, datetime, time

from django.conf import settings
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from deliverables.models import MAX_EVIDENCE
from deliverables.models.status_update import MAX_QUANTITY
from deliverables.status import Reason, Status
from plans.common.dates import date_format
from plans.common.text import printable, weight
from plans.translations import colon
from reports.files.fields import COLUMNS, ORIGIN_LABELS, origin
from reports.files.palette import colours
from reports.files.xlsx import WORKBOOK_OPTIONS, cell_value, fit_to_page_width, header_format, write_text

WIDTHS = {"code": 10, "title": 44, "status": 16, "effective_on": 13, "reason": 18, "achieved": 10, "target": 9}
WIDTHS |= {"target_unit": 16, "note": 46, "next_step": 34, "expected_on": 13, "evidence_title": 32, "evidence_link": 34}
LOCKED = ("code", "title", "target", "target_unit")
QUANTITY = ("achieved", "target", "target_unit")  # left out where no deliverable has a target
SOURCE = ("as_of", "history_head")  # by which an import notices what was recorded after the file was made
DAY_FORMAT, TEXT_FORMAT = "yyyy-mm-dd", "@"  # as a text, “1/2” stays what it is
MAX_LENGTHS = {
    "note": 5000,
    "next_step": 500,
    "evidence_title": 300 * MAX_EVIDENCE,
    "evidence_link": 1000 * MAX_EVIDENCE,
}
LINE_HEIGHT, MAX_HEIGHT, A3 = 15, 300, 8
ALLOWED = {"format_columns": True, "format_rows": True, "autofilter": True}  # to widen a column is no change


def write_to_fill_in(summary, rows, name):
    """Return the workbook as bytes. `rows` are those of the summary to be reported on, `name` says of what."""
    file, plan = io.BytesIO(), summary.plan
    title = printable(f"{summary.localized_title}{colon()}{name}")
    with Workbook(file, WORKBOOK_OPTIONS) as book:
        created = datetime.combine(summary.as_of, time(), UTC)
        book.set_properties({"title": title, "author": plan.organisation.name, "created": created})
        add_sheet(book, summary, [row.translated(plan.translated_texts()) for row in rows])
        add_instructions(book, summary, title)
    return file.getvalue()


def columns_for(rows):
    """Return the columns of the file, in the order in which they are filled in."""
    by_name = {column.name: column for column in COLUMNS}
    has_targets = any(row.target for row in rows)
    return [by_name[name] for name in WIDTHS if has_targets or name not in QUANTITY]


def add_sheet(book, summary, rows):
    """Add the sheet that is filled in, one row for each deliverable."""
    sheet, columns = book.add_worksheet(_("Deliverables")), columns_for(rows)
    heads = [str(column.label) for column in columns] + [str(ORIGIN_LABELS[name]) for name in SOURCE]
    widths = [WIDTHS[column.name] for column in columns] + [12, 14]
    for number, (head, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.set_column(number, number, width)
        write_text(book, sheet, 0, number, head, header_format(book))

    write_rows(book, sheet, columns, rows, [origin(summary, None)[name] for name in SOURCE])
    for number, column in enumerate(columns):
        if rows and (rule := rule_for(column.name, summary.plan)):
            sheet.data_validation(1, number, len(rows), number, rule)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, len(rows), len(heads) - 1)
    sheet.protect("", ALLOWED)
    fit_to_page_width(sheet)
    sheet.set_paper(A3)
    sheet.print_area(0, 0, len(rows), len(columns) - 1)
    sheet.repeat_rows(0)


def write_rows(book, sheet, columns, rows, source):
    """Write what is stored into the cells. Those to be filled in are unlocked and white, the others grey."""
    look = {"valign": "top", "align": "left", "border": 1, "border_color": colours()["rule"]}
    locked = book.add_format(look | {"text_wrap": True, "bg_color": colours()["band"]})
    origin_format = book.add_format(look | {"bg_color": colours()["band"], "font_color": colours()["ink-soft"]})
    unlocked = {
        number_format: book.add_format(look | {"text_wrap": True, "locked": False, "num_format": number_format})
        for number_format in (DAY_FORMAT, TEXT_FORMAT, "0")
    }
    for line, row in enumerate(rows, start=1):
        values = [cell_value(column, row) for column in columns]
        sheet.set_row(line, height_of(columns, values))
        for number, (column, value) in enumerate(zip(columns, values, strict=True)):
            is_locked = column.name in LOCKED or (column.name == "achieved" and not row.target)
            style = locked if is_locked else unlocked[number_format_of(column.name)]
            write_cell(book, sheet, line, number, value, style)
        for number, text in enumerate(source, start=len(columns)):
            write_text(book, sheet, line, number, text, origin_format)


def height_of(columns, values):
    """Return the height of a row in points: programs differ in whether they find it for wrapped texts."""
    lines = [
        sum(-(-weight(line) // WIDTHS[column.name]) or 1 for line in str(value or "").split("\n"))
        for column, value in zip(columns, values, strict=True)
    ]
    return min(LINE_HEIGHT * max(lines) + 3, MAX_HEIGHT)


def number_format_of(name):
    return DAY_FORMAT if name.endswith("_on") else "0" if name == "achieved" else TEXT_FORMAT


def write_cell(book, sheet, row, column, value, style):
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    elif isinstance(value, int):
        sheet.write_number(row, column, value, style)
    elif value:
        write_text(book, sheet, row, column, str(value), style)
    else:
        sheet.write_blank(row, column, None, style)


def rule_for(name, plan):
    """Return what the cells of a column take, with a sentence for what they refuse; None for a locked column."""
    if choices := {"status": Status, "reason": Reason}.get(name):
        refusal = _("Choose one from the list.")
        return {"validate": "list", "source": [str(choice.label) for choice in choices]} | refused(refusal)
    if name.endswith("_on"):
        refusal = _("Enter a day, such as 2026-11-30, on which the plan had begun.")
        return {"validate": "date", "criteria": ">=", "value": plan.starts_on} | refused(refusal)
    if name == "achieved":
        refusal = _("Enter a whole number, such as 6: how many there are by now, of the whole target.")
        return {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": MAX_QUANTITY} | refused(refusal)
    if most := MAX_LENGTHS.get(name):
        refusal = _("This text is too long: a cell of this column takes %d characters.") % most
        return {"validate": "length", "criteria": "<=", "value": most} | refused(refusal)
    return None


def refused(sentence):
    return {"error_title": _("Not possible"), "error_message": sentence}


def add_instructions(book, summary, title):
    """Add the second sheet: how to fill in the first one."""
    sheet = book.add_worksheet(_("How to fill this in"))
    sheet.set_column(0, 0, 100)
    fit_to_page_width(sheet)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    write_text(book, sheet, 0, 0, title, book.add_format({"bold": True, "font_size": 14, "text_wrap": True}))
    for number, sentence in enumerate(instructions(summary), start=1):
        write_text(book, sheet, number, 0, sentence, wrapped)


def instructions(summary):
    """Return the sentences of the second sheet."""
    confirmed = next(column.label for column in COLUMNS if column.name == "effective_on")
    return [
        _("Status as of %s.") % date_format(summary.as_of),
        _("Fill in the white cells. The grey ones are locked: codes, titles and targets stay as they are."),
        _("Leave a row as it is if nothing has changed: then nothing is recorded."),
        _("If something has changed, choose the status, and enter under “%s” the day on which it was so.") % confirmed,
        _("“Attained” needs evidence, or a note that says where it can be seen. “Not developed” needs a reason."),
        _("Several pieces of evidence: each on a line of its cell (Alt+Enter), its link on the same line, at most %d.")
        % MAX_EVIDENCE,
        _("Do not rename the columns. They can be made wider."),
        _("The Secretariat uploads the file under “Import a spreadsheet”, and sees what would change before it is"
          " recorded."),
        settings.SITE_URL + summary.plan.get_absolute_url(),
    ]  # fmt: skip
