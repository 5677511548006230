"""Codes of the plan's parts: `L2` an action line, `L2M10` a measure, `L2M10D1` a deliverable.

The database stores the numbers only. Codes are formatted and parsed nowhere else.
"""

import re
from dataclasses import dataclass

from plans.common.text import fold

NUMBER = r"[1-9][0-9]{0,3}"
PATTERN = rf"L({NUMBER})(?:M({NUMBER})(?:D({NUMBER}))?)?"
TYPED = rf"l0*({NUMBER})(?:m0*({NUMBER})(?:d0*({NUMBER}))?)?"  # in lower case

ROMAN = {"i": 1, "v": 5, "x": 10}
LONGEST_CODE = 60  # characters, with the words between its numbers
MAX_LEVELS = 6  # of the codes of other plans, which are read to say that four are too many


@dataclass(frozen=True, order=True)
class Code:
    """The code of a part of a plan. Codes sort by number, as the plan is printed: `L2M9` before `L2M10`."""

    line: int
    measure: int | None = None
    deliverable: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Code | None":
        """Return the code in `text`, in upper or lower case and with spaces around it, or None if it is not one."""
        match = re.fullmatch(PATTERN, text.strip().upper())
        return match and cls(*(int(number) if number else None for number in match.groups()))

    @classmethod
    def find(cls, text: str) -> "Code | None":
        """Return the code in a text as people type it, with zeros, spaces or punctuation. None for other texts."""
        match = re.fullmatch(TYPED, fold(text).replace(" ", ""))
        return match and cls(*(int(number) if number else None for number in match.groups()))

    @property
    def in_line(self):
        """Return the code of the action line that this part belongs to."""
        return Code(self.line)

    @property
    def in_measure(self):
        """Return the code of the measure that this part belongs to."""
        return Code(self.line, self.measure)

    def __str__(self):
        measure = f"M{self.measure}" if self.measure else ""
        deliverable = f"D{self.deliverable}" if self.deliverable else ""
        return f"L{self.line}{measure}{deliverable}"


def numbers_in(text: str, *, roman=False) -> tuple[int, ...] | None:
    """Return the numbers of a code as other plans write it, such as L1.M2.D3, 01-02-03, Action 1.2.a. None for texts.

    A letter is its place in the alphabet, or a Roman numeral if `roman`. There may be any number of levels.
    """
    if len(text) > LONGEST_CODE or re.match(r"\s*\d{4}-\d\d-\d\d", text):
        return None  # a spreadsheet has taken the code for a date
    text = fold(text)
    parts = re.findall(r"[a-z]*[0-9]+|[a-z]+", text)
    if "".join(parts) != text.replace(" ", ""):
        return None
    numbers = [number_in(part, roman=roman) for part in parts if not is_label(part, roman=roman)]
    ends = bool(parts) and not is_label(parts[-1], roman=roman)  # “A lane” is none
    is_code = ends and len(numbers) <= MAX_LEVELS and 2 * len(numbers) >= len(parts) and all(numbers)
    return tuple(numbers) if is_code else None


def is_label(part, *, roman):
    """Return whether a part of a code only names a level, such as in “Line 1 Measure 2”."""
    return len(part) > 1 and part.isalpha() and not (roman and re.fullmatch("[ivx]+", part))


def number_in(part, *, roman):
    """Return the number in a part of a code: its digits, a Roman numeral, the place of a letter; None for a word."""
    if match := re.fullmatch("[a-z]{0,4}0*([1-9][0-9]{0,3})", part):
        return int(match[1])
    if roman and re.fullmatch("[ivx]+", part):
        values = [ROMAN[letter] for letter in part]
        following = [*values[1:], 0]
        return sum(-value if value < next_ else value for value, next_ in zip(values, following, strict=True))
    return ord(part) - ord("a") + 1 if len(part) == 1 and part.isalpha() else None


class CodeConverter:
    """A URL path converter that gives the view a `Code`. Each subclass accepts certain kinds of parts only."""

    to_python = staticmethod(Code.parse)
    to_url = staticmethod(str)


class LineCode(CodeConverter):
    regex = rf"L{NUMBER}"


class MeasureCode(CodeConverter):
    regex = LineCode.regex + rf"M{NUMBER}"


class PartCode(CodeConverter):
    regex = LineCode.regex + rf"(?:M{NUMBER}(?:D{NUMBER})?)?"


class DeliverableCode(CodeConverter):
    regex = MeasureCode.regex + rf"D{NUMBER}"
