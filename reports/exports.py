"""The summary as files. Each writer takes a `PlanSummary` and returns bytes; none of them counts anything."""

import csv
import io
import json

from deliverables.counts import Counts
from deliverables.updates import StatusUpdate
from reports.columns import COLUMNS
from reports.document import write_pdf
from reports.workbook import write_xlsx


def write_csv(summary):
    """One line a deliverable under a line of column names. UTF-8 with a mark, so that Excel reads it rightly."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(column.name for column in COLUMNS)
    for row in summary.shown_rows:
        table.writerow(plain_cell(column.text(row)) for column in COLUMNS)
    return text.getvalue().encode("utf-8-sig")


def plain_cell(text):
    """Text that no spreadsheet takes for a formula: one that looks like it gets an apostrophe before it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "'")) else text


def write_json(summary):
    """The summary as JSON; DESIGN and the README name the keys."""
    content = {
        "plan": {
            "slug": summary.plan.slug,
            "title": summary.plan.title,
            "subtitle": summary.plan.subtitle,
            "headline": summary.headline,
            "starts_on": str(summary.plan.starts_on),
            "ends_on": str(summary.plan.ends_on),
        },
        "as_of": str(summary.as_of),
        "revision": summary.plan.revision,
        "history": {"length": summary.plan.history_length, "head": summary.plan.history_head},
        "counts": counts_as_dict(summary.counts),
        "action_lines": [
            {"code": str(line.code), "title": line.title, "counts": counts_as_dict(line.counts)}
            for line in summary.lines
        ],
        "measures": [
            {
                "code": str(measure.code),
                "statement": measure.statement,
                "counts": counts_as_dict(measure.counts),
                "themes": [theme.slug for theme in measure.themes],
            }
            for measure in summary.measures
        ],
        "themes": [
            {"slug": theme.slug, "name": theme.name, "counts": counts_as_dict(counts)}
            for theme, counts in summary.themes.items()
        ],
        "goals": [{"number": goal.number, "title": goal.title} for goal in summary.goals],
        "filters": summary.filters,
        "deliverables": [row_as_dict(row) for row in summary.shown_rows],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def write_history(plan):
    """Every update of a plan, first to last, as JSON: its code, its digest, and the content that the digest covers."""
    content = {
        "plan": plan.slug,
        "length": plan.history_length,
        "head": plan.history_head,
        "updates": [
            {"code": str(update.deliverable.code), "digest": update.digest, "content": update.content}
            for update in StatusUpdate.objects.in_chain(plan)
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def counts_as_dict(counts: Counts):
    return {status.value: count for status, count in counts.by_status.items()} | {"total": counts.total}


def row_as_dict(row):
    evidence = {"title": row.evidence_title, "link": row.evidence_link}
    return {
        "code": str(row.code),
        "action_line": str(row.code.in_line),
        "measure": str(row.code.in_measure),
        "title": row.title,
        "status": row.status.value,
        "effective_on": row.effective_on and str(row.effective_on),
        "reason": row.reason and row.reason.value,
        "evidence": evidence if any(evidence.values()) else None,
        "note": row.note,
    }


FORMATS = {
    "csv": ("text/csv; charset=utf-8", write_csv),
    "json": ("application/json", write_json),
    "pdf": ("application/pdf", write_pdf),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
}
