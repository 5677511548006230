"""Deliverables as the documents show them: rows with their evidence, notes and next steps, and bars of their counts."""

from collections import Counter

from django.utils.translation import gettext as _

from deliverables.models import Target
from deliverables.status import Status
from plans.common.dates import date_format
from reports.files.sentences import as_sentence, next_steps

LONG = 1000  # characters: a table cell with more may be longer than a page, so it may break across pages
ROOM = 0.07  # the share of a bar that has room for its number
OFTEN = 3  # a note that so many deliverables of an action line have is shown once, above them


def shared_notes(rows):
    """Return the notes, and evidence without a link, that several of the rows have, with the number of those rows.

    A document shows them once. What has a link stays in its row: others may have the same title.
    """
    texts = [{row.note, *(str(piece) for piece in row.evidence if not piece.url)} - {""} for row in rows]
    numbers = Counter(text for found in texts for text in sorted(found))
    return {text: number for text, number in numbers.items() if number >= OFTEN}


def shared_note_sentence(text, number):
    return _("The same for %(number)d deliverables: %(text)s") % {"number": number, "text": as_sentence(text)}


def measure_context(measure, rows, texts, shared=()):
    """Return a measure with its rows. `breaks` says whether it may break across pages, since it may not fit on one."""
    statement, contexts = texts.get(measure.statement), [row_context(row, texts, shared) for row in rows]
    lengths = [length_of(context) for context in contexts]
    is_long = len(statement) > LONG

    for row, length in zip(contexts, lengths, strict=True):
        row["breaks"] = is_long or length > LONG
    breaks = is_long or len(rows) > 3 or sum(lengths) > LONG
    names = {
        "name": texts.get(measure.short_name),
        "cell": texts.measure_name(measure.short_name, measure.statement),
    }
    return {"code": str(measure.code), "statement": statement, "rows": contexts, "breaks": breaks} | names


def length_of(row):
    """Return how many characters the cell of a row holds, about."""
    texts = [row["title"], row["note"], row["next"], row["reason"], *(piece["text"] for piece in row["evidence"])]
    return sum(map(len, texts))


def row_context(row, texts, shared=()):
    """Return a row as its table cell shows it. The note serves as evidence if there is no other.

    A note or evidence in `shared` is left out: it is shown once for all.
    """
    note = "" if row.note in shared else row.note
    evidence = [
        {"text": str(piece), "url": piece.url} for piece in row.evidence if piece.url or str(piece) not in shared
    ]
    if row.status is Status.ATTAINED and not row.evidence and note:
        evidence, note = [{"text": note, "url": ""}], ""

    return code_and_title(row, texts) | {
        "since": _("since %(day)s") % {"day": date_format(row.since, "SHORT_DATE_FORMAT")} if row.since else "",
        "due": _("Due %(day)s") % {"day": date_format(row.due_on, "SHORT_DATE_FORMAT")} if row.due_on else "",
        "reason": _("Reason: %s.") % row.reason.label.lower() if row.reason else "",
        "note": note,
        "next": "" if row.status is Status.ATTAINED else next_steps(row),
        "evidence": evidence,
        "quantity": quantity_context(row, texts),
        **status_context(row.status),
    }


def quantity_context(row, texts):
    """Return the quantity of a row as a text and as a share for its bar; None without a target."""
    if not row.target:
        return None
    share = None if row.achieved is None else min(row.achieved / row.target.number, 1)
    return {
        "text": Target(row.target.number, texts.get(row.target.unit)).progress(row.achieved),
        "share": share,
        "width": "" if share is None else f"{100 * share:.1f}%",
    }


def outlook_context(row, texts):
    """Return a row that is not attained, with its reason and its next steps."""
    return code_and_title(row, texts) | {
        "reason": str(row.reason.label) if row.reason else "",
        "note": row.note,
        "next": next_steps(row) or "–",
        "breaks": len(row.note) + len(row.next_step) > LONG,
        **status_context(row.status),
    }


def code_and_title(row, texts):
    return {"code": str(row.code), "title": texts.get(row.title)}


def bar_parts(counts):
    """Return the parts of a bar, one per status: its position in percent, and whether its number fits into it."""
    return [
        {
            "count": part.count,
            "percent": f"{part.percent}%",
            "start": part.start,
            "width": part.width,
            "middle": part.middle,
            "has_room": part.count >= ROOM * counts.total,
            **status_context(part.status) | {"label": part.label},
        }
        for part in counts.parts
    ]


def status_context(status: Status):
    return {"status": status.value, "label": str(status.label)}
