"""Texts in a CSV that a spreadsheet would take for a formula: escaped in our exports, unescaped in our imports.

`unescape_formula(escape_formula(text))` is the text again, whatever it is.
"""

import re

from plans.common.text import INVISIBLE

# Also in full width, and as the small forms of Chinese typography: programs for East Asia calculate with these, too.
SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫"
# The sign may come after what programs ignore: white space of any kind, control characters, characters nobody sees.
FORMULA = re.compile(rf"(?:[\s\0-\x1f\x7f-\x9f\u2800]|{INVISIBLE.pattern})*[{SIGNS}]")
LINE_STARTS = ("\t", "\r", "\n")  # some programs execute what follows


def escape_formula(text):
    """Put an apostrophe before a text that a spreadsheet would execute as a formula, so that it stays text."""
    return f"'{text}" if needs_apostrophe(text) else text


def unescape_formula(cell):
    """Remove the apostrophe that `escape_formula` put before a text."""
    return cell[1:] if cell.startswith("'") and needs_apostrophe(cell[1:]) else cell


def needs_apostrophe(text):
    """Return whether a text gets an apostrophe. One that begins with an apostrophe gets another: it is the text's."""
    return text.startswith(("'", *LINE_STARTS)) or bool(FORMULA.match(text))
