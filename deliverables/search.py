"""Search a plan by words. Accents, case and punctuation make no difference, and every database finds the same.

Databases compare letters in different ways, and SQLite ignores case in ASCII only. So the texts are compared in Python.
"""

from functools import lru_cache

from deliverables.models import Deliverable, StatusUpdate
from plans.codes import Code
from plans.common.text import fold, normalise


def words_of(text):
    """Return the words to search for; of signs alone, such as “…”, the signs. Empty for a text without visible ones."""
    words = list(filter(None, map(fold, text.split())))  # of “vis-à-vis” the parts stay together
    return words or literal(text).split()


@lru_cache(maxsize=20_000)  # the texts of a plan are searched again and again
def searchable(text):
    return f"{fold(text)} {literal(text)}"


def literal(text):
    return normalise(text).casefold()


def matching_deliverables(plan, words, *, as_of, wording):
    """Return the ids of the deliverables that contain all the words, in any language, as of a date.

    Searched are a deliverable's title, its measure and its short name, their translations, and the note, next step and
    evidence of its status.
    """
    texts = deliverable_texts(plan, wording)
    current = Deliverable.objects.of_plan(plan.slug).with_update(as_of).values_list("pk", "update_id")
    updates = (
        StatusUpdate.objects.filter(plan=plan).with_evidence().in_bulk([update for _pk, update in current if update])
    )
    return [pk for pk, update in current if has_words(words, texts[pk] + update_texts(updates.get(update)))]


def matching_updates(plan, words, *, wording):
    """Return the ids of the updates that contain all the words, in their own texts or in those of their deliverable."""
    texts = deliverable_texts(plan, wording)
    updates = StatusUpdate.objects.filter(plan=plan).with_evidence()
    return [update.pk for update in updates if has_words(words, texts[update.deliverable_id] + update_texts(update))]


def deliverable_texts(plan, wording):
    """Return the texts of each deliverable and of its measure, with their translations, by id.

    `wording` are the texts of the day by code, where they differ from today's.
    """
    translations = {}
    for source, text in plan.translations.values_list("source", "text"):
        translations.setdefault(source, []).append(text)

    numbers = ("measure__action_line__number", "measure__number", "number")
    columns = ("pk", "title", "measure__statement", "measure__short_name", *numbers)
    texts = {}
    for pk, title, statement, short_name, *parts in Deliverable.objects.of_plan(plan.slug).values_list(*columns):
        code = Code(*parts)
        own = [wording.get(code, title), wording.get(code.in_measure, statement), short_name]
        texts[pk] = [*own, *(text for source in own for text in translations.get(source, ()))]
    return texts


def update_texts(update):
    if update is None:
        return []
    return [update.note, update.next_step, *(text for piece in update.evidence for text in (piece.title, piece.link))]


def has_words(words, texts):
    """Return whether each of the words (see `words_of`) is in one of the texts."""
    content = " ".join(map(searchable, texts))
    return all(word in content for word in words)
