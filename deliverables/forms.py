"""The forms that record a status on one deliverable, or confirm it. Those of many at once are in `recording`."""

from dataclasses import replace

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from deliverables.evidence.attached import FilesField, attached_data
from deliverables.models import (
    INVALID_WEB_ADDRESS,
    MAX_EVIDENCE,
    PLANNED_FIELDS,
    REPORT_FIELDS,
    Evidence,
    StatusUpdate,
    Target,
)
from deliverables.status import Reason, Status
from plans.common.dates import NOT_A_DATE
from plans.common.form_fields import DateInput, set_data
from plans.common.text import normalise

EVIDENCE_FIELDS = [  # (link, title) of each piece; the first pair has no number
    tuple(f"evidence_{part}{'' if number == 1 else f'_{number}'}" for part in ("link", "title"))
    for number in range(1, MAX_EVIDENCE + 1)
]
EVIDENCE_NAMES = [name for pair in EVIDENCE_FIELDS for name in pair]


class StatusChoice(forms.RadioSelect):
    """Radio buttons for the three statuses, each with its meaning and, for scripts, the field to fill in next."""

    def create_option(self, name, value, *args, **kwargs):
        status = Status(value)
        option = super().create_option(name, value, *args, **kwargs) | {"meaning": status.meaning}
        option["attrs"]["data-next-field"] = status.next_field
        option["attrs"]["data-has-next-step"] = status.has_next_step
        return option


