"""Plans of an organisation with their action lines and measures, and the themes and goals that they serve."""

import hashlib
import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from plans.codes import Code
from plans.common.prepared import prepared
from plans.common.text import NormalisedTexts, TranslatedText, fold
from plans.form_drafts import FormDraft
from plans.meetings import Meeting
from plans.memory import by_structure, plan_states
from plans.regions import Region
from plans.translations import ENGLISH_TEXTS, Translation

__all__ = ["FormDraft", "Meeting", "Region", "Translation"]  # Django finds its models here

MAX_DAYS = 10_958  # of a plan: thirty years; a longer one is a typing error
NUMBER_RANGE = (1, 9999)  # a code holds up to four digits a part


class PlanChanged(Exception):
    """Raised when a plan was changed after the person saw the page that they answer. Nothing was written."""


class NumberField(models.PositiveSmallIntegerField):
    """The number of a line, measure or deliverable among its siblings."""

    def __init__(self, *args, **kwargs):
        limits = [MinValueValidator(NUMBER_RANGE[0]), MaxValueValidator(NUMBER_RANGE[1])]
        super().__init__(*args, **{"validators": limits} | kwargs)


class NaturalKeyManager(models.Manager):
    """A manager that finds a row by the fields people know it by, so that fixtures need no primary keys."""

    def get_by_natural_key(self, *key):
        return self.get(**dict(zip(self.model.natural_key_fields, key, strict=True)))


class Organisation(NormalisedTexts, models.Model):
    """An organisation that adopts plans, and what its reports print about it."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    full_name = models.CharField(_("full name"), max_length=300, blank=True)
    address = models.TextField(_("address"), blank=True, help_text=_("As it is printed at the end of reports."))

    natural_key_fields = ("slug",)
    objects = NaturalKeyManager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "slug"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.slug,)

    @property
    def address_lines(self):
        return self.address.splitlines()


class SustainableDevelopmentGoal(NormalisedTexts, models.Model):
    """One of the seventeen goals of the United Nations' 2030 Agenda."""

    number = models.PositiveSmallIntegerField(_("number"), unique=True)
    title = models.CharField(_("title"), max_length=120)

    natural_key_fields = ("number",)
    objects = NaturalKeyManager()

    class Meta:
        verbose_name = _("sustainable development goal")
        verbose_name_plural = _("sustainable development goals")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(number__range=(1, 17)), name="goal_number_1_to_17"),
        ]

    def __str__(self):
        return f"{self.number}. {gettext(self.title)}"

    def natural_key(self):
        return (self.number,)


