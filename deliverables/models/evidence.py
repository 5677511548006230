"""Evidence of a status update: documents by title, with a web address or an uploaded file."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from deliverables.models.takedown import exists_takedown
from plans.common.hash_chain import SaltedTexts
from plans.common.text import NormalisedTexts, normalise

INVALID_WEB_ADDRESS = _("Enter a web address that begins with https:// or http://, as the browser shows it.")
NO_TEXT = "-"  # the line of a piece without a title or link, in the tables of files
MAX_EVIDENCE = 5  # pieces an update


@dataclass(frozen=True)
class StoredFile:
    """An uploaded file, named by the SHA-256 of its content. `size` is in bytes, `kind` one of `content.KINDS`."""

    sha256: str
    size: int
    kind: str

    @property
    def label(self):
        """Return the kind as people read it, such as PDF."""
        return self.kind.upper()

    @property
    def path(self):
        """Return the address of the file on this site."""
        return reverse("evidence_file", args=[self.sha256])


@dataclass(frozen=True)
class Evidence:
    """A piece of evidence as people give and read it: a title with a web address, with a file, or alone."""

    title: str = ""
    link: str = ""
    file: StoredFile | None = None

    def cleaned(self):
        """Return this piece as it is stored: normalised, each text on one line, as spreadsheets need it."""
        title, link = (" ".join(normalise(text).split()) for text in (self.title, self.link))
        return Evidence(title, link, self.file)

    @property
    def address(self):
        """Return where the piece can be read: its web address, or that of its file on this site; empty for neither."""
        return self.link or (self.file.path if self.file else "")

    @property
    def kind(self):
        """Return what the piece is, as short as the box beside its title: its file's kind, a link, or a document."""
        if self.file:
            return self.file.label
        return _("LINK") if self.link else _("DOC")

    @property
    def host(self):
        """Return the host of its web address without `www.`, empty without one."""
        return (urlsplit(self.link).hostname or "").removeprefix("www.")

    @property
    def url(self):
        """Return the same as a full URL, for documents and mails."""
        return self.link or (settings.SITE_URL + self.file.path if self.file else "")

    def __bool__(self):
        return bool(self.title or self.link or self.file)

    def __str__(self):
        return self.title or self.link or (self.file.sha256 if self.file else "")


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

    `number` counts the items of an update from 1. `file` is the SHA-256 of an uploaded file: like a text, the digest
    covers it salted, and it can be taken down. Its size and kind stay.
    """

    append_only = True
    salted_texts = ("title", "link", "file")
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

    file = models.CharField(_("file"), max_length=64, blank=True, db_index=True)
    file_salt = models.CharField(max_length=32, blank=True, editable=False)
    file_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    file_size = models.PositiveIntegerField(default=0, editable=False)
    file_kind = models.CharField(max_length=10, blank=True, editable=False)

    class Meta:
        verbose_name = _("evidence item")
        verbose_name_plural = _("evidence items")
        ordering = ["update", "number"]
        constraints = [
            models.UniqueConstraint(fields=["update", "number"], name="evidence_number_unique_in_update"),
            models.CheckConstraint(
                condition=~models.Q(title_sha256="") | ~models.Q(link_sha256="") | ~models.Q(file_sha256=""),
                name="evidence_has_a_title_or_link",
            ),
        ]

    def __str__(self):
        return str(self.evidence)

    @property
    def hashes(self):
        """Return what the digest of an update covers of this item."""
        return {"file": self.file_sha256 or None, "link": self.link_sha256 or None, "title": self.title_sha256 or None}

    @property
    def evidence(self):
        return Evidence(self.title, self.link, self.stored_file)

    @property
    def stored_file(self):
        return StoredFile(self.file, self.file_size, self.file_kind) if self.file else None

    def attach(self, file):
        """Name an uploaded `StoredFile` (None for none), before the item is sealed."""
        if file:
            self.file, self.file_size, self.file_kind = file.sha256, file.size, file.kind


def load_evidence(updates):
    """Give many updates their evidence, with one query for those that have any: quicker than prefetching."""
    updates = {update.pk: update for update in updates if update.evidence_count}
    found = {pk: [] for pk in updates}
    if updates:
        for item in EvidenceItem.objects.filter(update__in=updates).order_by("update", "number"):
            found[item.update_id].append(item.evidence)
    for pk, pieces in found.items():
        updates[pk].evidence = tuple(filter(None, pieces))
