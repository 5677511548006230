"""The process that reads the cells of a workbook: `read_cells` of workbook.py starts it, and it ends with the file.

A damaged or hostile file can make the reader, which is written in Rust, panic, run for hours or end its process where
it gets no memory. Here that ends nothing else. This file imports nothing of the tracker, so that it starts in 30 ms.
It writes one line of JSON for each sheet.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY, SECONDS = 128_000_000, 2
SIGNIFICANT_DIGITS = 15  # of a spreadsheet's numbers; the digits of others would mean nothing


def set_limits():
    for kind, most in [
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
    ]:
        allowed = resource.getrlimit(kind)[1]
        most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(kind, (most, most))


def sheets_of(content, characters):
    """Yield each sheet of cells as a dictionary, until their texts have more characters than allowed."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for index, sheet in enumerate(book.sheets_metadata):
        if sheet.typ != SheetTypeEnum.WorkSheet:
            continue
        rows = rows_of(book.get_sheet_by_index(index))
        characters -= sum(len(cell) for _, cells in rows for cell in cells)
        if characters < 0:
            yield {"is_too_long": True}
            return
        yield {
            "index": index,
            "name": sheet.name,
            "is_hidden": sheet.visible != SheetVisibleEnum.Visible,
            "rows": rows,
        }


def rows_of(sheet):
    """Return the rows that hold something, each with its number and a text for each cell from column A on."""
    if sheet.start is None:
        return []
    first_row, first_column = sheet.start
    before = [""] * first_column
    rows = enumerate(sheet.to_python(), start=first_row + 1)
    return [(number, before + [as_text(cell) for cell in row]) for number, row in rows if any(c != "" for c in row)]


def as_text(cell):
    """Return a cell's value as text: dates in ISO 8601, whole numbers without a decimal point."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime):
        if cell.microsecond:  # a fraction of a day that a number cannot hold exactly
            cell = (cell + timedelta(microseconds=500_000)).replace(microsecond=0)
        return str(cell.date()) if cell.time() == time() else str(cell)
    if isinstance(cell, date):
        return str(cell)
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{cell:.{SIGNIFICANT_DIGITS}g}"
    return str(cell)


if __name__ == "__main__":
    set_limits()
    for sheet in sheets_of(sys.stdin.buffer.read(), int(sys.argv[1])):
        print(json.dumps(sheet))
