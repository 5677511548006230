"""The table that a person has chosen in a file: one sheet, or several with the same columns, below a row of heads."""

import re
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from plans.common.text import fold, normalise
from reports.imports.mapping.heads import HEAD_ROWS, find_head_row

TOTALS = {
    "total", "totals", "subtotal", "sub total", "grand total", "sum", "totales", "suma", "suma total", "total general",
    "sous total", "somme", "totaux", "合计", "总计", "итого", "всего", "المجموع", "รวม",
}  # fmt: skip
BEGIN_TOTALS = ("total ", "subtotal ", "sub total ", "sous total ")  # such as “Subtotal Line 1”
EXAMPLES = 3


@dataclass(frozen=True, order=True)
class SheetRow:
    """The number of a row where several sheets are read together. They sort as the sheets stand in the file."""

    position: int
    number: int
    sheet: str

    def __str__(self):
        return f"{self.number} ({self.sheet})"


@dataclass
class Table:
    """Heads, and the rows below them: (row, texts by place of the column). `row` is a number or a `SheetRow`.

    `above` are rows over the heads, `headings` and `totals` rows that are no deliverables, each with its text.
    """

    heads: list[str]
    rows: list[tuple[int | SheetRow, list[str]]]
    sheets: list[str] = field(default_factory=list)  # of each row
    above: list = field(default_factory=list)
    totals: list = field(default_factory=list)
    headings: list = field(default_factory=list)
    letters: dict[str, list[str]] = field(default_factory=dict)  # of the columns in each sheet, by its name
    under: list[str] = field(default_factory=list)  # of each row: the text of the last heading above

    @cached_property
    def columns(self):
        """Return the texts in each column, without empty ones."""
        return [[cells[place] for _row, cells in self.rows if cells[place]] for place in range(len(self.heads))]

    def examples(self, place):
        """Return the first different texts of a column."""
        return list(dict.fromkeys(self.columns[place]))[:EXAMPLES]

    def words(self, place):
        """Return (text, rows) for each different text of a column, the commonest first. Case does not matter."""
        counts, first = Counter(), {}
        for text in self.columns[place]:
            counts[text.casefold()] += 1
            first.setdefault(text.casefold(), text)
        return [(first[text], number) for text, number in counts.most_common()]


class OtherColumns(Exception):
    """Raised when sheets are to be read together and one of them has other columns. `sheet` is its name."""

    def __init__(self, sheet):
        self.sheet = sheet
        super().__init__(sheet)


def read_sheets(source, names, head_row):
    """Return the `Table` of the sheets with these names. `head_row` is the number of the row of heads in the first one.

    None for a table without heads. Raises `OtherColumns`.
    """
    sheets = [sheet for sheet in source.sheets if sheet.name in names]
    table = None
    for position, sheet in enumerate(sheets):
        part = below_heads(sheet, head_row if table is None else same_heads(sheet, table.heads))
        if len(sheets) > 1:
            part.rows = [(SheetRow(position, number, sheet.name), cells) for number, cells in part.rows]
            part.above = [(SheetRow(position, number, sheet.name), text) for number, text in part.above]
        table = part if table is None else append(table, part)
    return table


def default_head_row(sheet):
    """Return the number of the row that is probably the heads of a sheet, None if it has none."""
    place = find_head_row(sheet.rows)
    return None if place is None else sheet.rows[place][0]


def below_heads(sheet, head_row):
    """Return the `Table` of one sheet. Columns without head and text are left out at the right side."""
    width = max((len(cells) for _number, cells in sheet.rows), default=0)
    rows = [(number, [normalise(cell) for cell in [*cells, *[""] * width][:width]]) for number, cells in sheet.rows]
    rows = [(number, cells) for number, cells in rows if any(cells)]
    heads = next((cells for number, cells in rows if number == head_row), [""] * width)
    above = [(number, " ".join(filter(None, cells))) for number, cells in rows if number < (head_row or 0)]
    below = [(number, cells) for number, cells in rows if number > (head_row or 0) and cells != heads]
    filled = [place for place in range(width) if heads[place] or any(cells[place] for _number, cells in below)]
    width = max(filled, default=-1) + 1
    below = [(number, cells[:width]) for number, cells in below]
    heads = [" ".join(head.split()) for head in heads[:width]]
    letters = {sheet.name: [letter(place) for place in range(width)]}
    return Table(heads, below, [sheet.name] * len(below), above, letters=letters)


