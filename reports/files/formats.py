"""The summary as files. None of these writers counts anything.

Each takes a `PlanSummary` and, for an edition, the `Publication` that it is, and returns bytes: the same for the same.
"""

import csv
import io
import json

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from deliverables.models import Amendment, StatusUpdate
from plans.translations import ENGLISH
from reports.figures.snapshot import to_snapshot
from reports.files.fields import COLUMNS, origin
from reports.files.html import write_html
from reports.files.pdf import write_pdf
from reports.files.xlsx import write_xlsx


def write_csv(summary, publication=None):
    """One line a deliverable under a line of column names. UTF-8 with a mark, so that Excel reads it rightly."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    source = origin(summary, publication)
    table.writerow([*(column.name for column in COLUMNS), *source])
    for row in summary.listed_rows:
        said = row.translated(summary.plan.translated_texts())
        table.writerow([*(plain_cell(column.text(said)) for column in COLUMNS), *source.values()])
    return text.getvalue().encode("utf-8-sig")


def plain_cell(text):
    """Text that no spreadsheet takes for a formula: one that looks like it gets an apostrophe before it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "'")) else text


def write_json(summary, publication=None):
    """The summary as JSON, the same in every language, with the translations there are.

    The data page names the keys, and a schema describes them.
    """
    with override(ENGLISH):
        content = {"$schema": settings.SITE_URL + reverse("schema")} | to_snapshot(summary, publication)
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def write_history(plan):
    """Every update and amendment of a plan, first to last, as JSON, each with its digest and the content it covers."""
    content = {
        "plan": plan.slug,
        "length": plan.history_length,
        "head": plan.history_head,
        "updates": [
            {"code": str(update.deliverable.code), "digest": update.digest, "content": update.content}
            for update in StatusUpdate.objects.in_chain(plan)
        ],
        "amendments": {
            "length": plan.amendments_length,
            "head": plan.amendments_head,
            "entries": [
                {"digest": amendment.digest, "content": amendment.content}
                for amendment in Amendment.objects.in_chain(plan)
            ],
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


FORMATS = {
    "pdf": ("application/pdf", write_pdf),
    "html": ("text/html; charset=utf-8", write_html),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
    "csv": ("text/csv; charset=utf-8", write_csv),
    "json": ("application/json", write_json),
}
ALL_LANGUAGES_IN_ONE = ("json",)
