"""The form of a meeting of an organisation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from deliverables.plan_editing.concurrent_edit import ConcurrentEditMixin
from plans.common.dates import NOT_A_DATE
from plans.common.form_fields import DateInput
from plans.models import Meeting, Organisation
from plans.translations import ENGLISH


class MeetingForm(ConcurrentEditMixin, forms.ModelForm):
    """The form of a meeting. The organisation is chosen once, where there are several: it never changes."""

    class Meta:
        model = Meeting
        fields = ["organisation", "name", "place", "held_on"]
        labels = {"name": _("Name"), "place": _("Place"), "held_on": _("Date")}
        widgets = {"held_on": DateInput}
        error_messages = {
            "name": {"required": _("Enter the name of the meeting.")},
            "held_on": {"invalid": NOT_A_DATE, "required": _("Enter the day of the meeting.")},
        }
        help_texts = {
            "name": _("In English and without “the”: such as “General Assembly of Members”."),
            "place": _("A city, or “online”."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.remember_shown("name", "place", "held_on")
        for name in ("name", "place"):
            self.fields[name].widget.attrs["lang"] = ENGLISH

        organisations = Organisation.objects.all()[:2]
        if self.instance._state.adding and len(organisations) != 1:
            self.fields["organisation"].empty_label = None
        else:
            del self.fields["organisation"]
            if self.instance._state.adding:
                self.instance.organisation = organisations[0]

    def clean(self):
        super().clean()
        self.refuse_overwrites()

    def save(self):
        return self.instance.store(self.changed_columns())
