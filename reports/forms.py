from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plans.common.dates import NOT_A_DATE, future_error, start_error
from plans.common.form_fields import DateInput, TranslatedSelect
from reports.baselines import baselines_of


def checked(day, error):
    """Return a day, or raise its error where there is one."""
    if error:
        raise forms.ValidationError(error)
    return day


class PeriodForm(forms.Form):
    """Two dates on which to compare a plan, `from` and `to`. The fields are added by name since `from` is a keyword.

    `since` names a meeting or an edition, whose day then takes the place of `from`. Those until `day` are offered.
    """

    is_search = True

    def __init__(self, *args, plan, day, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.plan, self.day, self.baselines = plan, day, baselines_of(plan, day)
        self.fields |= {"since": since_field(self.baselines), "from": day_field(_("From")), "to": day_field(_("To"))}

        if self.data.get("since"):
            self.data = self.data | {"from": self.baseline.day if self.baseline else ""}
            self.fields["from"].required = self.baseline is not None

    @property
    def fragment_key(self):
        """Return what the form shows, besides the plan."""
        return self.day, *self.data.items(), *self.initial.items()

    @property
    def baseline(self):
        """Return the chosen `Baseline`, None for dates alone and for one that there is not."""
        return self.baselines.get(self.data.get("since", ""))

    def clean_from(self):
        day = self.cleaned_data["from"]
        return day and checked(day, start_error(day, self.plan))

    def clean_to(self):
        day = self.cleaned_data["to"]
        return checked(day, future_error(day, timezone.localdate()))

    def clean(self):
        start, end = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if start and end and start > end:
            self.add_error("to", _("This day is before the first one. Choose the same day or a later one."))


def since_field(baselines):
    """Return the field that names a meeting or an edition."""
    return forms.ChoiceField(
        label=_("Compare with"),
        required=False,
        choices=[("", _("The date in “From”")), *((each.value, each.label) for each in baselines.values())],
        error_messages={"invalid_choice": _("No such meeting or edition is listed. Choose one from the list.")},
        widget=TranslatedSelect,
    )


def day_field(label):
    """Return a date field with our widget and error messages."""
    errors = {
        "required": _("Enter a date."),
        "invalid": NOT_A_DATE,
    }
    return forms.DateField(label=label, error_messages=errors, widget=DateInput)
