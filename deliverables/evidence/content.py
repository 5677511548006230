"""Check and clean a file that is uploaded as evidence, before it is stored.

The bytes decide what kind of file it is; its name may not contradict them. Whoever downloads it gets the content type
and the extension of its kind, so that no browser and no program takes it for anything else. Images lose their hidden
data. Nothing is removed from documents: the names of their authors, and the scripts of a PDF, stay.
"""

import codecs
import hashlib
import os
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deliverables.evidence.office import kind_of_archive
from plans.common import upload_limits
from plans.common.imported_on_use import imported_on_use
from plans.common.text import normalise

OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"


@dataclass(frozen=True)
class Kind:
    """A kind of file, and how it is served."""

    label: str | Promise
    extension: str
    content_type: str


KINDS = {
    "pdf": Kind("PDF", "pdf", "application/pdf"),
    "docx": Kind("Word", "docx", f"{OFFICE}.wordprocessingml.document"),
    "xlsx": Kind("Excel", "xlsx", f"{OFFICE}.spreadsheetml.sheet"),
    "pptx": Kind("PowerPoint", "pptx", f"{OFFICE}.presentationml.presentation"),
    "odt": Kind(gettext_lazy("OpenDocument text"), "odt", f"{OPEN_DOCUMENT}.text"),
    "ods": Kind(gettext_lazy("OpenDocument spreadsheet"), "ods", f"{OPEN_DOCUMENT}.spreadsheet"),
    "odp": Kind(gettext_lazy("OpenDocument presentation"), "odp", f"{OPEN_DOCUMENT}.presentation"),
    "jpeg": Kind(gettext_lazy("Image"), "jpg", "image/jpeg"),
    "png": Kind(gettext_lazy("Image"), "png", "image/png"),
    "webp": Kind(gettext_lazy("Image"), "webp", "image/webp"),
    "txt": Kind(gettext_lazy("Text"), "txt", "text/plain; charset=utf-8"),
    "csv": Kind("CSV", "csv", "text/csv; charset=utf-8"),
}
IMAGES, TEXTS = ("jpeg", "png", "webp"), ("txt", "csv")
clean_image = imported_on_use("deliverables.evidence.images.clean_image")
# The kinds that a file may be whose name ends like this. Phones and browsers give images the ends of other formats.
KINDS_BY_EXTENSION = {kind.extension: (key,) for key, kind in KINDS.items()}
KINDS_BY_EXTENSION |= dict.fromkeys(("jpg", "jpeg", "jpe", "jfif", "png", "webp"), IMAGES)
# For `<input accept>`. The content types make an iPhone convert its photos to JPEG.
ACCEPT = ",".join([f".{extension}" for extension in KINDS_BY_EXTENSION] + [KINDS[key].content_type for key in IMAGES])