class StatusFieldsForm(forms.ModelForm):
    """The fields of a report on a deliverable. `StatusForm` records it alone, `RowForm` as a row of a grid.

    `hides_next_step` is set by the script that hides the next step of what is attained: what is in it stays there, for
    whoever changes the status back, and is not reported. `carries_evidence` says that the evidence in the form is that
    of the entry to correct.
    """

    evidence_pairs = EVIDENCE_FIELDS
    takes_files = True

    hides_next_step = forms.BooleanField(required=False, widget=forms.HiddenInput)
    carries_evidence = forms.BooleanField(required=False, widget=forms.HiddenInput)

    field_order = [
        "status", "reason", "achieved", "note", "files", *EVIDENCE_NAMES, "next_step", "expected_on", "effective_on",
    ]  # fmt: skip

    class Meta:
        model = StatusUpdate
        fields = REPORT_FIELDS
        labels = {
            "note": _("What happened?"),
            "reason": _("Why it was not developed"),
            "effective_on": _("Since when is this true?"),
            "achieved": _("How many are done?"),
            "next_step": _("Next step"),
            "expected_on": _("Expected on"),
        }
        help_texts = {
            "note": _("Visible to everyone who can read the plan."),
            "next_step": _("What happens now, in a sentence."),
            "expected_on": _("The day by which you expect it. The due date stays as the plan has it."),
        }
        error_messages = {
            "status": {
                "required": _("Choose a status."),
                "invalid_choice": _("“%(value)s” is not a status. Choose one of the three."),
            },
            "effective_on": {
                "required": _("Enter the day from which the status applies."),
                "invalid": NOT_A_DATE,
            },
            "note": {"max_length": _("Keep the note under %(limit_value)d characters; it has %(show_value)d.")},
            "expected_on": {"invalid": NOT_A_DATE},
            "achieved": {
                "invalid": _("Enter a whole number, such as 6."),
                "min_value": _("Enter a whole number, such as 6."),
            },
        }
        widgets = {
            "status": StatusChoice,
            "effective_on": DateInput,
            "expected_on": DateInput,
            "note": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args, deliverable, **kwargs):
        update = StatusUpdate(deliverable=deliverable, plan=deliverable.plan)
        super().__init__(*args, instance=update, label_suffix="", **kwargs)
        self.fields["status"].choices = [(status.value, status.label) for status in Status.recordable()]
        self.fields["reason"].choices = [("", _("Choose…")), *Reason.choices]
        for number, (link, title) in enumerate(self.evidence_pairs, start=1):
            self.fields[link], self.fields[title] = link_field(number), title_field(number)
        if self.takes_files:
            self.fields["files"] = FilesField(upload_url=reverse("upload_file", args=[deliverable.plan.slug]))
        self.ask_for_quantity(deliverable)
        self.fields["evidence_link"].help_text = _(
            "“Attained” needs a link, a file, a document's title, or a note that says where it can be seen."
        )
        self.order_fields(self.field_order)
        self.fields["reason"].is_conditional = self.fields["evidence_link"].is_conditional = True
        for field in self.fields.values():
            # With `maxlength`, a browser cuts off a pasted text silently. Without it, the server reports the length.
            field.widget.attrs.pop("maxlength", None)

        incomplete = _("The form is incomplete. Reload the page, then record your update again.")
        for field in self.fields.values():  # not `hidden_fields`: it copies the help texts that subclasses replace
            if field.widget.is_hidden:
                field.error_messages |= dict.fromkeys(("required", "invalid", "min_value"), incomplete)

    def ask_for_quantity(self, deliverable):
        """Ask how many are done of the deliverable's target; do not ask where it has none."""
        if target := Target.of(deliverable):
            unit = deliverable.plan.translated_texts().get(target.unit)
            self.fields["achieved"].help_text = _("Of %s.") % replace(target, unit=unit)
        elif not self.data.get(self.add_prefix("achieved")):
            del self.fields["achieved"]

    @property
    def first_fields(self):
        """Return the fields before the evidence."""
        names = list(self.fields)[: list(self.fields).index("files")]
        return [field for field in self.visible_fields() if field.name in names]

    @property
    def evidence(self):
        """Return the fields of files and of the first other piece of evidence."""
        return [self[name] for name in ("files", *EVIDENCE_FIELDS[0])]

    @property
    def more_evidence(self):
        """Return the fields of the further pieces of evidence, which are folded away until they are used.

        Two pieces, and always one that is still empty, up to the most that an update has.
        """
        used = [
            place for place, pair in enumerate(EVIDENCE_FIELDS, start=1) if any(self[name].value() for name in pair)
        ]
        return [self[name] for pair in EVIDENCE_FIELDS[1 : max(3, max(used, default=0) + 1)] for name in pair]

    @property
    def last_fields(self):
        first = [field.name for field in self.first_fields]
        return [field for field in self.visible_fields() if field.name not in [*first, "files", *EVIDENCE_NAMES]]

    @property
    def more_evidence_in_use(self):
        return any(field.value() or field.errors for field in self.more_evidence)

    def clean(self):
        super().clean()
        if self.cleaned_data.get("hides_next_step") and self.cleaned_data.get("status") == Status.ATTAINED:
            self.cleaned_data |= {"next_step": "", "expected_on": None}
        given = [[self.cleaned_data.get(name, "") for name in pair] for pair in EVIDENCE_FIELDS]
        pieces = [Evidence(title, link).cleaned() for link, title in given]
        self.instance.evidence = (*pieces, *self.attach_files())

    def attach_files(self):
        """Return the pieces of evidence that are files, and show them as attached from now on: they are stored."""
        pieces, problems = self.cleaned_data.get("files", ([], []))
        if pieces or self.files:
            set_data(self, attached_data(pieces))
            self.files = {}
        for problem in problems:
            self.add_error("files", problem)
        return pieces

    def refuse_carried_evidence(self, corrected):
        """Empty the evidence of a wrong “attained” where it came along without a word, and ask to look at it once."""
        carried = {name: text for name, text in evidence_fields(corrected.evidence).items() if text}
        is_unchanged = all(self.cleaned_data.get(name) == normalise(text) for name, text in carried.items())
        files = {piece.file for piece in corrected.evidence if piece.file}
        attached = {piece.file for piece in self.cleaned_data.get("files", ([], []))[0]}
        is_unchanged = is_unchanged and files == attached
        is_still_attained = self.cleaned_data.get("status") == Status.ATTAINED

        has_carried = bool(carried or files)
        if corrected.status == Status.ATTAINED and has_carried and is_unchanged and not is_still_attained:
            emptied = {self.add_prefix(name): "" for name in (*carried, "carries_evidence")}
            set_data(self, emptied | {self.add_prefix("files-token"): []})
            self.cleaned_data["files"] = ([], [])
            text = _(
                "You changed the status from “attained”, so its evidence was removed. Enter it again if it also fits"
                " the new status."
            )
            self.add_error("evidence_link", text)

    @property
    def report(self):
        """Return what is reported, by the names that `Deliverable.record` takes."""
        fields = {name: self.cleaned_data[name] for name in REPORT_FIELDS if name in self.cleaned_data}
        return fields | {"evidence": tuple(filter(None, self.instance.evidence))}

    def full_clean(self):
        super().full_clean()
        # Report one problem at a time: where a link or note is invalid, do not also say that evidence is missing.
        if "note" in self.errors and not self.data.get("evidence_link"):
            self.errors.pop("evidence_link", None)
        elif "evidence_link" in self.errors and "files" in self.errors:
            del self.errors["evidence_link"]
        elif "evidence_link" in self.errors:
            del self.errors["evidence_link"].data[1:]


