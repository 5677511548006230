"""The number of pages of a document, which is shown beside its link."""

import io
import re
from zipfile import ZipFile

from pypdf import PdfReader

SLIDE = re.compile(r"ppt/slides/slide\d+\.xml")


def page_count(extension, content):
    """Return the number of pages of a PDF, or of slides; None for formats that have neither."""
    if extension == "pdf":
        return len(PdfReader(io.BytesIO(content)).pages)
    if extension == "pptx":
        return sum(bool(SLIDE.fullmatch(name)) for name in ZipFile(io.BytesIO(content)).namelist())
    return None
