"""What an upload is read as, and how each file that cannot be taken is refused."""

import io
import struct
import zipfile

import pytest

from plans.common import upload_limits
from reports.figures.summary import summarise
from reports.files.formats import write_csv, write_xlsx
from reports.imports.files.reading import Refused, read_source
from reports.imports.files.sheet_limits import MAX_ELEMENTS, MAX_ROWS
from reports.imports.mapping.choices import guess
from tests.builders import TODAY
from tests.reports.imports.files import (
    HEADS,
    XLS_BEGIN,
    XLS_END,
    archive_of,
    compound_file,
    ods,
    ods_cell,
    ods_row,
    record,
    repacked,
    row,
    sheet_with,
    table_of,
    workbook,
    xls,
    xls_text,
)
from tests.reports.imports.test_stratml import INDICATOR, goal, objective, plan


@pytest.mark.parametrize(
    "content",
    [
        b"code,status\r\nL1M1D1,attained\r\n",
        b"\xef\xbb\xbfcode;status\nL1M1D1;attained\n",
        "code\tstatus\nL1M1D1\tattained\n".encode("utf-16"),
        workbook(row),
        workbook(row, name="Other"),
        ods([HEADS, ["L1M1D1", "attained"]]),
        xls(xls_text(0, 0, "code") + xls_text(0, 1, "status") + xls_text(1, 0, "L1M1D1") + xls_text(1, 1, "attained")),
    ],
    ids=["csv", "semicolons", "utf-16", "xlsx", "xlsx, other sheet", "ods", "xls"],
)
def test_a_table_is_read_from_each_kind_of_file(content):
    assert read_source(content).sheets[0].rows == [(1, HEADS), (2, ["L1M1D1", "attained"])]


def test_days_and_numbers_are_read_as_they_are_written_here():
    def fill(book, sheet):
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, 0, TODAY, day)
        sheet.write_number(1, 1, 3)

    assert read_source(workbook(fill)).sheets[0].rows[1:] == [(2, ["2026-11-24", "3"])]


def test_empty_rows_are_passed_over_and_the_others_keep_their_number():
    assert read_source(b"code,status\n\n\nL1M1D1,attained\n").sheets[0].rows[1:] == [(4, ["L1M1D1", "attained"])]


@pytest.mark.django_db
def test_our_own_exports_are_read_with_every_cell(plan):
    summary = summarise(plan, today=TODAY)
    csv, xlsx = (guess(read_source(write(summary)), plan).table for write in (write_csv, write_xlsx))
    assert (len(csv.rows), len(xlsx.rows)) == (65, 65)
    assert csv.rows[1][1][4] == xlsx.rows[1][1][4]


def far(book, sheet):
    row(book, sheet)
    sheet.write(1_000_000, 16_000, "x")


def with_macros(content):
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    return file.getvalue()


def bomb():
    """A small archive that unpacks to 60 MB."""
    zeros = b"0" * 60_000_000
    return repacked(workbook(row), lambda name, part: zeros if name.endswith("theme1.xml") else part)


def lying_bomb():
    """The same, with a size of ten bytes written where sizes are declared."""
    content = bomb()
    return content.replace(struct.pack("<I", 60_000_000), struct.pack("<I", 10))


def entities(name, part):
    if not name.endswith("sheet1.xml"):
        return part
    return b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + part


def related_twice(name, part):
    if not name.endswith("workbook.xml.rels"):
        return part
    again = part[part.index(b"<Relationship ") : part.index(b"/>") + 2]
    return part.replace(again, again * 2)


def long_text_many_times():
    texts = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%s</t></si></sst>'
    cells = sheet_with("<sheetData><row>" + '<c t="s"><v>0</v></c>' * 50 + "</row></sheetData>")
    return repacked(cells, lambda n, p: (texts % ("x" * 1_000_000)).encode() if "sharedStrings" in n else p)


def merged_with_overlaps():
    cells = '<row><c t="str"><v>x</v></c></row>' * 6000
    return sheet_with(f"<sheetData>{cells}</sheetData>" + '<mergeCell ref="A1:A6000"/>' * 200)


ONE_CELL = "<row><c><v>1</v></c></row>"
REPEATED = ods_cell("x", 'table:number-columns-repeated="%d"')
FAR_ROWS = ods_row(attributes='table:number-rows-repeated="1048575"') + ods_row("x")
EQUAL_ROWS = ods_row("x", attributes='table:number-rows-repeated="19999"')


