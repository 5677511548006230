"""The page of a region as a file: a PDF to read, a workbook to work with."""

import io
from dataclasses import replace
from datetime import UTC, datetime, time

from django.conf import settings
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from plans.common.dates import date_format
from plans.common.text import printable
from plans.translations import colon
from reports.files.context import plan_context
from reports.files.fields import COLUMNS
from reports.files.labels import labels
from reports.files.palette import document_palette
from reports.files.pdf import write_document
from reports.files.rows import LONG, bar_parts, code_and_title, row_context, status_context
from reports.files.sentences import history_sentence, next_steps
from reports.files.xlsx import WORKBOOK_OPTIONS, add_table, cell_value, fit_to_page_width, write_text


def region_context(summary):
    """Return what the PDF shows of a `RegionSummary`, as plain data in the active language."""
    plan, day = summary.plan_summary.plan, summary.plan_summary.as_of
    texts = plan.translated_texts()
    name = texts.get(summary.region.name)
    return plan_context(plan, texts) | {
        "document_title": printable(f"{texts.get(plan.title)}{colon()}{name}"),
        "kind": name,
        "as_of": _("Status as of %(day)s") % {"day": date_format(day)},
        "watermark": "",
        "notice": _("Which region has a deliverable is shown as it is today.") if summary.is_as_of else "",
        "empty": empty_sentence(summary, name),
        "counts": f"{summary.counts}.",
        "parts": bar_parts(summary.counts),
        "bar": str(summary.counts),
        "rows": [
            row_context(row, texts)
            | {"next": next_steps(replace(row, due_on=None)), "breaks": len(row.title) + len(row.note) > LONG}
            for row in summary.rows
        ],
        "changes": [change_context(update, texts) for update in summary.updates],
        "site": {"url": settings.SITE_URL + summary.region.url_in(plan)},
        "labels": labels() | {"changes": _("Recorded in the last 90 days"), "none": _("None.")},
        "palette": document_palette(),
    }


def empty_sentence(summary, name):
    """Return what a document says where the plan has nothing for the region, otherwise an empty text."""
    if summary.rows:
        return ""
    text = _("No deliverable of this plan is for %(region)s alone. These are the figures of the whole network.")
    return text % {"region": name}


def change_context(update, texts):
    return code_and_title(update, texts) | {
        "day": date_format(update.effective_on, "SHORT_DATE_FORMAT"),
        "note": update.note,
        "breaks": len(update.note) > LONG,
        **status_context(update.status),
    }


def write_region_pdf(summary):
    """Return the PDF as bytes."""
    return write_document("region", region_context(summary), summary.plan_summary.as_of)


def write_region_xlsx(summary):
    """Return the workbook as bytes: the figures, the deliverables of the region, and what changed."""
    file, plan, day = io.BytesIO(), summary.plan_summary.plan, summary.plan_summary.as_of
    content, texts = region_context(summary), summary.plan_summary.plan.translated_texts()
    with Workbook(file, WORKBOOK_OPTIONS) as book:
        created = datetime.combine(day, time(), UTC)
        book.set_properties({"title": content["document_title"], "author": plan.organisation.name, "created": created})
        sheet = book.add_worksheet(_("Summary"))
        sheet.set_column(0, 0, 40)
        fit_to_page_width(sheet)
        lines = [content["kind"], str(plan.name), content["as_of"], content["notice"], content["empty"]]
        lines.append(content["site"]["url"])
        for row, text in enumerate([*filter(None, lines), history_sentence(plan)]):
            write_text(book, sheet, row, 0, text, book.add_format({"bold": row == 0}))
        for row, part in enumerate(summary.counts.parts, start=len(lines) + 2):
            write_text(book, sheet, row, 0, str(part.label))
            sheet.write_number(row, 1, part.count)

        heads = [(column.label, column.width) for column in COLUMNS]
        rows = [row.translated(texts) for row in summary.rows]
        table = [[cell_value(column, row) for column in COLUMNS] for row in rows]
        add_table(book, _("Deliverables"), "Deliverables", heads, table)
        heads = [(_("Code"), 10), (_("Deliverable"), 60), (_("Status"), 16), (_("Effective on"), 14), (_("Note"), 60)]
        changes = [
            [str(each.code), texts.get(each.title), str(each.status.label), each.effective_on, each.note]
            for each in summary.updates
        ]
        add_table(book, _("Changes"), "Changes", heads, changes)
    return file.getvalue()
