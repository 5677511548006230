"""What the documents of an edition say about it, and the information missing from a plan on a day."""

from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from deliverables.attention import MISSING_INFORMATION, Attention, needing_attention
from deliverables.models import Deliverable
from plans.codes import Code
from plans.common.text import TranslatedText
from plans.models import Meeting, Plan
from plans.translations import ENGLISH
from reports.figures.comparison import Comparison


@dataclass(frozen=True)
class EditionTexts:
    """What the secretariat writes for an edition in one language: what no figure says. Any of them may be empty.

    `comments` are those on the action lines, by code. `key_results` and `decisions` hold one to a line.
    """

    foreword: str = ""
    signed_by: str = ""
    key_results: str = ""
    decisions: str = ""
    comments: dict[str, str] = field(default_factory=dict)

    def as_dict(self):
        """Return the texts that are written, by name, as a snapshot stores them."""
        comments = {code: text for code, text in self.comments.items() if text}
        texts = {name: getattr(self, name) for name in TEXT_NAMES} | {"comments": comments}
        return {name: text for name, text in texts.items() if text}

    def __bool__(self):
        return bool(self.as_dict())

    def get(self, name, code=None):
        """Return a text by name, or the comment on the action line with this code. Empty if it is not written."""
        return self.comments.get(str(code), "") if code else getattr(self, name)


TEXT_NAMES = ("foreword", "signed_by", "key_results", "decisions")


@dataclass(frozen=True)
class Publication:
    """What the documents of an edition say besides its summary.

    `titles` holds the title in each language of the edition, English first, `texts` what was written for it in each,
    and `untranslated` the number of untranslated texts. `meeting` is the one it is for, `missing` the missing
    information. `supersedes` is the number of the edition published before; `is_current` is false for one that shows an
    earlier day than the current edition. `changes` compares with the edition `compared_with`, that of the nearest
    earlier day; both are None without any. A preview has the same content, for an edition that is not published.
    """

    plan: Plan
    number: int
    titles: dict[str, str]
    published_on: date
    missing: dict[Attention, tuple[Code, ...]]
    untranslated: dict[str, int]
    texts: dict[str, EditionTexts] = field(default_factory=dict)
    meeting: Meeting | None = None
    supersedes: int | None = None
    is_current: bool = True
    compared_with: int | None = None
    changes: Comparison | None = None
    is_preview: bool = False

    @property
    def title(self):
        """Return the title in the active language, else in English."""
        return localized(self.titles)

    def text(self, name, code=None):
        """Return a text of the edition (see `EditionTexts.get`) in the active language, else in English, or empty."""
        return written_text(self.texts, name, code)

    @property
    def link(self):
        """Return the permanent URL of its page in the active language."""
        return settings.SITE_URL + reverse("edition", args=[self.plan.slug, self.number])


def written_text(texts, name, code=None):
    """Return a text of `EditionTexts` by language: that in the active language, else the English one, or empty."""
    for language in (get_language(), ENGLISH):
        if text := texts.get(language, EditionTexts()).get(name, code):
            return TranslatedText(text, language)
    return TranslatedText("", ENGLISH)


def localized(titles):
    """Return, of titles by language, the one in the active language, else the English one."""
    language = get_language() if get_language() in titles else ENGLISH
    return TranslatedText(titles[language], language)


def missing_information_on(plan, as_of) -> dict[Attention, tuple[Code, ...]]:
    """Return the information missing from a plan as of a date: codes in natural order, by what is missing."""
    deliverables = Deliverable.objects.of_plan(plan.slug).not_withdrawn(as_of).with_current_status(as_of)
    missing = {
        kind: tuple(row.code for row in needing_attention(kind, deliverables, as_of)) for kind in MISSING_INFORMATION
    }
    return {kind: codes for kind, codes in missing.items() if codes}