HEAD = 2048  # bytes that show what a file is
PDF_START = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,64}%PDF-\d")
IMAGE_STARTS = {
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
ARCHIVE_START = b"PK\x03\x04"
BLANKS = " \t\r\n\f\ufeff"
MARKUP = re.compile("<[a-zA-Z!?/]")
CONTROL = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")  # all but tabs, line ends and page breaks
MAX_TITLE = 300  # characters, as of `EvidenceItem.title`

# Files that people have, but that cannot be uploaded: how they begin, and what to do instead.
OTHER_FILES = [
    (
        rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        gettext_lazy(
            "This is a file of an old office program, or it has a password. Save it without a password as DOCX, XLSX,"
            " PPTX or PDF, then try again."
        ),
    ),
    (rb"\{\\rtf", gettext_lazy("This is an RTF file. Save it as DOCX or PDF, then try again.")),
    (
        rb".{4}ftyp(?:hei[cmsx]|hev[cmsx]|mif1|msf1)",
        gettext_lazy(
            "This is a HEIC photo, which many computers cannot show. Choose JPEG when you share or export it, then try"
            " again."
        ),
    ),
    (
        rb"GIF8[79]a|BM.{4}\0{4}|II\*\0|MM\0\*|8BPS|.{4}ftypavi[fs]",
        gettext_lazy("This kind of image cannot be uploaded. Save it as JPEG or PNG, then try again."),
    ),
    (
        rb".{4}ftyp|.{4}moov|\x1a\x45\xdf\xa3|RIFF.{4}(?:AVI |WAVE)|ID3[\x02-\x04]\0|OggS\0",
        gettext_lazy("Sound and video cannot be uploaded. Publish it, and enter its web address instead."),
    ),
]


@dataclass(frozen=True)
class CleanFile:
    """A file as it is to be stored, with the hash and size of that. `kind` is a key of `KINDS`."""

    content: File
    sha256: str
    size: int
    kind: str


def clean_file(file, name):
    """Return the `CleanFile` of an upload. Raise `ValidationError` if it cannot be accepted.

    `file` is a binary file that can be read more than once, `name` the one it had on the computer of the person. The
    content of the result is `file` itself, at its start, except for images, which are saved again.
    """
    check_size(file)
    extension = extension_of(name)
    kind = kind_of(file, extension)
    if kind not in KINDS_BY_EXTENSION.get(extension, KINDS):
        raise ValidationError(
            _(
                "The name of this file ends in .%(extension)s, but its content is that of a .%(right)s file. Correct"
                " the name, then try again."
            )
            % {"extension": extension, "right": KINDS[kind].extension}
        )

    file.seek(0)
    content = ContentFile(clean_image(file.read(), kind)) if kind in IMAGES else File(file)
    content.seek(0)
    sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    size = content.tell()
    content.seek(0)
    return CleanFile(content, sha256, size, kind)


def check_size(file):
    """Raise `ValidationError` for a file that is empty or too large."""
    size = file.seek(0, os.SEEK_END)
    if not size:
        raise ValidationError(empty_file())
    if size > upload_limits.EVIDENCE:
        raise ValidationError(
            _("This file is larger than %d MB. Make it smaller, or enter the web address of a copy instead.")
            % upload_limits.megabytes(upload_limits.EVIDENCE)
        )


def empty_file():
    return _("This file is empty. Choose another.")


def kind_of(file, extension):
    """Return the kind of file, by its content. Only texts have theirs from the extension."""
    file.seek(0)
    head = file.read(HEAD)
    if PDF_START.match(head):
        check_pdf(file)
        return "pdf"
    if image := next((kind for kind, start in IMAGE_STARTS.items() if start.match(head)), None):
        return image
    if head.startswith(ARCHIVE_START):
        return kind_of_archive(file)

    for start, advice in OTHER_FILES:
        if re.match(start, head, re.DOTALL):
            raise ValidationError(advice)
    if MARKUP.match(head.decode("utf-8", "ignore").lstrip(BLANKS)):
        raise ValidationError(markup())
    if extension not in TEXTS:
        raise ValidationError(other_content(extension))
    check_text(file)
    return extension


def check_pdf(file):
    """Refuse a PDF that has no end, as after a download that was interrupted."""
    if not any(b"%%EOF" in part for part in overlapping_parts(file)):
        raise ValidationError(_("This PDF is not complete. Download or save it again, then try again."))


def overlapping_parts(file):
    """Yield the whole content in parts. Each repeats the last bytes of the one before it, where a word may be cut."""
    file.seek(0)
    end = b""
    while part := file.read(2**16):
        yield end + part
        end = part[-10:]


def check_text(file):
    """Refuse a file that is no plain text in UTF-8."""
    file.seek(0)
    start = ""
    try:
        for text in codecs.iterdecode(iter(lambda: file.read(2**16), b""), "utf-8-sig"):
            if CONTROL.search(text):
                raise ValidationError(not_text())
            if len(start) < 2:
                start = (start + text).lstrip(BLANKS)
            if MARKUP.match(start):
                raise ValidationError(markup())
    except UnicodeDecodeError:
        raise ValidationError(not_text()) from None
    if not start:
        raise ValidationError(empty_file())


def not_text():
    return _("This file is no plain text in UTF-8. Save it again as text with the encoding UTF-8, or as PDF.")


def markup():
    return _("This is a web page, an SVG drawing or another file of markup. Save or print it as PDF, then try again.")


def other_content(extension):
    """Return why a file is refused that is of none of the kinds."""
    if extension in KINDS_BY_EXTENSION:
        return (
            _(
                "The name of this file ends in .%s, but it is something else, or damaged. Open it in its program and"
                " save it again, then try again."
            )
            % extension
        )
    return _(
        "This kind of file cannot be uploaded. Save it as PDF, or in a format of Word, Excel, PowerPoint or"
        " LibreOffice, as a JPEG or PNG image, or as text whose name ends in .txt or .csv."
    )


def extension_of(name):
    """Return the end of a file name after its last dot, in lower case."""
    return normalise(name).rpartition(".")[2].lower()


def title_from(name):
    """Return a title made from a file name, of 1 to `MAX_TITLE` characters, such as “Action plan 2018-2020”.

    Dashes between digits stay, as in dates, and so do those between spaces.
    """
    stem = re.sub(r"\.[A-Za-z][A-Za-z0-9]{1,3}$", "", re.split(r"[/\\]", normalise(name))[-1])
    spaced = re.sub(r"(?<=\S)(?:(?<!\d)-+|-+(?!\d))(?=\S)", " ", re.sub("_|%20", " ", stem))
    title = normalise(" ".join(spaced.split())[:MAX_TITLE])
    return title if any(letter.isalnum() for letter in title) else _("Document")