class Theme(NormalisedTexts, models.Model):
    """A concern that runs across action lines, such as gender or youth."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=80)

    natural_key_fields = ("slug",)
    objects = NaturalKeyManager()

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["name", "slug"]

    def __str__(self):
        return self.name

    @staticmethod
    def slug_of(name):
        """Return the slug of a new theme: its name, or a digest of it in other scripts. Empty for marks alone."""
        digest = hashlib.sha256(name.casefold().encode()).hexdigest()[:10]
        return slugify(name)[:50] or (f"theme-{digest}" if fold(name) else "")

    def clean(self):
        if ";" in self.name:
            raise ValidationError({"name": _("Remove the semicolon: it separates the themes in spreadsheets.")})

    def natural_key(self):
        return (self.slug,)


class Visibility(models.TextChoices):
    """Who may read a plan."""

    DRAFT = "draft", _("Draft: only those who edit it")
    MEMBERS = "members", _("Members: everyone with an account")
    PUBLIC = "public", _("Public: everyone")

    @property
    def or_wider(self):
        """Return this and each that lets more people read: whoever may read this plan may read one with these."""
        return list(Visibility)[list(Visibility).index(self) :]


class PlanManager(NaturalKeyManager):
    def visible_to(self, user):
        """Return the plans that this person may read, newest first."""
        return self.filter(visibility__in=visibilities_for(user)).order_by("-starts_on", "slug")

    def get_for(self, user, slug):
        """Return the plan. Raises 404 both for a missing plan and for one that this person may not read.

        The same answer for both: a 403 would tell an outsider that a draft exists.
        """
        for plan in plans_at(slug, *visibilities_for(user)):
            return plan
        raise Http404

    def raise_reporting_revision(self, plan):
        """Raise the revision of proposals, rounds and link checks of a plan.

        That of the plan stays as it is, and so do the cached pages: visitors see none of these.
        """
        self.filter(pk=plan.pk).update(reporting_revision=F("reporting_revision") + 1)

    def raise_reporting_revisions(self):
        """Raise those of all plans: who is asked, and who may report in whose place, has changed."""
        self.lock_all()
        self.update(reporting_revision=F("reporting_revision") + 1)

    def lock_all(self):
        """Lock all plans until the transaction ends, in one order, so that nobody waits in a circle."""
        list(self.select_for_update().order_by("pk").values_list("pk"))

    def raise_revision(self, **lookup):
        """Raise the revision of the plans that `lookup` finds, which invalidates their cached pages."""
        # A lookup across relations may find a plan several times: the subquery raises each revision once.
        plan_states.cache_clear()
        raised = {field: F(field) + 1 for field in ("revision", "structure_revision")}
        self.filter(pk__in=self.filter(**lookup).values("pk")).update(**raised)


def visibilities_for(user):
    """Return the visibilities of the plans that this person may read."""
    needed = {Visibility.MEMBERS: "plans.read_member_plan", Visibility.DRAFT: "plans.read_draft_plan"}
    return [Visibility.PUBLIC, *(visibility for visibility, right in needed.items() if user.has_perm(right))]


@prepared
def plans_at(slug, *visibilities):
    """Return the plan of this address in a list, with its organisation: empty if it has none of these visibilities."""
    return Plan.objects.filter(slug=slug, visibility__in=visibilities).select_related("organisation")


class Plan(NormalisedTexts, models.Model):
    """A triennial Action Plan.

    `revision` grows with every change of anything that the plan's pages show. Each restore of a backup renews
    `timeline`, since revisions repeat after it. Together they are part of every cache key: see `version`.
    `structure_revision` grows with all of these changes but the recording of a status: see `plans/memory.py`.
    `was_public` is set when the plan is first public, and never taken back: what was promised stays promised.
    `history_length` and `history_head` state the end of the hash chain of status updates, `amendments_length` and
    `amendments_head` that of the amendments.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="plans", verbose_name=_("organisation"))
    slug = models.SlugField(_("address"), unique=True, help_text=_("The plan's part of the web address."))
    title = models.CharField(_("title"), max_length=200)
    subtitle = models.CharField(_("subtitle"), max_length=200, blank=True)
    headline = models.CharField(
        _("headline sentence"),
        max_length=300,
        blank=True,
        help_text=_("Shown above the figures. {total} is replaced by the number of deliverables."),
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility, default=Visibility.DRAFT)
    acknowledgement = models.TextField(_("acknowledgement"), blank=True)
    goals_introduction = models.CharField(_("sentence above the goals"), max_length=300, blank=True)
    goals = models.ManyToManyField(
        SustainableDevelopmentGoal, related_name="plans", blank=True, verbose_name=_("goals served")
    )
    was_public = models.BooleanField(_("is or was public"), default=False, editable=False)
    timeline = models.UUIDField(default=uuid.uuid4, editable=False)
    revision = models.PositiveBigIntegerField(_("revision"), default=1, editable=False)
    structure_revision = models.PositiveBigIntegerField(default=1, editable=False)
    reporting_revision = models.PositiveBigIntegerField(default=1, editable=False)
    history_length = models.PositiveIntegerField(_("history entries"), default=0, editable=False)
    history_head = models.CharField(_("history head"), max_length=64, blank=True, editable=False)
    amendments_length = models.PositiveIntegerField(_("amendments"), default=0, editable=False)
    amendments_head = models.CharField(_("head of the amendments"), max_length=64, blank=True, editable=False)

    natural_key_fields = ("slug",)
    objects = PlanManager()
    is_only_read = False  # whether this object was read to be shown: see `plans/memory.py`

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["-starts_on", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="plan_ends_after_it_starts"),
            models.CheckConstraint(
                condition=~Q(visibility=Visibility.PUBLIC) | Q(was_public=True), name="plan_remembers_being_public"
            ),
        ]
        permissions = [
            ("read_member_plan", "Can read plans for members"),
            ("read_draft_plan", "Can read drafts of plans"),
        ]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.slug,)

    def get_absolute_url(self):
        return reverse("overview", args=[self.slug])

    def save(self, *args, update_fields=None, **kwargs):
        """Save the plan. One that is public is remembered to have been so."""
        self.remember_being_public()
        update_fields = update_fields and {*update_fields, "was_public"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def remember_being_public(self):
        self.was_public = self.was_public or self.visibility == Visibility.PUBLIC

    def clean(self):
        self.remember_being_public()  # before Django checks the constraints
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The last day is before the first day. Choose a later one.")})

        stored = Plan.objects.filter(pk=self.pk).first()
        if stored and stored.is_promised:
            if stored.slug != self.slug:
                text = _("Other pages may link to this address, so it cannot be changed any more.")
                raise ValidationError({"slug": text})
            if self.visibility == Visibility.DRAFT:
                text = _("This plan was already public or published in an edition: it cannot become a draft again.")
                raise ValidationError({"visibility": text})

        if self.starts_on and self.ends_on and (self.ends_on - self.starts_on).days > MAX_DAYS:
            raise ValidationError({"ends_on": _("A plan runs for thirty years at most. Choose an earlier last day.")})

        if self.pk and self.starts_on and self.amendments.filter(in_force_on__lt=self.starts_on).exists():
            raise ValidationError(
                {"starts_on": _("A decision has been in force since before this day. Choose an earlier first day.")}
            )

        if self.pk and self.starts_on and self.updates.filter(effective_on__lt=self.starts_on).exists():
            raise ValidationError(
                {"starts_on": _("A status is recorded for a day before this one. Choose an earlier first day.")}
            )

    @property
    def is_promised(self):
        """Return whether the plan is or was public, or an edition of it exists.

        From then on its wording changes only by amendment, and its codes are fixed.
        """
        return self.was_public or self.editions.exists()

    @property
    def version(self):
        """Return what a cache key needs to name this state of the plan: no other state has ever had the same."""
        return f"{self.pk}/{self.timeline}/{self.revision}"

    @property
    def structure_version(self):
        """Return the same for what does not change when a status is recorded."""
        return f"{self.pk}/{self.timeline}/{self.structure_revision}"

    @property
    def reporting_version(self):
        """Return the same for its rounds, proposals and link checks."""
        return f"{self.pk}/{self.timeline}/{self.reporting_revision}"

    @property
    def period(self):
        """Return the plan's years, such as `2018–2020`, or a single year."""
        first, last = self.starts_on.year, self.ends_on.year
        return f"{first}–{last}" if first != last else f"{first}"

    @property
    def name(self):
        return _("Action Plan %(period)s") % {"period": self.period}

    def report_name_on(self, day):
        """Return the title of a summary as of `day`: a progress report until the plan has ended."""
        if self.ends_on > day:
            return _("Progress report")

        return _("Three-year report") if self.ends_on.year - self.starts_on.year == 2 else _("Final report")

    @cached_property
    def meetings(self):
        """Return the meetings in the plan's period, and those that its amendments name, newest first. Queried once."""
        return meetings_of(self)

    @cached_property
    def regions(self):
        """Return the regions of the plan's organisation, sorted by name in the language of the page. Queried once."""
        return regions_of(self)

    def meeting_before(self, day):
        """Return the last meeting in the plan's period before a day, or None."""
        earlier = (each for each in self.meetings if self.starts_on <= each.held_on <= self.ends_on)
        return next((meeting for meeting in earlier if meeting.held_on < day), None)

    def translated_texts(self, language=None):
        """Return the plan's `TranslatedTexts` in a language (default: that of the page). Queried once per language."""
        language = language or get_language()
        if language not in self.texts_by_language:
            self.texts_by_language[language] = texts_of(self, language)
        return self.texts_by_language[language]

    @cached_property
    def texts_by_language(self):
        """Return the texts loaded so far, by language code."""
        return {}

    def headline_for(self, total, texts=ENGLISH_TEXTS):
        """Return the headline sentence in the language of `texts`, with the number of deliverables filled in."""
        headline = texts.get(self.headline)
        return TranslatedText(headline.replace("{total}", str(total)), headline.language)


@by_structure
def meetings_of(plan):
    return list(Meeting.objects.of_plan(plan))


@by_structure
def regions_of(plan):
    return Region.objects.for_page(plan)


@by_structure
def texts_of(plan, language):
    return Translation.objects.texts_for(plan, language)


class ActionLine(NormalisedTexts, models.Model):
    """An action line of a plan. `added_on` is set where an amendment added it later."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="action_lines", verbose_name=_("plan"))
    number = NumberField(_("number"))
    title = models.CharField(_("title"), max_length=300)
    added_on = models.DateField(_("added on"), null=True, editable=False)

    text_field, parent_field = "title", "plan"
    natural_key_fields = ("plan__slug", "number")
    objects = NaturalKeyManager()

    class Meta:
        verbose_name = _("action line")
        verbose_name_plural = _("action lines")
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="action_line_number_unique_in_plan"),
            models.CheckConstraint(condition=Q(number__range=NUMBER_RANGE), name="action_line_number_in_range"),
        ]

    def __str__(self):
        return f"{self.code} {self.title}"

    def natural_key(self):
        return (self.plan.slug, self.number)

    natural_key.dependencies = ["plans.plan"]

    def get_absolute_url(self):
        return reverse("action_line", args=[self.plan.slug, self.code])

    @property
    def code(self):
        return Code(self.number)


class MeasureQuerySet(models.QuerySet):
    def of_plan(self, plan):
        """Return a list of a plan's measures, each with its action line, which refers to this very plan object."""
        measures = list(self.filter(action_line__plan=plan).select_related("action_line"))
        for measure in measures:
            measure.action_line.plan = plan
        return measures


class Measure(NormalisedTexts, models.Model):
    """A measure of an action line: its statement, and the themes it serves. `added_on` as for `ActionLine`.

    The short name is not part of what was promised: it changes without an amendment. `short_name_by_tracker` marks one
    that comes with the tracker, until somebody changes it.
    """

    action_line = models.ForeignKey(ActionLine, models.PROTECT, related_name="measures", verbose_name=_("action line"))
    number = NumberField(_("number"))
    statement = models.TextField(_("statement"), help_text=_("What the measure is to achieve."))
    short_name = models.CharField(
        _("short name"),
        max_length=40,
        blank=True,
        help_text=_(
            "Two or three words that say what the measure is about. Lists show it instead of the statement."
            " It changes without a decision."
        ),
    )
    short_name_by_tracker = models.BooleanField(default=False, editable=False)
    themes = models.ManyToManyField(Theme, related_name="measures", blank=True, verbose_name=_("themes"))
    added_on = models.DateField(_("added on"), null=True, editable=False)

    text_field, parent_field = "statement", "action_line"
    natural_key_fields = ("action_line__plan__slug", "action_line__number", "number")
    objects = NaturalKeyManager.from_queryset(MeasureQuerySet)()

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ["action_line", "number"]
        constraints = [
            models.UniqueConstraint(fields=["action_line", "number"], name="measure_number_unique_in_line"),
            models.CheckConstraint(condition=Q(number__range=NUMBER_RANGE), name="measure_number_in_range"),
        ]

    def __str__(self):
        return f"{self.code} {self.statement}"

    def natural_key(self):
        return (*self.action_line.natural_key(), self.number)

    natural_key.dependencies = ["plans.actionline"]

    def get_absolute_url(self):
        return reverse("measure", args=[self.action_line.plan.slug, self.code])

    @property
    def code(self):
        return Code(self.action_line.number, self.number)

    @property
    def plan(self):
        return self.action_line.plan
