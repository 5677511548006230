"""The columns of other people's tables: where their heads stand, and what each of them probably becomes."""

import re
import tomllib
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from deliverables.status import Reason
from plans.codes import numbers_in
from plans.common.text import fold
from plans.translations import labels_in_all_languages
from reports.files.fields import FORMER_LABELS, ORIGIN, ORIGIN_LABELS
from reports.imports.mapping.dates import read_date
from reports.imports.mapping.status_words import guess_status
from reports.imports.preview import LABELS, RESPONSIBLE

LEAVE_OUT = ""
HEAD_ROWS = 10  # the first rows, in which the heads are looked for
SHEET, HEADING = "sheet", "heading"  # not in a column: the name of the sheet, and rows that hold a heading alone

# What a column can become, in the order in which a person chooses, by the names of our own files.
CHOICES = {
    "action_line_title": _("Action line"),
    "measure_statement": _("Measure"),
    "title": _("Deliverable"),
    "code": _("Code"),
    "action_line": _("Code of the action line"),
    "measure": _("Code of the measure"),
    "measure_name": _("Short name of the measure"),
    "due_on": _("Due date"),
    RESPONSIBLE: _("Responsible (e-mail)"),
    "themes": _("Themes"),
    "regions": _("Regions"),
    "target": _("Target: a number"),
    "target_unit": _("Target: what is counted"),
    "status": _("Status"),
    "effective_on": _("Date of the status"),
    "reason": _("Reason for “not developed”"),
    "note": _("Note"),
    "next_step": _("Next step"),
    "expected_on": _("Next step: expected on"),
    "achieved": _("How many are achieved"),
    "evidence_link": _("Evidence: link"),
    "evidence_title": _("Evidence: title"),
    "continues": _("Deliverable that it continues"),
}
ORIGIN_FIELDS = {name: label for name, label in ORIGIN_LABELS.items() if name in ("as_of", "history_head")}
MANY = {"note", "evidence_link", "themes", "regions"}  # several columns may become one of these
STATUS_FIELDS = {"status", "effective_on", "reason", "note", "next_step", "expected_on", "achieved"}
STATUS_FIELDS |= {"evidence_link", "evidence_title"}

WORDS = Path(__file__).parent / "words/heads.toml"
STRATML = {
    "goal": "action_line_title",
    "objective": "measure_statement",
    "indicator": "title",
    "unit": "target_unit",
    "target": "target",
    "actual": "achieved",
    "due on": "due_on",
    "status": "status",
    "link": "evidence_link",
    "objective description": "note",
}  # by the heads that the reader of StratML gives


@cache
def own_heads():
    """Return the name of the column by each text that stands for it in our own files and templates."""
    labels = (FORMER_LABELS, LABELS, ORIGIN_LABELS)
    own = {text: name for each in labels for name, label in each.items() for text in labels_in_all_languages(label)}
    return own | {name: name for name in [*LABELS, *ORIGIN]}


def own_name(head):
    """Return the name of a column of our own files, None for another head."""
    return own_heads().get(" ".join(head.lower().split()))


@cache
def known_heads():
    """Return (field, rank) by each known head as `fold` leaves it. The first fields and words are the likeliest."""
    known = {}
    for field, words in tomllib.loads(WORDS.read_text(encoding="utf-8")).items():
        for rank, word in enumerate(words):
            if word not in known or rank < known[word][1]:
                known[word] = field, rank
    return known


def guess_head(head):
    """Return the field that a head names, and how well: 0 for our own, more for less likely words. None if unknown."""
    if name := own_name(head):
        return (name, 0)
    folded = fold(head)
    if folded in known_heads():
        field, rank = known_heads()[folded]
        return field, 1 + rank
    for word, (field, rank) in known_heads().items():  # such as “Status (June 2024)” or “Action / measure”
        if len(word) > 3 and re.match(rf"{word}\b", folded):
            return field, 100 + rank
    return None


