"""Write the report as a PDF with Typst, from `typst/summary.typ`. Texts go in as data, never as code."""

import io
import json
import logging
import re
import threading
import unicodedata
from datetime import UTC, datetime, time
from functools import cache, lru_cache
from pathlib import Path

import cvttf_NotoSansCJK_Regular
import fontpkg_amiri
import fontpkg_heebo
import fontpkg_hind_siliguri
import fontpkg_noto_sans_devanagari
import fontpkg_noto_sans_khmer
import fontpkg_noto_sans_tamil
import fontpkg_noto_sans_telugu
import fontpkg_noto_sans_thai
import fontpkg_source_sans_3
import fontpkg_source_serif_4
import typst
from django.utils.translation import gettext as _
from PIL import Image

from plans.common.dates import date_format
from plans.common.text import TranslatedText, isolated, printable
from reports.figures.progress import progress_of
from reports.figures.skyline import Skyline
from reports.files.context import document_context
from reports.files.drawings import planned_svg, qr_svg, skyline_svg
from reports.files.palette import colours

FONTS = (
    fontpkg_source_sans_3,
    fontpkg_source_serif_4,
    fontpkg_heebo,
    fontpkg_hind_siliguri,
    fontpkg_amiri,
    fontpkg_noto_sans_devanagari,
    fontpkg_noto_sans_khmer,
    fontpkg_noto_sans_tamil,
    fontpkg_noto_sans_telugu,
    fontpkg_noto_sans_thai,
    cvttf_NotoSansCJK_Regular,
)  # `typst/text.typ` names their families
logger = logging.getLogger(__name__)
typst_lock = threading.Lock()  # a compiler that two threads use at once raises “Already borrowed”
TEMPLATES = Path(__file__).parent / "typst"
UNCHANGED_KEYS = ("url", "verify_url", "history", "document_title", "skyline", "qr", "lines_svg")  # not read as text
EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff][\ufe0f\u200d\U0001f3fb-\U0001f3ff]*")
COVER_PPI = 29  # of an A4 page: 240 by 340 pixels, twice as fine as it is shown
COVER_COLOURS = 48  # a third of the bytes, and nobody sees it
CARD_PPI = 144  # of a page of 600 by 315 points: 1200 by 630 pixels
COMMON = re.compile("[\u0021-\u017f]*")  # Latin letters, digits and punctuation: every font has them
CACHED_DOCUMENTS = 10  # by Typst
STANDARDS = ["ua-1", "a-2a"]  # accessible and archival, as far as Typst checks them


def write_pdf(summary, publication=None):
    """Return the PDF's bytes: the same bytes for the same summary.

    A document with a character that no font has carries a notice instead of the accessibility standards, since the
    board needs its figures more.
    """
    return write_document("summary", report_context(summary, publication), summary.as_of)


def report_context(summary, publication):
    """Return the content of the report with its drawings."""
    content, skyline = document_context(summary, publication), Skyline.of(summary)
    return content | {
        "skyline": skyline_svg(skyline),
        "skyline_width": skyline.width,
        "skyline_starts": skyline.starts,
        "planned": planned_context(progress_of(summary.plan, summary.as_of)),
        "qr": qr_svg(content["site"]["url"]),
    }


def planned_context(progress):
    """Return the chart of what was attained beside what was due; None where a plan has no due dates or no movement."""
    if not (progress.has_movement and progress.has_due_dates):
        return None
    chart, last = progress.planned_chart, progress.last
    values = {"attained": last.counts.attained, "due": last.due, "day": date_format(progress.shown_until)}
    return {
        "sentence": _("Until %(day)s: %(attained)d attained, %(due)d due.") % values,
        "lines_svg": planned_svg(chart, colours()),
        "scale": [{"number": str(number), "y": chart.height_of(number)} for number, _height in chart.scale],
        "ticks": [{"label": tick.label, "x": float(tick.x.rstrip("%"))} for tick in chart.axis.ticks if tick.has_room],
        "attained": {"text": chart.attained_text, "y": chart.height_of(last.counts.attained)},
        "due": {"text": _("%(due)d due") % {"due": last.due}, "y": chart.height_of(last.due)},
        "marker": float(chart.marker),
    }


def write_document(template, content, day):
    """Return a document of a template, dated `day`, as bytes. See `write_pdf`."""
    accessible = accessible_content(content)
    if accessible is not None:
        try:
            return typeset(template, accessible, day, standards=STANDARDS)
        except typst.TypstError as error:  # a character has a glyph alone, but not beside its neighbour
            logger.warning("A PDF does not carry its standards: %s", error)

    notice = _("Some characters could not be displayed, so this document does not meet the accessibility standards.")
    return typeset(template, content | {"notice": notice}, day, standards=[])


