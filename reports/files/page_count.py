"""The number of pages of a document, which is shown beside its link."""

import io
import re
from zipfile import ZipFile

from plans.common.imported_on_use import imported_on_use

SLIDE = re.compile(r"ppt/slides/slide\d+\.xml")
pdf_reader = imported_on_use("pypdf.PdfReader")


def page_count(extension, content):
    """Return the number of pages of a PDF, or of slides; None for formats that have neither."""
    if extension == "pdf":
        return len(pdf_reader(io.BytesIO(content)).pages)
    if extension == "pptx":
        return sum(bool(SLIDE.fullmatch(name)) for name in ZipFile(io.BytesIO(content)).namelist())
    return None
