"""The forms that edit the parts of a plan: lines, measures and deliverables."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from deliverables.models import Deliverable
from deliverables.plan_editing import structure
from deliverables.plan_editing.concurrent_edit import ConcurrentEditMixin
from deliverables.plan_editing.decision_forms import DECISION_FIELDS, NEEDS_DECISION, NOTHING_DECIDED, DecisionForm
from deliverables.plan_editing.people_forms import assignable_people, people_choices
from plans.common.dates import NOT_A_DATE
from plans.common.form_fields import DateInput, set_data
from plans.common.text import sort_key
from plans.models import ActionLine, Measure, Plan, Translation
from plans.translations import ENGLISH, MAX_LENGTH, OTHER_LANGUAGES, max_length_for

PROMISED_FIELDS = ("due_on", "target", "target_unit")  # in a public plan, they change by amendment, as the wording does
TRANSLATION_FIELDS = [f"in_{code}" for code, _name in OTHER_LANGUAGES]
NAME_FIELDS = {code: f"name_in_{code}" for code, _name in OTHER_LANGUAGES}
NOT_A_NUMBER = _("Enter a whole number, such as 6.")


class PartForm(ConcurrentEditMixin, DecisionForm, forms.ModelForm):
    """The form of a line, measure or deliverable. In a public plan a new wording needs a decision.

    `was` is the text that the page showed: if another is stored by now, somebody else was faster.
    """

    was = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def __init__(self, data=None, *, part):
        self.is_new, self.text_field, self.is_reworded = part._state.adding, part.text_field, False
        number = structure.next_number(part) if self.is_new else part.number
        text = "" if self.is_new else structure.text_of(part)
        super().__init__(data, plan=part.plan, instance=part, initial={"was": text, "number": number})

        self.is_amendment = part.plan.is_promised
        self.remember_shown("responsible", *PROMISED_FIELDS, "themes", "regions", "number", "short_name", "continues")
        self.fields[self.text_field].widget = forms.Textarea(attrs={"rows": 3, "lang": ENGLISH})
        for code, name in OTHER_LANGUAGES:
            self.fields[f"in_{code}"] = self.translation_field(code, name, text)
        self.order_fields(self.field_order)
        self.fields[self.text_field].error_messages["required"] = _("Enter the text.")

        if "due_on" in self.fields:
            self.fields["due_on"].widget = DateInput()
            self.fields["due_on"].error_messages["invalid"] = NOT_A_DATE
            self.fields["target"].error_messages |= dict.fromkeys(["invalid", "min_value"], NOT_A_NUMBER)
            people = assignable_people([part.responsible_id])
            self.fields["responsible"].queryset = people
            self.fields["responsible"].choices = people_choices(people)
        self.adjust_to_amendment()

    def translation_field(self, code, name, english):
        """Return the field for the translation of the English text into the language `code`, called `name`."""
        texts = self.instance.plan.translated_texts(code)
        translation, hints = texts.by_source.get(english, ""), []
        if english in texts.unofficial:
            hints.append(_("Unofficial translation made for this tracker, not yet confirmed by the secretariat."))
        if translation and self.is_amendment:
            hints.append(_("If you change the English text, change this one too: it translates the previous text."))
        return forms.CharField(
            label=_("In %s") % name,
            required=False,
            initial=translation,
            help_text=" ".join(map(str, hints)),
            max_length=MAX_LENGTH,
            widget=forms.Textarea(attrs={"rows": 2, "lang": code, "maxlength": None}),
            show_hidden_initial=True,
        )

    def save_translations(self, plan, *, by):
        """Save the translations that were entered for the part's text.

        In a draft, a translation that was not changed goes along with a reworded text. In a public plan it stays with
        the previous text, and the new text has none until somebody enters it.
        """
        for code, _name in OTHER_LANGUAGES:
            text = self.cleaned_data[f"in_{code}"]
            is_new = f"in_{code}" in self.changed_data
            if is_new or (text and self.is_reworded and not plan.is_promised):
                is_unofficial = not is_new and self.cleaned_data["was"] in plan.translated_texts(code).unofficial
                texts = {structure.text_of(self.instance): text}
                Translation.objects.set_translations(plan, code, texts, by=by, is_unofficial=is_unofficial)

    def adjust_to_amendment(self):
        """Remove the fields that do not apply: the decision in a draft, and the choice of a number in a public plan."""
        for name in DECISION_FIELDS:
            if not self.is_amendment:
                del self.fields[name]
            elif not self.is_new:
                self.fields[name].required = False  # people and themes change without a decision
                self.fields[name].is_conditional = name in ("decision", "in_force_on")

        if self.is_amendment and self.is_new:
            self.fields["number"].widget = forms.HiddenInput()
        elif self.is_amendment:
            del self.fields["number"]

    def clean_number(self):
        number = self.cleaned_data["number"]
        taken = structure.siblings_of(self.instance).filter(number=number).exclude(pk=self.instance.pk).first()

        if taken and self.is_amendment:
            set_data(self, {"number": structure.next_number(self.instance)})
            text = _("Meanwhile somebody added %(code)s: “%(text)s”. If yours is different, add it as well.")
            raise forms.ValidationError(text % {"code": taken.code, "text": structure.text_of(taken)})
        if taken:
            raise forms.ValidationError(_("The number %d is taken. Choose another.") % number)
        return number

    def clean(self):
        super().clean()
        self.refuse_overwrites()
        for code, _name in OTHER_LANGUAGES:
            entered = self.instance.plan.translated_texts(code).by_source
            self.refuse_overwrite(f"in_{code}", entered.get(self.cleaned_data.get("was", ""), ""))

        text = " ".join((self.cleaned_data.get(self.text_field) or "").split())
        if text:
            self.cleaned_data[self.text_field] = text
        if self.is_new or not text:
            return

        stored = structure.text_of(type(self.instance).objects.get(pk=self.instance.pk))
        was = self.cleaned_data.get("was", "")
        is_touched = not structure.same_text(text, was)
        if not structure.same_text(stored, was):
            self.report_other_wording(stored, is_touched=is_touched)
        if structure.same_text(text, stored) or not is_touched:
            # A change of white space alone is no amendment. What this person left alone stays as somebody else has it.
            text = self.cleaned_data[self.text_field] = stored

        self.is_reworded = not structure.same_text(text, stored)
        if self.is_amendment:
            self.check_decision()

    def report_other_wording(self, stored, *, is_touched):
        """Add an error where somebody else has changed the text, and this person has too, or its translations."""
        if is_touched:
            set_data(self, {"was": stored})
            error = _("Meanwhile somebody changed this to “%s”. Your text is still here: save again to replace theirs.")
            self.add_error(self.text_field, error % stored)
        elif set(TRANSLATION_FIELDS) & set(self.changed_data):
            set_data(self, {"was": stored, self.text_field: stored})
            error = _("Meanwhile somebody changed this to “%s”. If your translation fits it, save again.")
            self.add_error(self.text_field, error % stored)

    def check_decision(self):
        """Add an error for a new wording, date or target without a decision, and for a decision without any of them."""
        decision, day = self.cleaned_data.get("decision"), self.cleaned_data.get("in_force_on")
        is_promise = self.is_reworded or bool(set(PROMISED_FIELDS) & set(self.changed_data))
        if is_promise and not decision:
            self.add_error("decision", NEEDS_DECISION)
        if decision and not is_promise:
            self.add_error("decision", NOTHING_DECIDED)
        elif self.cleaned_data.get("meeting") and not is_promise:
            self.add_error("meeting", NOTHING_DECIDED)
        if decision and not day and "in_force_on" not in self.errors:
            self.add_error("in_force_on", _("Enter the day of the decision."))

    def save(self, *, by):
        decision = self.entered_decision if self.is_amendment else None
        themes, regions = (
            self.cleaned_data.get(name) if name in self.changed_data else None for name in ("themes", "regions")
        )

        with transaction.atomic():
            self.instance = structure.save_part(self.instance, by=by, fields=self.changed_columns(), decision=decision)
            self.save_translations(self.instance.plan, by=by)
            if themes is not None:
                structure.set_themes(self.instance, themes)
            if regions is not None:
                structure.set_regions(self.instance, regions)

        return self.instance


class LineForm(PartForm):
    field_order = ["number", "title", *TRANSLATION_FIELDS, *DECISION_FIELDS]

    class Meta:
        model = ActionLine
        fields = ["number", "title"]


class MeasureForm(PartForm):
    field_order = [
        "number",
        "short_name",
        *NAME_FIELDS.values(),
        "statement",
        *TRANSLATION_FIELDS,
        "themes",
        *DECISION_FIELDS,
    ]

    class Meta:
        model = Measure
        fields = ["number", "short_name", "statement", "themes"]
        widgets = {"short_name": forms.TextInput(attrs={"lang": ENGLISH}), "themes": forms.CheckboxSelectMultiple}

    def __init__(self, data=None, *, part):
        super().__init__(data, part=part)
        for code, name in OTHER_LANGUAGES:
            self.fields[NAME_FIELDS[code]] = self.name_field(code, name)
        self.order_fields(self.field_order)

        texts = part.plan.translated_texts()
        themes = [(theme.pk, texts.get(theme.name)) for theme in self.fields["themes"].queryset]
        themes.sort(key=lambda choice: sort_key(choice[1]))
        self.fields["themes"].choices = [(pk, name.html) for pk, name in themes]

    def name_field(self, code, name):
        """Return the field for the translation of the short name into the language `code`, called `name`."""
        english = self.instance.short_name
        return forms.CharField(
            label=_("Short name in %s") % name,
            required=False,
            initial=self.instance.plan.translated_texts(code).by_source.get(english, ""),
            max_length=max_length_for(english),
            widget=forms.TextInput(attrs={"lang": code, "maxlength": None}),
            show_hidden_initial=True,
        )

    def clean_short_name(self):
        return " ".join(self.cleaned_data["short_name"].split())

    def clean(self):
        super().clean()
        shown = self.data.get(self.add_initial_prefix("short_name"), "")
        for code, field in NAME_FIELDS.items():
            self.refuse_overwrite(field, self.instance.plan.translated_texts(code).by_source.get(shown, ""))

        stored = "" if self.is_new else Measure.objects.get(pk=self.instance.pk).short_name
        is_translated = any(self.cleaned_data.get(field) for field in NAME_FIELDS.values())
        if set(NAME_FIELDS.values()) & set(self.changed_data) and "short_name" not in self.changed_data:
            if stored != shown:
                set_data(self, {"short_name": stored, self.add_initial_prefix("short_name"): stored})
                error = _("Meanwhile somebody changed this to “%s”. If your translation fits it, save again.")
                self.add_error("short_name", error % stored)
            elif is_translated and not stored:
                self.add_error("short_name", _("Enter the short name in English, too."))

    def save_translations(self, plan, *, by):
        """Save the translations of the statement, and those of the short name: they go along when it is changed."""
        super().save_translations(plan, by=by)
        name, is_renamed = self.instance.short_name, "short_name" in self.changed_data
        for code, field in NAME_FIELDS.items():
            text = self.cleaned_data[field]
            if name and (field in self.changed_data or (text and is_renamed)):
                is_new, shown = field in self.changed_data, self.add_initial_prefix("short_name")
                was_unofficial = self.data.get(shown, "") in plan.translated_texts(code).unofficial
                is_unofficial = not is_new and was_unofficial
                Translation.objects.set_translations(plan, code, {name: text}, by=by, is_unofficial=is_unofficial)


class DeliverableForm(PartForm):
    field_order = [
        "number",
        "title",
        *TRANSLATION_FIELDS,
        "responsible",
        "regions",
        *PROMISED_FIELDS,
        "continues",
        *DECISION_FIELDS,
    ]
    continues = forms.CharField(
        label=_("Continues"),
        help_text=_(
            "The deliverable of an earlier plan that this one carries on: the plan's address and the code,"
            " such as 2018-2020 L2M1D2."
        ),
        required=False,
        max_length=80,
    )

    class Meta:
        model = Deliverable
        fields = ["number", "title", "responsible", "regions", *PROMISED_FIELDS, "continues"]
        widgets = {"title": forms.Textarea(attrs={"rows": 2}), "regions": forms.CheckboxSelectMultiple}

    def __init__(self, data=None, *, part):
        super().__init__(data, part=part)
        self.fields["title"].widget.attrs.pop("maxlength", None)  # a browser cuts off a pasted text silently
        texts, regions = part.plan.translated_texts(), part.plan.regions
        self.fields["regions"].queryset = self.fields["regions"].queryset.filter(organisation=part.plan.organisation_id)
        self.fields["regions"].choices = [(region.pk, texts.get(region.name).html) for region in regions]
        if not regions:
            del self.fields["regions"]
        self.initial["continues"] = part.continues.reference if part.continues_id else ""
        earlier = Plan.objects.filter(organisation=part.plan.organisation_id, starts_on__lt=part.plan.starts_on)
        if not part.continues_id and not earlier.exists():
            del self.fields["continues"]

    def clean_continues(self):
        """Return the deliverable that the text names, None for an empty text."""
        text = self.cleaned_data["continues"]
        if not text:
            return None

        if found := Deliverable.objects.referred_to_by(text):
            return found
        error = _("There is no deliverable “%s”. Enter a plan's address and a code, such as 2018-2020 L2M1D2.")
        raise forms.ValidationError(error % text)


FORMS = {ActionLine: LineForm, Measure: MeasureForm, Deliverable: DeliverableForm}
