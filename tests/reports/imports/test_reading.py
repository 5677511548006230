"""What an upload is read as, and how each file that cannot be taken is refused."""

import io
import struct
import zipfile

import pytest
from xlsxwriter import Workbook

from plans.common import upload_limits
from reports.figures.summary import summarise
from reports.files.formats import write_csv, write_xlsx
from reports.imports.reading import MAX_ROWS, Refused, read_table
from tests.builders import TODAY

HEADS = ["code", "status"]


def workbook(fill, *, name="Deliverables", **options):
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True} | options) as book:
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, HEADS)
        fill(book, sheet)
    return file.getvalue()


def row(book, sheet):
    sheet.write_row(1, 0, ["L1M1D1", "attained"])


def repacked(content, change, *, compression=zipfile.ZIP_DEFLATED):
    """The same archive, each part as `change(name, bytes)` gives it; None leaves it out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", compression) as new:
        for name in old.namelist():
            if (part := change(name, old.read(name))) is not None:
                new.writestr(name, part)
    return file.getvalue()


def sheet_with(xml):
    """A workbook whose sheet is this XML, after its head."""
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{xml}</worksheet>'
    return repacked(workbook(row), lambda name, part: sheet.encode() if name.endswith("sheet1.xml") else part)


@pytest.mark.parametrize(
    "content",
    [
        b"code,status\r\nL1M1D1,attained\r\n",
        b"\xef\xbb\xbfcode;status\nL1M1D1;attained\n",
        "code\tstatus\nL1M1D1\tattained\n".encode("utf-16"),
        workbook(row),
        workbook(row, name="Other"),
    ],
    ids=["csv", "semicolons", "utf-16", "xlsx", "xlsx, other sheet"],
)
def test_a_table_is_read_from_each_kind_of_file(content):
    table = read_table(content)
    assert (table.heads, table.lines) == (HEADS, [(2, ["L1M1D1", "attained"])])


def test_days_and_numbers_are_read_as_they_are_written_here():
    def fill(book, sheet):
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, 0, TODAY, day)
        sheet.write_number(1, 1, 3)

    assert read_table(workbook(fill)).lines == [(2, ["2026-11-24", "3"])]


def test_empty_rows_are_passed_over_and_the_others_keep_their_number():
    assert read_table(b"code,status\n\n\nL1M1D1,attained\n").lines == [(4, ["L1M1D1", "attained"])]


@pytest.mark.django_db
def test_our_own_exports_are_read_with_every_cell(plan):
    summary = summarise(plan, today=TODAY)
    csv, xlsx = read_table(write_csv(summary)), read_table(write_xlsx(summary))
    assert (len(csv.lines), len(xlsx.lines)) == (65, 65)
    assert csv.lines[1][1][4] == xlsx.lines[1][1][4]


def formula(book, sheet):
    row(book, sheet)
    sheet.write_formula(2, 1, "=1+1")


def merged(book, sheet):
    row(book, sheet)
    sheet.merge_range("A3:B3", "both")


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
    cells = sheet_with("<row>" + '<c t="s"><v>0</v></c>' * 50 + "</row>")
    return repacked(cells, lambda n, p: (texts % ("x" * 1_000_000)).encode() if "sharedStrings" in n else p)


def many_rows(number):
    return b"code,status\n" + b"L1M1D1,attained\n" * number


REFUSED = {
    "formula": (lambda: workbook(formula), "Cell B3 contains a formula"),
    "merged": (lambda: workbook(merged), "Cells A3:B3 are merged"),
    "far out": (lambda: workbook(far), "is outside the table"),
    "macros": (lambda: with_macros(workbook(row)), "contains macros"),
    "bomb": (bomb, "unpacks to more than 50 MB"),
    "lying bomb": (lying_bomb, "damaged"),
    "entities": (lambda: repacked(workbook(row), entities), "damaged"),
    "no sheet": (lambda: repacked(workbook(row), lambda n, p: None if "sheet1" in n else p), "damaged"),
    "no workbook": (
        lambda: repacked(workbook(row), lambda n, p: None if "workbook" in n else p), "a ZIP file without an Excel"
    ),
    "ods": (lambda: archive_of(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "an ODS file.*as XLSX"),
    "odt": (lambda: archive_of(mimetype="application/vnd.oasis.opendocument.text"), "a LibreOffice file, but no"),
    "docx": (lambda: archive_of(**{"word/document.xml": "<w/>"}), "a Word document.*as XLSX or CSV"),
    "pptx": (lambda: archive_of(**{"ppt/presentation.xml": "<p/>"}), "a PowerPoint presentation"),
    "xlsb": (lambda: archive_of(**{"xl/workbook.bin": "x"}), r"a binary Excel file \(XLSB\)"),
    "numbers": (lambda: archive_of(**{"Index/Document.iwa": "x"}), "a Numbers file"),
    "pictures": (lambda: archive_of(**{"a.png": "x"}), "a ZIP file without an Excel workbook.*Open it"),
    "pdf": (lambda: b"%PDF-1.7 and more", "neither an XLSX nor a CSV"),
    "html": (lambda: b"<!DOCTYPE html><table><tr><td>code</td></tr></table>", "neither an XLSX nor a CSV"),
    "not xml": (lambda: repacked(workbook(row), lambda n, p: b"x" if "sheet1" in n else p), "damaged"),
    "two of a name": (lambda: workbook(row) and twice(), "damaged"),
    "many elements": (lambda: sheet_with("<x/>" * 500_000), "too large"),
    "cells without a place": (lambda: sheet_with("<row>" + "<c><v>1</v></c>" * 3000 + "</row>"), "is outside"),
    "rows without a place": (lambda: sheet_with("<row><c><v>1</v></c></row>" * 6000), "is outside"),
    "an error": (lambda: sheet_with('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>'), "Cell A1 contains an error"),
    "two relations of one name": (lambda: repacked(workbook(row), related_twice), "damaged"),
    "one long text many times": (long_text_many_times, "texts of this sheet are too long"),
    "odd reference": (lambda: sheet_with('<sheetData><row r="1"><c r="$$"/></row></sheetData>'), "damaged"),
    "cut short": (lambda: workbook(row)[:2000], "damaged"),
    "a zip": (lambda: b"PK\x03\x04", "damaged"),
    "old excel": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "old Excel file or has a password"),
    "latin-1": (lambda: "code,status\nL1M1D1,Montréal\n".encode("latin-1"), "not UTF-8"),
    "utf-16 cut": (lambda: "code".encode("utf-16")[:-1], "not UTF-8"),
    "binary": (lambda: b"\0\1\2\3" * 50, "neither an XLSX nor a CSV"),
    "quotation": (lambda: b'code,status\n"L1M1D1,attained\n', "quotation marks"),
    "nothing": (lambda: b"", "no rows"),
    "heads alone": (lambda: b"code,status\n", "no rows"),
    "first row empty": (lambda: b",\ncode,status\nL1M1D1,attained\n", "first row is empty"),
    "beyond the heads": (lambda: b"code,status\nL1M1D1,attained,more\n", "Row 2 has more cells"),
    "too many rows": (lambda: many_rows(MAX_ROWS), "more than 5000 rows"),
    "line ends alone": (lambda: b"code\n" + b"\n" * 4_900_000, "more than 5000 rows"),
    "commas alone": (lambda: b"code\n" + b"," * 4_900_000, "more than 60 cells"),
    "too large": (lambda: b"x" * (upload_limits.IMPORT + 1), "larger than 5 MB"),
}  # fmt: skip


def archive_of(**parts):
    """A ZIP file with these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def twice():
    file = io.BytesIO(workbook(row))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    return file.getvalue()


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(kind):
    make, sentence = REFUSED[kind]
    with pytest.raises(Refused, match=sentence):
        read_table(make())