def link_field(number):
    return forms.URLField(
        label=_("Evidence link") if number == 1 else format_lazy(_("Link of evidence {number}"), number=number),
        required=False,
        assume_scheme="https",
        max_length=1000,
        error_messages={"invalid": INVALID_WEB_ADDRESS},
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )


def title_field(number):
    return forms.CharField(
        label=_("Evidence title") if number == 1 else format_lazy(_("Title of evidence {number}"), number=number),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": _("Such as “Board minutes, May 2020”")}),
    )


def evidence_fields(evidence):
    """Return the values of the form's evidence fields for pieces of evidence without a file."""
    pairs = zip(EVIDENCE_FIELDS, (piece for piece in evidence if not piece.file), strict=False)
    return {name: text for names, piece in pairs for name, text in zip(names, (piece.link, piece.title), strict=True)}


class StatusForm(StatusFieldsForm):
    """The form that records a status on one deliverable. `seen` is that of `Deliverable.record`."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    corrects = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, files=None, *, deliverable, status=None, correcting=None, auto_id="id_%s"):
        """Create a form whose first values are the `status`, if given, and those of the update `correcting`."""
        initial = {}
        if data is None:
            chosen = {"status": status} if status else {}
            first = initial_for_correction(correcting) or initial_for_update(deliverable)
            initial = first | chosen | {"seen": deliverable.seen}
        super().__init__(data, files, deliverable=deliverable, initial=initial, auto_id=auto_id)

    def clean_corrects(self):
        """Return the update of this deliverable that is to be corrected, or None."""
        sequence = self.cleaned_data["corrects"]
        if sequence is None:
            return None

        corrected = self.instance.deliverable.updates.filter(sequence=sequence).first()
        if corrected is None:
            raise forms.ValidationError(_("Entry %d does not belong to this deliverable.") % sequence)
        return corrected

    def clean(self):
        corrected = self.cleaned_data.get("corrects")
        if self.cleaned_data.get("carries_evidence") and corrected:
            self.refuse_carried_evidence(corrected)
        if self.cleaned_data.get("status") == Status.ATTAINED:
            self.leave_behind(PLANNED_FIELDS, corrected)
        elif self.cleaned_data.get("status") == Status.IN_PROGRESS:
            self.leave_behind(["reason"], corrected)
        super().clean()

    @property
    def report(self):
        return super().report | {name: self.cleaned_data[name] for name in ("seen", "corrects")}

    def leave_behind(self, names, corrected):
        """Empty fields that the chosen status does not take, where the form had filled them in."""
        if not any(self.cleaned_data.get(name) for name in names):
            return
        current = self.instance.deliverable.updates.in_effect_on(None).first()
        former = [update for update in (current, corrected) if update]
        for name in names:
            if self.cleaned_data.get(name) in [getattr(update, name) for update in former]:
                self.cleaned_data[name] = None if name == "expected_on" else ""

    @property
    def evidence_for(self):
        """Return the status that the evidence in the form came along with, where another one leaves it behind."""
        is_carried = self.initial.get("carries_evidence") and self.initial.get("status") == Status.ATTAINED
        return Status.ATTAINED.value if is_carried else ""

    def renew(self):
        """Prepare the form to be sent again after a conflict: the same entries, with the current `seen`."""
        if self.cleaned_data["corrects"] and self.cleaned_data["corrects"].is_corrected:
            set_data(self, {"corrects": ""})  # somebody else has corrected it already
        set_data(self, {"seen": self.instance.deliverable.last_sequence})


def initial_for_update(deliverable):
    """Return the initial values of a form for a new update: the status, what is planned and how many, as known.

    The note and the evidence are those of one report, so they are not repeated.
    """
    current = next((update for update in deliverable.history if not update.is_corrected), None)
    today = timezone.localdate()
    known = {name: getattr(current, name) for name in ("status", "reason", *PLANNED_FIELDS)} if current else {}
    if current and current.expected_on and current.expected_on < today:
        known["expected_on"] = None  # it has passed: whoever reports knows a new one, or none
    return known | {"effective_on": today, "achieved": deliverable.achieved}


def initial_for_correction(update):
    """Return the initial values of a form that corrects an update, or no values for None."""
    if update is None:
        return {}
    fields = {field: getattr(update, field) for field in REPORT_FIELDS} | evidence_fields(update.evidence)
    fields |= {"files": [piece for piece in update.evidence if piece.file]}
    return fields | {"corrects": update.sequence, "carries_evidence": True}


class ConfirmForm(forms.Form):
    """The form of the button that confirms a status."""

    seen = forms.IntegerField(min_value=1)
