"""Evidence of a status update: documents by title, web address, or both."""

from dataclasses import dataclass

from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from deliverables.models.takedown import exists_takedown
from plans.common.hash_chain import SaltedTexts
from plans.common.text import NormalisedTexts, normalise

INVALID_WEB_ADDRESS = _("Enter a web address that begins with https:// or http://, as the browser shows it.")
NO_TEXT = "-"  # the line of a piece without a title or link, in the tables of files
MAX_EVIDENCE = 5  # pieces an update


@dataclass(frozen=True)
class Evidence:
    """A piece of evidence as people give and read it: a title, a web address, or both."""

    title: str = ""
    link: str = ""

    def cleaned(self):
        """Return this piece as it is stored: normalised, each text on one line, as spreadsheets need it."""
        return Evidence(*(" ".join(normalise(text).split()) for text in (self.title, self.link)))

    def __bool__(self):
        return bool(self.title or self.link)

    def __str__(self):
        return self.title or self.link


def join_lines(texts):
    """Return the titles or links of several pieces as a text, a line for each: NO_TEXT where a piece has none."""
    texts = list(texts)
    if len(texts) == 1 or not any(texts):
        return "".join(texts)
    return "\n".join(text or NO_TEXT for text in texts)


def split_lines(text):
    """Return the texts that `join_lines` joined."""
    return ["" if line.strip() == NO_TEXT else line.strip() for line in text.splitlines()]


class EvidenceItem(SaltedTexts, NormalisedTexts, models.Model):
    """A piece of evidence of an update in form 2. It is never changed; its texts can be taken down.

    `number` counts the items of an update from 1.
    """

    append_only = True
    salted_texts = ("title", "link")
    erasable_if = {
        column: exists_takedown(f"update_id = OLD.update_id AND item = OLD.number AND field = '{name}'")
        for name in salted_texts
        for column in (name, f"{name}_salt")
    }

    update = models.ForeignKey("deliverables.StatusUpdate", models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=300, blank=True)
    title_salt = models.CharField(max_length=32, blank=True, editable=False)
    title_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    link = models.CharField(
        _("web address"),
        max_length=1000,
        blank=True,
        validators=[URLValidator(schemes=["https", "http"], message=INVALID_WEB_ADDRESS)],
    )
    link_salt = models.CharField(max_length=32, blank=True, editable=False)
    link_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("evidence item")
        verbose_name_plural = _("evidence items")
        ordering = ["update", "number"]
        constraints = [
            models.UniqueConstraint(fields=["update", "number"], name="evidence_number_unique_in_update"),
            models.CheckConstraint(
                condition=~models.Q(title_sha256="") | ~models.Q(link_sha256=""), name="evidence_has_a_title_or_link"
            ),
        ]

    def __str__(self):
        return self.title or self.link

    @property
    def hashes(self):
        """Return what the digest of an update covers of this item. Uploaded files will come with their own hash."""
        return {"file": None, "link": self.link_sha256 or None, "title": self.title_sha256 or None}

    @property
    def evidence(self):
        return Evidence(self.title, self.link)


def load_evidence(updates):
    """Give many updates their evidence, with one query for those that have any: quicker than prefetching."""
    updates = {update.pk: update for update in updates if update.evidence_count}
    found = {pk: [] for pk in updates}
    if updates:
        for item in EvidenceItem.objects.filter(update__in=updates).order_by("update", "number"):
            found[item.update_id].append(item.evidence)
    for pk, pieces in found.items():
        updates[pk].evidence = tuple(filter(None, pieces))
