"""Put the sheets of a workbook together: the values that the spreadsheet reader gives, and what its XML or records say.

What a reader of values does not see (hidden rows, formulas, merged cells) is collected in `Notes` by the module of each
format.
"""

import json
import re
import subprocess
import sys
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

from plans.common import upload_limits
from plans.common.text import normalise
from reports.imports.files.sheet_limits import (
    MAX_COLUMNS,
    MAX_ROWS,
    cell_name,
    damaged_file,
    sheet_too_large,
    texts_too_long,
    too_many_rows,
)
from reports.imports.files.source import Sheet

READER = str(Path(__file__).with_name("calamine_process.py"))
ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)  # a text that is one itself
SECONDS = 10  # by the clock; its own limit is in seconds of the processor


@dataclass
class Notes:
    """What the values of a sheet do not say. Cells are pairs of row, from 1, and column, from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # first row and column, last row and column
    formulas: list[tuple[int, int]] = field(default_factory=list)
    unknown: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    links: dict[tuple[int, int], str] = field(default_factory=dict)  # the web address to which a cell leads


def read_workbook(content, notes):
    """Return the `Sheet` objects of a workbook that hold something. `notes` are those of a sheet by its index."""
    sheets = [sheet_of(cells, notes(cells)) for cells in read_cells(content)]
    if sum(len(sheet.rows) for sheet in sheets) > MAX_ROWS:
        raise too_many_rows()
    return [sheet for sheet in sheets if sheet.rows]


def read_cells(content):
    """Return the cells of each sheet, as `calamine_process` gives them."""
    command = [sys.executable, "-P", READER, str(upload_limits.IMPORT)]  # -P: our modules shadow none of Python's
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS)  # noqa: S603 (no shell)
    except subprocess.TimeoutExpired:
        raise sheet_too_large() from None
    if done.returncode:  # less than 0: ended by a limit
        raise sheet_too_large() if done.returncode < 0 or b"MemoryError" in done.stderr else damaged_file()

    sheets = [json.loads(line) for line in done.stdout.splitlines()]
    if any("is_too_long" in sheet for sheet in sheets):
        raise texts_too_long()
    return sheets


def sheet_of(cells, notes):
    """Return a `Sheet` of what was read and noted. Hidden rows are left out, merged cells filled down."""
    rows = {number: [normalise(text) for text in row] for number, row in cells["rows"]}
    clear(rows, notes.errors + notes.unknown)
    add_links(rows, notes.links)
    rows = {number: row for number, row in rows.items() if any(row)}
    width = max((last_filled(row) for row in rows.values()), default=0)
    rows = {number: (row + [""] * width)[:width] for number, row in rows.items()}
    merged = fill_down(rows, notes.merged)
    hidden = sorted(notes.hidden_rows & rows.keys())
    for number in hidden:
        del rows[number]

    def names(places):
        return [cell_name(row, column) for row, column in places if row not in notes.hidden_rows]

    return Sheet(
        name=cells["name"],
        rows=sorted(rows.items()),
        is_hidden=cells["is_hidden"],
        hidden_rows=hidden,
        hidden_columns=sorted(column for column in notes.hidden_columns if column < width),
        merged=merged,
        formulas=names(notes.formulas),
        unknown=names(notes.unknown),
        errors=names(notes.errors),
    )


def add_links(rows, links):
    """Write the web address of cells beside their text, in the columns where at least half of the cells have one.

    In others, such as that of titles, a link is no evidence.
    """
    for column in {column for _row, column in links}:
        filled = [number for number, row in rows.items() if column < len(row) and row[column]]
        linked = [number for number in filled if (number, column) in links]
        if 2 * len(linked) < len(filled) - 1:  # the head has none
            continue
        for number in linked:
            address = links[number, column]
            text = rows[number][column]
            rows[number][column] = text if ADDRESS.search(text) else f"{text} {address}"


def clear(rows, places):
    """Empty cells whose value is not known, whatever the reader takes for it."""
    for row, column in places:
        if row in rows and column < len(rows[row]):
            rows[row][column] = ""


def last_filled(row):
    return max((place for place, text in enumerate(row, start=1) if text), default=0)


def fill_down(rows, merged):
    """Write the text of merged cells into each row that they cross, if it holds something. Return these ranges."""
    numbers, filled, fills = sorted(rows), [], 0
    for first, column, last, last_column in merged:
        text = rows[first][column] if first in rows and column < len(rows[first]) else ""
        crossed = numbers[bisect_right(numbers, first) : bisect_right(numbers, last)] if text else []
        fills += len(crossed)
        if fills > MAX_ROWS * MAX_COLUMNS:  # ranges that overlap, which no spreadsheet program writes
            raise damaged_file()
        for number in crossed:
            rows[number][column] = text
        if crossed:
            filled.append(f"{cell_name(first, column)}:{cell_name(last, last_column)}")
    return filled