def same_heads(sheet, heads):
    """Return the number of the row with these heads in any order. Raise `OtherColumns` if a sheet has none."""
    wanted = {fold(head) for head in heads if head}
    for number, cells in sheet.rows[:HEAD_ROWS]:
        if {fold(cell) for cell in cells if normalise(cell)} == wanted:
            return number
    raise OtherColumns(sheet.name)


def append(table, part):
    """Return a table with the rows of another one below, its columns in the same order.

    Columns that the first one lacks, such as those without a head, come after the others.
    """
    places = {use: place for place, use in enumerate(uses_of(part.heads)) if use[0]}
    order = [places.pop(use, None) for use in uses_of(table.heads)]
    order += [place for place in range(len(part.heads)) if place not in order and part.columns[place]]
    heads = table.heads + [part.heads[place] for place in order[len(table.heads) :]]
    rows = [(row, cells + [""] * (len(heads) - len(cells))) for row, cells in table.rows]
    rows += [(row, ["" if place is None else cells[place] for place in order]) for row, cells in part.rows]
    ((name, letters),) = part.letters.items()
    letters = table.letters | {name: ["" if place is None else letters[place] for place in order]}
    return Table(heads, rows, table.sheets + part.sheets, table.above + part.above, letters=letters)


def uses_of(heads):
    """Return (head, number) for each head, which counts its uses: a table may have two columns of one name."""
    counts = Counter()
    uses = []
    for head in map(fold, heads):
        counts[head] += 1
        uses.append((head, counts[head]))
    return uses


def without_totals_and_headings(table, fields, *, has_headings):
    """Return the table without rows that hold totals or a heading. `fields` say what each column becomes.

    Without `has_headings`, a row with a title alone is a deliverable.
    """
    title = fields.index("title") if "title" in fields else None
    counts = [sum(1 for cell in cells if cell) for _row, cells in table.rows]
    usual = median(counts) if counts else 0
    rows, sheets, totals, headings, under = [], [], [], [], []
    for (row, cells), sheet in zip(table.rows, table.sheets, strict=True):
        if is_total(cells, title):
            totals.append((row, " ".join(filter(None, cells))))
        elif is_heading(cells, fields, title, usual) and (has_headings or not cells[title]):
            headings.append((row, next(filter(None, cells))))
        else:
            rows.append((row, cells))
            sheets.append(sheet)
            under.append(headings[-1][1] if headings else "")
    return Table(table.heads, rows, sheets, table.above, totals, headings, table.letters, under)


def is_total(cells, title):
    """Return whether a row holds totals: it begins with such a word, or has nothing but numbers."""
    filled = [cell for cell in cells if cell]
    first = fold(filled[0])
    starts = first in TOTALS or (first.startswith(BEGIN_TOTALS) and len(filled) < 4)
    is_title = title is not None and len(filled) > 1 and cells[title] == filled[0]  # such as “Total renewal of parks”
    numbers = all(re.fullmatch(r"[\d .,%]+", cell) for cell in filled)
    return (starts and not is_title) or (numbers and title is not None)


def is_heading(cells, fields, title, usual):
    """Return whether a row holds a heading alone: one text, where other rows have several."""
    filled = [place for place, cell in enumerate(cells) if cell]
    if len(filled) != 1 or usual < 2 or fields[filled[0]] in ("action_line_title", "measure_statement"):
        return False
    return usual >= 3 and "action_line_title" not in fields if filled[0] == title else title is not None


def left_out_columns(table, fields, unused):
    """Return the heads of the columns that hold something and become nothing, or one of the `unused` fields.

    Columns without a head are named by their letters.
    """
    return [
        head or _("column %s") % letter(place)
        for place, head in enumerate(table.heads)
        if (not fields[place] or fields[place] in unused) and table.columns[place]
    ]


def letter(place):
    """Return the letters of a column as a spreadsheet shows them: `A` for 0, `AA` for 26."""
    letters = ""
    while place >= 0:
        place, rest = divmod(place, 26)
        letters = chr(65 + rest) + letters
        place -= 1
    return letters
