"""The summary as a PDF, typeset by Typst from `typst/summary.typ`. What people wrote goes in as data, never as code."""

import json
import logging
import re
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path

import fontpkg_noto_sans_arabic
import fontpkg_source_sans_3
import typst
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from deliverables.status import Status
from reports.text import printable

logger = logging.getLogger(__name__)
TEMPLATE = Path(__file__).parent / "typst" / "summary.typ"
LONG_RUN = re.compile(r"\S{25,}")
STANDARDS = ["ua-1", "a-2a"]  # accessible and archival, as far as Typst checks them


def write_pdf(summary):
    """The PDF's bytes: the same for the same summary.

    A character that no font at hand can draw makes Typst refuse the standards. The document is then set without
    their seal and says so, since the board needs its figures more than the seal.
    """
    try:
        return typeset(summary, standards=STANDARDS)
    except typst.TypstError as error:
        logger.warning("The summary of %s is set without its standards: %s", summary.plan.slug, error)
        notice = _("Some characters could not be drawn, so this document does not carry the accessibility standards.")
        return typeset(summary, standards=[], notice=notice)


def typeset(summary, *, standards, notice=""):
    content = drawable(document_content(summary) | {"notice": notice})
    return compiler().compile(
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        format="pdf",
        pdf_standards=standards,
        timestamp=int(datetime.combine(summary.as_of, time(), UTC).timestamp()),
    )


@cache
def compiler():
    """One compiler a process: reading the fonts takes longer than a document does."""
    packages = [Path(package.__file__).parent for package in (fontpkg_source_sans_3, fontpkg_noto_sans_arabic)]
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(package / "files") for package in packages])
    return typst.Compiler(str(TEMPLATE), font_paths=fonts)


def drawable(content):
    """The same content, its texts without what no font can draw and with places to break a word that fills a line."""
    if isinstance(content, str):
        return LONG_RUN.sub(lambda run: re.sub(r"\S{5}", "\\g<0>\u200b", run[0]), printable(content))
    if isinstance(content, dict):
        return {key: drawable(value) for key, value in content.items()}
    if isinstance(content, list):
        return [drawable(value) for value in content]
    return content


def document_content(summary):
    """What the template sets: texts in the reader's language and figures, nothing for it to work out."""
    plan = summary.plan
    return {
        "lang": "en",
        "title": plan.title,
        "subtitle": plan.subtitle,
        "organisation": f"{plan.organisation.name}, {plan.organisation.full_name}".rstrip(", "),
        "kind": _("%s: summary") % plan.report_name,
        "as_of": _("Status as of %(day)s") % {"day": date_format(summary.as_of)},
        "headline": summary.headline,
        "parts": parts(summary.counts),
        "bar": str(summary.counts),
        "lines": [line_content(line, summary) for line in summary.lines],
        "selection": selection(summary),
        "themes_title": _("Across the plan"),
        "themes": [
            {"name": theme.name, "counts": str(counts), "parts": parts(counts)}
            for theme, counts in summary.themes.items()
        ],
        "goals_title": plan.goals_introduction or _("Sustainable Development Goals served"),
        "goals": [{"number": goal.number, "title": goal.title} for goal in summary.goals],
        "acknowledgement": plan.acknowledgement,
        "address": plan.organisation.address_lines,
        "history": _("History: %(length)d entries, head %(head)s.")
        % {"length": plan.history_length, "head": plan.history_head or "–"},
        "words": {
            "measure": _("Measure"),
            "deliverables": _("Outcomes and deliverables"),
            "status": _("Status"),
            "page": _("Page"),
            "of": _("of"),
            "none": _("No deliverables to show."),
        },
    }


def selection(summary):
    """What a filtered document says of itself, so that nobody takes its tables for the whole plan."""
    if summary.shown is None:
        return ""
    return _("The tables show %(shown)d of %(total)d deliverables: %(filters)s.") % {
        "shown": len(summary.shown_rows),
        "total": summary.counts.total,
        "filters": summary.selection,
    }


def line_content(line, summary):
    return {
        "name": f"{_('Action line')} {line.code.line}",
        "title": line.title,
        "counts": str(line.counts),
        "parts": parts(line.counts),
        "measures": [
            measure_content(measure, rows) for measure in line.measures if (rows := summary.shown_of(measure))
        ],
    }


def measure_content(measure, rows):
    return {
        "code": str(measure.code),
        "statement": measure.statement,
        "rows": [row_content(row) for row in rows],
    }


def row_content(row):
    """A row as its table cell says it; the note stands in where it is all the evidence there is."""
    evidence = " ".join(filter(None, [row.evidence_title, row.evidence_link]))
    if not evidence and row.status is Status.ATTAINED:
        evidence = row.note
    return {
        "code": str(row.code),
        "title": row.title,
        "effective_on": date_format(row.effective_on, "SHORT_DATE_FORMAT") if row.effective_on else "",
        "reason": _("Reason: %s.") % row.reason.label.lower() if row.reason else "",
        "evidence": _("Evidence: %s") % evidence if evidence else "",
        **mark(row.status),
    }


def parts(counts):
    return [{"count": part.count, **mark(part.status)} for part in counts.parts]


def mark(status: Status):
    return {"status": status.value, "label": str(status.label)}
