from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plans.common.dates import date_format
from plans.common.form_fields import DateInput


def not_before(plan, day):
    """The day, where the plan had begun by then; else an error that says which can be chosen."""
    if day < plan.starts_on:
        starts_on = date_format(plan.starts_on)
        raise forms.ValidationError(_("The plan starts on %s. Choose that day or a later one.") % starts_on)
    return day


def not_to_come(day):
    if day > timezone.localdate():
        raise forms.ValidationError(_("This day is still to come. Choose today or an earlier day."))
    return day


class PeriodForm(forms.Form):
    """Two dates to compare a plan on, `from` and `to`; the first is a word that Python keeps for itself."""

    is_search = True

    def __init__(self, *args, plan, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.plan = plan
        self.fields |= {"from": day_field(_("From")), "to": day_field(_("To"))}

    def clean_from(self):
        return not_before(self.plan, self.cleaned_data["from"])

    def clean_to(self):
        return not_to_come(self.cleaned_data["to"])

    def clean(self):
        start, end = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if start and end and start > end:
            self.add_error("to", _("This day lies before the first one. Choose the same day or a later one."))


def day_field(label):
    errors = {
        "required": _("Enter a date."),
        "invalid": _("This is not a date. Write it as year-month-day, such as 2019-12-31."),
    }
    return forms.DateField(label=label, error_messages=errors, widget=DateInput)
