from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _


class PeriodForm(forms.Form):
    """Two dates to compare a plan on, `from` and `to`; the first is a word that Python keeps for itself."""

    is_search = True

    def __init__(self, *args, plan, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.plan = plan
        self.fields |= {"from": day_field(_("From")), "to": day_field(_("To"))}

    def clean(self):
        start, end = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if start and start < self.plan.starts_on:
            starts_on = date_format(self.plan.starts_on)
            self.add_error("from", _("The plan starts on %s. Choose that day or a later one.") % starts_on)
        if start and end and start > end:
            self.add_error("to", _("This day lies before the first one. Choose the same day or a later one."))
        if end and end > timezone.localdate():
            self.add_error("to", _("This day is still to come. Choose today or an earlier day."))


def day_field(label):
    errors = {
        "required": _("Enter a date."),
        "invalid": _("This is not a date. Write it as year-month-day, such as 2019-12-31."),
    }
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, error_messages=errors, widget=widget)
