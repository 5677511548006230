"""Turn a chosen table into the lines that an import previews: texts by the column names of our own files.

What was left out, filled down or understood is told as remarks, with its rows.
"""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliverables.models import EvidenceItem
from deliverables.models.status_update import is_evidence
from deliverables.status import Reason, Status
from plans.codes import Code, numbers_in
from reports.imports.mapping import cells, numbering
from reports.imports.mapping.choices import DATE_FIELDS, Content
from reports.imports.mapping.heads import CHOICES, HEADING, LEAVE_OUT, MANY, SHEET, STATUS_FIELDS
from reports.imports.mapping.outline import with_levels
from reports.imports.mapping.status_words import NO_STATUS, guess_status
from reports.imports.mapping.tables import left_out_columns
from reports.imports.preview import is_withdrawn, named_rows, parse_choice, row_list

MAX_EVIDENCE_TITLE = EvidenceItem._meta.get_field("title").max_length

NAMING = {"code", "title", "action_line", "measure"}  # what tells which deliverable a row is about


@dataclass
class Lines:
    """The lines of a table: (row, texts by column name, with the `Code` or text of `code`).

    `left_out` and `remarks` are sentences about the file, `problems` are (row, column, text).
    """

    rows: list = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problems: list = field(default_factory=list)


def mapped_lines(reading, plan):
    """Return the `Lines` of a `Reading` for a plan. A constant number of queries."""
    lines = Lines()
    rows = [(row, text_by_field(texts, reading)) for row, texts in reading.table.rows]
    add_line_names(rows, reading)
    rows = with_levels(rows, reading, lines)
    tell_left_out(lines, reading)
    tell_cells(lines, reading)

    rows = with_texts(rows, lines, reading)
    for _row, line in rows:
        tidy(line, has_decimal_point=reading.source.kind == "workbook")
    read_dates(rows, lines, reading)
    if not reading.is_ours:
        leave_out_targets(rows, lines)
    if reading.choices.content != Content.PLAN:
        read_statuses(rows, lines, reading)
    number_rows(rows, lines, reading, plan)
    if "measure_statement" not in reading.choices.fields:
        join_themes(rows)
    lines.rows = rows
    return lines


def number_rows(rows, lines, reading, plan):
    """Give the rows their codes, and tell what that filled down, and which titles speak against their codes."""
    has_codes = reading.choices.codes == numbering.FILE and "code" in reading.choices.fields
    only_statuses = reading.choices.content == Content.STATUSES
    filled, wrong, unknown = numbering.number(rows, plan, has_codes=has_codes, only_statuses=only_statuses)
    lines.problems += wrong
    if filled:
        lines.remarks.append(_("Empty lines or measures are those of the row above: %s.") % named_rows(filled))
    if unknown and not reading.is_ours:
        text = _("Titles that are none of the plan's, where the code decides: %s.")
        lines.remarks.append(text % named_rows(unknown))


def text_by_field(texts, reading):
    """Return the texts of a row by the field that each column becomes. Several notes get their heads."""
    fields, heads, line = reading.choices.fields, reading.table.heads, {}
    only_plan = reading.choices.content == Content.PLAN
    has_several = {name for name in MANY if fields.count(name) > 1}
    for name, head, text in zip(fields, heads, texts, strict=False):
        if name == LEAVE_OUT or (only_plan and name in STATUS_FIELDS and not (reading.is_ours and is_withdrawn(text))):
            continue
        if name in has_several:
            text = f"{head}: {text}" if name == "note" and text and head else text
            text = "\n".join(filter(None, [line.get(name, ""), text]))
        line[name] = text
    return line


def add_line_names(rows, reading):
    """Give each line of texts the name of its sheet, or of the heading above, as its action line."""
    if reading.choices.line_from not in (SHEET, HEADING):
        return
    names = reading.table.sheets if reading.choices.line_from == SHEET else reading.table.under
    for (_row, line), name in zip(rows, names, strict=True):
        line["action_line_title"] = name


def with_texts(rows, lines, reading):
    """Return the rows that are deliverables: those with a title, or with the code of one."""
    empty = [row for row, line in rows if not is_deliverable(line, reading)]
    if empty:
        text = ngettext("One row without a deliverable: %(rows)s.", "%(number)d rows without a deliverable: %(rows)s.",
                        len(empty))  # fmt: skip
        lines.left_out.append(text % {"number": len(empty), "rows": named_rows(empty)})
        fill_down_from(rows, empty)
    empty = set(empty)
    return [(row, line) for row, line in rows if row not in empty]


def is_deliverable(line, reading):
    """Return whether a row is one: a code of a line or measure alone is none."""
    if reading.choices.content == Content.STATUSES:
        return bool(line.get("title") or line.get("code"))
    return bool(line.get("title")) or len(numbers_in(line.get("code", "")) or ()) >= 3


