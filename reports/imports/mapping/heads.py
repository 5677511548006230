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
MAX_TEXTS = 300  # of a column, from which it is guessed: there may be 6000 in each of 60
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
CHECKED = {"action_line", "measure", "evidence_title"}  # heads of ours under which other people write other things
MANY = {"note", "evidence_link", "themes", "regions"}  # several columns may become one of these
STATUS_FIELDS = {"status", "effective_on", "reason", "note", "next_step", "expected_on", "achieved"}
STATUS_FIELDS |= {"evidence_link", "evidence_title"}

WORDS = Path(__file__).parent / "words/heads.toml"
LINK = re.compile(r"https?://\S+")
YEAR = r"\d{4}"
NUMBERED = re.compile(r"^(?:codigo|numero|code|n) | (?:id|no|nr|number|code)$")  # such as “Commitment ID”
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


def guess_head(head, texts=()):
    """Return the field that a head names, and how well: 0 for our own, more for less likely words. None if unknown.

    `texts` are those below it.
    """
    name = own_name(head)
    if name and is_ours(name, texts):
        return (name, 0)
    folded = fold(head)
    if known := known_heads().get(folded) or known_heads().get(folded.removesuffix("s")):
        field, rank = known
        return field, 1 + rank
    if NUMBERED.search(folded):
        return "code", 90
    for word, (field, rank) in known_heads().items():  # such as “Status (June 2024)” or “Action / measure”
        if len(word) > 3 and re.match(rf"{word}\b", folded):
            return field, 100 + rank
    return None


def is_ours(name, texts):
    """Return whether the texts below a head of our own files can be what it means there: not yes and no."""
    if name == "achieved":
        return not texts or share(texts, lambda text: not text.isdecimal() and guess_status(text)) < 0.5
    return name not in CHECKED or fits(name, texts)


def find_head_row(rows):
    """Return the place in `rows` (texts by row number) of the heads, None if there are none.

    Of the first ten rows it is the one most like heads; where no head is known, the first row as wide as the table.
    """
    first = rows[:HEAD_ROWS]
    if any(known_cells(cells) for _number, cells in first):
        scores = [head_score(cells) for _number, cells in first]
        return scores.index(max(scores))
    widths = [len(list(filter(None, cells))) for _number, cells in first]
    place = next((place for place, width in enumerate(widths) if 5 * width > 3 * max(widths)), None)
    return place if place is not None and are_heads(place, rows) else None


def known_cells(cells):
    """Return how many cells of a row are known heads."""
    return sum(1 for cell in cells if cell and (own_name(cell) or fold(cell) in known_heads()))


def head_score(cells):
    """Return how much a row looks like heads: known ones count most, then short texts. Dates speak against it.

    Years do not: there may be a column for each.
    """
    filled = [cell for cell in cells if cell]
    short = sum(1 for cell in filled if is_short(cell))
    values = sum(2 for cell in filled if len(cell) > 80 or (read_date(cell) and not re.fullmatch(YEAR, cell)))
    return 3 * known_cells(cells) + short - values + (len(filled) > 1)


def is_short(cell):
    return len(cell) <= 40 and not re.search(r"\d", cell)


def are_heads(place, rows):
    """Return whether unknown texts are heads: short ones, none of which is there again below."""
    cells = rows[place][1]
    again = (
        below[column] == cell
        for _number, below in rows[place + 1 :]
        for column, cell in enumerate(cells[: len(below)])
        if cell
    )
    return all(is_short(cell) for cell in cells) and not any(again)


