"""Taking down: a text of an update is removed for a stated reason, and its hash stays."""

from dataclasses import dataclass
from datetime import UTC

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from deliverables.models.link_check import LinkCheck
from plans.common.dates import date_format
from plans.common.text import NormalisedTexts, is_sentence, normalise
from plans.memory import by_structure
from plans.models import Plan
from plans.page_cache import forget_stale_copies


class TakedownField(models.TextChoices):
    """The kinds of texts that can be taken down."""

    NOTE = "note", _("The note")
    NEXT_STEP = "next_step", _("The next step")
    TITLE = "title", _("The title of a piece of evidence")
    LINK = "link", _("The link of a piece of evidence")
    FILE = "file", _("The file of a piece of evidence")


def taken_down(field, item=0):
    """Return the SQL condition that this text of an update was taken down, for the triggers that protect it."""
    return exists_takedown(f"update_id = OLD.id AND item = {item} AND field = '{field.value}'")


def exists_takedown(condition):
    return f"EXISTS (SELECT 1 FROM deliverables_takedown WHERE {condition})"  # noqa: S608 (our own names, no user input)


@dataclass(frozen=True)
class RemovableText:
    """A text of an update that can be taken down: the row and column it is in, and how `Takedown` names it."""

    row: models.Model
    column: str
    field: TakedownField
    item: int = 0

    @property
    def text(self):
        return getattr(self.row, self.column)

    @property
    def shown(self):
        """Return the text as people know it: of a file, its title."""
        return str(self.row) if self.field is TakedownField.FILE else self.text

    def erase(self):
        """Empty the text and, in form 2, its salt: with the salt, a short text could be guessed from its hash."""
        columns = [self.column, *([f"{self.column}_salt"] if self.column in self.row.salted_texts else [])]
        type(self.row).objects.filter(pk=self.row.pk).update(**dict.fromkeys(columns, ""))


def fingerprint(text):
    """Return a keyed hash of a text, by which it is recognised when somebody enters it again.

    It is no salted hash of the text, which anybody could guess a short one from: it takes the secret key of the server.
    It is never shown or exported.
    """
    return salted_hmac("taken down", " ".join(normalise(text).split()), algorithm="sha256").hexdigest()


def forget_check(link, updates):
    """Delete the check of a link that was taken down, unless other evidence in effect among `updates` has it, too."""
    if not updates.in_effect().with_link(link).exists():
        LinkCheck.objects.forget(link)


class TakedownManager(models.Manager):
    def refuse_again(self, reported):
        """Raise `ValidationError` where a text was taken down from its deliverable before. One query.

        `reported` has pairs of a deliverable and its texts. They may come back by an old form, a draft, or a file that
        was exported before.
        """
        stored = [deliverable.pk for deliverable, _texts in reported if deliverable.pk]
        taken_down = {}
        takedowns = self.filter(update__deliverable__in=stored).order_by()
        for pk, hash_, reason in takedowns.values_list("update__deliverable", "fingerprint", "reason"):
            taken_down.setdefault(pk, {})[hash_] = reason

        for deliverable, texts in reported:
            reasons = taken_down.get(deliverable.pk, {})
            hashes = [fingerprint(text) for text in texts] if reasons else []
            if found := [reasons[each] for each in hashes if each in reasons]:
                error = _("A text that was taken down is in it again. It was taken down because: %s Leave it out.")
                raise ValidationError(error % found[0])

    def take_down(self, update, parts, *, reason, by, at=None):
        """Remove texts of an update for a reason, a sentence that everybody may read. The only method that does.

        `parts` are keys of `update.removable_texts`, `by` is the person, `at` the moment (default: now). Raise
        `ValidationError` without a part that is there or without a reason. Then nothing is removed.
        """
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=update.plan_id)
            update = type(update).objects.with_evidence().get(pk=update.pk)
            texts = update.removable_texts
            if not parts or not set(parts) <= texts.keys():
                raise ValidationError(_("Choose what to take down. What was already taken down is not in the list."))

            for part in parts:
                text = texts[part]
                takedown = self.model(
                    update=update,
                    item=text.item,
                    field=text.field,
                    fingerprint=fingerprint(text.text),
                    reason=reason,
                    taken_down_at=at or timezone.now(),
                    taken_down_by=by,
                    taken_down_by_name=by.name,
                )
                takedown.full_clean()
                takedown.save(force_insert=True)
                text.erase()  # the triggers allow it now that the row above says why
                # By name, as below: the modules of these models need this one.
                apps.get_model("deliverables", "Proposal").objects.erase_text(update.deliverable, text.text)
                if text.field == TakedownField.LINK:
                    forget_check(text.text, type(update).objects)
            Plan.objects.raise_revision(pk=plan.pk)
        forget_stale_copies(plan.slug)
        files = {texts[part].text for part in parts if texts[part].field is TakedownField.FILE}
        apps.get_model("deliverables", "EvidenceFile").objects.remove_unused(only=files)


class Takedown(NormalisedTexts, models.Model):
    """A text that was taken down: which one, when, and why. `item` is the number of its evidence item, 0 for none."""

    append_only = True
    erasable = ("taken_down_by_name",)

    update = models.ForeignKey("deliverables.StatusUpdate", models.PROTECT, related_name="takedowns")
    item = models.PositiveSmallIntegerField(_("evidence item"), default=0)
    field = models.CharField(_("text"), max_length=10, choices=TakedownField)
    reason = models.TextField(_("reason"), max_length=1000)
    taken_down_at = models.DateTimeField(_("taken down at"))
    taken_down_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="takedowns", null=True)
    fingerprint = models.CharField(max_length=64, editable=False)  # see `fingerprint`
    taken_down_by_name = models.CharField(_("taken down under the name"), max_length=150)

    objects = TakedownManager()

    class Meta:
        verbose_name = _("takedown")
        verbose_name_plural = _("takedowns")
        ordering = ["update", "item", "field", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["update", "item", "field"], name="takedown_unique_for_a_text"),
            models.CheckConstraint(condition=models.Q(field__in=TakedownField.values), name="takedown_field_known"),
        ]
        permissions = [("take_down_text", "Can take down a text of the history")]

    def __str__(self):
        return f"{self.update_id}: {self.get_field_display()}"

    def clean(self):
        if not is_sentence(self.reason):
            raise ValidationError({"reason": _("Say in a sentence why it is taken down. Everybody can read it.")})

    @property
    def taken_down_on(self):
        return timezone.localdate(self.taken_down_at)

    @property
    def sentence(self):
        """Return what was taken down, when and why, for everybody who reads the history."""
        values = {"text": self.get_field_display(), "day": date_format(self.taken_down_on), "reason": self.reason}
        return _("%(text)s was taken down on %(day)s. Reason: %(reason)s") % values

    @property
    def as_dict(self):
        """Return this takedown for `history.json`."""
        return {
            "text": f"{self.field} {self.item}" if self.item else self.field,
            "taken_down_at": self.taken_down_at.astimezone(UTC).isoformat(timespec="seconds"),
            "reason": self.reason,
        }


def load_takedowns(plan, updates):
    """Give updates of a plan what was taken down from them. One query, none where nothing was."""
    if any(update.pk in updates_with_takedowns(plan) for update in updates):
        models.prefetch_related_objects(updates, models.Prefetch("takedowns", to_attr="all_takedowns"))
    else:
        for update in updates:
            update.all_takedowns = []


@by_structure
def updates_with_takedowns(plan):
    return set(Takedown.objects.filter(update__plan=plan).values_list("update", flat=True))
