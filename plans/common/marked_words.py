"""The words that differ between two wordings of a text."""

import re
from difflib import SequenceMatcher

SAME, REMOVED, ADDED = "same", "removed", "added"


def marked_words(before, after):
    """Return a list of (mark, text): the words of both texts in order, marked as the same, removed or added."""
    old, new = (re.findall(r"\S+\s*", text) for text in (before, after))
    marked = []
    for kind, first, last, start, end in SequenceMatcher(None, words(old), words(new), autojunk=False).get_opcodes():
        if kind == "equal":
            marked.append((SAME, "".join(new[start:end])))
            continue
        marked += [
            (mark, "".join(part)) for mark, part in ((REMOVED, old[first:last]), (ADDED, new[start:end])) if part
        ]
    return marked


def words(pieces):
    return [piece.strip() for piece in pieces]
