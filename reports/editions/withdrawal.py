"""Withdrawing an edition from reading: its documents are no longer given out, and their hashes stay."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.common.text import NormalisedTexts, is_sentence
from plans.models import Plan
from plans.page_cache import forget_stale_copies

NO_REASON = gettext_lazy("Say in a sentence why it is withdrawn. Everybody can read it.")


def was_erased(edition):
    """Return the SQL condition that the edition with this id was erased, for the triggers that protect it."""
    return f"EXISTS (SELECT 1 FROM reports_editionwithdrawal WHERE edition_id = {edition} AND is_erased)"  # noqa: S608


class EditionWithdrawalManager(models.Manager):
    def withdraw(self, edition, *, reason, is_erased, by, at=None):
        """Withdraw an edition from reading for a reason, a sentence. The only method that does.

        With `is_erased`, the bytes of its documents and its summary are erased for good; otherwise they stay under lock
        and can be erased later. Raise `ValidationError` without a reason, or if nothing would change.
        """
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=edition.plan_id)
            earlier = list(edition.withdrawals.all())
            if earlier and not (is_erased and not any(withdrawal.is_erased for withdrawal in earlier)):
                raise ValidationError(_("This edition is already withdrawn."))

            withdrawal = self.model(
                edition=edition,
                reason=reason,
                is_erased=is_erased,
                withdrawn_at=at or timezone.now(),
                withdrawn_by=by,
                withdrawn_by_name=by.name,
            )
            withdrawal.full_clean()
            withdrawal.save(force_insert=True)
            if is_erased:  # the triggers allow it now that the row above says why
                edition.documents.update(content=b"")
                type(edition).objects.filter(pk=edition.pk).update(summary={})
            Plan.objects.raise_revision(pk=plan.pk)
        forget_stale_copies(plan.slug)


class EditionWithdrawal(NormalisedTexts, models.Model):
    """That an edition was withdrawn from reading: when, why, and whether its bytes were erased."""

    append_only = True
    erasable = ("withdrawn_by_name",)

    edition = models.ForeignKey("reports.Edition", models.PROTECT, related_name="withdrawals")
    reason = models.TextField(gettext_lazy("reason"), max_length=1000)
    is_erased = models.BooleanField(gettext_lazy("erased"), default=False)
    withdrawn_at = models.DateTimeField(gettext_lazy("withdrawn at"))
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    withdrawn_by_name = models.CharField(gettext_lazy("withdrawn under the name"), max_length=150)

    objects = EditionWithdrawalManager()

    class Meta:
        verbose_name = gettext_lazy("withdrawal of an edition")
        verbose_name_plural = gettext_lazy("withdrawals of editions")
        ordering = ["edition", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "is_erased"], name="edition_withdrawn_and_erased_once"),
        ]
        permissions = [("withdraw_edition", "Can withdraw an edition from reading")]

    def __str__(self):
        return f"{self.edition_id}: {self.reason}"

    def clean(self):
        if not is_sentence(self.reason):
            raise ValidationError({"reason": NO_REASON})

    @property
    def withdrawn_on(self):
        return timezone.localdate(self.withdrawn_at)