MANY = b" ".join(b'a%d="1"' % number for number in range(1_000_000))
PLACES = {
    "xl/worksheets/sheet1.xml": b"<sheetData", "xl/styles.xml": b"<fonts", "xl/workbook.xml": b"<sheets",
    "xl/_rels/workbook.xml.rels": b"<Relationship ", "[Content_Types].xml": b"<Default ",
}  # fmt: skip


@pytest.mark.parametrize("part", PLACES)
def test_a_million_attributes_are_refused_before_anything_compares_them(part, monkeypatch):
    """Readers compare each attribute of a tag with all the others."""
    for reader in ("reports.imports.reading.parse_xml", "python_calamine.CalamineWorkbook"):
        monkeypatch.setattr(reader, None)
    tag = PLACES[part]

    def change(name, content):
        return content.replace(tag, tag + b" " + MANY + b" ", 1) if name == part else content

    with pytest.raises(Refused, match="is damaged"):
        read_table(repacked(workbook(row), change))


def test_many_attributes_of_each_cell_are_refused():
    hundred = b" ".join(MANY.split(b" ")[:100])

    def change(name, content):
        return content.replace(b"<c ", b"<c " + hundred + b" ", 1) if "sheet1" in name else content

    with pytest.raises(Refused, match="too large"):
        read_table(repacked(workbook(row), change))


@pytest.mark.parametrize("count", [b'count="4000000000"', b"uniqueCount = '0004000000000'", b'count="+9999999"'])
def test_a_count_for_which_a_reader_would_reserve_all_memory_is_refused(count):
    """The reader, which is written in Rust, ends its whole process where there is not so much."""

    def change(name, content):
        return content.replace(b"<sst ", b"<sst " + count + b" x", 1) if name == "xl/sharedStrings.xml" else content

    with pytest.raises(Refused, match="is damaged"):
        read_table(repacked(workbook(row), change))


def test_very_many_styles_are_refused():
    def change(name, content):
        return content.replace(b"</cellXfs>", b"<xf/>" * 250_000 + b"</cellXfs>", 1) if "styles" in name else content

    with pytest.raises(Refused, match="too large"):
        read_table(repacked(workbook(row), change))


def test_an_enormous_number_is_not_written_out():
    content = workbook(lambda book, sheet: sheet.write_row(1, 0, [1e308, 123456789012345]))
    assert read_table(content).lines == [(2, ["1e+308", "123456789012345"])]
