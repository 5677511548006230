"""Regions of an organisation, such as Africa. Deliverables concern some of them, or the whole network."""

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plans.common.text import NormalisedTexts, sort_key


class RegionQuerySet(models.QuerySet):
    def get_by_natural_key(self, organisation, slug):
        return self.get(organisation__slug=organisation, slug=slug)

    def for_page(self, plan):
        """Return the regions of a plan's organisation as a list, sorted by name in the language of the page."""
        texts = plan.translated_texts()
        regions = self.filter(organisation=plan.organisation_id)
        return sorted(regions, key=lambda region: (sort_key(texts.get(region.name)), region.slug))


class Region(NormalisedTexts, models.Model):
    """A region of an organisation. Its name is a text of the plans that show it: each plan has its translations."""

    organisation = models.ForeignKey(
        "plans.Organisation", models.PROTECT, related_name="regions", verbose_name=_("organisation")
    )
    slug = models.SlugField(_("short name"), help_text=_("The region's part of the web address."))
    name = models.CharField(_("name"), max_length=80)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["name", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="region_slug_unique_in_organisation"),
            models.UniqueConstraint(fields=["organisation", "name"], name="region_name_unique_in_organisation"),
        ]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (*self.organisation.natural_key(), self.slug)

    natural_key.dependencies = ["plans.organisation"]

    def clean(self):
        if ";" in self.name:
            raise ValidationError({"name": _("Remove the semicolon: it separates the regions in spreadsheets.")})

    @property
    def is_used(self):
        """Return whether deliverables, people or reports belong to the region."""
        return self.deliverables.exists() or self.people.exists() or self.proposals.exists()

    def url_in(self, plan):
        """Return the address of the region's page in a plan."""
        return reverse("region", args=[plan.slug, self.slug])
