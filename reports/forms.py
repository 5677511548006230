from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plans.common.dates import NOT_A_DATE, future_error, start_error
from plans.common.form_fields import DateInput


def checked(day, error):
    """Return a day, or raise its error where there is one."""
    if error:
        raise forms.ValidationError(error)
    return day


class PeriodForm(forms.Form):
    """Two dates on which to compare a plan, `from` and `to`. The fields are added by name since `from` is a keyword."""

    is_search = True

    def __init__(self, *args, plan, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.plan = plan
        self.fields |= {"from": day_field(_("From")), "to": day_field(_("To"))}

    def clean_from(self):
        day = self.cleaned_data["from"]
        return checked(day, start_error(day, self.plan))

    def clean_to(self):
        day = self.cleaned_data["to"]
        return checked(day, future_error(day, timezone.localdate()))

    def clean(self):
        start, end = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if start and end and start > end:
            self.add_error("to", _("This day is before the first one. Choose the same day or a later one."))


def day_field(label):
    """Return a date field with our widget and error messages."""
    errors = {
        "required": _("Enter a date."),
        "invalid": NOT_A_DATE,
    }
    return forms.DateField(label=label, error_messages=errors, widget=DateInput)