FORMULAS = ods_row(
    '<table:table-cell table:formula="x" table:number-columns-repeated="60"/>',
    attributes='table:number-rows-repeated="19999"',
)


def long_text_merged():
    cells = f'<row><c t="str"><v>{"x" * 30_000}</v></c><c><v>1</v></c></row>' + "<row><c/><c><v>1</v></c></row>" * 5000
    return sheet_with(f"<sheetData>{cells}</sheetData>" + '<mergeCell ref="A1:A5001"/>')


def stratml_of_many_links():
    links = "".join(f"https://a.example/{number} " for number in range(10_000))
    more = f"<OtherInformation>{links}</OtherInformation>"
    return plan(goal(objective("x", more=more + INDICATOR * 3000)))


def ods_in_utf_16():
    def change(name, part):
        document = b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>" + part
        return document.decode().encode("utf-16") if name == "content.xml" else part

    return repacked(ods([["x"]]), change)


def xls_of_one_text(times=1000):
    shared = record(0xFC, "IIHB", 1, 1, 8000, 0, text=b"x" * 8000)
    cells = b"".join(record(0xFD, "HHHI", number, 0, 0, 0) for number in range(times))
    return xls(cells, before=shared)


def xls_of_sheets_in_each_other():
    begin = XLS_BEGIN + 20 * record(0x0085, "IBBBB", 0, 0, 0, 1, 0, text=b"x") + XLS_END
    names = [record(0x0085, "IBBBB", len(begin) + 20 * n, 0, 0, 1, 0, text=b"x") for n in range(20)]
    sheets = XLS_BEGIN * 20 + record(0x0001) * 900_000
    return compound_file({"Workbook": XLS_BEGIN + b"".join(names) + XLS_END + sheets})


def xls_in_a_circle():
    content = bytearray(xls(xls_text(0, 0, "x")))
    content[-512:-508] = bytes(4)  # the first sector follows itself
    return bytes(content)


def many_rows(number):
    return b"code,status\n" + b"L1M1D1,attained\n" * number


