"""The documents of a plan and their formats, and the writers of the short ones.

To add a format of the summary, add its writer to `FORMATS`.

A writer takes a `PlanSummary` and, for an edition, its `Publication`, and returns bytes. It only formats: all figures
come from the summary, and the same input gives the same bytes.
"""

import csv
import io
import json

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from deliverables.models import Amendment, StatusUpdate
from plans.common.imported_on_use import imported_on_use
from plans.translations import ENGLISH
from reports.figures.snapshot import to_snapshot
from reports.files.fields import COLUMNS, origin
from reports.files.formulas import escape_formula
from reports.files.html import write_html

write_brief = imported_on_use("reports.files.brief.write_brief")
write_cover = imported_on_use("reports.files.pdf.write_cover")
write_pdf = imported_on_use("reports.files.pdf.write_pdf")
write_xlsx = imported_on_use("reports.files.xlsx.write_xlsx")
write_stratml = imported_on_use("reports.files.stratml.write_stratml")
write_docx = imported_on_use("reports.files.docx.write_docx")
write_pptx = imported_on_use("reports.files.pptx.write_pptx")


def write_csv(summary, publication=None):
    """Return a header row and a row for each deliverable, in UTF-8 with a byte order mark: Excel needs it."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    source = origin(summary, publication)

    table.writerow([*(column.name for column in COLUMNS), *source])
    for row in summary.listed_rows:
        translated = row.translated(summary.plan.translated_texts())
        table.writerow([*(escape_formula(column.text(translated)) for column in COLUMNS), *source.values()])

    return text.getvalue().encode("utf-8-sig")


def write_json(summary, publication=None):
    """Return the summary as JSON: the same file in every language, with all translations in it.

    Its schema is `schema/summary.schema.json`.
    """
    with override(ENGLISH):
        content = {"$schema": settings.SITE_URL + reverse("schema")} | to_snapshot(summary, publication)
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def write_history(plan):
    """Return all updates and amendments as JSON, oldest first, each with its digest and the content it covers.

    With these, anybody can recompute the hash chains: see `docs/verifying.md`.
    """
    content = {
        "plan": plan.slug,
        "length": plan.history_length,
        "head": plan.history_head,
        "updates": [update_as_dict(update) for update in StatusUpdate.objects.in_chain(plan)],
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


def update_as_dict(update):
    """Return an update with its digest, the texts that its content names by their salted hashes, and takedowns."""
    content = {"code": str(update.deliverable.code), "digest": update.digest, "content": update.content}
    texts = {"texts": update.readable_texts} if update.form > 1 else {}
    takedowns = [takedown.as_dict for takedown in update.all_takedowns]
    return content | texts | ({"taken_down": takedowns} if takedowns else {})


class DocumentKind(models.TextChoices):
    """What a document is. Each kind comes in one format or several."""

    SUMMARY = "summary", _("Summary")
    BRIEF = "brief", _("One-page brief")
    COVER = "cover", _("Cover")


OPEN_XML = "application/vnd.openxmlformats-officedocument"
FORMATS = {
    "pdf": ("application/pdf", write_pdf),
    "html": ("text/html; charset=utf-8", write_html),
    "xlsx": (f"{OPEN_XML}.spreadsheetml.sheet", write_xlsx),
    "docx": (f"{OPEN_XML}.wordprocessingml.document", write_docx),
    "pptx": (f"{OPEN_XML}.presentationml.presentation", write_pptx),
    "csv": ("text/csv; charset=utf-8", write_csv),
    "json": ("application/json", write_json),
    "stratml.xml": ("application/xml", write_stratml),
}
BRIEF_FORMATS = {"pdf": ("application/pdf", write_brief)}
COVER_FORMATS = {"png": ("image/png", write_cover)}
ALL_LANGUAGES_IN_ONE = ("json",)
KINDS = {DocumentKind.SUMMARY: FORMATS, DocumentKind.BRIEF: BRIEF_FORMATS, DocumentKind.COVER: COVER_FORMATS}
DOCUMENTS = {(kind, name): write for kind, formats in KINDS.items() for name, (_type, write) in formats.items()}
CONTENT_TYPES = {name: content_type for formats in KINDS.values() for name, (content_type, _write) in formats.items()}
CONTENT_TYPES["ics"] = "text/calendar; charset=utf-8"  # of no edition: what is published does not change