def fill_down_from(rows, empty):
    """Give the line or measure that stands alone in a row to the rows below that have none."""
    above, empty = {}, set(empty)
    for row, line in rows:
        for name in ("action_line_title", "measure_statement"):
            if row in empty and line.get(name):
                above[name] = line[name]
            elif line.get(name):
                above.pop(name, None)
            elif name in above and name in line:
                line[name] = above[name]


def tidy(line, *, has_decimal_point):
    """Write links, lists, numbers and addresses as our own files have them."""
    if "evidence_link" in line and line["evidence_link"]:
        links, titles, others = cells.split_links(line["evidence_link"], line.get("evidence_title", ""))
        line["evidence_link"], line["evidence_title"] = links, titles
        if any(len(title) > MAX_EVIDENCE_TITLE for title in titles.split("\n")):
            line["evidence_title"], others = "", [titles, *others]
        if others:
            line["note"] = "\n".join(filter(None, [line.get("note", ""), *others]))
    if line.get("target"):
        line["target"], unit = cells.split_target(line["target"], has_decimal_point=has_decimal_point)
        line["target_unit"] = line.get("target_unit") or unit
    if line.get("achieved"):
        line["achieved"] = cells.whole_number(line["achieved"], has_decimal_point=has_decimal_point)
    if line.get("responsible"):
        line["responsible"] = cells.email_in(line["responsible"])


def leave_out_targets(rows, lines):
    """Leave out targets that are no whole number of something, such as “n/a” or 1.5 alone, with what is achieved.

    A few among many that are one are typing errors, which the preview tells.
    """
    given = [(row, line) for row, line in rows if line.get("target")]
    other = [(row, line) for row, line in given if not is_target(line)]
    if 2 * len(other) <= len(given):
        return
    for _row, line in other:
        line |= {"target": "", "target_unit": ""}
        line.pop("achieved", None)
    text = _("Targets that are no whole number with what it counts: %s.")
    lines.left_out.append(text % named_rows([row for row, _line in other]))


def is_target(line):
    return bool(re.fullmatch(r"[1-9]\d{0,8}", line["target"]) and line.get("target_unit"))


def read_dates(rows, lines, reading):
    """Write dates in ISO 8601. A due date that is only words, such as “ongoing”, is left out."""
    periods, words = [], {}
    for row, line in rows:
        for name in DATE_FIELDS:
            if not line.get(name):
                continue
            text = line[name]
            line[name], is_period = cells.as_date(text, month_first=reading.choices.month_first)
            if is_period:
                periods.append(row)
            elif line[name] == text and name != "effective_on" and not re.search(r"\d", text):
                words.setdefault(text, []).append(row)
                line[name] = ""
    if periods:
        text = ngettext(
            "One date is a year, a quarter or a month: its last day is taken (%(rows)s).",
            "%(number)d dates are years, quarters or months: their last days are taken (%(rows)s).",
            len(periods),
        )
        lines.remarks.append(text % {"number": len(periods), "rows": named_rows(periods)})
    for text, found in words.items():
        sentence = _("“%(text)s” is no date: %(rows)s.")
        lines.left_out.append(sentence % {"text": text[:40], "rows": named_rows(found)})


def read_statuses(rows, lines, reading):
    """Write statuses as our own files have them. Rows without a status report nothing."""
    none, notes = [], []
    for row, line in rows:
        word = line.get("status", "")
        choice = word if reading.has_no_status(word) else status_of(word, reading.choices)
        if choice in ("", NO_STATUS) and not (word and choice == ""):
            none.append(row)
            if any(line.get(name) for name in STATUS_FIELDS - {"status", "effective_on"}):
                notes.append(row)
            for name in STATUS_FIELDS:
                line.pop(name, None)
            continue
        line["status"], _colon, reason = choice.partition(":")
        line["status"] = line["status"] or word
        set_reason(line, reason)
        if not line.get("effective_on") and reading.choices.effective_on:
            line["effective_on"] = reading.choices.effective_on
        needs_note = not line.get("note") or (line["status"] == Status.ATTAINED and not has_evidence(line))
        if reading.choices.note and needs_note:
            line["note"] = "\n".join(filter(None, [line.get("note", ""), reading.choices.note]))
    if none and reading.has_statuses:
        text = ngettext("One row without a status: %(rows)s.", "%(number)d rows without a status: %(rows)s.", len(none))
        lines.remarks.append(text % {"number": len(none), "rows": named_rows(none)})
    if notes:
        text = _("Notes, links and others of rows without a status: %s.")
        lines.left_out.append(text % named_rows(notes))


def status_of(word, choices):
    """Return the choice for a word of the file: the person's, else the guess; empty for no or an unknown word."""
    if not word:
        return NO_STATUS
    return choices.statuses.get(word.casefold()) or guess_status(word) or ""


