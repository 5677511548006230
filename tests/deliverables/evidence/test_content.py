import hashlib
import io
import warnings
import zipfile
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverables.evidence.content import ACCEPT, KINDS, clean_file, title_from
from plans.common import upload_limits
from tests.any_text import any_text
from tests.deliverables.evidence.files import MAIN, PDF, archive, office, open_document, picture, saved

VALID = {
    "pdf": PDF,
    "docx": office("docx"),
    "xlsx": office("xlsx"),
    "pptx": office("pptx"),
    "odt": open_document("text"),
    "ods": open_document("spreadsheet"),
    "odp": open_document("presentation"),
    "jpeg": saved(picture(), "jpeg"),
    "png": saved(picture(), "png"),
    "webp": saved(picture(), "webp"),
    "txt": "Acta de la reunión\n\tde 2020\r\n\f".encode(),
    "csv": "\ufeffcode;title\nL1M1D1;Ciudades\n".encode(),
}


def clean(content, name):
    return clean_file(io.BytesIO(content), name)


def refusal(content, name):
    with pytest.raises(ValidationError) as error:
        clean(content, name)
    return " ".join(error.value.messages)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_each_kind_is_accepted(kind):
    assert clean(VALID[kind], f"Minutes.{KINDS[kind].extension.upper()}").kind == kind


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("jpeg", "png", "webp")])
def test_a_document_is_stored_as_it_is(kind):
    file = clean(VALID[kind], f"minutes.{kind}")
    assert file.content.read() == VALID[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_hash_and_size_are_those_of_what_is_stored(kind):
    file = clean(VALID[kind], f"minutes.{KINDS[kind].extension}")
    stored = file.content.read()
    assert (file.sha256, file.size) == (hashlib.sha256(stored).hexdigest(), len(stored))


@pytest.mark.parametrize("name", ["photo.jpg", "photo.jpeg", "photo.webp", "photo.PNG", "photo", "photo v1.2"])
def test_an_image_may_have_the_name_of_another_format(name):
    assert clean(VALID["png"], name).kind == "png"


def test_an_upload_in_memory_and_one_on_the_disk_are_read():
    in_memory = SimpleUploadedFile("minutes.pdf", PDF)
    with TemporaryUploadedFile("minutes.pdf", "application/pdf", len(PDF), None) as on_disk:
        on_disk.write(PDF)
        files = [clean_file(file, file.name) for file in (in_memory, on_disk)]
        assert [file.content.read() for file in files] == [PDF, PDF]


def test_a_pdf_with_a_password_is_accepted():
    content = PDF.replace(b"<<>>\nstartxref", b"<</Encrypt 2 0 R>>\nstartxref")
    assert clean(content, "minutes.pdf").kind == "pdf"


def test_a_file_without_an_extension_is_known_by_its_content():
    assert clean(PDF, "Minutes of the U.N. meeting").kind == "pdf"


def test_the_file_input_offers_every_kind():
    assert {f".{kind.extension}" for kind in KINDS.values()} <= set(ACCEPT.split(","))
    assert "image/jpeg" in ACCEPT.split(",")


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
HTML = b"<!doctype html><title>x</title><script>alert(1)</script>"
REFUSED = {
    "empty": (b"", "minutes.pdf", "This file is empty"),
    "only blanks": (b"\xef\xbb\xbf \r\n", "minutes.txt", "This file is empty"),
    "too large": (PDF + b"\0" * upload_limits.EVIDENCE, "minutes.pdf", "larger than 20 MB. Make it smaller"),
    "a page named PDF": (HTML, "minutes.pdf", "This is a web page"),
    "a page named as a text": (HTML, "minutes.txt", "This is a web page"),
    "a page named as an image": (HTML, "photo.jpg", "This is a web page"),
    "a page after blanks": (b"\xef\xbb\xbf\n" + b" " * 200_000 + HTML, "minutes.txt", "This is a web page"),
    "a page cut between two parts": (b" " * (2**16 - 1) + HTML, "minutes.txt", "This is a web page"),
    "a page after a comment": (b"<!-- minutes -->" + HTML, "minutes.csv", "This is a web page"),
    "a PDF after a page": (HTML + PDF, "minutes.pdf", "This is a web page"),
    "an SVG drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "drawing.png", "an SVG drawing"),
    "XML": (b'<?xml version="1.0"?><a/>', "data.txt", "another file of markup"),
    "a program": (b"MZ\x90\0\3\0\0\0", "minutes.docx", "ends in .docx, but it is something else, or damaged"),
    "a program without a known name": (b"\x7fELF\2\1\1\0", "minutes", "This kind of file cannot be uploaded"),
    "a script": (b"#!/bin/sh\nrm -r .\n", "minutes.sh", "text whose name ends in .txt or .csv"),
    "a PDF cut off": (PDF[:-8], "minutes.pdf", "This PDF is not complete"),
    "a PDF named as Word": (PDF, "minutes.docx", "ends in .docx, but its content is that of a .pdf file"),
    "Word named as Excel": (VALID["docx"], "minutes.xlsx", "its content is that of a .docx file"),
    "Word named PDF": (VALID["docx"], "minutes.pdf", "its content is that of a .docx file"),
    "an image named PDF": (VALID["png"], "minutes.pdf", "its content is that of a .png file"),
    "an image named as a text": (VALID["png"], "minutes.txt", "its content is that of a .png file"),
    "a text named PDF": (b"Minutes", "minutes.pdf", "ends in .pdf, but it is something else"),
    "another encoding": ("Reunión".encode("latin-1"), "minutes.txt", "no plain text in UTF-8"),
    "UTF-16": ("Reunión".encode("utf-16"), "minutes.txt", "no plain text in UTF-8"),
    "a null byte": (b"Minutes\0", "minutes.txt", "no plain text in UTF-8"),
    "a control character": (b"Minutes\x1b[2J", "minutes.csv", "no plain text in UTF-8"),
    "a control character far behind": (b"x" * 200_000 + b"\x07", "minutes.txt", "no plain text in UTF-8"),
    "old Word": (OLD, "minutes.doc", "Save it without a password as DOCX"),
    "Word with a password": (OLD, "minutes.docx", "Save it without a password as DOCX"),
    "RTF": (rb"{\rtf1 Minutes}", "minutes.doc", "This is an RTF file"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "photo.heic", "Choose JPEG when you share or export it"),
    "HEIC named JPEG": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "photo.jpg", "Choose JPEG when you share or export it"),
    "GIF": (saved(picture("P"), "gif"), "photo.gif", "Save it as JPEG or PNG"),
    "BMP": (saved(picture(), "bmp"), "photo.png", "Save it as JPEG or PNG"),
    "TIFF": (saved(picture(), "tiff"), "photo.tif", "Save it as JPEG or PNG"),
    "a video": (b"\0\0\0\x18ftypmp42\0\0\0\0", "meeting.mp4", "Sound and video cannot be uploaded"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_told_what_to_do(case):
    content, name, told = REFUSED[case]
    assert told in refusal(content, name)


MACRO = '<Override PartName="/x" ContentType="application/vnd.ms-excel.sheet.macroEnabled.12"/>'
SHEET = '<Override PartName="/xl/workbook.xml" ContentType="{}"/>'
DOCTYPE = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]><Types>&b;</Types>'
REFUSED_ARCHIVES = {
    "a ZIP file": (archive([("minutes.pdf", PDF)]), "This is a ZIP file"),
    "an empty ZIP file": (archive([]) + b"\0", "ends in .docx, but it is something else"),
    "a template": (archive([("[Content_Types].xml", SHEET.format("x.template.main+xml"))]), "This is a ZIP file"),
    "an e-book": (archive([("mimetype", "application/epub+zip"), ("META-INF/manifest.xml", "")]), "This is a ZIP file"),
    "no main part": (archive([("[Content_Types].xml", SHEET.format(MAIN["xlsx"][1]))]), "This is a ZIP file"),
    "cut off": (office("docx")[:-30], "This document is damaged"),
    "content types that are no XML": (archive([("[Content_Types].xml", "<Types>")]), "This document is damaged"),
    "content types with entities": (archive([("[Content_Types].xml", DOCTYPE)]), "This document is damaged"),
    "long content types": (archive([("[Content_Types].xml", " " * 2_000_001)]), "This document is damaged"),
    "a compression that cannot be bounded": (
        archive([("[Content_Types].xml", "<Types/>")], zipfile.ZIP_BZIP2),
        "This document is damaged",
    ),
    "macros of Word": (office("docx", ("word/vbaProject.bin", "x")), "Save it without macros"),
    "macros in another folder": (office("xlsx", ("XL/VBAPROJECT.BIN", "x")), "Save it without macros"),
    "macros by type": (office("xlsx", overrides=MACRO), "Save it without macros"),
    "macros of LibreOffice": (open_document("text", ("Basic/Standard/Module1.xml", "x")), "Save it without macros"),
    "scripts of LibreOffice": (open_document("text", ("Scripts/python/run.py", "x")), "Save it without macros"),
    "OpenDocument with a password": (
        open_document("text", manifest="<manifest:encryption-data/>"),
        "This document has a password",
    ),
    "OpenDocument encrypted as a whole": (open_document("text", ("encrypted-package", "x")), "has a password"),
    "many files": (office("docx", *[(f"{number}", "") for number in range(10_001)]), "far more than its size"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED_ARCHIVES)
def test_an_archive_that_is_refused_is_told_what_to_do(case):
    content, told = REFUSED_ARCHIVES[case]
    assert told in refusal(content, "minutes.docx")


def with_announced_size(content, name, size):
    """Return an archive whose table of contents announces this size, in bytes, for the file `name`."""
    at = content.rindex(name.encode()) - 46 + 24
    return content[:at] + size.to_bytes(4, "little") + content[at + 4 :]


def test_a_zip_bomb_is_refused_by_the_sizes_it_announces():
    content = office("docx", *[(f"word/media/{number}.png", "x") for number in range(3)])
    for number in range(3):
        content = with_announced_size(content, f"word/media/{number}.png", 4_000_000_000)
    assert "unpacks to far more than its size" in refusal(content, "minutes.docx")


def test_a_file_that_unpacks_to_more_than_it_announces_is_refused():
    content = archive([("[Content_Types].xml", "<Types>" + " " * 50_000_000)])
    content = with_announced_size(content, "[Content_Types].xml", 100)
    assert "This document is damaged" in refusal(content, "minutes.docx")


def test_an_encrypted_entry_is_refused():
    content = office("docx")
    at = content.index(b"PK\x01\x02") + 8
    assert "has a password" in refusal(content[:at] + b"\1" + content[at + 1 :], "minutes.docx")


def test_two_entries_with_one_name_are_refused():
    content = office("docx", ("word/documenT.xml", "<e/>"))
    assert "This document is damaged" in refusal(content, "minutes.docx")


def test_lists_of_scripts_that_libreoffice_leaves_empty_are_accepted():
    content = open_document("text", ("Basic/script-lc.xml", "<l/>"), ("Basic/Standard/script-lb.xml", "<l/>"))
    assert clean(content, "minutes.odt").kind == "odt"


def test_a_main_part_named_by_its_ending_is_found():
    types = '<Types><Default Extension="xml" ContentType="{}"/></Types>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    content = archive([("[Content_Types].xml", types.format(kind)), ("word/document.xml", "<d/>")])
    assert clean(content, "minutes.docx").kind == "docx"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Minutes.pdf", "Minutes"),
        ("action_plan-2018-2020.docx", "action plan 2018-2020"),
        ("2020-11-30--minutes.pdf", "2020-11-30 minutes"),
        ("Report - final.pdf", "Report - final"),
        ("Annual%20report.xlsx", "Annual report"),
        ("C:\\files\\Minutes.txt", "Minutes"),
        ("../../Minutes.txt", "Minutes"),
        ("Report v1.2", "Report v1.2"),
        ("U.N. Habitat", "U.N. Habitat"),
        ("re\u202efdp.exe\u202c\x07.pdf", "refdp.exe"),
        ("Acta de la reunio\u0301n.pdf", "Acta de la reunión"),
        (".pdf", "Document"),
        ("___.pdf", "Document"),
        ("", "Document"),
        ("x" * 400 + ".pdf", "x" * 300),
    ],
)
def test_a_title_is_made_from_a_file_name(name, title):
    assert title_from(name) == title


@given(any_text)
def test_any_name_has_a_title_of_one_line(name):
    title = title_from(name)
    assert 1 <= len(title) <= 300
    assert title == " ".join(title.split())


STARTS = [b"", b"%PDF-1", b"PK\3\4", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"]


def is_accepted(content, name):
    """Return whether a file is accepted. Any other error than the refusal fails the test."""
    with suppress(ValidationError), warnings.catch_warnings(action="ignore"):  # decoders warn of damaged metadata
        return clean(content, name).kind in KINDS
    return False


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(VALID)),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8)), max_size=4),
    st.sampled_from(["x.pdf", "x.docx", "x.odt", "x.jpg", "x.txt", "x.csv", "x"]),
)
def test_any_damage_is_accepted_or_refused(kind, changes, name):
    content = VALID[kind]
    for place, other in changes:
        at = int(place * len(content))
        content = content[:at] + other + content[at + len(other) :]
    assert is_accepted(content, name) in (True, False)


@given(st.sampled_from(STARTS), st.binary())
def test_random_bytes_are_no_image_and_no_document(start, rest):
    assert not is_accepted(start + rest, "x.docx")
    assert not is_accepted(start + rest, "x.jpg")
