"""Find out which office document an archive is, and refuse those with macros or passwords.

Nothing is unpacked except a few small files, and no more of them than a limit, so that a ZIP bomb costs nothing.
"""

import re
import struct
import zipfile
import zlib
from xml.parsers import expat

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_ENTRIES = 10_000  # files in the archive
MAX_UNPACKED_BYTES = 500_000_000  # all of them together, as the archive announces
MAX_READ_BYTES = 2_000_000  # of a file in the archive that is read here
ENTRY = b"PK\x01\x02"  # begins each line of an archive's table of contents
CONTENT_TYPES, MIMETYPE, MANIFEST = "[Content_Types].xml", "mimetype", "META-INF/manifest.xml"
OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
MAIN_PARTS = {
    f"{OFFICE}.wordprocessingml.document.main+xml": "docx",
    f"{OFFICE}.spreadsheetml.sheet.main+xml": "xlsx",
    f"{OFFICE}.presentationml.presentation.main+xml": "pptx",
}
MIMETYPES = {
    f"{OPEN_DOCUMENT}.text": "odt",
    f"{OPEN_DOCUMENT}.spreadsheet": "ods",
    f"{OPEN_DOCUMENT}.presentation": "odp",
}
SCRIPT = re.compile(r"(?:^|/)(?:Basic|Scripts)/")
# Folders, and lists of scripts that LibreOffice writes even where they are empty.
NO_SCRIPTS = ("/", "script-lc.xml", "script-lb.xml", "dialog-lc.xml", "dialog-lb.xml")
# What zipfile raises for an archive that is damaged.
DAMAGES = (
    zipfile.BadZipFile, zlib.error, struct.error, expat.ExpatError, EOFError, LookupError, OSError, OverflowError,
    RuntimeError, ValueError,
)  # fmt: skip


def kind_of_archive(file):
    """Return the kind of an office document: a key of `KINDS`. Raise `ValidationError` for any other archive."""
    check_number_of_entries(file)
    try:
        archive = zipfile.ZipFile(file)
        check_entries(archive)
        return open_document(archive) or office_document(archive) or other_archive()
    except DAMAGES as error:
        raise damaged() from error


def check_number_of_entries(file):
    """Refuse too many entries before zipfile reads them: it needs a thousand bytes of memory for each."""
    file.seek(0)
    entries, end = 0, b""
    while part := file.read(2**16):
        entries += (end + part).count(ENTRY)
        end = part[1 - len(ENTRY) :]
    if entries > MAX_ENTRIES:
        raise too_much_inside()


def check_entries(archive):
    """Refuse an archive that unpacks to too much, has a password, or has two files with one name."""
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise too_much_inside()
    if any(entry.flag_bits & 1 for entry in entries):
        raise has_password()
    if len({entry.filename.lower() for entry in entries}) < len(entries):
        raise damaged()  # of the two, we would check one and a program show the other


def office_document(archive):
    """Return the kind of an Office Open XML document, None for any other archive."""
    names = [f"/{name.lower()}" for name in archive.namelist()]
    if CONTENT_TYPES not in archive.namelist():
        return None

    types = content_types(read_small(archive, CONTENT_TYPES))
    has_macro_type = any("macro" in kind or "vba" in kind for _parts, kind in types)
    if has_macro_type or any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        raise has_macros()
    named = set(names) | {f".{name.rpartition('.')[2]}" for name in names}  # sets, since archives hold thousands
    found = {MAIN_PARTS[kind] for part, kind in types if kind in MAIN_PARTS and part in named}
    return found.pop() if len(found) == 1 else None


def content_types(xml):
    """Return a list of (parts, type): one part by name, such as "/word/document.xml", or all of an end: ".xml"."""
    types = []

    def begin(tag, attributes):
        kind, element = attributes.get("ContentType", "").strip().lower(), tag.rpartition(":")[2]
        if element == "Override":
            types.append((attributes.get("PartName", "/").lower(), kind))
        elif element == "Default":
            types.append((f".{attributes.get('Extension', '').lower()}", kind))

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.Parse(xml, True)
    return types


def refuse_document_type(*_args):
    """Refuse document types: their entities could expand without limit, and no office program writes any."""
    raise damaged()


def open_document(archive):
    """Return the kind of an OpenDocument file, None for any other archive."""
    names = archive.namelist()
    if names[:1] != [MIMETYPE]:
        return None
    kind = MIMETYPES.get(read_small(archive, MIMETYPE).decode("ascii").strip())
    if kind is None or MANIFEST not in names:
        return None

    if "encrypted-package" in names or b"encryption-data" in read_small(archive, MANIFEST):
        raise has_password()
    if any(SCRIPT.search(name) and not name.endswith(NO_SCRIPTS) for name in names):
        raise has_macros()
    if "content.xml" not in names:
        raise damaged()
    return kind


def read_small(archive, name):
    """Return a file of the archive. Raise `ValidationError` if it is larger than such a file is, announced or not."""
    entry = archive.getinfo(name)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others cannot be read in small pieces
        raise damaged()
    with archive.open(entry) as file:
        content = file.read(MAX_READ_BYTES + 1)
    if len(content) > MAX_READ_BYTES:
        raise damaged()
    return content


def other_archive():
    """Refuse an archive that is none of our kinds."""
    raise ValidationError(
        _(
            "This is a ZIP file, or a document in a format that not everybody can open. Upload the documents in it one"
            " by one, or save it as PDF, DOCX, XLSX or PPTX, then try again."
        )
    )


def damaged():
    return ValidationError(
        _("This document is damaged and cannot be read. Open it in its program and save it again, then try again.")
    )


def too_much_inside():
    return ValidationError(
        _("This document unpacks to far more than its size. Save it as PDF, or make it smaller, then try again.")
    )


def has_password():
    return ValidationError(_("This document has a password. Save it without one, or as PDF, then try again."))


def has_macros():
    return ValidationError(_("This document contains macros. Save it without macros, or as PDF, then try again."))
