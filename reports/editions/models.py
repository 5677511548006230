"""Editions: published reports, whose files are stored byte for byte and never change."""

import hashlib
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, Exists, OuterRef, Q, Subquery, When
from django.db.models.functions import Length
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, escape
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext_lazy as _

from plans.common.text import NormalisedTexts, normalise
from plans.models import Plan, PlanChanged, Visibility
from plans.translations import ENGLISH, OTHER_LANGUAGES, language_choices, language_name
from reports.editions.publication import EditionTexts, Publication, localized, missing_information_on, written_text
from reports.editions.withdrawal import EditionWithdrawal, was_erased
from reports.figures.comparison import Comparison
from reports.figures.snapshot import from_snapshot, read_missing, to_snapshot
from reports.figures.summary import summarise
from reports.files.formats import ALL_LANGUAGES_IN_ONE, DOCUMENTS, DocumentKind
from reports.files.page_count import page_count

NAME = _("%(title)s, edition %(number)d")


def sha256_of(content):
    return hashlib.sha256(content).hexdigest()


def current_number_of(plan):
    """Return a subquery for the number of a plan's current edition: see `latest_day_first`."""
    return Subquery(Edition.objects.filter(plan=plan).readable().latest_day_first().values("number")[:1])


class EditionQuerySet(models.QuerySet):
    def for_list(self):
        """Load what a list shows of each edition, newest first. Defer the summaries, which are large."""
        return self.with_current_number().with_is_withdrawn().select_related("plan").defer("summary")

    def for_page(self, plan):
        """Load a plan's editions with what the page of one shows."""
        editions = self.filter(plan=plan).with_current_number().with_is_withdrawn()
        return editions.select_related("plan__organisation")

    def with_is_withdrawn(self):
        """Annotate `is_withdrawn`: whether the edition was withdrawn from reading."""
        return self.annotate(is_withdrawn=Exists(EditionWithdrawal.objects.filter(edition=OuterRef("pk"))))

    def readable(self):
        """Return the editions that were not withdrawn from reading."""
        return self.with_is_withdrawn().filter(is_withdrawn=False)

    def holding(self, update):
        """Return the editions whose documents hold the texts of an update as they were before any was taken down."""
        editions = self.filter(history_length__gte=update.sequence, as_of__gte=update.effective_on)
        last = max((takedown.taken_down_at for takedown in update.all_takedowns), default=None)
        return (editions.filter(published_at__lt=last) if last else editions).for_list().order_by("number")

    def made_from(self, history_head, user):
        """Return the editions made from the record with this last digest that the person may read, oldest first."""
        editions = self.filter(plan__in=Plan.objects.visible_to(user), history_head=history_head)
        return editions.for_list().order_by("plan", "number")

    def at_link(self, link, user):
        """Return the edition that an `EditionLink` leads to, in a list that is empty if the person may not read it."""
        return self.filter(plan__in=Plan.objects.visible_to(user), plan__slug=link.slug, number=link.number).for_list()

    def with_current_number(self):
        """Annotate `current_number`, the number of the plan's current edition."""
        return self.annotate(current_number=current_number_of(OuterRef("plan")))

    def latest_day_first(self):
        """Order by the day that an edition shows, then by its number. The first edition of a plan is the current one.

        An edition for an earlier day may be published later: it does not take the place of the current one.
        """
        return self.order_by("-as_of", "-number")

    def current_of(self, plan):
        """Return the current edition of a plan, or None."""
        return self.filter(plan=plan).readable().for_list().latest_day_first().first()

    def to_compare(self, plan, as_of):
        """Return the edition with which one as of a day is compared, that of the nearest earlier day, or None.

        One that was withdrawn from reading is left out: what changed since would show what it said.
        """
        return self.filter(plan=plan, as_of__lt=as_of).readable().latest_day_first().first()

    def latest_of(self, plan):
        """Return the newest edition of a plan, or None."""
        return self.filter(plan=plan).order_by("-number").first()

    def draft(self, plan, *, title, as_of, on, titles=None, texts=None, meeting=None, is_preview=True):
        """Return the summary and the `Publication` of the next edition, if it were published on the day `on`.

        `title` is the English title, `titles` are those of its other languages by code, `texts` the `EditionTexts` of
        each language. Nothing is stored.
        """
        previous, current, earlier = self.latest_of(plan), self.current_of(plan), self.to_compare(plan, as_of)
        number = previous.number + 1 if previous else 1
        summary = summarise(plan, as_of, today=on)

        publication = Publication(
            plan=plan,
            number=number,
            titles={ENGLISH: title} | (titles or {}),
            published_on=on,
            missing=missing_information_on(plan, as_of),
            untranslated={language: len(summary.untranslated(language)) for language in titles or {}},
            texts=texts or {},
            meeting=meeting,
            supersedes=previous and previous.number,
            is_current=current is None or current.as_of <= as_of,
            compared_with=earlier and earlier.number,
            changes=earlier and Comparison(from_snapshot(earlier.summary), summary),
            is_preview=is_preview,
        )
        return summary, publication

    def publish(self, plan, *, title, as_of, by, seen, submission, titles=None, texts=None, meeting=None, at=None):
        """Publish the next edition of a plan, and return it. No other method creates editions.

        `as_of` is the day it shows, `by` the person, `at` the time of publishing (default: now). `seen` is the revision
        of the plan that the preview showed (an optimistic lock), `submission` a UUID (an idempotency key): sent twice,
        it publishes once. The other values are those of `draft`. Raise `PlanChanged` if the plan has changed since,
        `ValidationError` if it is a draft.
        """
        at = at or timezone.now()
        plan = Plan.objects.select_related("organisation").get(pk=plan.pk)
        titles = {language: normalise(text) for language, text in (titles or {}).items()}
        decision = {"title": normalise(title), "titles": titles, "as_of": as_of}
        written = {"texts": texts or {}, "meeting": meeting}
        summary, publication = self.draft(plan, **decision, **written, on=timezone.localdate(at), is_preview=False)

        edition = Edition(
            plan=plan,
            number=publication.number,
            **decision,
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
        return edition.store(render_files(summary, publication))


def render_files(summary, publication):
    """Return the bytes of each file of an edition, by kind, extension and language. One JSON holds all languages."""
    files = {}
    for language in publication.titles:
        with override(language):
            for (kind, extension), write in DOCUMENTS.items():
                if extension not in ALL_LANGUAGES_IN_ONE or language == ENGLISH:
                    files[kind, extension, language] = write(summary, publication)
    return files


class Edition(NormalisedTexts, models.Model):
    """A published report of a plan. It is never changed or deleted. `supersedes` is the edition published before it.

    `revision`, `history_length` and `history_head` are those of the plan when it was published.
    """

    append_only = True
    erasable = ("published_by_name",)
    erasable_if = {"summary": was_erased("OLD.id")}

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="editions", verbose_name=_("plan"))
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200, help_text=_("Shown on the cover, above the plan's title."))
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
        return NAME % {"title": self.localized_title, "number": self.number}

    @property
    def html(self):
        """Return the name as HTML, with the language and the direction of the title where they differ."""
        title = conditional_escape(self.localized_title.html)
        return mark_safe(escape(str(NAME)) % {"title": title, "number": self.number})  # noqa: S308 (all is escaped)

    def clean(self):
        if self.plan.visibility == Visibility.DRAFT:
            raise ValidationError(
                _(
                    "This plan is a draft that only its editors can read."
                    " Open it to members or to everyone before publishing."
                )
            )

    def return_if_same(self, other):
        """Return this edition if `other` was to publish the same. Raise `PlanChanged` if its submission was reused."""
        if self.decision == other.decision:
            return self
        raise PlanChanged

    @property
    def decision(self):
        """Return what was decided with this edition: two with the same decision are one that was sent twice."""
        written = self.summary.get("edition", {})  # empty where a withdrawal has erased it
        chosen = self.plan_id, self.title, self.titles, self.as_of
        return (*chosen, written.get("texts"), written.get("meeting"))

    def text(self, name, code=None):
        """Return a text of the edition (see `EditionTexts.get`) in the active language, else in English, or empty."""
        written = self.summary["edition"].get("texts", {})  # editions before release 1.4 have none
        return written_text({language: EditionTexts(**texts) for language, texts in written.items()}, name, code)

    def get_absolute_url(self):
        return reverse("edition", args=[self.plan.slug, self.number])

    @property
    def localized_title(self):
        """Return the title in the active language if the edition is published in it, else the English one."""
        return localized({ENGLISH: self.title} | self.titles)

    @property
    def is_current(self):
        """Return whether it is the plan's current edition. It needs `with_current_number()`."""
        return self.number == self.current_number

    @property
    def published_on(self):
        """Return the date of publishing in the time zone of the site."""
        return timezone.localdate(self.published_at)

    @property
    def missing(self):
        """Return the information missing when it was published, as in `Publication`."""
        return read_missing(self.summary["edition"]["gaps"])

    @property
    def untranslated(self):
        """Return (language name, number of untranslated texts) for each language with any."""
        numbers = self.summary["edition"].get("untranslated", {})  # editions from before translations have none
        return [(name, numbers[language]) for language, name in OTHER_LANGUAGES if numbers.get(language)]

    @property
    def unofficial(self):
        """Return (language name, number of texts in an unofficial translation) for each language with any."""
        texts = self.summary.get("unofficial_translations", {})  # older editions have none
        return [(name, len(texts[language])) for language, name in OTHER_LANGUAGES if texts.get(language)]

    @property
    def is_in_history(self):
        """Return whether the plan's history still contains the entry that was its last one at publication."""
        entry = self.plan.updates.filter(sequence=self.history_length, digest=self.history_head)
        return self.history_length == 0 or entry.exists()

    def faults(self):
        """Yield a sentence for each difference from what was published."""
        documents = self.documents.order_by("pk")
        if any(withdrawal.is_erased for withdrawal in self.withdrawals.all()):
            documents = documents.exclude(content=b"")  # erased by a recorded withdrawal
        for document in documents:
            actual = sha256_of(document.content)
            if actual != document.sha256:
                yield f"the {document.extension} hashes to {actual}, published as {document.sha256}"
        if not self.is_in_history:
            yield f"entry {self.history_length} of the history is not {self.history_head}"

    def store(self, files):
        """Store the edition with its files (see `render_files`), if the plan has not changed since they were rendered.

        Rendering takes seconds, so it happens before the plan is locked. Every change of the plan raises its revision:
        if that is still the one seen, nothing has changed meanwhile.
        """
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=self.plan_id)
            if repeated := Edition.objects.filter(submission=self.submission).first():
                return repeated.return_if_same(self)
            if plan.revision != self.revision:
                raise PlanChanged

            self.save(force_insert=True)
            EditionDocument.objects.bulk_create(
                EditionDocument(
                    edition=self,
                    kind=kind,
                    extension=extension,
                    language=language,
                    content=content,
                    pages=page_count(extension, content),
                    sha256=sha256_of(content),
                )
                for (kind, extension, language), content in files.items()
            )
            Plan.objects.raise_revision(pk=self.plan_id)
        return self


