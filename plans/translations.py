"""What a plan says in other languages. English is what was decided; a translation belongs to the very words it is of.

So an amendment, which brings new English words, leaves the translation with the old ones, and a page as of an earlier
day finds it there.
"""

import hashlib
import re

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from plans.common.text import TranslatedText

ENGLISH = settings.LANGUAGE_CODE
OTHER_LANGUAGES = [("es", _("Spanish")), ("fr", _("French"))]  # as a sentence names them; settings has their own names
MAX_LENGTH = 5000  # characters of a translation


class TranslatedTexts:
    """The words of plans in one language: English where nobody entered a translation."""

    def __init__(self, language, entered=()):
        self.language, self.by_source = language, dict(entered)

    def get(self, text) -> TranslatedText:
        """What to show for these English words."""
        if text in self.by_source:
            return TranslatedText(self.by_source[text], self.language)
        return TranslatedText(text, ENGLISH)

    def missing(self, texts):
        """Those of the English texts that are not translated into this language."""
        return [text for text in texts if self.language != ENGLISH and text and text not in self.by_source]


def in_every_language(label) -> set[str]:
    """A label of ours as people may write it, in small letters: in any language, ours or of a file of theirs."""
    texts = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            texts.add(str(label).lower())
    return texts


ENGLISH_TEXTS = TranslatedTexts(ENGLISH)


def colon():
    """A colon between two texts that are set side by side, as the language writes it."""
    return "\u00a0: " if get_language() == "fr" else ": "


def placeholders(text):
    """What in a text becomes a number, such as `{total}`: a translation keeps it."""
    return sorted(re.findall(r"\{\w*\}", text))


def max_length_for(text):
    """How many characters a translation of a text may have: other languages are longer, but not by that much."""
    return min(MAX_LENGTH, max(200, 3 * len(text)))


def text_key(text):
    """The SHA-256 of English words: long texts are found by it."""
    return hashlib.sha256(text.encode()).hexdigest()


class TranslationManager(models.Manager):
    def texts_for(self, plan, language):
        """The `Words` of a plan in a language; English needs no query."""
        found = self.filter(plan=plan, language=language).values_list("source", "text") if language != ENGLISH else ()
        return TranslatedTexts(language, found)

    def load(self, plans, language):
        """Read the words of several plans in a language in one query, for a list of them."""
        found = {plan.pk: {} for plan in plans}
        if language != ENGLISH:
            for each in self.filter(plan__in=plans, language=language):
                found[each.plan_id][each.source] = each.text
        for plan in plans:
            plan.texts_by_language[language] = TranslatedTexts(language, found[plan.pk])

    def set_translations(self, plan, language, texts, *, by):
        """Keep the translations of a plan's English texts, by text; an empty one is taken out. The one door."""
        with transaction.atomic():
            for source, text in texts.items():
                found = {"plan": plan, "language": language, "key": text_key(source)}
                text = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
                if text:
                    said = {"source": source, "text": text, "entered_by": by, "entered_at": timezone.now()}
                    self.update_or_create(**found, defaults=said)
                else:
                    self.filter(**found).delete()
            type(plan).objects.bump(pk=plan.pk)

    def copy(self, source, plan):
        """Give a plan the translations of another, whose words it takes."""
        self.bulk_create(
            self.model(
                plan=plan, language=each.language, key=each.key, source=each.source, text=each.text,
                entered_by_id=each.entered_by_id, entered_at=each.entered_at,
            )
            for each in self.filter(plan=source)
        )  # fmt: skip


class Translation(models.Model):
    """English words of a plan in another language, and who entered that."""

    plan = models.ForeignKey("plans.Plan", models.CASCADE, related_name="translations", verbose_name=_("plan"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    key = models.CharField(max_length=64, editable=False)
    source = models.TextField(_("English words"))
    text = models.TextField(_("translation"), max_length=MAX_LENGTH)
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
