"""The forms that edit what a plan promises."""

from django import forms
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.models import WEB_ADDRESS_WANTED, Decision, Deliverable
from deliverables.plan_editing import structure
from plans.common.dates import date_format
from plans.common.form_fields import DateInput
from plans.models import ActionLine, Measure, Translation
from plans.translations import ENGLISH, MAX_LENGTH, OTHER_LANGUAGES

TRANSLATION_FIELDS = [
    f"in_{code}" for code, _name in OTHER_LANGUAGES
]  # the names of the fields for the other languages
NOT_A_DATE = _("This is not a date. Write it as year-month-day, such as 2019-12-31.")


def people(held=()):
    """Who can be made responsible: everyone with an account, and those of the ids `held`, who are so already."""
    return get_user_model().objects.filter(Q(is_active=True) | Q(pk__in=list(held))).order_by("name")


class ConcurrentEditMixin:
    """Tells what a person changed on a page from what others changed meanwhile: each field holds what it showed."""

    def remember_shown(self, *names):
        for name in names:
            if name in self.fields:
                self.fields[name].show_hidden_initial = True

    def refuse_overwrite(self, name, now):
        """Keep the person from replacing what somebody else entered in a field while the page was open: `now`."""
        seen = self.add_initial_prefix(name)
        if name in self.changed_data and now not in (self.data.get(seen, ""), self.cleaned_data.get(name)):
            self.data = self.data.copy()
            self.data[seen] = now
            text = _("Somebody entered “%s” meanwhile. What you typed is kept: save again to replace theirs.")
            self.add_error(name, text % now)

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
        widget=DateInput(),
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
                _("The plan starts on %s. Enter that day or a later one.") % date_format(self.plan.starts_on)
            )
        return day

    @property
    def entered_decision(self):
        """The decision, None where none was entered."""
        text, link = self.cleaned_data.get("decision"), self.cleaned_data.get("decision_link", "")
        return Decision(text, self.cleaned_data["in_force_on"], link) if text else None