def guess_fields(heads, columns, *, needs_title=False, has_lines=False):
    """Return the field of each column, `LEAVE_OUT` for those that nothing fits. `columns` are its texts by place.

    Heads come first, our own before others; then what the values look like. `needs_title` is true for a plan that is
    still empty, `has_lines` if something else than a column names the action lines.
    """
    fields = [LEAVE_OUT] * len(heads)
    guesses = [guess_head(head, texts) for head, texts in zip(heads, columns, strict=True)]
    for rank, place, field in sorted((guess[1], place, guess[0]) for place, guess in enumerate(guesses) if guess):
        is_free = (field in CHOICES or field in ORIGIN_FIELDS) and (field in MANY or field not in fields)
        if is_free and (rank == 0 or fits(field, columns[place])):
            fields[place] = field
    for place, texts in enumerate(columns):
        is_named = guesses[place] and (guesses[place][0] == "left_out" or own_name(heads[place]))
        is_sparse = 3 * len(texts) < max(map(len, columns))  # such as a legend beside the table
        if fields[place] == LEAVE_OUT and not is_named and not is_sparse and (field := field_of_values(texts)):
            fields[place] = field if field not in fields else LEAVE_OUT
    if "title" not in fields and (needs_title or not {"code", "status"} <= set(fields)):
        promote_to_title(fields, heads, columns)
    guess_levels(fields, columns, guesses)
    if (
        "action_line_title" not in fields
        and "measure_statement" in fields
        and not has_lines
        and not all(map(own_name, heads))
    ):
        fields[fields.index("measure_statement")] = "action_line_title"  # a plan of two levels
    return fields


def guess_levels(fields, columns, guesses):
    """Choose lines and measures where no head names them: texts left of the deliverables that are there repeatedly."""
    if "title" not in fields or {"action_line_title", "measure_statement"} & set(fields):
        return
    if fields.count("themes") == 1 and guesses[fields.index("themes")][0] == "themes":
        place = fields.index("themes")
        if guesses[place][1] and is_repeated(columns[place], columns[fields.index("title")]):
            fields[place] = "action_line_title"  # a plan by themes
            return
    title = fields.index("title")
    free = [place for place in range(title) if fields[place] == LEAVE_OUT and not guesses[place]]
    texts = [place for place in free if are_texts(columns[place])]
    rows = len(columns[title])
    lines = [place for place in texts if is_repeated(columns[place], columns[title])][:1]
    measures = [place for place in texts if lines and place > lines[0] and len(set(columns[place])) < rows][:1]
    for place, field in zip(lines + measures, ("action_line_title", "measure_statement"), strict=False):
        fields[place] = field


def is_repeated(texts, titles):
    """Return whether each text of a column stands for several deliverables."""
    return 2 * len(set(texts)) <= max(len(titles), 2)


def are_texts(texts):
    """Return whether a column holds words, and not numbers or dates."""
    return bool(texts) and share(texts, is_words) > 0.8


def is_words(text):
    return len(text) > (3 if text.isascii() else 1) and not numbers_in(text) and not read_date(text)


def fits(field, texts):
    """Return whether the values of a column can be of the field that its head names."""
    checks = {
        RESPONSIBLE: lambda text: "@" in text,
        "target": lambda text: re.fullmatch(r"[\d ,.]+", text),
        "achieved": lambda text: re.fullmatch(r"[\d ,.]+", text),
        "due_on": is_date,
        "effective_on": is_date,
        "expected_on": is_date,
        "code": lambda text: numbers_in(text) or len(text) < 20,
        "action_line": numbers_in,
        "measure": numbers_in,
        "reason": lambda text: fold(text) in reason_words(),
        "evidence_title": lambda text: not LINK.fullmatch(text),
    }
    return field not in checks or not texts or share(texts, checks[field]) >= 0.3


def is_date(text):
    """Return whether a text is a date, with the day or the month first."""
    return read_date(text) or read_date(text, month_first=True)


@cache
def reason_words():
    return {fold(text) for each in Reason for text in (each.value, *labels_in_all_languages(each.label))}


def share(texts, check):
    """Return which share of the texts passes a check: of the first ones, which say enough."""
    texts = texts[:MAX_TEXTS]
    return sum(1 for text in texts if check(text)) / len(texts)


def field_of_values(texts):
    """Return the field that texts without a known head are probably of, `LEAVE_OUT` for none."""
    if not texts:
        return LEAVE_OUT
    checks = {
        "evidence_link": lambda text: LINK.search(text) and len(LINK.sub("", text)) <= 200,
        RESPONSIBLE: lambda text: len(text) < 255 and re.fullmatch(r"[^\s@]+@[^\s@]+", text),
        "due_on": lambda text: is_date(text) and len(text) >= 8,
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
