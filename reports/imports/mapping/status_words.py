"""What the words for a status in other people's tables probably mean. A person confirms or corrects each guess."""

import re
import tomllib
from functools import cache
from pathlib import Path

from deliverables.status import Reason, Status
from plans.common.text import fold
from plans.translations import labels_in_all_languages

NO_STATUS = "none"  # nothing is recorded for such a row
MARKS = dict.fromkeys("✓✔✅", Status.ATTAINED.value) | dict.fromkeys("🟢🟡🟠🔴", Status.IN_PROGRESS.value)
MARKS |= dict.fromkeys("-–—.⚪⚫", NO_STATUS) | dict.fromkeys("✗✘❌", Status.NOT_DEVELOPED.value)
MAX_WORDS = 4  # of a known word for a status

NOT_STATED = f"{Status.NOT_DEVELOPED.value}:{Reason.NOT_STATED.value}"
WORDS = Path(__file__).parent / "words/statuses.toml"


@cache
def known_words():
    """Return the choice by each known word, as `fold` leaves it: the tracker's own labels and `WORDS`."""
    lists = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    words = {key(word): choice for choice, words in lists.items() for word in words}
    own = {key(text): status.value for status in Status.recordable() for text in texts_of(status)}
    reasons = {key(text): f"{Status.NOT_DEVELOPED.value}:{each.value}" for each in Reason for text in texts_of(each)}
    return reasons | words | own | {key(text): NO_STATUS for text in texts_of(Status.NO_STATUS)}


def texts_of(choice):
    return choice.value, *labels_in_all_languages(choice.label)


def key(word):
    """Return a word as it is compared; marks alone, such as ✓ or –, are compared as they are."""
    return fold(word) or word.strip().removesuffix("\ufe0f")  # which asks for a mark in colour


def guess_status(word):
    """Return the choice that a word for a status probably means, None for an unknown one.

    A choice is `attained`, `in_progress`, `not_developed`, the last with `:` and a reason too, or `NO_STATUS`. What
    follows in brackets or after a dash is passed over, and so are other words, unless it would be attained.
    """
    first = re.split(r"[(\[:;]|\s[-–—]\s", word, maxsplit=1)[0]
    choice = guess_number(word) or MARKS.get(key(word)) or known_words().get(key(word)) or known_words().get(key(first))
    if choice:
        return choice
    words = key(first).split()[:MAX_WORDS]
    starts = (known_words().get(" ".join(words[:count])) for count in range(len(words) - 1, 0, -1))
    choice = next(filter(None, starts), None)
    return None if choice == Status.ATTAINED.value else choice


def guess_number(word):
    """Return the choice for a percentage, with or without its sign, or for a share of one; None for other texts.

    Spreadsheets store 100 % as 1. A table of yes and no has 1 for yes as well.
    """
    match = re.fullmatch(r"(\d{1,3})(?:[.,](\d+))? ?(%?)", word.strip())
    if match is None or int(match[1]) > 100:
        return None
    whole, rest, sign = int(match[1]), int(match[2] or 0), match[3]
    if not rest and (whole == 100 or (whole == 1 and not sign)):
        return Status.ATTAINED.value
    return Status.IN_PROGRESS.value if whole or rest else NO_STATUS
