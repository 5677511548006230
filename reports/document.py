"""The summary as a PDF, typeset by Typst from `typst/summary.typ`. What people wrote goes in as data, never as code."""

import json
import logging
import re
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path

import fontpkg_noto_sans_arabic
import fontpkg_source_sans_3
import typst
from django.utils.translation import gettext as _

from reports.content import document_content
from reports.text import printable

logger = logging.getLogger(__name__)
TEMPLATES = Path(__file__).parent / "typst"
LONG_RUN = re.compile(r"\S{25,}")
WHOLE = ("url", "verify_url", "history")
STANDARDS = ["ua-1", "a-2a"]  # accessible and archival, as far as Typst checks them


def write_pdf(summary, publication=None):
    """The PDF's bytes: the same for the same summary.

    A character that no font at hand can draw makes Typst refuse the standards. The document is then set without
    their seal and says so, since the board needs its figures more than the seal.
    """
    content = document_content(summary, publication)
    try:
        return typeset(content, summary.as_of, standards=STANDARDS)
    except typst.TypstError as error:
        logger.warning("The summary of %s is set without its standards: %s", summary.plan.slug, error)
        notice = _("Some characters could not be drawn, so this document does not carry the accessibility standards.")
        return typeset(content | {"notice": notice}, summary.as_of, standards=[])


def typeset(content, day, *, standards):
    document = compiler("summary").compile(
        sys_inputs={"content": json.dumps(drawable(content), ensure_ascii=False)},
        format="pdf",
        pdf_standards=standards,
        timestamp=int(datetime.combine(day, time(), UTC).timestamp()),
    )
    forget()
    return document


def forget():
    """Let Typst drop what it worked out for this document.

    It keeps that of its last ten, 12 MB each of ours; blank ones in between take a millisecond or two and count too.
    """
    for _blank in range(5):
        compiler("blank").compile(format="pdf")


@cache
def compiler(template):
    """One compiler a process and template: reading the fonts takes longer than a document does."""
    packages = [Path(package.__file__).parent for package in (fontpkg_source_sans_3, fontpkg_noto_sans_arabic)]
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(package / "files") for package in packages])
    return typst.Compiler(str(TEMPLATES / f"{template}.typ"), font_paths=fonts)


def drawable(content):
    """The same content, its texts without what no font can draw and with places to break a word that fills a line.

    What is `WHOLE` stays so: where a link leads, and a digest that somebody may copy.
    """
    if isinstance(content, str):
        return LONG_RUN.sub(lambda run: re.sub(r"\S{5}", "\\g<0>\u200b", run[0]), printable(content))
    if isinstance(content, dict):
        return {key: printable(value) if key in WHOLE else drawable(value) for key, value in content.items()}
    if isinstance(content, list):
        return [drawable(value) for value in content]
    return content
