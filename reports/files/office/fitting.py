"""Texts that fit their room. Slides have fixed boxes, and no program that lays them out runs on the server.

Widths are those of Arial, in em: measured for Latin letters, estimated with some reserve for other scripts.
"""

import unicodedata
from functools import cache

from plans.common.text import TranslatedText

ELLIPSIS = "…"
LEADING = 1.2  # the height of a line, in em
NARROW, WIDE_LATIN = set("iljtfrI.,:;'!|()[]-/ "), set("mwMW@%—")


@cache
def width_of_letter(letter):
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(letter) in "WF" or letter == ELLIPSIS:  # which Chinese fonts draw as wide
        return 1.02
    if letter in NARROW:
        return 0.31
    if letter in WIDE_LATIN:
        return 0.92
    return 0.7 if letter.isupper() else 0.58


def width_of(text, size):
    """Return the width of a text in one line, in inches. `size` is in points."""
    return sum(map(width_of_letter, text)) * size / 72


def lines_of(text, width, size):
    """Return how many lines a text takes in a box of this width (inches), its words kept whole where they fit."""
    lines, used, space = 1, 0.0, width_of(" ", size)
    for word in text.split():
        needed = width_of(word, size)
        if used and used + space + needed > width:
            lines, used = lines + 1, 0.0
        if needed <= width:
            used += needed + (space if used else 0)
            continue
        for letter in word:  # one that no line holds, or a sentence in a script without spaces
            needed = width_of(letter, size)
            lines, used = (lines + 1, needed) if used + needed > width else (lines, used + needed)
    return lines


def height_of(text, width, size):
    """Return the height of a text in a box of this width, in inches."""
    return lines_of(text, width, size) * size * LEADING / 72


def size_for(text, width, height, sizes):
    """Return the largest of the sizes, in points, in which a text fits a box, or else the smallest."""
    return next((size for size in sizes if height_of(text, width, size) <= height), min(sizes))


def shorten(text, width, size, lines=1):
    """Return a text cut off with an ellipsis so that it takes at most so many lines. It keeps its language."""
    if lines_of(text, width, size) <= lines:
        return text

    low, high = 0, len(text)  # the first `low` letters fit, the first `high` do not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if lines_of(text[:middle] + ELLIPSIS, width, size) <= lines else (low, middle)
    return in_language_of(text, text[: word_end(text, low)].rstrip(" ,;:.–-") + ELLIPSIS)


def word_end(text, length):
    """Return the end of the last whole word within so many letters, or else of the last whole letter."""
    space = text.rfind(" ", 0, length + 1)
    if space > length * 0.7:
        return space
    while length and unicodedata.combining(text[length]):
        length -= 1
    return length


def in_language_of(text, other):
    """Return another text with the language of the first."""
    return TranslatedText(other, text.language) if isinstance(text, TranslatedText) else other
