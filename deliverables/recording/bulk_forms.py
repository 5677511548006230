"""The forms of a bulk update: a grid with a row for each deliverable, above it what goes for all rows."""

from functools import cached_property

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.forms import (
    EVIDENCE_FIELDS,
    EVIDENCE_NAMES,
    StatusFieldsForm,
    evidence_fields,
    initial_for_correction,
)
from deliverables.models import PLANNED_FIELDS
from deliverables.recording.bulk import MAX_ROWS, RowKey, bulk_rows
from deliverables.status import Status
from plans.common.form_fields import TranslatedSelect, add_model_errors

# What goes for all rows. A document's title and link are filled in together: they belong together.
SHARED = (("status",), ("reason",), ("effective_on",), ("note",), EVIDENCE_FIELDS[0][::-1])
SHARED_NAMES = [name for names in SHARED for name in names]
INCOMPLETE = _("The form is incomplete. Select the deliverables in the list again.")


class RowForm(StatusFieldsForm):
    """The report on one deliverable of the grid. A row in which nothing was entered is left alone.

    What the grid does not show, such as files and the next step, stays as it is in the current entry, or in the one to
    correct. The same status again confirms the current entry, with its evidence or reason, as the button in the list.
    """

    evidence_pairs = EVIDENCE_FIELDS[:1]
    takes_files = False
    field_order = ["status", "reason", "effective_on", "achieved", "note", *EVIDENCE_FIELDS[0][::-1]]

    class Meta(StatusFieldsForm.Meta):
        labels = StatusFieldsForm.Meta.labels | {"effective_on": _("Since"), "reason": _("Reason")}
        widgets = StatusFieldsForm.Meta.widgets | {
            "status": TranslatedSelect,
            "reason": TranslatedSelect,
            "note": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, data, *, row, shared):
        """`shared` has what goes for all rows, by name: only what was entered."""
        self.row, self.shared, code = row, shared, str(row.deliverable.code)
        initial, options = initial_for_correction(row.corrected), {"prefix": code, "auto_id": "%s"}
        options |= {"empty_permitted": True, "use_required_attribute": False}
        super().__init__(data, deliverable=row.deliverable, initial=initial, **options)

        for name in (*PLANNED_FIELDS, "hides_next_step"):
            del self.fields[name]
        if row.corrected is None:
            del self.fields["carries_evidence"]
        self.fields["status"].choices = self.status_choices()
        self.fields["status"].error_messages["required"] = _("Choose a status, or empty the other fields of this row.")
        self.fields["status"].required = self.fields["effective_on"].required = False
        for name in SHARED_NAMES:
            self.fields[name].help_text = ""  # what it says would stand in every row

    def status_choices(self):
        """Return the statuses. That of the current entry is its confirmation; nothing chosen leaves the row alone."""
        choices = [(status.value, status.label) for status in Status.recordable()]
        if self.row.corrected:
            return choices
        current = self.row.deliverable.current_status
        confirmed = [(value, _("Confirm: %s") % label if value == current else label) for value, label in choices]
        return [("", _("No change")), *confirmed]

    def has_changed(self):
        """Return whether there is something to record: entered in this row, or for all rows."""
        is_filled = self.shared if self.row.corrected else "status" in self.shared
        return bool(is_filled) or super().has_changed()

    @property
    def is_left_alone(self):
        """Return whether a valid row has nothing to record, or what the entry to correct says already."""
        corrected = self.row.corrected
        return not self.has_changed() or bool(corrected and corrected.is_same_report(self.report))

    def clean(self):
        self.fill_in()
        for name in ("status", "effective_on"):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])
        if self.cleaned_data.get("status") != Status.NOT_DEVELOPED:
            self.cleaned_data["reason"] = ""  # the field is hidden then: what is in it stays there and is not reported

        if self.row.corrected:
            self.carry_from_corrected(self.row.corrected)
        elif self.row.current:
            self.carry_from_current(self.row.current)
        return super().clean()

    def fill_in(self):
        """Take what goes for all rows where this row was left as it is."""
        for names in SHARED:
            if not set(names) & set(self.changed_data):
                self.cleaned_data |= {name: self.shared[name] for name in names if name in self.shared}

    def carry_from_corrected(self, corrected):
        """Take what the grid does not show from the entry to correct."""
        self.carry_next_step(corrected)
        if self.cleaned_data.get("carries_evidence"):
            texts, files = evidence_fields(corrected.evidence), [piece for piece in corrected.evidence if piece.file]
            self.cleaned_data |= {name: texts.get(name, "") for name in EVIDENCE_NAMES[2:]} | {"files": (files, [])}
            self.refuse_carried_evidence(corrected)

    def carry_from_current(self, current):
        """Take the next step from the current entry, and where this row confirms it, all that was left empty."""
        day = self.cleaned_data.get("effective_on")
        if day is None or day < current.effective_on:
            return

        self.carry_next_step(current)
        if self.cleaned_data.get("status") != current.status:
            return
        confirmed = current.confirmation_on(day)
        evidence = confirmed.pop("evidence")
        is_empty = {name: self.cleaned_data.get(name) in (None, "") for name in confirmed}  # 0 is a number, too
        self.cleaned_data |= {name: text for name, text in confirmed.items() if is_empty[name]}
        if not any(self.cleaned_data.get(name) for name in EVIDENCE_NAMES):
            files = [piece for piece in evidence if piece.file]
            self.cleaned_data |= evidence_fields(evidence) | {"files": (files, [])}

    def carry_next_step(self, update):
        """Take the next step from an update, unless this row is attained, and its day, unless that has passed."""
        day, is_attained = self.cleaned_data.get("effective_on"), self.cleaned_data.get("status") == Status.ATTAINED
        expected_on = update.expected_on if update.expected_on and day and update.expected_on >= day else None
        planned = {"next_step": update.next_step, "expected_on": expected_on}
        self.cleaned_data |= {"next_step": "", "expected_on": None} if is_attained else planned

    def attach_files(self):
        """Return the files that came along: the grid takes no others."""
        return self.cleaned_data.get("files", ([], []))[0]

    @property
    def unshown_evidence(self):
        """Return the evidence of the entry to correct that the grid does not show, and that comes along."""
        evidence = self.row.corrected.evidence if self.row.corrected and self["carries_evidence"].value() else ()
        without_file = [piece for piece in evidence if not piece.file]
        return [*without_file[1:], *(piece for piece in evidence if piece.file)]


