"""Small files of each format as people bring them, and changes that a program or an attacker would make to them."""

import io
import struct
import zipfile

from xlsxwriter import Workbook

HEADS = ["code", "status"]
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in [("office", "office"), ("table", "table"), ("text", "text"), ("calcext", "calcext")]
)


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


def archive_of(**parts):
    """A ZIP file with these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def ods(*tables, before="", **parts):
    """An ODS file of these tables: XML, or rows of texts."""
    xml = "".join(table if isinstance(table, str) else table_of(table) for table in tables)
    body = f"<office:body><office:spreadsheet>{xml}</office:spreadsheet></office:body>"
    content = f"{before}<office:document-content {NAMESPACES}>{body}</office:document-content>"
    return archive_of(mimetype=ODS_TYPE, **{"content.xml": content, "META-INF/manifest.xml": "<manifest/>"} | parts)


def table_of(rows, name="Plan"):
    """The XML of a table. A cell is a text, or XML."""
    return f'<table:table table:name="{name}">' + "".join(ods_row(*cells) for cells in rows) + "</table:table>"


def ods_row(*cells, attributes=""):
    return f"<table:table-row {attributes}>" + "".join(map(ods_cell, cells)) + "</table:table-row>"


def ods_cell(text, attributes=""):
    if text.startswith("<"):
        return text
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def record(kind, layout="", *values, text=b""):
    content = struct.pack("<" + layout, *values) + text
    return struct.pack("<HH", kind, len(content)) + content


def xls_text(row, column, text):
    encoded = text.encode("utf-16-le")
    return record(0x0204, "HHHHB", row, column, 0, len(text), 1, text=encoded)


XLS_BEGIN = record(0x0809, "HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
XLS_END = record(0x000A)


def xls(*sheets, before=b"", hidden=(), name="Workbook", **streams):
    """An XLS file whose sheets have these records."""
    sheets = [record(0x0809, "HHHHII", 0x0600, 0x0010, 0, 0, 0, 0) + records + XLS_END for records in sheets]
    names = [f"Sheet{number}".encode("utf-16-le") for number, _ in enumerate(sheets, start=1)]
    place = len(XLS_BEGIN + before) + sum(4 + 8 + len(name) for name in names) + len(XLS_END)
    listed = []
    for number, (records, label) in enumerate(zip(sheets, names, strict=True)):
        listed.append(record(0x0085, "IBBBB", place, number in hidden, 0, len(label) // 2, 1, text=label))
        place += len(records)
    return compound_file({name: XLS_BEGIN + before + b"".join(listed) + XLS_END + b"".join(sheets), **streams})


def compound_file(streams):
    """A compound file of these streams, which are filled up with zeros to more than small ones have."""
    sectors, fat, entries = [], [], [("Root Entry", 5, 0xFFFFFFFE, 0)]
    for name, content in streams.items():
        content = content.ljust(4096, b"\0")
        entries.append((name, 2, len(sectors), len(content)))
        add_sectors(sectors, fat, content)
    first = len(sectors)
    add_sectors(sectors, fat, b"".join(directory_entry(*entry) for entry in entries))

    count = 1
    while (len(fat) + count) > count * 128:
        count += 1
    places = list(range(len(fat), len(fat) + count))
    fat += [0xFFFFFFFD] * count
    fat += [0xFFFFFFFF] * (count * 128 - len(fat))
    table = struct.pack(f"<{len(fat)}I", *fat)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIII", count, first, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", *places, *[0xFFFFFFFF] * (109 - count))
    return header + b"".join(sectors) + table


def add_sectors(sectors, fat, content):
    for begin in range(0, len(content), 512):
        sectors.append(content[begin : begin + 512].ljust(512, b"\0"))
        fat.append(len(sectors))
    fat[-1] = 0xFFFFFFFE


def directory_entry(name, kind, first, size):
    label = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", 0xFFFFFFFF, 2 if kind == 2 else 0xFFFFFFFF, 1 if kind == 5 else 0xFFFFFFFF)
    head = label.ljust(64, b"\0") + struct.pack("<HBB", len(label), kind, 1) + links
    return head + bytes(36) + struct.pack("<III", first, size, 0)
