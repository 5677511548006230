import re
import uuid

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.models import WEB_ADDRESS_WANTED, StatusUpdate
from deliverables.status import Reason, Status
from plans.codes import Code
from plans.common.form_fields import DateInput


class NoteField(forms.CharField):
    """Text of several lines. Browsers send a line end as two characters; it is one, also for the limit."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class StatusChoice(forms.RadioSelect):
    """The three statuses, each with what it means."""

    def create_option(self, name, value, *args, **kwargs):
        return super().create_option(name, value, *args, **kwargs) | {"meaning": Status(value).meaning}


class StatusFieldsForm(forms.ModelForm):
    """What the secretariat reports, on one deliverable or on many."""

    evidence_link = forms.URLField(
        label=_("Evidence link"),
        help_text=_("“Attained” needs this, or a note that says where it can be seen."),
        required=False,
        assume_scheme="https",
        max_length=1000,
        error_messages={"invalid": WEB_ADDRESS_WANTED},
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    field_order = ["status", "reason", "effective_on", "note", "evidence_link", "evidence_title"]

    class Meta:
        model = StatusUpdate
        fields = ["status", "reason", "effective_on", "note", "evidence_link", "evidence_title"]
        field_classes = {"note": NoteField}
        labels = {
            "note": _("What happened?"),
            "evidence_title": _("What the evidence is"),
            "reason": _("Why it was not developed"),
        }
        help_texts = {
            "note": _("Shown to everyone who may read the plan."),
        }
        error_messages = {
            "status": {
                "required": _("Choose a status."),
                "invalid_choice": _("“%(value)s” is not a status. Choose one of the three."),
            },
            "effective_on": {
                "required": _("Enter the day it became true."),
                "invalid": _("This is not a date. Write it as year-month-day, such as 2019-12-31."),
            },
            "note": {"max_length": _("Keep the note under %(limit_value)d characters; it has %(show_value)d.")},
        }
        widgets = {
            "status": StatusChoice,
            "effective_on": DateInput,
            "note": forms.Textarea(attrs={"rows": 4}),
            "evidence_title": forms.TextInput(attrs={"placeholder": _("Such as “Board minutes, May 2020”")}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["status"].choices = [(status.value, status.label) for status in Status.recordable()]
        self.fields["reason"].choices = [("", _("Choose…")), *Reason.choices]
        self.fields["reason"].is_conditional = self.fields["evidence_link"].is_conditional = True
        for name in ("note", "evidence_link", "evidence_title"):
            self.fields[name].widget.attrs.pop("maxlength")  # a paste cut short in silence would lose text
        incomplete = _("The form came back incomplete. Load the page again, then record once more.")
        for field in self.hidden_fields():
            field.field.error_messages |= dict.fromkeys(("required", "invalid", "min_value"), incomplete)

    def _post_clean(self):
        super()._post_clean()
        # One thing at a time: a link or a note that is wrong is not also one that is missing.
        if "note" in self._errors and not self.data.get("evidence_link"):
            self._errors.pop("evidence_link", None)
        elif "evidence_link" in self._errors:
            del self._errors["evidence_link"].data[1:]


class StatusForm(StatusFieldsForm):
    """What is reported on one deliverable. `seen` and `submission` travel with it: see `record`."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    submission = forms.UUIDField(widget=forms.HiddenInput)
    corrects = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, deliverable, typed=None, correcting=None, auto_id="id_%s"):
        """Starts from `typed`, texts by field, or from the update it is to correct."""
        start = {}
        if data is None:
            start = (
                {"effective_on": timezone.localdate()} | initial_from(correcting) | (typed or {}) | marks(deliverable)
            )
        about = StatusUpdate(deliverable=deliverable, plan=deliverable.plan)
        super().__init__(data, instance=about, initial=start, auto_id=auto_id)

    def clean_corrects(self):
        """The update to be corrected, one on this deliverable."""
        sequence = self.cleaned_data["corrects"]
        if sequence is None:
            return None
        mistake = self.instance.deliverable.updates.filter(sequence=sequence).first()
        if mistake is None:
            raise forms.ValidationError(_("Entry %d is not one of this deliverable.") % sequence)
        return mistake

    def renew(self):
        """Keep what was typed, but as an answer to what is in the history now and as a submission of its own."""
        self.data = self.data.copy()
        if self.cleaned_data["corrects"] and self.cleaned_data["corrects"].is_corrected:
            self.data["corrects"] = ""  # the faster one has corrected it
        for name, value in marks(self.instance.deliverable).items():
            self.data[name] = value


class BulkUpdateForm(StatusFieldsForm):
    """The same report on many deliverables. `rows` holds each code with what was seen there: `L1M1D1:12 L1M1D2:0`."""

    rows = forms.CharField(widget=forms.HiddenInput, max_length=200_000)
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, plan, **kwargs):
        super().__init__(*args, instance=StatusUpdate(plan=plan), **kwargs)
        self.fields["rows"].error_messages["required"] = _(
            "No deliverable is chosen. Go back to the list and choose some."
        )

    def clean_rows(self):
        """What was seen on each chosen deliverable, by code."""
        pairs = [text.partition(":")[::2] for text in self.cleaned_data["rows"].split()]
        seen = {Code.parse(code): int(number) for code, number in pairs if re.fullmatch("[0-9]{1,9}", number)}
        if None in seen or len(seen) != len(pairs):
            raise forms.ValidationError(_("The form came back incomplete. Choose the deliverables in the list again."))
        return seen

    def renew(self, deliverables):
        """Keep what was typed, for the deliverables as they stand now and as a submission of its own."""
        self.data = self.data.copy()
        self.data["rows"], self.data["submission"] = rows_value(deliverables), str(uuid.uuid4())

    @property
    def report(self):
        """The report alone, without the rows it is for."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def codes_in(text):
    """The codes of `ManyForm.rows`."""
    return {code for pair in text.split() if (code := Code.parse(pair.partition(":")[0]))}


def rows_value(deliverables):
    """The hidden text of `ManyForm.rows`, for deliverables `to_record_on`."""
    return " ".join(f"{deliverable.code}:{deliverable.seen}" for deliverable in deliverables)


def initial_from(update):
    """What an update reports, as the form's fields, to be corrected there."""
    if update is None:
        return {}
    reported = ("status", "reason", "effective_on", "note", "evidence_link", "evidence_title")
    return {field: getattr(update, field) for field in reported} | {"corrects": update.sequence}


class ConfirmForm(forms.Form):
    """One click that a status still holds."""

    seen = forms.IntegerField(min_value=1)
    submission = forms.UUIDField()


def marks(deliverable):
    """What tells one filling-in of the form from another: what was seen, and a number never used before."""
    return {"seen": deliverable.last_sequence, "submission": uuid.uuid4()}
