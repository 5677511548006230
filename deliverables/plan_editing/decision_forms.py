"""The forms of the decision behind an amendment."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.models import INVALID_WEB_ADDRESS, Decision
from plans.common.dates import NOT_A_DATE, future_error, start_error
from plans.common.form_fields import DateInput, TranslatedSelect
from plans.models import Meeting
from plans.translations import ENGLISH_TEXTS

DECISION_FIELDS = ["decision", "meeting", "in_force_on", "decision_link"]
NOTHING_DECIDED = _("Nothing that needs a decision has changed, so this would not be saved. Remove it.")
NEEDS_DECISION = _("This plan is public: enter the decision behind the change.")


class MeetingChoice(forms.ModelChoiceField):
    """A choice of a meeting. `texts` are the `TranslatedTexts` of the plan that shows it."""

    widget = TranslatedSelect
    texts = ENGLISH_TEXTS

    def label_from_instance(self, meeting):
        return meeting.label_in(self.texts)


class DecisionForm(forms.Form):
    """The decision behind an amendment."""

    decision = forms.CharField(
        label=_("Decision"),
        help_text=_("Who decided it and where: such as “Board of Directors, Montréal, June 2019, point 7”."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Enter the decision behind the change.")},
    )
    meeting = MeetingChoice(
        Meeting.objects.none(),
        label=_("Decided at"),
        required=False,
        empty_label=_("No meeting, or one that is not listed"),
        error_messages={"invalid_choice": _("This meeting is not on the list. Choose another one.")},
    )
    in_force_on = forms.DateField(
        label=_("In force since"),
        help_text=_("The day from which the figures take the decision into account."),
        widget=DateInput(),
        error_messages={"required": _("Enter the day of the decision."), "invalid": NOT_A_DATE},
    )
    decision_link = forms.URLField(
        label=_("Link to the decision"),
        required=False,
        assume_scheme="https",
        max_length=1000,
        error_messages={"invalid": INVALID_WEB_ADDRESS},
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    def __init__(self, *args, plan, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.plan = plan
        self.fields["in_force_on"].initial = timezone.localdate()
        self.fields["decision"].widget.attrs.pop("maxlength", None)
        self.fields["meeting"].queryset = Meeting.objects.filter(
            organisation=plan.organisation_id, held_on__lte=timezone.localdate()
        )
        self.fields["meeting"].texts = plan.translated_texts()

    def clean_in_force_on(self):
        day = self.cleaned_data["in_force_on"]
        if day and (error := future_error(day, timezone.localdate()) or start_error(day, self.plan)):
            raise forms.ValidationError(error)
        return day

    @property
    def entered_decision(self):
        """Return the `Decision`, or None where none was entered."""
        text, link = self.cleaned_data.get("decision"), self.cleaned_data.get("decision_link", "")
        return Decision(text, self.cleaned_data["in_force_on"], link, self.cleaned_data["meeting"]) if text else None


class DatesDecisionForm(DecisionForm):
    """The decision behind new due dates in a table of a public plan; needed only if a date has changed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("decision", "in_force_on"):
            self.fields[name].required = False
            self.fields[name].is_conditional = True

    def require(self):
        """Add an error where the decision is missing."""
        if not self.cleaned_data.get("decision") and "decision" not in self.errors:
            self.add_error("decision", NEEDS_DECISION)
        if not self.cleaned_data.get("in_force_on") and "in_force_on" not in self.errors:
            self.add_error("in_force_on", _("Enter the day of the decision."))
