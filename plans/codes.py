"""Codes of the plan's parts: `L2` an action line, `L2M10` a measure, `L2M10D1` a deliverable.

The database stores the numbers only. Codes are formatted and parsed nowhere else.
"""

import re
from dataclasses import dataclass

from plans.common.text import fold

NUMBER = r"[1-9][0-9]{0,3}"
PATTERN = rf"L({NUMBER})(?:M({NUMBER})(?:D({NUMBER}))?)?"
TYPED = rf"l0*({NUMBER})(?:m0*({NUMBER})(?:d0*({NUMBER}))?)?"  # in lower case


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
