"""The brief: one page for a meeting. Figures, the plan at a glance, what moved and why, decisions and next steps."""

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliverables.status import Status
from plans.common.dates import date_format
from plans.common.text import TranslatedText
from reports.figures.progress import progress_of
from reports.figures.skyline import Skyline
from reports.files.changes import since_meeting
from reports.files.context import document_context
from reports.files.drawings import skyline_svg
from reports.files.labels import labels
from reports.files.pdf import write_document

MOVES, STEPS, OPEN = 6, 5, 8  # at most so many; the page says how many more moves there are
MANY_LINES, FEW, NAME = 12, 3, 64  # a plan of more lines has so few of each, and the beginning of each line's title


def write_brief(summary, publication=None):
    """Return the brief as a PDF of one A4 page, as bytes: the same bytes for the same summary."""
    return write_document("brief", brief_context(summary, publication), summary.as_of)


def brief_context(summary, publication=None):
    """Return what the brief shows, as plain data in the active language."""
    content, texts = document_context(summary, publication), summary.plan.translated_texts()
    overdue = progress_of(summary.plan, summary.as_of).overdue
    changes = content["changes"]
    if publication and publication.changes:  # the report says what changed since the edition, the brief since a meeting
        changes = since_meeting(summary, publication, texts) or changes
    steps = dated_steps(summary, texts)
    has_many_lines = len(content["lines"]) > MANY_LINES
    return content | {
        "kind": _("Brief"),
        "brief_title": brief_title(summary.counts, overdue),
        "eyebrow": " · ".join(filter(None, [content["meeting"] or content["plan"], _("Brief")])),
        "changes": changes and changes | shortened(changes["moves"], FEW if has_many_lines else MOVES),
        "steps": steps[: FEW if has_many_lines else STEPS],
        "ahead": content["ahead"][: FEW if has_many_lines else OPEN],
        "lines": [line | {"title": beginning(line["title"])} for line in content["lines"]]
        if has_many_lines
        else content["lines"],
        "skyline": skyline_svg(Skyline.of(summary)),
        "labels": labels() | {"next": _("Next dates"), "glance": _("The whole plan")},
    }


def brief_title(counts, overdue):
    """Return the finding: how many are attained and, of a plan that runs, how many are late."""
    attained = ngettext(
        "%(number)d of %(total)d outcomes is attained", "%(number)d of %(total)d outcomes are attained", counts.attained
    )
    title = attained % {"number": counts.attained, "total": counts.total}
    late = ngettext("%d past its due date", "%d past their due date", overdue) % overdue
    return f"{title}, {late}" if overdue else title


def beginning(text):
    return TranslatedText(Truncator(text).chars(NAME), text.language)


def shortened(moves, number):
    """Return so many of the moves, the first ones, and how many there are besides."""
    more = len(moves) - number
    text = ngettext("And %d more: see the report.", "And %d more: see the report.", more) % more
    return {"moves": moves[:number], "more": text if more > 0 else ""}


def dated_steps(summary, texts):
    """Return what is expected or due after the day of the summary, the earliest first: a date, and what comes then."""
    rows = [row for row in summary.rows if row.status != Status.ATTAINED]
    days = [(row, [day for day in (row.expected_on, row.due_on) if day and day > summary.as_of]) for row in rows]
    coming = sorted(((min(dates), row.code, row) for row, dates in days if dates), key=lambda step: step[:2])
    return [
        {"day": date_format(day, "SHORT_DATE_FORMAT"), "step": row.next_step, "title": texts.get(row.title)}
        for day, _code, row in coming
    ]
