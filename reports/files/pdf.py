"""The summary as a PDF, typeset by Typst from `typst/summary.typ`. What people wrote goes in as data, never as code."""

import ctypes
import json
import logging
import re
import unicodedata
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path

import cvttf_NotoSansCJK_Regular
import fontpkg_noto_sans_arabic
import fontpkg_source_sans_3
import typst
from django.utils.translation import gettext as _

from plans.common.text import TranslatedText, printable
from reports.files.context import document_context

logger = logging.getLogger(__name__)
TEMPLATES = Path(__file__).parent / "typst"
LONG_RUN = re.compile(r"\S{25,}")
WHOLE = ("url", "verify_url", "history", "document_title")
EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff][\ufe0f\u200d\U0001f3fb-\U0001f3ff]*")
CARD_PPI = 144  # of a page of 600 by 315 points: 1200 by 630 pixels
STANDARDS = ["ua-1", "a-2a"]  # accessible and archival, as far as Typst checks them


def write_pdf(summary, publication=None):
    """The PDF's bytes: the same for the same summary.

    Where a character costs it the seal of its standards, the document says so, since the board needs its figures more.
    """
    content = document_context(summary, publication)
    notice = _("Some characters could not be drawn, so this document does not carry the accessibility standards.")
    return tagged_pdf(content, summary.as_of) or typeset(content | {"notice": notice}, summary.as_of, standards=[])


def write_card(summary):
    """The image that stands for the plan where its address is shared, as PNG: its title and the three figures."""
    content = map_texts(document_context(summary, None), drawable)
    return compiler("card").compile(
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)}, format="png", ppi=CARD_PPI
    )


def keeps_standards(summary, publication=None):
    """Whether the PDF will carry the seal of its standards."""
    return tagged_pdf(document_context(summary, publication), summary.as_of) is not None


def tagged_pdf(content, day):
    """The document with the seal of its standards; None where it holds a character that no font at hand can draw.

    Typst refuses the standards then. Emoji are set as their names before that is given up.
    """
    for text in (content, map_texts(content, named_emoji)):
        try:
            return typeset(text, day, standards=STANDARDS)
        except typst.TypstError as error:
            logger.warning("A document is not set as it was written: %s", error)
    return None


def typeset(content, day, *, standards):
    document = compiler("summary").compile(
        sys_inputs={"content": json.dumps(map_texts(content, drawable), ensure_ascii=False)},
        format="pdf",
        pdf_standards=standards,
        timestamp=int(datetime.combine(day, time(), UTC).timestamp()),
    )
    release_memory()
    return document


def release_memory():
    """Let Typst drop what it worked out for this document.

    It keeps that of its last ten, 12 MB each of ours; blank ones in between take a millisecond or two and count too.
    What is free then goes back to the system, where its C library can do that.
    """
    for _blank in range(5):
        compiler("blank").compile(format="pdf")
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


@cache
def compiler(template):
    """One compiler a process and template: reading the fonts takes longer than a document does."""
    packages = (fontpkg_source_sans_3, fontpkg_noto_sans_arabic, cvttf_NotoSansCJK_Regular)
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(Path(p.__file__).parent) for p in packages])
    return typst.Compiler(str(TEMPLATES / f"{template}.typ"), font_paths=fonts)


def map_texts(content, change):
    """The same content, every text of it changed, save what is `WHOLE`: where a link leads, a digest, the title.

    Words that are not in the document's language stay with their own.
    """
    if isinstance(content, TranslatedText) and content.is_foreign:
        return {"text": change(content), "lang": content.language}
    if isinstance(content, str):
        return change(content)
    if isinstance(content, dict):
        return {key: value if key in WHOLE else map_texts(value, change) for key, value in content.items()}
    if isinstance(content, list):
        return [map_texts(value, change) for value in content]
    return content


def drawable(text):
    """The text without what no font can draw, and with places to break a word that fills a line."""
    return LONG_RUN.sub(lambda run: re.sub(r"\S{5}", "\\g<0>\u200b", run[0]), printable(text))


def named_emoji(text):
    """The text with the names of its emoji in their place, as a reader would say them aloud."""
    return EMOJI.sub(lambda found: f"[{unicodedata.name(found[0][0], 'emoji').lower()}]", text)
