"""The look that slides and the Word document share: colours, fonts, status labels, properties, and pieces of text."""

import io
import re
import zipfile
from dataclasses import dataclass

from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language

from deliverables.status import Status
from plans.common.text import printable
from reports.files.office.fitting import in_language_of
from reports.files.palette import COVER, colours, hue, wash

# Programs for documents have these two or measure others alike, so that a text takes the room we count with.
HEADINGS, TEXT, SYMBOLS = "Georgia", "Arial", "Segoe UI Symbol"
NAVY, DEEP_NAVY, CREAM, PALE = (COVER[name].removeprefix("#").upper() for name in ("ground", "deep", "ink", "soft"))
PANEL = "F6F4EF"
ON_NAVY = {status: COVER.get(status.value, COVER["ink"]).removeprefix("#").upper() for status in Status}
GLYPHS = {Status.ATTAINED: "✓", Status.IN_PROGRESS: "◐", Status.NOT_DEVELOPED: "✗", Status.NO_STATUS: "–"}
BLOCKS = {Status.ATTAINED: "■", Status.IN_PROGRESS: "◧", Status.NOT_DEVELOPED: "□", Status.NO_STATUS: "▫"}
LOCALES = {"en": "en-GB", "es": "es-ES", "fr": "fr-FR"}  # the languages of the tracker as office programs name them
THEME_FONT = '(<a:{}Font>\\s*<a:latin typeface=")[^"]*'
THEME_COLOUR = '(<a:{}>\\s*<a:srgbClr val=")[^"]*'


@dataclass(frozen=True)
class Piece:
    """A piece of text in one look. `colour` is the name of a token, or six digits, `size` its own size in points."""

    text: str
    bold: bool = False
    colour: str = "ink"
    small: bool = False
    link: str = ""
    size: float = 0
    font: str = ""

    @property
    def plain(self):
        """Return the text as XML can hold it, in one line. It keeps its language."""
        return in_language_of(self.text, " ".join(printable(self.text).split()))

    @property
    def lines(self):
        """Return the text as XML can hold it, with its line ends."""
        return printable(self.text)

    @property
    def locale(self):
        """Return the language of the text: its own where it lacks a translation, or else that of the document."""
        language = getattr(self.text, "language", get_language())
        return LOCALES.get(language, language)

    @property
    def href(self):
        """Return the link as office programs take it: one with other letters is a fault in the file for them."""
        return iri_to_uri(printable(self.link).strip())

    @property
    def rgb(self):
        return rgb(self.colour)


def rgb(colour):
    """Return six digits for the name of a token, such as "ink", or for a colour."""
    return colours().get(colour, colour).removeprefix("#").upper()


def status_rgb(status):
    return rgb(hue(Status(status)))


def wash_rgb(status):
    return rgb(wash(Status(status)))


def status_piece(row):
    """Return the status of a row or part: its glyph and label, so that it can be read in grey."""
    return Piece(f"{GLYPHS[row['status']]} {row['label']}", bold=True, colour=status_rgb(row["status"]))


def block_piece(row):
    """Return a block for the status of a row: full, half or open. All from one font, so that they are of one size."""
    return Piece(BLOCKS[row["status"]], colour=status_rgb(row["status"]), font=SYMBOLS)


def status_or_dash(row):
    return status_piece(row) if row else Piece("–", colour="ink-soft")


def title_pieces(row):
    """Return the title of a row and, after it, its code."""
    return [Piece(row["title"]), Piece(row["code"], small=True, colour="ink-soft")]


def number_of(parts, status):
    """Return the count of one status among the parts of a bar."""
    return sum(part["count"] for part in parts if part["status"] == status)


def total_of(parts):
    return sum(part["count"] for part in parts)


def template_of(empty):
    """Return the package's own empty file as a file with our fonts and colours, which a person's additions get, too."""
    source, target = io.BytesIO(), io.BytesIO()
    empty.save(source)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, with_theme(part.decode()) if "/theme/" in name else part)
    return target.getvalue()


def with_theme(xml):
    """Return the theme of a template with our fonts and colours."""
    accents = [status_rgb(status) for status in Status] + [rgb("accent"), ON_NAVY[Status.IN_PROGRESS]]
    values = {"dk2": NAVY, "lt2": CREAM, "hlink": rgb("accent"), "folHlink": rgb("accent")}
    values |= {f"accent{number}": colour for number, colour in enumerate(accents, start=1)}
    for name, colour in values.items():
        xml = re.sub(THEME_COLOUR.format(name), rf"\g<1>{colour}", xml)
    for name, font in (("major", HEADINGS), ("minor", TEXT)):
        xml = re.sub(THEME_FONT.format(name), rf"\g<1>{font}", xml)
    return xml


def set_properties(properties, content):
    """Set the core properties, which both packages name alike: title, organisation, language."""
    properties.title = printable(content["document_title"])[:255]
    properties.author = properties.last_modified_by = printable(content["organisation"])[:255]
    properties.subject = printable(f"{content['kind']}. {content['as_of']}")[:255]
    properties.language = LOCALES.get(content["lang"], content["lang"])
    properties.comments = printable(content["history"])[:255]