REFUSED = {
    "far out": (lambda: workbook(far), "Cell WQK1000001 holds something"),
    "macros": (lambda: with_macros(workbook(row)), "contains macros"),
    "bomb": (bomb, "unpacks to more than 50 MB"),
    "lying bomb": (lying_bomb, "damaged"),
    "entities": (lambda: repacked(workbook(row), entities), "damaged"),
    "no sheet": (lambda: repacked(workbook(row), lambda n, p: None if "sheet1" in n else p), "damaged"),
    "no workbook": (
        lambda: repacked(workbook(row), lambda n, p: None if "workbook" in n else p), "a ZIP file without a spreadsheet"
    ),
    "odt": (lambda: archive_of(mimetype="application/vnd.oasis.opendocument.text"), "a LibreOffice file, but no"),
    "docx": (lambda: archive_of(**{"word/document.xml": "<w/>"}), "a Word document.*as XLSX or CSV"),
    "pptx": (lambda: archive_of(**{"ppt/presentation.xml": "<p/>"}), "a PowerPoint presentation"),
    "xlsb": (lambda: archive_of(**{"xl/workbook.bin": "x"}), r"a binary Excel file \(XLSB\)"),
    "numbers": (lambda: archive_of(**{"Index/Document.iwa": "x"}), "a Numbers file"),
    "pictures": (lambda: archive_of(**{"a.png": "x"}), "a ZIP file without a spreadsheet.*Open it"),
    "pdf": (lambda: b"%PDF-1.7 and more", "not a spreadsheet. Save the table as XLSX, ODS or CSV"),
    "html": (lambda: b"<!DOCTYPE html><table><tr><td>code</td></tr></table>", "not a spreadsheet"),
    "png": (lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 50, "not a spreadsheet"),
    "flat ods": (lambda: b"<?xml version='1.0'?>\n<office:document/>", "not a spreadsheet"),
    "not xml": (lambda: repacked(workbook(row), lambda n, p: b"x" if "sheet1" in n else p), "damaged"),
    "two of a name": (lambda: workbook(row) and twice(), "damaged"),
    "many elements": (lambda: sheet_with("<x/>" * (MAX_ELEMENTS + 1)), "too large"),
    "cells without a place": (lambda: sheet_with("<row>" + "<c><v>1</v></c>" * 3000 + "</row>"), "Cell BI1 holds"),
    "rows without a place": (lambda: sheet_with(ONE_CELL * 20_001), "Cell A20001 holds"),
    "many rows in a sheet": (lambda: sheet_with(f"<sheetData>{ONE_CELL * 6001}</sheetData>"), "more than 6000 rows"),
    "too many sheets": (lambda: workbook(lambda book, _: [book.add_worksheet() for _ in range(30)]), "than 30 sheets"),
    "merged with overlaps": (merged_with_overlaps, "damaged"),
    "two relations of one name": (lambda: repacked(workbook(row), related_twice), "damaged"),
    "one long text many times": (long_text_many_times, "texts of this file are too long"),
    "odd reference": (lambda: sheet_with('<sheetData><row r="1"><c r="$$"/></row></sheetData>'), "damaged"),
    "cut short": (lambda: workbook(row)[:2000], "damaged"),
    "a zip": (lambda: b"PK\x03\x04", "damaged"),
    "old excel": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "damaged"),
    "utf-16 cut": (lambda: "code".encode("utf-16")[:-1], "not a spreadsheet"),
    "binary": (lambda: b"\0\1\2\3" * 50, "not a spreadsheet"),
    "control characters": (lambda: b"code,status\nL1\x01,\x02\n", "not a spreadsheet"),
    "quotation": (lambda: b'code,status\n"L1M1D1,attained\n', "quotation marks"),
    "nothing": (lambda: b"", "This file is empty"),
    "too many rows": (lambda: many_rows(MAX_ROWS), "more than 6000 rows"),
    "line ends alone": (lambda: b"code\n" + b"\n" * 4_900_000 + b"x", "more than 6000 rows"),
    "commas alone": (lambda: b"code\n" + b"," * 4_900_000 + b"x", "more than 60 cells"),
    "no line end and no ascii": (lambda: b"\xe9" * 4_900_000, "quotation marks"),
    "short lines in another encoding": (lambda: b"\xe9\n" * 2_400_000, "more than 6000 rows"),
    "commas in each row": (lambda: b"code\n" + (b"," * 100 + b"x\n") * 40_000, "Row 2 has more than 60 cells"),
    "ods far out": (lambda: ods([["x"]], table_of([[REPEATED % 17_000]])), "Cell YCV1 holds something"),
    "ods far down": (lambda: ods(table_of([]).replace("</", FAR_ROWS + "</", 1)), "Cell A1048576 holds something"),
    "ods of equal rows": (lambda: ods(table_of([]).replace("</", EQUAL_ROWS + "</", 1)), "more than 6000 rows"),
    "ods of many tables": (lambda: ods(*[[["x"]]] * 31), "more than 30 sheets"),
    "ods of many elements": (lambda: ods("<table:x/>" * (MAX_ELEMENTS + 1)), "too large"),
    "ods nested": (lambda: ods("<table:x>" * 50_000 + "</table:x>" * 50_000), "too large"),
    "ods with entities": (lambda: ods([["x"]], before='<!DOCTYPE x [<!ENTITY a "aaaa">]>'), "damaged"),
    "ods with entities in utf-16": (ods_in_utf_16, "damaged"),
    "ods with a wrong number": (lambda: ods([[REPEATED.replace("%d", "many")]]), "damaged"),
    "ods with a password": (lambda: ods([["x"]], **{"META-INF/manifest.xml": "<m><encryption-data/></m>"}), "password"),
    "ods without content": (lambda: ods([["x"]], **{"content.xml": "x"}), "damaged"),
    "ods of very many formulas": (lambda: ods(table_of([]).replace("</", FORMULAS + "</", 1)), "too large"),
    "long text merged over many rows": (long_text_merged, "texts of this file are too long"),
    "xls far out": (lambda: xls(xls_text(0, 0, "x") + xls_text(65_535, 255, "x")), "Cell IV65536 holds something"),
    "xls numbers far out": (lambda: xls(record(0xBD, "HHHIHIH", 0, 98, 0, 0, 0, 0, 99)), "Cell CV1 holds something"),
    "xls of many sheets": (lambda: xls(*[xls_text(0, 0, "x")] * 31), "more than 30 sheets"),
    "xls of many records": (lambda: xls(record(0x0001) * 1_000_000), "too large"),
    "xls of sheets in each other": (xls_of_sheets_in_each_other, "too large"),
    "xls of one text many times": (xls_of_one_text, "too long"),
    "xls of one text very many times": (lambda: xls_of_one_text(20_000), "too large"),
    "xls with a password": (lambda: xls(xls_text(0, 0, "x"), before=record(0x2F, "H", 0)), "has a password"),
    "xls with macros": (lambda: xls(xls_text(0, 0, "x"), _VBA_PROJECT_CUR=b"x"), "contains macros"),
    "xlsx with a password": (lambda: compound_file({"EncryptedPackage": b"x"}), "has a password"),
    "doc": (lambda: compound_file({"WordDocument": b"x"}), "not a spreadsheet. Copy its table"),
    "xls cut short": (lambda: xls(xls_text(0, 0, "x"))[:3000], "damaged"),
    "xls whose sectors go in a circle": (xls_in_a_circle, "damaged"),
    "stratml with entities": (lambda: b"<!DOCTYPE x [<!ENTITY a 'a'>]><StrategicPlan>&a;</StrategicPlan>", "StratML"),
    "stratml cut short": (lambda: b"<StrategicPlan><Name>x", "StratML file is damaged"),
    "stratml nested": (lambda: b"<StrategicPlan>" + b"<Goal>" * 700_000, "too large"),
    "stratml of many elements": (lambda: b"<StrategicPlan>" + b"<Goal/>" * 700_000, "too large"),
    "stratml of a long goal": (lambda: plan(goal(objective("x") * 5000, more="y" * 2000)), "texts .* too long"),
    "stratml of many links": (stratml_of_many_links, "texts of this file are too long"),
    "stratml of many goals": (lambda: b"<StrategicPlan>" + b"<Goal/>" * 6000 + b"</StrategicPlan>", "6000 rows"),
    "too large": (lambda: b"x" * (upload_limits.IMPORT + 1), "larger than 5 MB"),
}  # fmt: skip


