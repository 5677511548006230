"""What the documents of an edition say about it, and the information missing from a plan on a day."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from deliverables.attention import MISSING_INFORMATION, Attention, needing_attention
from deliverables.models import Deliverable
from plans.codes import Code
from plans.common.text import TranslatedText
from plans.models import Plan
from plans.translations import ENGLISH
from reports.figures.comparison import Comparison


@dataclass(frozen=True)
class Publication:
    """What the documents of an edition say besides its summary.

    `titles` holds the title in each language of the edition, English first, and `untranslated` the number of
    untranslated texts in each. `missing` is the missing information. `supersedes` is the number of the edition
    published before; `is_current` is false for one that shows an earlier day than the current edition.
    `changes` compares with the edition `compared_with`, that of the nearest earlier day; both are None without any.
    A preview has the same content, for an edition that is not published.
    """

    plan: Plan
    number: int
    titles: dict[str, str]
    published_on: date
    missing: dict[Attention, tuple[Code, ...]]
    untranslated: dict[str, int]
    supersedes: int | None = None
    is_current: bool = True
    compared_with: int | None = None
    changes: Comparison | None = None
    is_preview: bool = False

    @property
    def title(self):
        """Return the title in the active language, else in English."""
        return localized(self.titles)

    @property
    def link(self):
        """Return the permanent URL of its page in the active language."""
        return settings.SITE_URL + reverse("edition", args=[self.plan.slug, self.number])


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
