"""What the words for a status in other people's tables probably mean. A person confirms or corrects each guess."""

import tomllib
from functools import cache
from pathlib import Path

from deliverables.status import Reason, Status
from plans.common.text import fold
from plans.translations import labels_in_all_languages

NO_STATUS = "none"  # nothing is recorded for such a row

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
    return fold(word) or word.strip()


def guess_status(word):
    """Return the choice that a word for a status probably means, None for an unknown one.

    A choice is `attained`, `in_progress`, `not_developed`, the last with `:` and a reason too, or `NO_STATUS`.
    """
    word = key(word)
    if word.isdecimal() and int(word) <= 100:  # a percentage, with or without its sign
        return {0: NO_STATUS, 100: Status.ATTAINED.value}.get(int(word), Status.IN_PROGRESS.value)
    marks = {"✓": Status.ATTAINED.value, "✔": Status.ATTAINED.value, "✗": Status.NOT_DEVELOPED.value}
    marks |= dict.fromkeys("-–—.", NO_STATUS)
    return known_words().get(word) or marks.get(word)
