"""The forms of a plan as a whole: its own words, dates and readers, a new plan, the themes that plans share."""

from django import forms
from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from deliverables.models import Deliverable
from deliverables.plan_editing import structure
from deliverables.plan_editing.part_forms import NOT_A_DATE, ConcurrentEditMixin
from plans.common.form_fields import DateInput
from plans.models import Organisation, Plan, Theme, Visibility
from plans.translations import ENGLISH, colon


class PlanForm(ConcurrentEditMixin, forms.ModelForm):
    """A plan's own words, dates and readers."""

    is_sure = forms.BooleanField(label=_("Open it to everyone, for good"), required=False)

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
            "visibility": _("Once everyone may read it, its words change by amendment only, and its codes stay."),
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
        if "is_sure" not in self.fields or self.cleaned_data.get("visibility") != Visibility.PUBLIC:
            return
        if not Deliverable.objects.of_plan(self.instance.slug).exists():
            self.add_error("visibility", _("The plan has no deliverables yet. Add them before everyone may read it."))
        elif not self.cleaned_data["is_sure"]:
            text = _("From then on its codes stay and its words change by amendment only. Tick this if it is ready.")
            self.add_error("is_sure", text)

    def save(self, *, on):
        """Save the fields that the person changed, as of the day `on`; what others changed meanwhile stays."""
        with transaction.atomic():
            plan = structure.lock_plan(self.instance)
            for name in self.changed_columns():
                setattr(plan, name, self.cleaned_data[name])
            structure.open_plan(plan, on)
            plan.full_clean()
            plan.save(update_fields=[*self.changed_columns(), "public_since"])
            if "goals" in self.changed_data:
                plan.goals.set(self.cleaned_data["goals"])
            Plan.objects.bump(pk=plan.pk)
        return plan


class PlanChoice(forms.ModelChoiceField):
    """Plans of the same years are told apart by their titles."""

    def label_from_instance(self, plan):
        return f"{plan.name}{colon()}{plan.translated_texts().get(plan.title)}"


class NewPlanForm(PlanForm):
    """A new plan, a draft, from nothing, from another plan or from a spreadsheet."""

    NOTHING, PLAN, SPREADSHEET = "nothing", "plan", "spreadsheet"

    start = forms.ChoiceField(
        label=_("Start from"),
        choices=[
            (NOTHING, _("Nothing: add lines, measures and deliverables one by one")),
            (PLAN, _("Another plan: its lines, measures and deliverables, without statuses and dates")),
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
        if self.cleaned_data.get("start") == self.PLAN and not self.cleaned_data.get("source"):
            self.add_error("source", _("Choose the plan to start from."))

    def save(self):
        """Make the plan, with the other's structure where one was chosen."""
        self.instance.visibility = Visibility.DRAFT
        with transaction.atomic():
            self.instance.save(force_insert=True)
            if self.cleaned_data["start"] == self.PLAN:
                structure.copy_structure(self.cleaned_data["source"], self.instance)
        return self.instance


class ThemeForm(forms.ModelForm):
    """A theme's name. Its short name in addresses comes from the first name and stays."""

    class Meta:
        model = Theme
        fields = ["name"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        slug = slugify(name)[:50]
        taken = Q(name__iexact=name) | (Q(slug=slug) if self.instance._state.adding else Q())
        if not slug or Theme.objects.filter(taken).exclude(pk=self.instance.pk).exists():
            text = _("There is a theme “%s” already, or it has no letters. Choose another name.")
            raise forms.ValidationError(text % name)
        return name

    def save(self):
        with transaction.atomic():
            if self.instance._state.adding:
                self.instance.slug = slugify(self.cleaned_data["name"])[:50]
            Plan.objects.bump(action_lines__measures__themes=self.instance.pk)
            self.instance.save()
        return self.instance