def unproven(reading):
    """Return how many rows are attained with neither evidence nor a note that stands for it."""
    rows = [text_by_field(texts, reading) for _row, texts in reading.table.rows]
    return sum(
        1
        for line in rows
        if status_of(line.get("status", ""), reading.choices) == Status.ATTAINED and not has_evidence(line)
    )


def has_evidence(line):
    return bool(line.get("evidence_link") or line.get("evidence_title") or is_evidence(line.get("note", "")))


def set_reason(line, reason):
    """Set the reason that was chosen for the word of a status. A text in the file that is none goes to the note."""
    given = line.get("reason", "")
    if line["status"] != Status.NOT_DEVELOPED or (given and parse_choice(Reason, given)):
        return
    if reason:
        line["note"] = "\n".join(filter(None, [line.get("note", ""), given]))
        line["reason"] = reason


def tell_left_out(lines, reading):
    """Name what is left out: columns, rows above the heads, totals, headings, hidden rows, other sheets."""
    table, chosen = reading.all_rows, reading.choices.sheets
    columns = left_out_columns(reading.table, reading.choices.fields, unused_fields(reading))
    others = [sheet.name for sheet in reading.source.sheets if sheet.name not in chosen and sheet.rows]
    others = [] if reading.is_ours else others  # they explain ours
    hidden = [number for sheet in reading.source.sheets if sheet.name in chosen for number in sheet.hidden_rows]
    named = [
        (_("Columns: %s."), ", ".join(columns)),
        (_("Sheets: %s."), ", ".join(others)),
        (_("Above the column names: %s."), "; ".join(text[:80] for _row, text in table.above)),
        (_("Hidden rows: %s."), row_list(hidden)),
        (_("Totals: %s."), named_rows([row for row, _text in reading.table.totals])),
        (_("Headings between the rows: %s."), row_list([text[:80] for _row, text in reading.table.headings])),
    ]
    if reading.choices.line_from == HEADING:
        empty = [text[:80] for _row, text in reading.table.headings if text not in reading.table.under]
        named[-1] = (_("Headings without a row below: %s."), row_list(empty))
    lines.left_out += [text % what for text, what in named if what]


def join_themes(rows):
    """Give each row the themes of all rows of its measure: without a column of measures, one stands for many rows."""
    themes = {}
    for _row, line in rows:
        if isinstance(line["code"], Code) and line.get("themes"):
            names = themes.setdefault(line["code"].in_measure, {})
            names |= dict.fromkeys(name.strip() for name in line["themes"].split(";"))
    for _row, line in rows:
        if isinstance(line["code"], Code) and line["code"].in_measure in themes:
            line["themes"] = ";".join(themes[line["code"].in_measure])


def unused_fields(reading):
    """Return the fields that are not imported, where only the plan is, or only statuses are. Our files have all."""
    if reading.is_ours or reading.choices.content == Content.ALL:
        return set()
    return STATUS_FIELDS if reading.choices.content == Content.PLAN else set(CHOICES) - STATUS_FIELDS - NAMING


def tell_cells(lines, reading):
    """Tell which formulas gave their stored values, and which cells that are needed hold none, or an error."""
    sheets = [sheet for sheet in reading.source.sheets if sheet.name in reading.choices.sheets]
    formulas = [cell for sheet in sheets for cell in sheet.formulas]
    merged = [cells for sheet in sheets for cells in sheet.merged]
    if formulas:
        lines.remarks.append(_("Formulas: the values that the file stores are used (%s).") % row_list(formulas))
    hidden = [reading.table.heads[place] for place in reading.hidden_columns if reading.choices.fields[place]]
    if hidden:
        lines.remarks.append(_("Hidden columns are read, too: %s.") % ", ".join(hidden))
    if merged:
        lines.remarks.append(_("Merged cells are filled down: %s.") % row_list(merged))
    lines.problems += cell_problems(reading, sheets)


def cell_problems(reading, sheets):
    """Yield a problem for each used cell, such as `E3`, whose value the file does not store, or that is an error."""
    unknown = _("This formula has no stored value. Open the file in your spreadsheet, save it and upload it again.")
    error = _("This cell holds an error, such as #N/A. Correct it in your spreadsheet, or clear it.")
    unused = ("", "code") if reading.choices.codes == numbering.ORDER else ("",)
    rows = {str(row): row for row, _texts in reading.table.rows}
    for sheet in sheets:
        letters = reading.table.letters[sheet.name]  # each sheet has an order of its own
        fields = dict(zip(letters, reading.choices.fields, strict=False))
        for text, cell in [*((unknown, each) for each in sheet.unknown), *((error, each) for each in sheet.errors)]:
            letter, number = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()
            row = rows.get(number) or rows.get(f"{number} ({sheet.name})")
            if row and fields.get(letter, "") not in unused:
                yield row, fields[letter], text
