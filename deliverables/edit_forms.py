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


def people(held=()):
    """Who can be made responsible: everyone with an account, and those of the ids `held`, who are so already."""
    return get_user_model().objects.filter(Q(is_active=True) | Q(pk__in=list(held))).order_by("name")


class SeenMixin:
    """Tells what a person changed on a page from what others changed meanwhile: each field holds what it showed."""

    def show_what_was_seen(self, *names):
        for name in names:
            if name in self.fields:
                self.fields[name].show_hidden_initial = True

    def changed_columns(self):
        """The model's own fields that the person changed."""
        own = {field.name for field in self._meta.model._meta.local_fields}
        return [name for name in self.changed_data if name in own]


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


class PartForm(SeenMixin, DecisionForm, forms.ModelForm):
    """A line, measure or deliverable. Of a public plan new words need a decision, and the number stays.

    `was` holds the words that the person had before them.
    """

    was = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def __init__(self, data=None, *, part):
        self.is_new, self.worded_in = part._state.adding, part.worded_in
        number = structure.next_number(part) if self.is_new else part.number
        words = "" if self.is_new else structure.words_of(part)
        super().__init__(data, plan=part.plan, instance=part, initial={"was": words, "number": number})
        self.is_amendment = part.plan.is_promised
        self.show_what_was_seen("responsible", "due_on", "themes", "number")
        self.fields[self.worded_in].widget = forms.Textarea(attrs={"rows": 3})
        self.fields[self.worded_in].error_messages["required"] = _("Write what it says.")
        if "due_on" in self.fields:
            self.fields["due_on"].widget = day_widget()
            self.fields["due_on"].error_messages["invalid"] = NOT_A_DATE
            self.fields["responsible"].queryset = people([part.responsible_id])
            self.fields["responsible"].empty_label = _("Nobody yet")
        self.ask_for_a_decision()

    def ask_for_a_decision(self):
        """Only where the plan is public; and there a number is given, not chosen."""
        for name in ("decision", "decision_link", "in_force_on"):
            if not self.is_amendment:
                del self.fields[name]
            elif not self.is_new:
                self.fields[name].required = False  # people, dates and themes change without one
                self.fields[name].is_conditional = name != "decision_link"
        if self.is_amendment and self.is_new:
            self.fields["number"].widget = forms.HiddenInput()
        elif self.is_amendment:
            del self.fields["number"]

    def clean_number(self):
        number = self.cleaned_data["number"]
        taken = structure.siblings_of(self.instance).filter(number=number).exclude(pk=self.instance.pk).first()
        if taken and self.is_amendment:
            self.data = self.data.copy()
            self.data["number"] = structure.next_number(self.instance)
            text = _("%(code)s was added meanwhile: “%(words)s”. Add yours as well if it is another.")
            raise forms.ValidationError(text % {"code": taken.code, "words": structure.words_of(taken)})
        if taken:
            raise forms.ValidationError(_("The number %d is taken. Choose another.") % number)
        return number

    def clean(self):
        super().clean()
        words = " ".join((self.cleaned_data.get(self.worded_in) or "").split())
        if words:
            self.cleaned_data[self.worded_in] = words
        if self.is_new or not words:
            return
        now = structure.words_of(type(self.instance).objects.get(pk=self.instance.pk))
        if structure.same_words(words, now):
            self.cleaned_data[self.worded_in] = now
        if not structure.same_words(now, self.cleaned_data.get("was", "")):
            self.data = self.data.copy()
            self.data["was"] = now
            text = _("Somebody changed it meanwhile to “%s”. What you typed is kept: save again to replace theirs.")
            self.add_error(self.worded_in, text % now)
        if self.is_amendment:
            self.hold_decision_against_words(is_reworded=not structure.same_words(words, now))

    def hold_decision_against_words(self, *, is_reworded):
        decision, day = self.cleaned_data.get("decision"), self.cleaned_data.get("in_force_on")
        if is_reworded and not decision:
            self.add_error("decision", _("This plan is public: say which decision is behind the new words."))
        if decision and not is_reworded:
            self.add_error("decision", _("No words are new, so that nothing of this would be kept. Take it out."))
        if decision and not day and "in_force_on" not in self.errors:
            self.add_error("in_force_on", _("Enter the day of the decision."))

    def save(self, *, by):
        decision = self.behind if self.is_amendment else None
        themes = self.cleaned_data.get("themes") if "themes" in self.changed_data else None
        with transaction.atomic():
            self.instance = structure.keep(self.instance, by=by, fields=self.changed_columns(), decision=decision)
            if themes is not None:
                self.instance.themes.set(themes)
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


class PeopleForm(SeenMixin, forms.ModelForm):
    """Who is responsible for one deliverable, and when it is due: a row of a table of them."""

    class Meta:
        model = Deliverable
        fields = ["responsible", "due_on"]

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["responsible"].choices = choices  # the same for all rows: one query for the table
        self.fields["due_on"].widget = day_widget()
        self.fields["due_on"].error_messages["invalid"] = NOT_A_DATE
        self.show_what_was_seen("responsible", "due_on")


class PlanForm(SeenMixin, forms.ModelForm):
    """A plan's own words, dates and readers."""

    is_sure = forms.BooleanField(label=_("Open it to everyone, for good"), required=False)

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
        self.show_what_was_seen(*(name for name in self.fields if name != "is_sure"))
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
        if not Deliverable.objects.of(self.instance.slug).exists():
            self.add_error("visibility", _("The plan has no deliverables yet. Add them before everyone may read it."))
        elif not self.cleaned_data["is_sure"]:
            text = _("From then on its codes stay and its words change by amendment only. Tick this if it is ready.")
            self.add_error("is_sure", text)

    def save(self, *, on):
        """Save the fields that the person changed, as of the day `on`; what others changed meanwhile stays."""
        with transaction.atomic():
            plan = structure.locked(self.instance)
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
        return f"{plan.name}: {plan.title}"


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
