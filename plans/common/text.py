"""Texts: with the language they are in, and without what cannot be printed."""

import re

from django.utils.html import format_html
from django.utils.translation import get_language

# What XML, and with it XLSX and Atom, cannot hold and no font can draw; tabs and line ends are text.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text):
    """The same text without control characters."""
    return UNPRINTABLE.sub("", text)


class TranslatedText(str):
    """Words of a plan as they are shown, and the language they are in."""

    def __new__(cls, text, language):
        wording = super().__new__(cls, text)
        wording.language = language
        return wording

    @property
    def is_foreign(self):
        """Whether it is in another language than the page around it."""
        return bool(self) and self.language != get_language()

    @property
    def html(self):
        """As HTML, with its language where that is not the page's."""
        return format_html('<span lang="{}">{}</span>', self.language, str(self)) if self.is_foreign else str(self)
