"""The forms that edit what a plan promises."""

from django import forms
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from deliverables import structure
from deliverables.amendments import Decision
from deliverables.models import Deliverable
from deliverables.updates import WEB_ADDRESS_WANTED
from plans.models import ActionLine, Measure, Organisation, Plan, Theme, Visibility

NOT_A_DATE = _("This is not a date. Write it as year-month-day, such as 2019-12-31.")


def day_widget():
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def people(instance=None):
    """Who can be made responsible: everyone with an account, and whoever is so already."""
    held = Q(pk=instance.responsible_id) if instance and instance.responsible_id else Q()
    return get_user_model().objects.filter(Q(is_active=True) | held if held else Q(is_active=True)).order_by("name")


class DecisionForm(forms.Form):
    """The decision behind an amendment."""

    decision = forms.CharField(
        label=_("Decision"),
        help_text=_("Who decided it and where: such as “Board of Directors, Montréal, June 2019, point 7”."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say which decision is behind the change.")},
    )
    in_force_on = forms.DateField(
        label=_("In force since"),
        help_text=_("The day from which the figures follow the decision."),
        widget=day_widget(),
        error_messages={"required": _("Enter the day of the decision."), "invalid": NOT_A_DATE},
    )
    decision_link = forms.URLField(
        label=_("Where it can be read"),
        required=False,
        assume_scheme="https",
        max_length=1000,
        error_messages={"invalid": WEB_ADDRESS_WANTED},
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    def __init__(self, *args, plan, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.plan = plan
        self.fields["in_force_on"].initial = timezone.localdate()
        self.fields["decision"].widget.attrs.pop("maxlength", None)

    def clean_in_force_on(self):
        day = self.cleaned_data["in_force_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come. Enter today or an earlier day."))
        if day and day < self.plan.starts_on:
            raise forms.ValidationError(
                _("The plan starts on %s. Enter that day or a later one.") % self.plan.starts_on
            )
        return day

    @property
    def behind(self):
        """The decision, None where none was entered."""
        text, link = self.cleaned_data.get("decision"), self.cleaned_data.get("decision_link", "")
        return Decision(text, self.cleaned_data["in_force_on"], link) if text else None


class PartForm(DecisionForm, forms.ModelForm):
    """A line, measure or deliverable. Of a public plan new words need a decision, and the number stays.

    `was` holds the words that the person had before them.
    """

    was = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, part):
        worded_in = part.worded_in
        number = structure.next_number(part) if part._state.adding else part.number
        start = {"was": structure.words_of(part), "number": number}
        super().__init__(data, plan=part.plan, instance=part, initial=start)
        self.worded_in = worded_in
        self.is_amendment = part.plan.is_promised
        self.fields[worded_in].widget = forms.Textarea(attrs={"rows": 3})
        self.fields[worded_in].error_messages["required"] = _("Write what it says.")
        if "due_on" in self.fields:
            self.fields["due_on"].widget = day_widget()
            self.fields["due_on"].error_messages["invalid"] = NOT_A_DATE
            self.fields["responsible"].queryset = people(part)
            self.fields["responsible"].empty_label = _("Nobody yet")
        for name in ("decision", "decision_link", "in_force_on"):
            if not self.is_amendment:
                del self.fields[name]
            elif not part._state.adding:
                self.fields[name].required = False  # people, dates and themes change without one
                self.fields[name].is_conditional = name != "decision_link"
        if self.is_amendment:
            del self.fields["number"]
            part.number = number

    def clean_number(self):
        number = self.cleaned_data["number"]
        if structure.siblings_of(self.instance).filter(number=number).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("The number %d is taken. Choose another.") % number)
        return number

    def clean(self):
        super().clean()
        words = " ".join((self.cleaned_data.get(self.worded_in) or "").split())
        if words:
            self.cleaned_data[self.worded_in] = words
        if self.instance._state.adding:
            return
        now = structure.words_of(type(self.instance).objects.get(pk=self.instance.pk))
        if now != self.cleaned_data.get("was"):
            self.data = self.data.copy()
            self.data["was"] = now
            text = _("Somebody changed it meanwhile to “%s”. What you typed is kept: save again to replace theirs.")
            self.add_error(self.worded_in, text % now)
        if self.is_amendment and words and words != now and not self.cleaned_data.get("decision"):
            self.add_error("decision", _("This plan is public: say which decision is behind the new words."))

    def save(self, *, by):
        with transaction.atomic():
            structure.keep(self.instance, by=by, decision=self.behind if self.is_amendment else None)
            self._save_m2m()
        return self.instance


class LineForm(PartForm):
    field_order = ["number", "title", "decision", "in_force_on", "decision_link"]

    class Meta:
        model = ActionLine
        fields = ["number", "title"]


class MeasureForm(PartForm):
    field_order = ["number", "statement", "themes", "decision", "in_force_on", "decision_link"]

    class Meta:
        model = Measure
        fields = ["number", "statement", "themes"]
        widgets = {"themes": forms.CheckboxSelectMultiple}


class DeliverableForm(PartForm):
    field_order = ["number", "title", "responsible", "due_on", "decision", "in_force_on", "decision_link"]

    class Meta:
        model = Deliverable
        fields = ["number", "title", "responsible", "due_on"]


FORMS = {ActionLine: LineForm, Measure: MeasureForm, Deliverable: DeliverableForm}


class PeopleForm(forms.ModelForm):
    """Who is responsible for one deliverable, and when it is due: a row of a table of them."""

    class Meta:
        model = Deliverable
        fields = ["responsible", "due_on"]

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["responsible"].choices = choices  # the same for all rows: one query for the table
        self.fields["due_on"].widget = day_widget()
        self.fields["due_on"].error_messages["invalid"] = NOT_A_DATE


class PlanForm(forms.ModelForm):
    """A plan's own words, dates and readers."""

    class Meta:
        model = Plan
        fields = [
            "title", "subtitle", "slug", "starts_on", "ends_on", "visibility", "headline",
            "goals_introduction", "goals", "acknowledgement",
        ]  # fmt: skip
        widgets = {
            "starts_on": day_widget(),
            "ends_on": day_widget(),
            "goals": forms.CheckboxSelectMultiple,
            "acknowledgement": forms.Textarea(attrs={"rows": 3}),
            "visibility": forms.Select,
        }
        error_messages = {
            "starts_on": {"invalid": NOT_A_DATE},
            "ends_on": {"invalid": NOT_A_DATE},
            "slug": {
                "unique": _("Another plan has this address. Choose a different one."),
                "invalid": _("Use letters without accents, digits and hyphens only, such as 2021-2023."),
            },
        }
        help_texts = {
            "visibility": _("Once everyone may read it, its words change by amendment only, and its codes stay."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if slug == "new":
            raise forms.ValidationError(_("This address is taken by the tracker. Choose a different one."))
        return slug

    def save(self, *, on):
        """Save the fields that changed, as of the day `on`."""
        with transaction.atomic():
            Plan.objects.bump(pk=self.instance.pk)
            structure.open_plan(self.instance, on)
            many = {"goals"} & set(self.changed_data)
            self.instance.save(update_fields=[*set(self.changed_data) - many, "public_since"])
            self._save_m2m()
        return self.instance


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
    source = forms.ModelChoiceField(Plan.objects.none(), label=_("The other plan"), required=False)

    class Meta(PlanForm.Meta):
        fields = ["organisation", "title", "slug", "starts_on", "ends_on"]

    def __init__(self, *args, reader, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = Plan.objects.visible_to(reader)
        self.fields["organisation"].initial = Organisation.objects.first()
        self.fields["organisation"].empty_label = None

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
