"""Editions: what was published, byte for byte, for good."""

import hashlib
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, OuterRef, Q, Subquery, When
from django.db.models.functions import Length
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from plans.models import Plan, PlanChanged, Visibility
from plans.translations import ENGLISH, OTHER_LANGUAGES
from reports.editions.publication import Publication, localized, missing_information_on
from reports.figures.comparison import Comparison
from reports.figures.snapshot import from_snapshot, read_missing, to_snapshot
from reports.figures.summary import summarise
from reports.files.formats import ALL_LANGUAGES_IN_ONE, FORMATS
from reports.imports.models import Import
from reports.mail.models import Follow, Message

__all__ = ["Edition", "EditionDocument", "Follow", "Import", "Message"]  # Django finds its models here


def sha256_of(content):
    return hashlib.sha256(content).hexdigest()


def newest_of(plan):
    """The number of a plan's newest edition, for a queryset."""
    return Subquery(Edition.objects.filter(plan=plan).order_by("-number").values("number")[:1])


class EditionQuerySet(models.QuerySet):
    def for_list(self):
        """Newest first, with what a list shows of each; without the frozen summary, which is large."""
        return self.select_related("plan", "superseded_by").defer("summary", "superseded_by__summary")

    def for_page(self, plan):
        """A plan's editions, each with the one it supersedes and the one that supersedes it."""
        others = ("plan__organisation", "supersedes", "superseded_by")
        found = self.filter(plan=plan).select_related(*others).defer("superseded_by__summary")
        return found.annotate(newest=newest_of(OuterRef("plan")))

    def latest_of(self, plan):
        """The newest edition of a plan, or None."""
        return self.filter(plan=plan).order_by("-number").first()

    def draft(self, plan, *, title, as_of, on, titles=None, is_preview=True):
        """The summary and the `Publication` of the edition that would come next, published on the day `on`.

        `title` is its English title; `titles` are those of the other languages it comes in, by language.
        """
        previous = self.latest_of(plan)
        number = previous.number + 1 if previous else 1
        summary = summarise(plan, as_of, today=on)
        publication = Publication(
            plan=plan,
            number=number,
            titles={ENGLISH: title} | (titles or {}),
            published_on=on,
            gaps=missing_information_on(plan, as_of),
            untranslated={language: len(summary.untranslated(language)) for language in titles or {}},
            supersedes=previous and previous.number,
            changes=previous and Comparison(from_snapshot(previous.summary), summary),
            is_preview=is_preview,
        )
        return summary, publication

    def publish(self, plan, *, title, as_of, by, seen, submission, titles=None, at=None):
        """Publish the next edition of a plan: the one door. Returns it, with its documents written.

        `by` is the person, `as_of` the day it shows, `seen` the revision of the plan that the preview showed,
        `submission` a UUID: given twice, it is one edition. `at` is the moment of publishing (now).
        Raises `PlanChanged` where the plan was changed since, `ValidationError` for a draft: nothing is written.
        """
        at = at or timezone.now()
        plan = Plan.objects.select_related("organisation").get(pk=plan.pk)
        what = {"title": title, "titles": titles or {}, "as_of": as_of}
        summary, publication = self.draft(plan, **what, on=timezone.localdate(at), is_preview=False)
        edition = Edition(
            plan=plan,
            number=publication.number,
            **what,
            published_at=at,
            published_by=by,
            published_by_name=by.name,
            summary=to_snapshot(summary, publication),
            revision=seen,
            history_length=plan.history_length,
            history_head=plan.history_head,
            supersedes=self.latest_of(plan),
            submission=submission,
        )
        edition.full_clean(exclude={"number", "submission", "titles"})
        return edition.store(files_of(summary, publication))


def files_of(summary, publication):
    """The bytes of each file of an edition, by extension and language: the JSON holds all languages in one."""
    files = {}
    for language in publication.titles:
        with override(language):
            for extension, (_type, write) in FORMATS.items():
                if extension not in ALL_LANGUAGES_IN_ONE or language == ENGLISH:
                    files[extension, language] = write(summary, publication)
    return files


