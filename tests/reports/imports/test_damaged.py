"""Files of each format with bytes changed, lost or added: they are read or refused, and nothing else happens."""

import contextlib
import io
import os
import random
import zipfile

import pytest

from reports.imports.files.reading import read_source
from reports.imports.files.sheet_limits import Refused
from tests.reports.imports.files import ods, ods_cell, ods_row, record, repacked, workbook, xls, xls_text
from tests.reports.imports.test_stratml import INDICATOR, goal, objective, plan
from tests.reports.imports.test_xls import ERROR, formula

FILES = 4000 if os.environ.get("SOAK") else 100  # of each kind


def fill(book, sheet):
    sheet.merge_range("A2:A4", "Line 1")
    sheet.write_column("B2", ["x", 1.5, "é"])
    sheet.write_formula("C2", "=NA()", None, "#N/A")
    sheet.set_row(3, None, None, {"hidden": True})
    book.add_worksheet("More").write(0, 0, "x")


def whole_xls():
    cells = [xls_text(0, 0, "code"), xls_text(1, 0, "é"), formula(1, 1, ERROR), record(0x0203, "HHHd", 2, 0, 0, 1.5)]
    return xls(b"".join(cells), record(0x00E5, "HHHHH", 1, 0, 1, 0, 0) + xls_text(0, 0, "x"))


def whole_ods():
    spans = ods_cell("x", 'table:number-rows-spanned="2" table:number-columns-repeated="2"')
    return ods([["code", "é"]], f"<table:table>{ods_row(spans)}{ods_row('y')}</table:table>")


def change_parts(content, chance):
    """Change the XML of an archive, not the archive, which nothing else would get past."""
    changed = chance.choice(zipfile.ZipFile(io.BytesIO(content)).namelist())
    return repacked(content, lambda name, part: damaged(part, chance) if name == changed else part)


def damaged(content, chance):
    """Return the bytes with up to five changes: bytes changed, cut, added, doubled, or a digit that grows."""
    content = bytearray(content)
    kinds = chance.choice([["digit"], ["change"], ["change", "cut", "insert", "double", "digit"]])
    for _change in range(chance.randint(1, 3)):
        place, length = chance.randrange(len(content) or 1), chance.choice([1, 1, 2, 10, 500])
        kind = chance.choice(kinds)
        if kind == "change":
            content[place : place + length] = chance.randbytes(length)
        elif kind == "cut":
            del content[place : place + length]
        elif kind == "insert":
            content[place:place] = chance.randbytes(length)
        elif kind == "double":
            content[place:place] = content[place : place + length] * chance.choice([1, 50])
        elif digits := [at for at, byte in enumerate(content) if byte in b"0123456789"]:
            at = chance.choice(digits)
            content[at : at + 1] = chance.choice([b"99", b"65536", b"1048576", b"4294967296", b"-1", b""])
    return bytes(content)


CSV = 'code;title\r\nL1;"Dos; tres"\r\nL2;Montréal\r\n'
KINDS = {
    "xlsx": (lambda: workbook(fill), change_parts),
    "xlsx archive": (lambda: workbook(fill), damaged),
    "ods": (whole_ods, change_parts),
    "xls": (whole_xls, damaged),
    "csv": (lambda: CSV.encode("cp1252"), damaged),
    "csv in utf-16": (lambda: CSV.encode("utf-16"), damaged),
    "stratml": (lambda: plan(goal(objective("Parks", more=INDICATOR))), damaged),
}


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_read_or_refused(kind):
    make, change = KINDS[kind]
    whole, chance = make(), random.Random(2026)
    assert read_source(whole).sheets
    for _number in range(FILES):
        with contextlib.suppress(Refused):
            read_source(change(whole, chance))
