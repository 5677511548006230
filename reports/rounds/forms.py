"""The forms of reporting rounds: to open one, and to move its last day."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.models import ReportingRound, open_deliverables
from plans.common.dates import NOT_A_DATE, date_format
from plans.common.form_fields import DateInput

USUAL_DAYS = 21  # from the opening of a round to its last day


class RoundForm(forms.Form):
    """The form that opens a round: its name, its last day, and what it asks about."""

    OPEN, CHOSEN = "open", "chosen"

    name = forms.CharField(
        label=_("Name"),
        help_text=_("It is in the e-mails and on the pages, such as “November reporting round”."),
        max_length=80,
        widget=forms.TextInput(attrs={"maxlength": None}),
        error_messages={
            "required": _("Enter a name."),
            "max_length": _("Write at most %(limit_value)d characters; these are %(show_value)d."),
        },
    )
    closes_on = forms.DateField(
        label=_("Reports are due on"),
        help_text=_("The links in the e-mails work until this day. Everybody who is late is reminded a week before."),
        widget=DateInput,
        error_messages={"required": _("Enter the last day for reports."), "invalid": NOT_A_DATE},
    )
    scope = forms.ChoiceField(
        label=_("What to ask about"),
        choices=[(OPEN, _("Everything that is still open")), (CHOSEN, _("Only what is chosen below"))],
        widget=forms.RadioSelect,
    )
    deliverables = forms.MultipleChoiceField(
        label=_("Deliverables"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("The list has changed. Look through it again.")},
    )

    def __init__(self, data=None, *, plan):
        day = timezone.localdate()
        name = _("%(month)s reporting round") % {"month": date_format(day, "F").capitalize()}
        initial = {"name": name, "closes_on": day + timedelta(days=USUAL_DAYS), "scope": self.OPEN}
        super().__init__(data, initial=initial, label_suffix="")
        self.fields["deliverables"].is_conditional = True
        self.open = list(open_deliverables(plan))
        texts = plan.translated_texts()
        self.fields["deliverables"].choices = [
            (str(row.pk), f"{texts.get(row.title)} ({row.code})") for row in self.open
        ]

    @property
    def chosen(self):
        """Return the deliverables that a valid form asks about."""
        if self.cleaned_data["scope"] == self.OPEN:
            return self.open
        keys = set(self.cleaned_data["deliverables"])
        return [row for row in self.open if str(row.pk) in keys]

    def clean_closes_on(self):
        """Check the day together with the other fields, by the rules of a round."""
        day = self.cleaned_data["closes_on"]
        try:
            ReportingRound(closes_on=day, opened_at=timezone.now()).clean()
        except ValidationError as error:
            raise ValidationError(error.message_dict["closes_on"]) from None
        return day

    def clean(self):
        super().clean()
        if self.cleaned_data.get("scope") == self.CHOSEN and not self.cleaned_data.get("deliverables"):
            self.add_error("deliverables", _("Choose what to ask about."))


class ExtendForm(forms.Form):
    """The form that moves the last day of a round."""

    closes_on = forms.DateField(
        label=_("Reports are due on"),
        widget=DateInput,
        error_messages={"required": _("Enter the last day for reports."), "invalid": NOT_A_DATE},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