def write_card(summary):
    """Return a PNG that other sites show with a link to the plan: its title and the three figures."""
    content = map_texts(document_context(summary, None), as_typeset)
    return compile_template(
        "card", sys_inputs={"content": json.dumps(content, ensure_ascii=False)}, format="png", ppi=CARD_PPI
    )


def write_cover(summary, publication=None):
    """Return the cover of the report as a small PNG, to be shown beside its links."""
    content = map_texts(report_context(summary, publication), as_typeset)
    inputs = {"content": json.dumps(content, ensure_ascii=False)}
    pages = compile_template("thumbnail", sys_inputs=inputs, format="png", ppi=COVER_PPI)
    picture = pages[0] if isinstance(pages, list) else pages  # a list of several, were a cover ever that long
    file = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COVER_COLOURS).save(file, "PNG", optimize=True)
    return file.getvalue()


def characters_without_font(summary, publication=None):
    """Return the characters that no font has, sorted: with any, the PDF does not carry its standards. Usually none."""
    content = report_context(summary, publication)
    if accessible_content(content) is not None:
        return []

    words = rare_words(map_texts(content, named_emoji))
    return uncovered(sorted({letter for word in words for letter in word if not COMMON.fullmatch(letter)}))


def uncovered(letters):
    """Return those of the letters that no font has, by halves: each check typesets a few words."""
    if not letters or fonts_cover(frozenset(letters)):
        return []
    if len(letters) == 1:
        return letters
    half = len(letters) // 2
    return uncovered(letters[:half]) + uncovered(letters[half:])


def accessible_content(content):
    """Return the content if the fonts cover it, else with emoji replaced by their names, else None."""
    for candidate in (content, map_texts(content, named_emoji)):
        if fonts_cover(frozenset(rare_words(candidate))):
            return candidate
    return None


def rare_words(content):
    """Yield the words of a content that hold characters beyond those that every font has."""
    if isinstance(content, str):
        yield from (word for word in printable(content).split() if not COMMON.fullmatch(word))
    elif isinstance(content, dict):
        for key, value in content.items():
            if key not in UNCHANGED_KEYS:
                yield from rare_words(value)
    elif isinstance(content, list):
        for value in content:
            yield from rare_words(value)


@lru_cache(maxsize=100)
def fonts_cover(words):
    """Return whether some font has each character of these words, by typesetting them alone: a few milliseconds."""
    if not words:
        return True
    try:
        compile_template(
            "coverage", sys_inputs={"words": json.dumps(sorted(words))}, format="pdf", pdf_standards=STANDARDS
        )
    except typst.TypstError:
        return False
    return True


def typeset(template, content, day, *, standards):
    """Return the document as bytes. Its date is fixed, so that the same content gives the same bytes."""
    return compile_template(
        template,
        sys_inputs={"content": json.dumps(map_texts(content, as_typeset), ensure_ascii=False)},
        format="pdf",
        pdf_standards=standards,
        timestamp=int(datetime.combine(day, time(), UTC).timestamp()),
    )


def compile_template(template, **options):
    """Return the document that Typst makes of a template, as bytes."""
    with typst_lock:
        forget_other_documents(template, options.get("sys_inputs", {}).get("content"))
        return compiler(template).compile(**options)


@lru_cache(maxsize=1)
def forget_other_documents(template, content):
    """Let Typst drop what it cached for earlier documents, unless the last one was this one: a millisecond or two.

    It caches the last ten, about 12 MB each of ours, of which another one can use next to nothing. The same one again
    takes a quarter of the time. Blank ones take their place.
    """
    for _blank in range(CACHED_DOCUMENTS):
        compiler("blank").compile(format="pdf")


@cache
def compiler(template):
    """Return the compiler of a template. It is cached: its first document takes longer than the next ones."""
    return typst.Compiler(str(TEMPLATES / f"{template}.typ"), font_paths=fonts())


@cache
def fonts():
    """Return the fonts of all compilers. They are read once, since that takes longer than a document does."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(Path(p.__file__).parent) for p in FONTS])


def map_texts(content, change):
    """Return the content with `change` applied to every text, except under `UNCHANGED_KEYS`.

    A text that is not in the language of the document becomes a dictionary with its language.
    """
    if isinstance(content, TranslatedText) and content.is_foreign:
        return {"text": change(content), "lang": content.language}
    if isinstance(content, str):
        return change(content)
    if isinstance(content, dict):
        return {key: value if key in UNCHANGED_KEYS else map_texts(value, change) for key, value in content.items()}
    if isinstance(content, list):
        return [map_texts(value, change) for value in content]
    return content


def as_typeset(text):
    return isolated(printable(text))


def named_emoji(text):
    """Replace emoji by their names in brackets: “[rocket]”."""
    return EMOJI.sub(lambda match: f"[{unicodedata.name(match[0][0], 'emoji').lower()}]", text)