def find_head_row(rows):
    """Return the place in `rows` (texts by row number) of the heads: of the first ten, the one most like heads."""
    scores = [head_score(cells) for _number, cells in rows[:HEAD_ROWS]]
    return scores.index(max(scores)) if scores else 0


def head_score(cells):
    """Return how much a row looks like heads: known ones count most, then short texts. Dates speak against it."""
    filled = [cell for cell in cells if cell]
    known = sum(3 for cell in filled if own_name(cell) or fold(cell) in known_heads())
    short = sum(1 for cell in filled if len(cell) <= 40 and not re.search(r"\d", cell))
    values = sum(2 for cell in filled if read_date(cell) or len(cell) > 80)
    return known + short - values + (len(filled) > 1)


def guess_fields(heads, columns):
    """Return the field of each column, `LEAVE_OUT` for those that nothing fits. `columns` are its texts by place.

    Heads come first, our own before others; then what the values look like.
    """
    fields = [LEAVE_OUT] * len(heads)
    guesses = [(guess[1], place, guess[0]) for place, head in enumerate(heads) if (guess := guess_head(head))]
    for _rank, place, field in sorted(guesses):
        if (
            (field in CHOICES or field in ORIGIN_FIELDS)
            and (field in MANY or field not in fields)
            and (own_name(heads[place]) or fits(field, columns[place]))
        ):
            fields[place] = field
    for place, texts in enumerate(columns):
        if fields[place] == LEAVE_OUT and not own_name(heads[place]) and (field := field_of_values(texts)):
            fields[place] = field if field not in fields else LEAVE_OUT
    if "title" not in fields and "code" not in fields:
        promote_to_title(fields, heads, columns)
    if "action_line_title" not in fields and "measure_statement" in fields and not all(map(own_name, heads)):
        fields[fields.index("measure_statement")] = "action_line_title"  # a plan of two levels
    return fields


def fits(field, texts):
    """Return whether the values of a column can be of the field that its head names."""
    checks = {
        RESPONSIBLE: lambda text: "@" in text,
        "target": lambda text: re.fullmatch(r"[\d ,.]+", text),
        "achieved": lambda text: re.fullmatch(r"[\d ,.]+", text),
        "due_on": lambda text: read_date(text),
        "effective_on": lambda text: read_date(text),
        "expected_on": lambda text: read_date(text),
        "code": lambda text: numbers_in(text) or len(text) < 20,
        "action_line": lambda text: numbers_in(text),
        "measure": lambda text: numbers_in(text),
        "reason": lambda text: fold(text) in reason_words(),
    }
    return field not in checks or not texts or share(texts, checks[field]) >= 0.3


@cache
def reason_words():
    return {fold(text) for each in Reason for text in (each.value, *labels_in_all_languages(each.label))}


def share(texts, check):
    """Return which share of the texts passes a check."""
    return sum(1 for text in texts if check(text)) / len(texts)


def field_of_values(texts):
    """Return the field that texts without a known head are probably of, `LEAVE_OUT` for none."""
    if not texts:
        return LEAVE_OUT
    checks = {
        "evidence_link": lambda text: re.match(r"https?://", text),
        RESPONSIBLE: lambda text: re.fullmatch(r"\S+@\S+\.\w+", text),
        "due_on": lambda text: read_date(text) and len(text) >= 8,
        "code": lambda text: len(numbers_in(text) or ()) == 3,
        "status": lambda text: not re.search(r"\d", text) and guess_status(text),
    }
    return next((field for field, check in checks.items() if share(texts, check) >= 0.8), LEAVE_OUT)


def promote_to_title(fields, heads, columns):
    """Choose the column of the deliverables where no head names one: what the others leave of a plan's three levels."""
    if "measure_statement" in fields:
        place = fields.index("measure_statement")
    else:
        free = [place for place, field in enumerate(fields) if field in (LEAVE_OUT, "note") and columns[place]]
        if not free:
            return
        place = max(free, key=lambda place: sum(map(len, columns[place])) / len(columns[place]))
    fields[place] = "title"
