"""An edition as its documents speak of it, and the list of what is missing that comes before one."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from deliverables.attention import MISSING_INFORMATION, Attention, needing
from deliverables.models import Deliverable
from plans.codes import Code
from plans.models import Plan
from plans.translations import ENGLISH
from reports.figures.comparison import Comparison


@dataclass(frozen=True)
class Publication:
    """What the documents of an edition say besides its summary: which one it is, and what it lacks.

    `titles` holds its title in each language it is published in, English first; `untranslated` how many texts stand in
    English in each of them; `changes` sets it against the edition
    it supersedes, None for the first. A preview says the same of an edition that is not published.
    """

    plan: Plan
    number: int
    titles: dict[str, str]
    published_on: date
    gaps: dict[Attention, tuple[Code, ...]]
    untranslated: dict[str, int]
    supersedes: int | None = None
    changes: Comparison | None = None
    is_preview: bool = False

    @property
    def title(self):
        """Its title in the language in force."""
        return localized(self.titles)

    @property
    def link(self):
        """The address of its page in the language in force, for good."""
        return settings.SITE_URL + reverse("edition", args=[self.plan.slug, self.number])


def localized(titles):
    """Of an edition's titles by language, the one in the language in force, else the English."""
    return titles.get(get_language(), titles[ENGLISH])


def missing_information_on(plan, as_of) -> dict[Attention, tuple[Code, ...]]:
    """What the record of a plan lacks as of a date: the deliverables of each gap there is, in natural order."""
    deliverables = Deliverable.objects.of_plan(plan.slug).not_withdrawn(as_of).with_current_status(as_of)
    found = {gap: tuple(row.code for row in needing(gap, deliverables, as_of)) for gap in MISSING_INFORMATION}
    return {gap: codes for gap, codes in found.items() if codes}
