"""The words that differ between two wordings of a text."""

from difflib import SequenceMatcher

SAME, REMOVED, ADDED = "same", "removed", "added"
LEAST_COMMON = 0.4  # of two wordings with less in common, marks on single words would be hard to read


def marked_words(before, after):
    """Return a list of (mark, text): the words of both texts in order, marked as the same, removed or added."""
    old, new = before.split(), after.split()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < LEAST_COMMON:
        return [(mark, " ".join(words)) for mark, words in ((REMOVED, old), (ADDED, new)) if words]

    marked = []
    for kind, first, last, start, end in matcher.get_opcodes():
        changes = [(SAME, new[start:end])] if kind == "equal" else [(REMOVED, old[first:last]), (ADDED, new[start:end])]
        marked += [(mark, " ".join(words)) for mark, words in changes if words]
    return marked
