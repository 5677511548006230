"""The forms of a plan as a whole: its settings, a new plan, and the themes that all plans share."""

from django import forms
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliverables.models import Deliverable
from deliverables.plan_editing import structure
from deliverables.plan_editing.concurrent_edit import ConcurrentEditMixin
from plans.common.dates import NOT_A_DATE
from plans.common.form_fields import DateInput
from plans.models import Organisation, Plan, Theme, Visibility
from plans.page_cache import forget_stale_copies
from plans.translations import ENGLISH, colon


class PlanForm(ConcurrentEditMixin, forms.ModelForm):
    """The settings of a plan: its texts, dates and visibility."""

    is_sure = forms.BooleanField(label=_("Open the plan to everyone, permanently"), required=False)

    class Meta:
        model = Plan
        fields = [
            "title", "subtitle", "slug", "starts_on", "ends_on", "visibility", "headline",
            "goals_introduction", "goals", "acknowledgement",
        ]  # fmt: skip
        widgets = {
            "starts_on": DateInput,
            "ends_on": DateInput,
            "goals": forms.CheckboxSelectMultiple,
            "acknowledgement": forms.Textarea(attrs={"rows": 3}),
            "visibility": forms.Select,
        }
        error_messages = {
            "title": {"required": _("Enter the plan's title.")},
            "starts_on": {"invalid": NOT_A_DATE, "required": _("Enter the plan's first day.")},
            "ends_on": {"invalid": NOT_A_DATE, "required": _("Enter the plan's last day.")},
            "slug": {
                "required": _("Enter an address, such as 2021-2023."),
                "unique": _("Another plan has this address. Choose a different one."),
                "invalid": _("Use letters without accents, digits and hyphens only, such as 2021-2023."),
            },
        }
        help_texts = {
            "headline": _(
                "Shown above the figures. {total} is replaced by the number of deliverables. If it ends in a comma or a"
                " colon, its last sentence is shown only in documents, where the figures follow."
            ),
            "acknowledgement": _(
                "A last sentence that ends in a colon or a comma is not shown: add the name that it announces."
            ),
            "visibility": _("Once the plan is public, its wording changes only by amendment and its codes are fixed."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.remember_shown(*(name for name in self.fields if name != "is_sure"))
        for name in {"title", "subtitle", "headline", "goals_introduction", "acknowledgement"} & set(self.fields):
            self.fields[name].widget.attrs["lang"] = ENGLISH
        if self.instance._state.adding or self.instance.is_promised:
            del self.fields["is_sure"]

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if slug == "new":
            raise forms.ValidationError(_("This address is taken by the tracker. Choose a different one."))
        return slug

    def clean(self):
        super().clean()
        self.refuse_overwrites()
        if "is_sure" not in self.fields or self.cleaned_data.get("visibility") != Visibility.PUBLIC:
            return

        if not Deliverable.objects.of_plan(self.instance.slug).exists():
            self.add_error("visibility", _("The plan has no deliverables yet. Add them before you open it."))
        elif not self.cleaned_data["is_sure"]:
            text = _(
                "From then on its wording changes only by amendment and its codes are fixed."
                " Tick this box if the plan is ready."
            )
            self.add_error("is_sure", text)

    def save(self):
        """Save the fields that this person changed."""
        with transaction.atomic():
            # Read again under the lock, so that what others have changed meanwhile is preserved.
            linked = structure.linked_plans(self.instance)
            plan = structure.lock_plan(self.instance, also=linked)
            was_visible_to_all = plan.visibility == Visibility.PUBLIC
            for name in self.changed_columns():
                setattr(plan, name, self.cleaned_data[name])

            plan.full_clean()
            plan.save(update_fields=self.changed_columns())
            if "goals" in self.changed_data:
                plan.goals.set(self.cleaned_data["goals"])
            Plan.objects.raise_revision(pk__in=[plan.pk, *linked])

        if was_visible_to_all and plan.visibility != Visibility.PUBLIC:
            # After the transaction: until then, its pages are stored as public ones. Those of the plans that it
            # continues, or that continue it, name it.
            for slug in (plan.slug, *Plan.objects.filter(pk__in=linked).values_list("slug", flat=True)):
                forget_stale_copies(slug)
        return plan


class PlanChoice(forms.ModelChoiceField):
    """A choice of plans. Its labels include the titles, since several plans may cover the same years."""

    def label_from_instance(self, plan):
        return f"{plan.name}{colon()}{plan.translated_texts().get(plan.title)}"


class NewPlanForm(PlanForm):
    """The form of a new plan: a draft that starts empty, from another plan or from a spreadsheet."""

    NOTHING, PLAN, OPEN, SPREADSHEET = "nothing", "plan", "open", "spreadsheet"

    start = forms.ChoiceField(
        label=_("Start from"),
        choices=[
            (NOTHING, _("Nothing: add lines, measures and deliverables one by one")),
            (PLAN, _("Another plan: its lines, measures and deliverables, without statuses and dates")),
            (
                OPEN,
                _("What another plan left open: its deliverables not attained, each linked to the old one"),
            ),
            (SPREADSHEET, _("A spreadsheet: choose the file on the next page")),
        ],
        initial=NOTHING,
        widget=forms.Select,
    )
    source = PlanChoice(Plan.objects.none(), label=_("The other plan"), required=False)

    class Meta(PlanForm.Meta):
        fields = ["organisation", "title", "slug", "starts_on", "ends_on"]

    def __init__(self, *args, reader, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = Plan.objects.visible_to(reader)
        self.fields["organisation"].initial = Organisation.objects.first()
        self.fields["organisation"].empty_label = None
        self.fields["source"].empty_label = _("None")

    def clean(self):
        super().clean()
        start, source = self.cleaned_data.get("start"), self.cleaned_data.get("source")
        if start in (self.PLAN, self.OPEN) and not source:
            self.add_error("source", _("Choose the plan to start from."))
        elif start == self.OPEN:
            self.check_continued(source)

    def check_continued(self, source):
        """Add an error unless the plan that was left open is an earlier one of the same organisation."""
        organisation, starts_on = self.cleaned_data.get("organisation"), self.cleaned_data.get("starts_on")
        if organisation and source.organisation_id != organisation.pk:
            self.add_error("source", _("This is a plan of another organisation. Choose a different one."))
        elif starts_on and source.starts_on >= starts_on:
            self.add_error("source", _("%s does not begin before the new plan. Choose an earlier one.") % source.name)

    def save(self):
        """Create the plan as a draft, with the structure of the other plan if one was chosen."""
        self.instance.visibility = Visibility.DRAFT
        with transaction.atomic():
            self.instance.save(force_insert=True)
            start = self.cleaned_data["start"]
            if start in (self.PLAN, self.OPEN):
                structure.copy_structure(self.cleaned_data["source"], self.instance, only_open=start == self.OPEN)

        return self.instance


class ThemeForm(forms.ModelForm):
    """The form of a theme's name. The slug is made from its first name and never changes, so that links last."""

    class Meta:
        model = Theme
        fields = ["name"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        slug = Theme.slug_of(name)
        is_taken = Q(name__iexact=name) | (Q(slug=slug) if self.instance._state.adding else Q())
        if not slug or Theme.objects.filter(is_taken).exclude(pk=self.instance.pk).exists():
            text = _("There is a theme “%s” already, or it has no letters. Choose another name.")
            raise forms.ValidationError(text % name)
        return name

    def save(self):
        with transaction.atomic():
            if self.instance._state.adding:
                self.instance.slug = Theme.slug_of(self.cleaned_data["name"])
            # The plans are locked before the theme is written, in the same order as everywhere: see `StructureAdmin`.
            Plan.objects.raise_revision(action_lines__measures__themes=self.instance.pk)
            self.instance.save()

        return self.instance