def language_first(language):
    """Return the order of documents that puts those in one language first."""
    return Case(When(language=language, then=0), default=1), "pk"


class EditionDocumentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Load the documents that this person may read, with their plan and organisation."""
        documents = self.filter(edition__plan__in=Plan.objects.visible_to(user))
        withdrawals = EditionWithdrawal.objects.filter(edition=OuterRef("edition"))
        documents = documents.annotate(is_withdrawn=Exists(withdrawals))
        return documents.select_related("edition__plan__organisation").defer("edition__summary")

    def for_list(self):
        """Load what a list shows, the active language first. Annotate `size` in bytes, and defer the content."""
        documents = self.exclude(kind=DocumentKind.COVER)
        return documents.annotate(size=Length("content")).defer("content").order_by(*language_first(get_language()))

    def for_panel(self):
        """Return the documents in the active language, else in English, by kind and extension: `summary_pdf` and so on.

        Each has its `size` in bytes.
        """
        documents = self.annotate(size=Length("content")).defer("content").in_language(get_language())
        found = {}
        for document in documents.select_related("edition__plan__organisation").defer("edition__summary", "content"):
            found.setdefault(f"{document.kind}_{document.extension}", document)
        return found

    def in_language(self, language):
        """Filter by a language, with English as fallback. The first one of a kind and extension is the one to serve."""
        return self.filter(language__in=[language, ENGLISH]).order_by(*language_first(language))

    def with_hash(self, sha256, user):
        """Return the documents with this hash that the person may read. Identical bytes may be published twice."""
        documents = self.visible_to(user).filter(sha256=sha256)
        documents = documents.annotate(current_number=current_number_of(OuterRef("edition__plan")))
        return documents.defer("content", "edition__summary").order_by("pk")


class EditionDocument(models.Model):
    """A file of an edition in one language: its bytes, and their SHA-256 in hexadecimal.

    The `kind` says what it is, the `extension` in which format: the summary and the brief are both PDF files. `pages`
    is the number of its pages or slides, None for other formats and for editions before release 1.4.
    """

    append_only = True
    erasable_if = {"content": was_erased("OLD.edition_id")}

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=10, choices=DocumentKind, default=DocumentKind.SUMMARY)
    extension = models.CharField(max_length=20)
    language = models.CharField(max_length=5, choices=language_choices, default=ENGLISH)
    content = models.BinaryField()
    pages = models.PositiveSmallIntegerField(null=True)
    sha256 = models.CharField(max_length=64, db_index=True)

    objects = EditionDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "kind", "extension", "language"], name="document_unique_in_edition"
            ),
        ]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        with override(self.language):
            edition = self.edition
            return reverse("edition_document", args=[edition.plan.slug, edition.number, self.kind, self.extension])

    @property
    def label(self):
        """Return the kind and the format as a label, with the language if it is not English."""
        label = f"{self.get_kind_display()}, {self.format_name}"
        return label if self.language == ENGLISH else f"{label}, {self.get_language_display()}"

    @property
    def format_name(self):
        """Return the name of its format, such as “PDF”."""
        return "StratML" if self.extension == "stratml.xml" else self.extension.upper()

    @property
    def facts(self):
        """Return what is shown beside its link: “PDF, 10 pages, 225 KB”. It needs `for_list()` or `for_panel()`."""
        return ", ".join([self.format_name, *self.length, filesizeformat(self.size)])

    @property
    def language_name(self):
        """Return the name of its language in that of the page, as it stands within a sentence."""
        return language_name(self.language)

    @property
    def is_foreign(self):
        """Return whether it is in another language than the page."""
        return self.language != get_language()

    @property
    def length(self):
        """Return how many pages or slides it has, as a text in a list; an empty list if they are not counted."""
        if self.pages is None:
            return []
        if self.extension == "pptx":
            return [ngettext("%d slide", "%d slides", self.pages) % self.pages]
        return [ngettext("%d page", "%d pages", self.pages) % self.pages]

    @property
    def file_name(self):
        plan, language = self.edition.plan, "" if self.language == ENGLISH else f"-{self.language}"
        name = f"{plan.organisation.slug}-{plan.slug}-{self.kind}-edition-{self.edition.number}"
        return f"{name}{language}.{self.extension}"
