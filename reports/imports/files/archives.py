"""Open the ZIP archive of an XLSX or ODS file after checks that cost less than reading it.

The unpacked size is added up before anything is unpacked, and what is no spreadsheet is refused by its name.
"""

import io
import re
import zipfile
import zlib

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.imports.files.sheet_limits import Refused, damaged_file, sheet_too_large

MAX_UNPACKED_BYTES = 50_000_000  # all files in the archive together
MAX_PART_BYTES = 20_000_000  # one file in the archive, such as a sheet
MAX_PARTS = 500  # files in the archive
MAX_TAGS, MAX_OTHER_TAGS = 2_000_000, 200_000  # of a sheet and of the texts of all sheets; of any other part
LARGE_COUNT = re.compile(rb"""\b(?:unique)?count\s*=\s*["']\s*\+?0*[1-9]\d{6}""", re.IGNORECASE)  # memory for so many
LONG_TAG = re.compile(rb"<[^<>]{5000}")  # readers compare each attribute of a tag with all the others
WITH_TABLES = re.compile(r"/worksheets/|sharedstrings\.xml$|^content\.xml$")
XML = (".xml", ".rels")

ODS = "application/vnd.oasis.opendocument.spreadsheet"
# What the file is instead, by the start of a name in the archive or of the type that OpenDocument files state first.
OTHER_SPREADSHEETS = {
    "xl/workbook.bin": gettext_lazy("This is a binary Excel file (XLSB)."),
    "Index/": gettext_lazy("This is a Numbers file."),
}
OTHER_DOCUMENTS = {
    "application/vnd.oasis.opendocument": gettext_lazy("This is a LibreOffice file, but not a spreadsheet."),
    "word/": gettext_lazy("This is a Word document."),
    "ppt/": gettext_lazy("This is a PowerPoint presentation."),
}


def open_archive(content):
    """Return the archive after checking its size, its integrity, and that it has neither password nor macros."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        check_parts(archive.infolist())
        for part in archive.infolist():
            unpacked = read_announced(archive, part)
            if part.filename.lower().endswith(XML):
                check_xml(part.filename.lower(), unpacked)
        check_kind(archive)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise damaged_file() from error
    return archive


def check_parts(parts):
    """Refuse an archive by what it says of its files."""
    names = [part.filename.lower() for part in parts]
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise Refused(_("This file unpacks to more than 50 MB. Remove what the tracker does not read."))
    if len(set(names)) < len(names):
        raise damaged_file()  # of two parts with one name, we would check one and the reader read the other
    if any(part.flag_bits & 1 for part in parts):
        raise has_password()
    if any(name.endswith("vbaproject.bin") for name in names):
        raise has_macros()


def has_password():
    return Refused(_("This file has a password. Save it without one, then try again."))


def has_macros():
    return Refused(_("This file contains macros. Save it as XLSX, which has none, then try again."))


def read_announced(archive, part):
    """Return as much of a part as the archive says it has. Raise `BadZipFile` where it is damaged, or has more."""
    with archive.open(part) as file:
        content = file.read(part.file_size)
        file.read(1)  # only at its end is a part compared with its checksum
    return content


def check_xml(name, content):
    """Refuse a part of a workbook that costs its readers much more than it weighs."""
    if LONG_TAG.search(content) or LARGE_COUNT.search(content):
        raise damaged_file()
    if content.count(b"<") > (MAX_TAGS if WITH_TABLES.search(name) else MAX_OTHER_TAGS):
        raise sheet_too_large()


def check_kind(archive):
    """Refuse an archive that is no workbook, by the name of what it is."""
    if is_xlsx(archive) or is_ods(archive):
        return
    save = _("Open it in your spreadsheet program, save the table as XLSX or CSV, then try again.")
    copy = _("Copy its table into a spreadsheet, save that as XLSX or CSV, then try again.")
    for kinds, advice in [(OTHER_SPREADSHEETS, save), (OTHER_DOCUMENTS, copy)]:
        for start, text in kinds.items():
            if any(name.startswith(start) for name in [stated_type(archive), *archive.namelist()]):
                raise Refused(f"{text} {advice}")
    raise Refused(_("This is a ZIP file without a spreadsheet. %s") % save)


def is_xlsx(archive):
    return any(name.lower() == "xl/workbook.xml" for name in archive.namelist())


def is_ods(archive):
    return stated_type(archive).strip().removesuffix("-template") == ODS


def stated_type(archive):
    """Return the type that OpenDocument files state, or an empty text."""
    if "mimetype" not in archive.namelist():
        return ""
    return archive.read("mimetype")[:100].decode("ascii", "replace")


def read_part(archive, name):
    """Return an XML file of the archive. Refuse document types: their entities could expand without limit."""
    try:
        if archive.getinfo(name).file_size > MAX_PART_BYTES:
            raise sheet_too_large()
        xml = archive.read(name)
    except KeyError:
        raise damaged_file() from None
    if b"<!DOCTYPE" in xml or b"\0" in xml:
        raise damaged_file()
    return xml
