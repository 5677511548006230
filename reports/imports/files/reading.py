"""Read an uploaded file as a `Source`, or raise `Refused` with a sentence that says what to do.

Uploads are hostile until checked. The format is decided by the bytes, never by the name, and each is checked before
its cells are read.
"""

import re

from django.utils.translation import gettext as _

from plans.common import upload_limits
from reports.imports.files import archives
from reports.imports.files.compound_file import SIGNATURE
from reports.imports.files.csv_text import not_a_table, read_csv
from reports.imports.files.ods import read_ods
from reports.imports.files.own_stratml import is_ours, read_own_stratml
from reports.imports.files.sheet_limits import Refused, texts_too_long
from reports.imports.files.source import Source
from reports.imports.files.stratml import ROOTS, parse, read_stratml
from reports.imports.files.xls import read_xls
from reports.imports.files.xlsx import read_xlsx

# PDF, RTF, PNG, JPEG, GIF, gzip, RAR, 7z
OTHERS = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
XML = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<")
STRATML = re.compile(rb"<(?:\w+:)?(?:%s)[\s>]" % "|".join(ROOTS).encode())
XML_START = 50_000  # bytes in which the root must begin, after comments


def read_source(content, *, encoding=""):
    """Return the `Source` in a file's bytes. Raise `Refused` if it cannot be read.

    `encoding` is that of a CSV, if a person has chosen one.
    """
    if len(content) > upload_limits.IMPORT:
        raise Refused(too_large())
    if content.startswith(OTHERS):
        raise not_a_table()

    source = read_format(content, encoding)
    if not any(sheet.rows for sheet in source.sheets):
        raise Refused(_("This file is empty. Choose the one that has the table."))
    if characters_of(source) > upload_limits.IMPORT:  # merged cells and goals are written into many rows
        raise texts_too_long()
    return source


def read_format(content, encoding):
    """Return the `Source` of a file by the format that its first bytes say."""
    if content.startswith(b"PK"):
        archive = archives.open_archive(content)
        read = read_xlsx if archives.is_xlsx(archive) else read_ods
        return Source("workbook", read(content, archive))
    if content.startswith(SIGNATURE):
        return Source("workbook", read_xls(content))
    if XML.match(content):
        if not STRATML.search(content[:XML_START].replace(b"\0", b"")):
            raise not_a_table()
        root = parse(content)
        return Source("ours", [read_own_stratml(root)]) if is_ours(root) else Source("stratml", [read_stratml(root)])
    return read_csv(content, encoding)


def characters_of(source):
    return sum(len(cell) for sheet in source.sheets for _number, row in sheet.rows for cell in row)


def too_large():
    """Return the refusal of a file over the limit."""
    text = _("This file is larger than %d MB. Remove what the tracker does not read, such as pictures.")
    return text % upload_limits.megabytes(upload_limits.IMPORT)