class Edition(models.Model):
    """A published report of a plan. Never changed and never deleted; a newer one supersedes it.

    `revision`, `history_length` and `history_head` are those of the plan it was made from.
    """

    append_only = True
    erasable = ("published_by_name",)

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="editions", verbose_name=_("plan"))
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200, help_text=_("Stands on the cover, above the plan's title."))
    titles = models.JSONField(_("titles in other languages"), default=dict, blank=True)
    as_of = models.DateField(_("as of"))
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="editions",
        null=True,
        verbose_name=_("published by"),
    )
    published_by_name = models.CharField(_("published under the name"), max_length=150)
    summary = models.JSONField(_("summary"))
    revision = models.PositiveBigIntegerField(_("revision"))
    history_length = models.PositiveIntegerField(_("history entries"))
    history_head = models.CharField(_("history head"), max_length=64, blank=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, related_name="superseded_by", null=True, blank=True, verbose_name=_("supersedes")
    )
    submission = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="edition_number_unique_in_plan"),
            models.CheckConstraint(
                condition=Q(number=1, supersedes=None) | Q(number__gt=1, supersedes__isnull=False),
                name="edition_supersedes_the_one_before",
            ),
        ]
        permissions = [("publish_edition", "Can publish an edition of a plan's summary")]

    def __str__(self):
        return _("%(title)s, edition %(number)d") % {"title": self.localized_title, "number": self.number}

    def clean(self):
        if self.plan.visibility == Visibility.DRAFT:
            raise ValidationError(
                _("This plan is a draft, which only its editors may read. Open it to members or to everyone first.")
            )

    def same_or_conflict(self, **decision):
        """This edition where it is what was decided; another decision sent under its number raises `PlanChanged`."""
        if all(getattr(self, field) == value for field, value in decision.items()):
            return self
        raise PlanChanged

    def get_absolute_url(self):
        return reverse("edition", args=[self.plan.slug, self.number])

    @property
    def localized_title(self):
        """Its title in the language of the page, where it is published in that; else the English one."""
        return localized({ENGLISH: self.title} | self.titles)

    @property
    def is_current(self):
        """Whether no newer edition supersedes it. Wants `select_related("superseded_by")` for more than one."""
        return not hasattr(self, "superseded_by")

    @property
    def published_on(self):
        """The day of publishing, where the secretariat sits."""
        return timezone.localdate(self.published_at)

    @property
    def gaps(self):
        """What the record lacked when it was published, as in `Publication`."""
        return read_missing(self.summary["edition"]["gaps"])

    @property
    def untranslated(self):
        """How many texts stood in English, by the name of each other language it was published in, where any did."""
        found = self.summary["edition"].get("untranslated", {})
        return [(name, found[language]) for language, name in OTHER_LANGUAGES if found.get(language)]

    @property
    def is_in_history(self):
        """Whether the plan's history still holds the head that this was made from, at its place."""
        entry = self.plan.updates.filter(sequence=self.history_length, digest=self.history_head)
        return self.history_length == 0 or entry.exists()

    def faults(self):
        """What is not as it was published, a sentence each; nothing where all is well."""
        for document in self.documents.order_by("pk"):
            found = sha256_of(document.content)
            if found != document.sha256:
                yield f"the {document.extension} hashes to {found}, published as {document.sha256}"
        if not self.is_in_history:
            yield f"entry {self.history_length} of the history is not {self.history_head}"

    def store(self, files):
        """Write it with its files, see `files_of`, if the plan is still what they were made from.

        They are made before, since that takes longer than others should wait for the plan's lock. Whatever changes
        the plan raises its revision: where that is the one seen, nothing changed while they were made.
        """
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=self.plan_id)
            if repeated := Edition.objects.filter(submission=self.submission).first():
                return repeated.same_or_conflict(plan=self.plan, title=self.title, titles=self.titles, as_of=self.as_of)
            if plan.revision != self.revision:
                raise PlanChanged
            self.save(force_insert=True)
            EditionDocument.objects.bulk_create(
                EditionDocument(
                    edition=self, extension=extension, language=language, content=content, sha256=sha256_of(content)
                )
                for (extension, language), content in files.items()
            )
            Plan.objects.bump(pk=self.plan_id)
        return self


class EditionDocumentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those this person may read, each with what its answer needs besides the bytes."""
        found = self.filter(edition__plan__in=Plan.objects.visible_to(user))
        return found.select_related("edition__plan__organisation").defer("edition__summary")

    def for_list(self):
        """Without the bytes, of which a list shows only their number and hash; the page's language comes first."""
        here = Case(When(language=get_language(), then=0), default=1)
        return self.annotate(size=Length("content")).defer("content").order_by(here, "pk")

    def in_language(self, language):
        """Those in a language, and in English what there is in no other; the first of each is the one to give out."""
        return self.filter(language__in=[language, ENGLISH]).order_by(Case(When(language=language, then=0), default=1))

    def with_hash(self, sha256, user):
        """Those of exactly these bytes, mostly one; none where they were not published or are not this person's."""
        found = self.visible_to(user).filter(sha256=sha256).select_related("edition__superseded_by")
        found = found.annotate(newest=newest_of(OuterRef("edition__plan")))
        return found.defer("content", "edition__summary", "edition__superseded_by__summary")


class EditionDocument(models.Model):
    """One file of an edition in one language: the very bytes, and their SHA-256 in hexadecimal."""

    append_only = True

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="documents")
    extension = models.CharField(max_length=10)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default=ENGLISH)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64, db_index=True)

    objects = EditionDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "extension", "language"], name="document_unique_in_edition_and_language"
            ),
        ]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        with override(self.language):
            return reverse("edition_document", args=[self.edition.plan.slug, self.edition.number, self.extension])

    @property
    def kind(self):
        """What kind of file it is, and in which language where that is not English."""
        kind = self.extension.upper()
        return kind if self.language == ENGLISH else f"{kind}, {self.get_language_display()}"

    @property
    def file_name(self):
        plan, language = self.edition.plan, "" if self.language == ENGLISH else f"-{self.language}"
        return f"{plan.organisation.slug}-{plan.slug}-summary-edition-{self.edition.number}{language}.{self.extension}"