class SharedForm(forms.Form):
    """What goes for all rows: it fills in what a row leaves empty. In corrections, what a row leaves as it was."""

    def __init__(self, data, *, row, is_correcting):
        initial = {} if is_correcting else {"effective_on": timezone.localdate()}
        super().__init__(data, prefix="all", auto_id="%s", initial=initial, label_suffix="")
        fields = RowForm(None, row=row, shared={}).fields
        self.fields |= {name: fields[name] for name in SHARED_NAMES}
        self.fields["status"].choices = [("", "–"), *((each.value, each.label) for each in Status.recordable())]
        for field in self.fields.values():
            field.required = False

    @property
    def filled(self):
        """Return what was entered and is valid, by name."""
        if not self.is_bound:
            return {}
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}


class GridForm(forms.Form):
    """The hidden field of the grid: a `RowKey` for each row."""

    rows = forms.CharField(max_length=10_000, error_messages={"required": INCOMPLETE})

    def clean_rows(self):
        """Return a `RowKey` for each row, by code."""
        text = self.cleaned_data["rows"]
        keys = RowKey.parse_all(text)
        if not len(text.split()) == len(keys) <= MAX_ROWS:  # a key was none, or a code came twice
            raise forms.ValidationError(INCOMPLETE)
        return keys


class BulkGrid:
    """The grid of a bulk update: its rows with their forms, and what goes for all of them.

    `keys` has a `RowKey` for each row by code, `data` what was sent or typed earlier. Of the latter, only the rows
    `typed` are shown, by default all.
    """

    def __init__(self, plan, keys, data=None, *, typed=None):
        rows = bulk_rows(plan, keys, with_withdrawn=data is not None)
        self.plan, self.errors, self.left_out, rows = plan, [], len(rows[MAX_ROWS:]), rows[:MAX_ROWS]
        self.is_correcting = any(row.corrected for row in rows)
        self.shared = SharedForm(data, row=rows[0], is_correcting=self.is_correcting) if rows else None
        shared = self.shared.filled if rows else {}
        typed = keys if typed is None else typed
        self.forms = [RowForm(data if row.deliverable.code in typed else None, row=row, shared=shared) for row in rows]
        if not all(self.has_row(code, key) for code, key in keys.items()) and not self.left_out:
            self.errors.append(INCOMPLETE)

    def has_row(self, code, key):
        """Return whether there is a row for a key, with the entry that it corrects."""
        row = next((form.row for form in self.forms if form.row.deliverable.code == code), None)
        return row is not None and (key.corrects is None or row.corrected is not None)

    @property
    def rows_text(self):
        """Return the keys of all rows, as `RowKey.parse_all` reads them."""
        return " ".join(str(form.row) for form in self.forms)

    def is_valid(self):
        """Return whether all rows are, and there is something to record. Every error stands where it can be mended."""
        for form in self.forms:
            if not form.is_valid():
                self.move_error_of_shared_day(form)
        are_valid = not self.errors and not self.forms_with_errors and self.shared.is_valid()

        if are_valid and not self.to_record:
            self.errors.append(_("There is nothing to record. Choose a status in at least one row."))
        return are_valid and bool(self.to_record)

    def move_error_of_shared_day(self, form):
        """Show what is wrong with the day for all rows there, once, and not in each row that it fills in."""
        if "effective_on" in form.errors and "effective_on" not in form.changed_data:
            error = form.errors.pop("effective_on")
            if "effective_on" not in self.shared.errors:
                self.shared.add_error("effective_on", error.as_data())

    @cached_property
    def to_record(self):
        """Return the forms of the valid rows that have something to record."""
        return [form for form in self.forms if not form.is_left_alone]

    @property
    def reports(self):
        """Return the row and the report of each row that has something to record, as `record_bulk` takes them."""
        return [(form.row, form.report | {"corrects": form.row.corrected}) for form in self.to_record]

    @property
    def forms_with_errors(self):
        return [form for form in self.forms if form.errors]

    def add_errors(self, errors):
        """Add the `ValidationError` of rows, by code."""
        for form in self.forms:
            if error := errors.get(form.row.deliverable.code):
                add_model_errors(form, error)
