"""Texts that carry their language, and texts without control characters."""

import re

from django.utils.html import format_html
from django.utils.translation import get_language

# XML, and so XLSX and Atom, cannot hold these characters, and no font has them. Tabs and line ends are allowed.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text):
    """Return the text without control characters."""
    return UNPRINTABLE.sub("", text)


class TranslatedText(str):
    """A text of a plan as it is shown. Its `language` may differ from the page's, where no translation exists."""

    def __new__(cls, text, language):
        translated = super().__new__(cls, text)
        translated.language = language
        return translated

    @property
    def is_foreign(self):
        """Return whether the text is in another language than the page around it."""
        return bool(self) and self.language != get_language()

    @property
    def html(self):
        """Return the text for HTML, with a `lang` attribute where its language is not the page's."""
        return format_html('<span lang="{}">{}</span>', self.language, str(self)) if self.is_foreign else str(self)