class PartForm(ConcurrentEditMixin, DecisionForm, forms.ModelForm):
    """A line, measure or deliverable. Of a public plan new words need a decision, and the number stays.

    `was` holds the words that the person had before them.
    """

    was = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def __init__(self, data=None, *, part):
        self.is_new, self.text_field = part._state.adding, part.text_field
        number = structure.next_number(part) if self.is_new else part.number
        words = "" if self.is_new else structure.text_of(part)
        super().__init__(data, plan=part.plan, instance=part, initial={"was": words, "number": number})
        self.is_amendment = part.plan.is_promised
        self.remember_shown("responsible", "due_on", "themes", "number")
        self.fields[self.text_field].widget = forms.Textarea(attrs={"rows": 3, "lang": ENGLISH})
        for code, name in OTHER_LANGUAGES:
            self.fields[f"in_{code}"] = self.translation_field(code, name, words)
        self.order_fields(self.field_order)
        self.fields[self.text_field].error_messages["required"] = _("Write what it says.")
        if "due_on" in self.fields:
            self.fields["due_on"].widget = DateInput()
            self.fields["due_on"].error_messages["invalid"] = NOT_A_DATE
            self.fields["responsible"].queryset = people([part.responsible_id])
            self.fields["responsible"].empty_label = _("Nobody yet")
        self.adjust_to_amendment()

    def translation_field(self, code, name, words):
        """What the part says in another language, where somebody knows; `words` are its English ones."""
        said = self.instance.plan.translated_texts(code).by_source.get(words, "")
        goes = _("If you change the English words, change this too: as it is, it goes with the old ones.")
        return forms.CharField(
            label=_("In %s") % name,
            required=False,
            initial=said,
            help_text=goes if said and self.is_amendment else "",
            max_length=MAX_LENGTH,
            widget=forms.Textarea(attrs={"rows": 2, "lang": code, "maxlength": None}),
            show_hidden_initial=True,
        )

    def save_translations(self, plan, *, is_reworded, by):
        """Keep what was entered in other languages. New words of a public plan want a new translation, too."""
        for code, _name in OTHER_LANGUAGES:
            text = self.cleaned_data[f"in_{code}"]
            is_new = f"in_{code}" in self.changed_data
            if is_new or (text and is_reworded and not plan.is_promised):
                Translation.objects.set_translations(plan, code, {structure.text_of(self.instance): text}, by=by)

    def adjust_to_amendment(self):
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
            raise forms.ValidationError(text % {"code": taken.code, "words": structure.text_of(taken)})
        if taken:
            raise forms.ValidationError(_("The number %d is taken. Choose another.") % number)
        return number

    def clean(self):
        super().clean()
        for code, _name in OTHER_LANGUAGES:
            entered = self.instance.plan.translated_texts(code).by_source
            self.refuse_overwrite(f"in_{code}", entered.get(self.cleaned_data.get("was", ""), ""))
        words = " ".join((self.cleaned_data.get(self.text_field) or "").split())
        if words:
            self.cleaned_data[self.text_field] = words
        if self.is_new or not words:
            return
        now = structure.text_of(type(self.instance).objects.get(pk=self.instance.pk))
        if structure.same_text(words, now):
            self.cleaned_data[self.text_field] = now
        if not structure.same_text(now, self.cleaned_data.get("was", "")):
            self.data = self.data.copy()
            self.data["was"] = now
            text = _("Somebody changed it meanwhile to “%s”. What you typed is kept: save again to replace theirs.")
            self.add_error(self.text_field, text % now)
        if self.is_amendment:
            self.check_decision(is_reworded=not structure.same_text(words, now))

    def check_decision(self, *, is_reworded):
        decision, day = self.cleaned_data.get("decision"), self.cleaned_data.get("in_force_on")
        if is_reworded and not decision:
            self.add_error("decision", _("This plan is public: say which decision is behind the new words."))
        if decision and not is_reworded:
            self.add_error("decision", _("No words are new, so that nothing of this would be kept. Take it out."))
        if decision and not day and "in_force_on" not in self.errors:
            self.add_error("in_force_on", _("Enter the day of the decision."))

    def save(self, *, by):
        decision = self.entered_decision if self.is_amendment else None
        themes = self.cleaned_data.get("themes") if "themes" in self.changed_data else None
        is_reworded = self.text_field in self.changed_columns()
        with transaction.atomic():
            self.instance = structure.save_part(self.instance, by=by, fields=self.changed_columns(), decision=decision)
            self.save_translations(self.instance.plan, is_reworded=is_reworded, by=by)
            if themes is not None:
                self.instance.themes.set(themes)
        return self.instance


class LineForm(PartForm):
    field_order = ["number", "title", *TRANSLATION_FIELDS, "decision", "in_force_on", "decision_link"]

    class Meta:
        model = ActionLine
        fields = ["number", "title"]


class MeasureForm(PartForm):
    field_order = ["number", "statement", *TRANSLATION_FIELDS, "themes", "decision", "in_force_on", "decision_link"]

    class Meta:
        model = Measure
        fields = ["number", "statement", "themes"]
        widgets = {"themes": forms.CheckboxSelectMultiple}

    def __init__(self, data=None, *, part):
        super().__init__(data, part=part)
        texts = part.plan.translated_texts()
        self.fields["themes"].label_from_instance = lambda theme: texts.get(theme.name).html


class DeliverableForm(PartForm):
    field_order = [
        "number",
        "title",
        *TRANSLATION_FIELDS,
        "responsible",
        "due_on",
        "decision",
        "in_force_on",
        "decision_link",
    ]

    class Meta:
        model = Deliverable
        fields = ["number", "title", "responsible", "due_on"]


FORMS = {ActionLine: LineForm, Measure: MeasureForm, Deliverable: DeliverableForm}


class PeopleForm(ConcurrentEditMixin, forms.ModelForm):
    """Who is responsible for one deliverable, and when it is due: a row of a table of them."""

    class Meta:
        model = Deliverable
        fields = ["responsible", "due_on"]

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["responsible"].choices = choices  # the same for all rows: one query for the table
        self.fields["due_on"].widget = DateInput()
        self.fields["due_on"].error_messages["invalid"] = NOT_A_DATE
        self.remember_shown("responsible", "due_on")
