"""Texts that carry their language, and the forms of a text: as it is stored, compared, searched and sorted.

People paste from word processors, mails and PDF files, which put characters into a text that nobody sees. `normalise`
removes them once, at entry and at import, so that equal texts are equal and an empty text is empty.
"""

import re
import unicodedata
from functools import cache

from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.translation import get_language

# XML, and so XLSX and Atom, cannot hold these characters, and no font has them. Tabs and line ends are allowed.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


# Characters that show nothing: soft hyphens, zero-width spaces, byte order marks, fillers, marks of direction, tags.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
# Joiners shape letters of Arabic and Indian scripts, and emoji; beside Latin letters and at the ends they do nothing.
IDLE_JOINERS = re.compile("(?:^|(?<=[\\s\0-\u024f]))[\u200c\u200d]+|[\u200c\u200d]+(?=[\\s\0-\u024f]|$)")
LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
OTHER_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]")
# Letters that Unicode does not take apart into a plain one and an accent.
PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
MAX_MARKS, LAST_MARK = 30, 0x1E94A  # on one letter; the last code point that combines with the one before it
SENTENCE_LETTERS, DIFFERENT_LETTERS = 6, 4  # what a sentence has at least: see `weight`
UNFINISHED = re.compile("[,:;\u2013\u2014\u060c\u061b\u3001\uff0c\uff1a\uff1b]$")  # something was to follow
SENTENCE_END = re.compile(
    r"(?<![\w.])(?P<word>[\w.]*)[.!?\u2026\u061f][\"'\u201d\u00bb)]*\s+(?=(?P<next>\S))|[\u3002\uff01\uff1f]|\n"
)
WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def printable(text):
    """Return the text without control characters."""
    return UNPRINTABLE.sub("", text)


def normalise(text):
    """Return a text as it is stored: without invisible characters and outer spaces, in Unicode's composed form (NFC).

    Spaces of other widths become plain ones, and every line end is one character. A normalised text stays as it is.
    """
    if text.isascii() and text.isprintable() and text == text.strip():  # as most are
        return text
    while (cleaned := clean(text)) != text:  # a letter and its accent may meet where a character was removed
        text = cleaned
    return text


def clean(text):
    if not text.isascii():
        text = long_runs_of_marks().sub(r"\1", text)
    text = OTHER_SPACES.sub(" ", LINE_ENDS.sub("\n", text))
    text = INVISIBLE.sub("", printable(unicodedata.normalize("NFC", text)))
    return IDLE_JOINERS.sub("", text).strip()


@cache
def long_runs_of_marks():
    """Return the pattern of more marks on one letter than any language has. Putting them in order takes their square.

    Unicode's “stream-safe” texts have at most 30 (UAX #15).
    """
    marks = [letter for letter in map(chr, range(0x300, LAST_MARK + 1)) if unicodedata.combining(letter)]
    runs = []
    for mark in marks:
        if runs and ord(mark) == ord(runs[-1][1]) + 1:
            runs[-1] = (runs[-1][0], mark)
        else:
            runs.append((mark, mark))
    either = "[" + "".join(f"{first}-{last}" for first, last in runs) + "]"
    return re.compile(f"({either}{{{MAX_MARKS}}}){either}+")


def reads_from_right(text):
    """Return whether a text runs from right to left, as its first letter does: Arabic, Hebrew and others."""
    if text.isascii():
        return False
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind in ("R", "AL") for kind in strong if kind in ("L", "R", "AL")), False)


def isolated(text):
    """Return a text that runs from right to left between Unicode's isolates, for what has no markup: else as it is.

    Without them, a code or a number in it would change places with its words, and with what stands around it. A
    sentence that holds such a text already runs as its own language does.
    """
    return f"\u2067{text}\u2069" if reads_from_right(text) and "\u2067" not in text else text


def fold(text):
    """Return a text as it is compared in a search: without accents, case, punctuation and invisible characters."""
    letters = unicodedata.normalize("NFKD", normalise(text)).casefold().translate(PLAIN_LETTERS)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def sort_key(text, language=None):
    """Return the key that sorts texts as a dictionary of the language does: accents and case decide between equals.

    The language is that of the page by default. Spanish has the letter ñ after n.
    """
    letters = normalise(text).casefold()
    return fold(letters.replace("ñ", "nʒ") if (language or get_language()) == "es" else letters), text


def is_sentence(text):
    """Return whether a text says something: two words or more, not a mark, a single word or a few letters.

    Scripts that put no spaces between words, such as Chinese and Thai, need no second word.
    """
    text = normalise(text)
    letters = [letter for letter in text if letter.isalnum()]
    has_words = len(text.split()) > 1 or WITHOUT_SPACES.search(text)
    return bool(has_words) and weight(letters) >= SENTENCE_LETTERS and weight(set(letters)) >= DIFFERENT_LETTERS


def finished(text):
    """Return a text without its last sentence if that ends in a comma or colon: it announces what does not follow.

    Nothing is left of a text that is one such sentence.
    """
    if not UNFINISHED.search(text):
        return text

    ends = [match.end() for match in SENTENCE_END.finditer(text) if not is_abbreviation(match)]
    shorter = (text[:end].rstrip() for end in reversed(ends))
    return next((candidate for candidate in shorter if not UNFINISHED.search(candidate)), "")


def is_abbreviation(sentence_end):
    """Return whether a full stop belongs to its word, such as in “Mr. Soler”, “U.N. Habitat” or “art. 5”."""
    word, following = sentence_end["word"] or "", sentence_end["next"] or ""
    is_short = "." in word or len(word) == 1 or (word.istitle() and len(word) <= 3)
    return is_short or following.islower() or following.isdigit()


def weight(letters):
    """Return the number of letters. A wide one, as of Chinese, counts twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in letters)


class NormalisedTexts:
    """A model whose texts are normalised before they are validated, and so before they are saved."""

    def clean_fields(self, exclude=None):
        for field in self._meta.local_fields:
            value = getattr(self, field.attname, None)
            if isinstance(value, str) and field.editable and not field.choices:
                setattr(self, field.attname, normalise(value))
        super().clean_fields(exclude)


class TranslatedText(str):
    """A text of a plan as it is shown. Its `language` may differ from the page's, where no translation exists.

    `is_unofficial` says whether it is a translation that the secretariat has not confirmed.
    """

    def __new__(cls, text, language, *, is_unofficial=False):
        translated = super().__new__(cls, text)
        translated.language = language
        translated.is_unofficial = is_unofficial
        return translated

    @property
    def is_foreign(self):
        """Return whether the text is in another language than the page around it."""
        return bool(self) and self.language != get_language()

    @property
    def finished(self):
        """Return the text as it is shown alone, where nothing follows that its last sentence may announce."""
        return TranslatedText(finished(self), self.language)

    @property
    def html(self):
        """Return the text for HTML, with its language where that is not the page's, and its direction if it differs."""
        attributes = {"lang": self.is_foreign and self.language, "dir": reads_from_right(self) and "rtl"}
        if not any(attributes.values()):
            return str(self)
        return format_html("<span{}>{}</span>", flatatt({k: v for k, v in attributes.items() if v}), str(self))
