"""Translations of a plan's texts. English is the language of decision.

A translation belongs to one English text, not to a part of the plan. An amendment that changes the English text
therefore leaves the translation with the previous text, where pages as of an earlier date still find it.
"""

import hashlib
import re

from babel import Locale
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.text import Truncator
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from plans.common.text import TranslatedText, normalise

ENGLISH = settings.LANGUAGE_CODE


def language_choices():
    """Return the languages for a model's field. A function, so that another language in settings needs no migration."""
    return settings.LANGUAGES


def language_name(code):
    """Return what the language of the page calls another, in a sentence: `Spanish`, `español`."""
    return Locale.parse(get_language(), sep="-").languages[code]


# The languages to translate into, by code.
OTHER_LANGUAGES = [
    (code, lazy(language_name, str)(code)) for code, _own_name in settings.LANGUAGES if code != settings.LANGUAGE_CODE
]
MAX_LENGTH = 5000  # characters in a translation
NAME_LENGTH = 60  # characters of a statement that stand for a name


class TranslatedTexts:
    """The texts of plans in one language. Texts without a translation stay in English.

    `unofficial` are the English texts whose translation the secretariat has not confirmed.
    """

    def __init__(self, language, entered=(), unofficial=()):
        self.language, self.by_source, self.unofficial = language, dict(entered), frozenset(unofficial)

    def get(self, text) -> TranslatedText:
        """Return the translation of an English text, or the English text itself where there is none."""
        if text in self.by_source:
            return TranslatedText(self.by_source[text], self.language, is_unofficial=text in self.unofficial)
        return TranslatedText(text, ENGLISH)

    def measure_name(self, short_name, statement) -> TranslatedText:
        """Return the short name of a measure, or the beginning of its statement if it has none."""
        text = self.get(short_name or statement)
        return text if short_name else TranslatedText(Truncator(text).chars(NAME_LENGTH), text.language)

    def missing(self, texts):
        """Return those of the English texts that have no translation into this language."""
        return [text for text in texts if self.language != ENGLISH and text and text not in self.by_source]

    def unconfirmed(self, texts):
        """Return those of the English texts whose translation is unofficial."""
        return [text for text in texts if text in self.unofficial]


def labels_in_all_languages(label) -> set[str]:
    """Return a label of the tracker in every language, in lower case: an imported file may use any of them."""
    texts = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            texts.add(str(label).lower())
    return texts


ENGLISH_TEXTS = TranslatedTexts(ENGLISH)


def colon():
    """Return the colon between two texts on a line, as the language of the page writes it."""
    return "\u00a0: " if get_language() == "fr" else ": "


def placeholders(text):
    """Return the placeholders of a text, such as `{total}`, sorted. A translation must have the same ones."""
    return sorted(re.findall(r"\{\w*\}", text))


def max_length_for(text):
    """Return how many characters a translation of a text may have: three times as many, within limits."""
    return min(MAX_LENGTH, max(200, 3 * len(text)))


def with_spaces_of(language, text):
    """Return a text with the spaces of its language: in French none breaks before `:` or inside quotes.

    `normalise` makes them plain ones, so that texts are compared without them.
    """
    return re.sub(" (?=[:;?!»])|(?<=«) ", "\u00a0", text) if language == "fr" else text


def text_key(text):
    """Return the SHA-256 of an English text, its key in the database: the texts are too long to index."""
    return hashlib.sha256(text.encode()).hexdigest()


def translated_texts(language, entries):
    """Return the `TranslatedTexts` of stored translations into one language."""
    entries = list(entries)
    return TranslatedTexts(
        language,
        ((entry.source, entry.text) for entry in entries),
        (entry.source for entry in entries if entry.is_unofficial),
    )


class TranslationManager(models.Manager):
    def texts_for(self, plan, language):
        """Return the `TranslatedTexts` of a plan in a language. English needs no query."""
        if language == ENGLISH:
            return TranslatedTexts(language)

        return translated_texts(language, self.filter(plan=plan, language=language))

    def load(self, plans, language):
        """Load the texts of several plans in a language with one query, for a page that lists them."""
        entries = {plan.pk: [] for plan in plans}
        if language != ENGLISH:
            for translation in self.filter(plan__in=plans, language=language):
                entries[translation.plan_id].append(translation)

        for plan in plans:
            plan.texts_by_language[language] = translated_texts(language, entries[plan.pk])

    def set_translations(self, plan, language, texts, *, by, is_unofficial=False):
        """Save translations of a plan's texts. Only this method and `confirm` write translations.

        `texts` maps English texts to translations. An empty translation deletes the stored one. What a person enters
        is official, unless they only carry an unofficial translation along (`is_unofficial`).
        """
        with transaction.atomic():
            for source, text in texts.items():
                lookup = {"plan": plan, "language": language, "key": text_key(source)}
                text = "\n".join(" ".join(line.split()) for line in normalise(text).splitlines())
                text = with_spaces_of(language, text)
                if text:
                    values = {"source": source, "text": text, "is_unofficial": is_unofficial}
                    values |= {"entered_by": by, "entered_at": timezone.now()}
                    self.update_or_create(**lookup, defaults=values)
                else:
                    self.filter(**lookup).delete()

            type(plan).objects.raise_revision(pk=plan.pk)

    def confirm(self, plan, language, sources, *, by):
        """Make the unofficial translations of these English texts official, as they are, on the word of a person."""
        with transaction.atomic():
            unofficial = self.filter(plan=plan, language=language, is_unofficial=True)
            unofficial.filter(key__in=[text_key(source) for source in sources]).update(
                is_unofficial=False, entered_by=by, entered_at=timezone.now()
            )
            type(plan).objects.raise_revision(pk=plan.pk)

    def copy(self, source, plan):
        """Copy the translations of the plan `source` to another plan that starts with the same texts."""
        self.bulk_create(
            self.model(
                plan=plan, language=entry.language, key=entry.key, source=entry.source, text=entry.text,
                is_unofficial=entry.is_unofficial, entered_by_id=entry.entered_by_id, entered_at=entry.entered_at,
            )
            for entry in self.filter(plan=source)
        )  # fmt: skip


class Translation(models.Model):
    """The translation of one English text of a plan, with who entered or confirmed it and when.

    An unofficial one was made for the tracker: readers are told so until the secretariat confirms or changes it.
    """

    plan = models.ForeignKey("plans.Plan", models.CASCADE, related_name="translations", verbose_name=_("plan"))
    language = models.CharField(_("language"), max_length=5, choices=language_choices)
    key = models.CharField(max_length=64, editable=False)
    source = models.TextField(_("English words"))
    text = models.TextField(_("translation"), max_length=MAX_LENGTH)
    is_unofficial = models.BooleanField(_("unofficial"), default=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"))

    objects = TranslationManager()

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(fields=["plan", "language", "key"], name="translation_unique_for_words"),
        ]

    def __str__(self):
        return f"{self.language}: {self.text}"
