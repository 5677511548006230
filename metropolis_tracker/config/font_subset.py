"""Cut the font of headings out of Source Serif 4: one weight and size, the letters of European languages in Latin."""

import io

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

AXES = {"opsz": 32, "wght": 600}  # drawn for 32 points: between a heading and a figure
FEATURES = ["kern", "liga", "lnum"]
LETTERS = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180)])) + "ȘșȚț"
NOT_USED = "ĈĉĜĝĤĥĨĩĬĭĲĳĴĵĸŉŊŋŎŏŜŝŦŧŨũŬŭſ"  # in that range, but in no official language of Europe
PUNCTUATION = "‑–—‘’‚“”„…€−\N{NARROW NO-BREAK SPACE}"
# The licence reserves the name “Source” for the font as it was published: a part of it needs a name of its own.
NAME = "Tracker Serif"
FAMILY, LICENCE, LICENCE_ADDRESS = 1, 13, 14  # name records


def cut_font(path) -> bytes:
    """Return the part of the font at `path` as WOFF2: the same bytes each time."""
    font = TTFont(path, recalcTimestamp=False)
    subsetter = Subsetter(subset_options())
    subsetter.populate(text=f"{LETTERS}{PUNCTUATION}".translate(dict.fromkeys(map(ord, NOT_USED))))
    subsetter.subset(font)

    font = instantiateVariableFont(font, AXES)
    font["name"].setName(NAME, FAMILY, 3, 1, 0x409)
    font.flavor = "woff2"
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()


def subset_options():
    options = Options()
    options.layout_features = FEATURES
    options.name_IDs = [FAMILY, LICENCE, LICENCE_ADDRESS]
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += ["STAT"]
    return options
