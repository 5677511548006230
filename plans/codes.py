"""Codes of the plan's parts: `L2` an action line, `L2M10` a measure, `L2M10D1` a deliverable.

Numbers are stored; this is the one place where a code is written or read.
"""

import re
from dataclasses import dataclass

PATTERN = r"L([1-9]\d{0,3})(?:M([1-9]\d{0,3})(?:D([1-9]\d{0,3}))?)?"


@dataclass(frozen=True, order=True)
class Code:
    """The numbers of a part of a plan; sorts as the plan is printed, `L2M9` before `L2M10`."""

    line: int
    measure: int | None = None
    deliverable: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Code | None":
        """The code written in `text`, in either case and with blanks around it, or None."""
        match = re.fullmatch(PATTERN, text.strip().upper())
        return match and cls(*(int(number) if number else None for number in match.groups()))

    @property
    def in_line(self):
        """The code of the action line this belongs to."""
        return Code(self.line)

    @property
    def in_measure(self):
        """The code of the measure this belongs to."""
        return Code(self.line, self.measure)

    def __str__(self):
        measure = f"M{self.measure}" if self.measure else ""
        deliverable = f"D{self.deliverable}" if self.deliverable else ""
        return f"L{self.line}{measure}{deliverable}"


class CodeConverter:
    """A path part of exactly the depth its subclass names; the view gets a `Code`."""

    to_python = staticmethod(Code.parse)
    to_url = staticmethod(str)


class LineCode(CodeConverter):
    regex = r"L[1-9]\d{0,3}"


class MeasureCode(CodeConverter):
    regex = LineCode.regex + r"M[1-9]\d{0,3}"


class PartCode(CodeConverter):
    regex = r"L[1-9]\d{0,3}(?:M[1-9]\d{0,3}(?:D[1-9]\d{0,3})?)?"


class DeliverableCode(CodeConverter):
    regex = MeasureCode.regex + r"D[1-9]\d{0,3}"