NO_TABLE = {
    "heads alone": (b"code,status\n", "no rows"),
    "first row empty": (b",\ncode,status\nL1M1D1,attained\n", "first row is empty"),
    "beyond the heads": (b"code,status\nL1M1D1,attained,more\n", "Row 2 has more cells"),
}


def twice():
    file = io.BytesIO(workbook(row))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    return file.getvalue()


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(kind):
    make, sentence = REFUSED[kind]
    with pytest.raises(Refused, match=sentence):
        read_source(make())


MANY = b" ".join(b'a%d="1"' % number for number in range(1_000_000))
PLACES = {
    "xl/worksheets/sheet1.xml": b"<sheetData", "xl/styles.xml": b"<fonts", "xl/workbook.xml": b"<sheets",
    "xl/_rels/workbook.xml.rels": b"<Relationship ", "[Content_Types].xml": b"<Default ",
}  # fmt: skip


@pytest.mark.parametrize("part", PLACES)
def test_a_million_attributes_are_refused_before_anything_compares_them(part, monkeypatch):
    """Readers compare each attribute of a tag with all the others."""
    for reader in ("reports.imports.files.xlsx.parse_xml", "reports.imports.files.workbook.subprocess"):
        monkeypatch.setattr(reader, None)
    tag = PLACES[part]

    def change(name, content):
        return content.replace(tag, tag + b" " + MANY + b" ", 1) if name == part else content

    with pytest.raises(Refused, match="is damaged"):
        read_source(repacked(workbook(row), change))


def test_many_attributes_of_each_cell_are_refused():
    hundred = b" ".join(MANY.split(b" ")[:100])

    def change(name, content):
        return content.replace(b"<c ", b"<c " + hundred + b" ", 1) if "sheet1" in name else content

    with pytest.raises(Refused, match="too large"):
        read_source(repacked(workbook(row), change))


@pytest.mark.parametrize("count", [b'count="4000000000"', b"uniqueCount = '0004000000000'", b'count="+9999999"'])
def test_a_count_for_which_a_reader_would_reserve_all_memory_is_refused(count):
    """The reader, which is written in Rust, ends its whole process where there is not so much."""

    def change(name, content):
        return content.replace(b"<sst ", b"<sst " + count + b" x", 1) if name == "xl/sharedStrings.xml" else content

    with pytest.raises(Refused, match="is damaged"):
        read_source(repacked(workbook(row), change))


def test_very_many_styles_are_refused():
    def change(name, content):
        return content.replace(b"</cellXfs>", b"<xf/>" * 250_000 + b"</cellXfs>", 1) if "styles" in name else content

    with pytest.raises(Refused, match="too large"):
        read_source(repacked(workbook(row), change))


def test_an_enormous_number_is_not_written_out():
    content = workbook(lambda book, sheet: sheet.write_row(1, 0, [1e308, 123456789012345]))
    assert read_source(content).sheets[0].rows[1:] == [(2, ["1e+308", "123456789012345"])]
