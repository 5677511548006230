"""The forms of an import: the upload, and the choices about its columns and words."""

import hashlib
from dataclasses import replace
from functools import partial

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import Truncator, format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from deliverables.status import Reason, Status
from plans.common import upload_limits
from plans.common.dates import NOT_A_DATE
from plans.common.form_fields import DateInput
from reports.imports.files.encodings import ENCODING_NAMES
from reports.imports.mapping import numbering, stratml_table, tables
from reports.imports.mapping.choices import Content, Reading, guess_columns, guess_content, guess_word
from reports.imports.mapping.heads import CHOICES, HEAD_ROWS, HEADING, LEAVE_OUT, MANY, ORIGIN_FIELDS, SHEET
from reports.imports.mapping.lines import unproven
from reports.imports.mapping.outline import is_outline
from reports.imports.mapping.status_words import NO_STATUS
from reports.imports.models import ColumnMapping
from reports.imports.preview import row_list

NO_HEADS = "none"
PLAN_FIELDS = list(CHOICES)[: list(CHOICES).index("status")]


class ImportForm(forms.Form):
    """The upload of a file."""

    file = forms.FileField(
        label=_("File"),
        help_text=format_lazy(
            _(
                "A table as XLSX, XLS, ODS or CSV, or a StratML plan as XML; at most {megabytes} MB."
                " You will see all changes before you apply them."
            ),
            megabytes=upload_limits.megabytes(upload_limits.IMPORT),
        ),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty. Choose another.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.xls,.ods,.csv,.txt,.tsv,.xml,.stratml"


class ShapeForm(forms.Form):
    """Where the table is in its file: its sheets, the row with the column names, its encoding."""

    def __init__(self, *args, reading, samples=None, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.reading, source, choices = reading, reading.source, reading.choices
        named = [sheet for sheet in source.sheets if sheet.rows]
        if source.encodings:
            self.fields["encoding"] = encoding_field(source.encodings, samples or {}, choices.encoding)
        if len(named) > 1:
            self.fields["sheets"] = sheets_field(named, choices.sheets)
        if source.kind == "stratml":
            self.fields["objectives"] = objectives_field(choices.objectives)
        else:
            self.fields["head_row"] = head_row_field(source, choices)

    @property
    def is_asked(self):
        """Return whether only a person can know: the encoding, or what the objectives are."""
        return bool({"encoding", "objectives"} & self.fields.keys())

    @property
    def chosen(self):
        """Return the valid values by the names of `Choices`."""
        values = dict(self.cleaned_data)
        if "head_row" in values:
            values["head_row"] = None if values["head_row"] == NO_HEADS else int(values["head_row"])
        return values

    @property
    def is_changed(self):
        """Return whether the table is another one now, whose columns nobody has chosen yet."""
        return any(getattr(self.reading.choices, name) != value for name, value in self.chosen.items())


def encoding_field(encodings, samples, chosen):
    """Return the choice of the encoding of a CSV, each with a line of the file as it reads in it."""
    lines = {code: " · ".join(filter(None, rows[0])) if rows else "" for code, rows in samples.items()}
    choices = [(code, f"{lines.get(code, '')} ({ENCODING_NAMES.get(code, code)})") for code in encodings]
    return forms.ChoiceField(
        label=_("Which line reads well?"),
        help_text=_("The file does not say how it writes its letters."),
        choices=choices,
        initial=chosen,
        widget=forms.RadioSelect,
    )


def sheets_field(sheets, chosen):
    return forms.MultipleChoiceField(
        label=_("Sheets"),
        help_text=_("Several can be read together if they have the same columns."),
        choices=[(sheet.name, sheet.name) for sheet in sheets],
        initial=chosen,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one sheet.")},
    )


def objectives_field(chosen):
    return forms.ChoiceField(
        label=_("The objectives of the file become"),
        choices=[
            (stratml_table.MEASURES, _("measures; their indicators become deliverables")),
            (stratml_table.DELIVERABLES, _("deliverables; their first indicator gives the target")),
        ],
        initial=chosen,
        widget=forms.RadioSelect,
    )


def head_row_field(source, choices):
    """Return the choice of the row with the column names, among the first rows of the first sheet."""
    sheet = next(sheet for sheet in source.sheets if sheet.name in choices.sheets)
    rows = [(str(number), " · ".join(filter(None, cells))) for number, cells in sheet.rows[:HEAD_ROWS]]
    labels = [(number, f"{number}: {Truncator(' '.join(text.split())).chars(90)}") for number, text in rows]
    return forms.ChoiceField(
        label=_("Row with the column names"),
        choices=[*labels, (NO_HEADS, _("None: the first row is a deliverable already"))],
        initial=NO_HEADS if choices.head_row is None else str(choices.head_row),
    )


class ColumnsForm(forms.Form):
    """What each column and each word for a status becomes, and what the file does not say."""

    def __init__(self, *args, reading, plan, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.reading, self.plan = reading, plan
        self.fields |= {f"column_{place}": self.column_field(place) for place in range(len(reading.table.heads))}
        self.asked = [] if reading.has_too_many_words else reading.words
        self.fields |= {word_name(word): self.word_field(word) for word, _rows in self.asked}
        self.fields |= self.other_fields()

    def column_field(self, place):
        field = self.reading.choices.fields[place]
        origin = [(name, label) for name, label in ORIGIN_FIELDS.items() if name == field]
        choices = [
            (LEAVE_OUT, _("Leave out")),
            *origin,
            (_("The plan"), [(name, CHOICES[name]) for name in PLAN_FIELDS]),
            (_("The status"), [(name, label) for name, label in CHOICES.items() if name not in PLAN_FIELDS]),
        ]
        head = self.reading.table.heads[place] or tables.letter(place)
        return forms.ChoiceField(label=head, choices=choices, required=False, initial=field)

    def word_field(self, word):
        """Return the choice for a word for a status. A reason goes along where the file has no column of reasons."""
        not_developed = Status.NOT_DEVELOPED
        reasons = [(f"{not_developed.value}:{each.value}", f"{not_developed.label}: {each.label}") for each in Reason]
        if "reason" in self.reading.choices.fields:
            reasons.insert(0, (not_developed.value, _("Not developed, with the reason in its column")))
        choices = [
            ("", _("Choose …")),
            (Status.ATTAINED.value, Status.ATTAINED.label),
            (Status.IN_PROGRESS.value, Status.IN_PROGRESS.label),
            *reasons,
            (NO_STATUS, _("No status: report nothing")),
        ]
        initial = self.reading.choices.statuses.get(word.casefold()) or guess_word(word, self.reading.choices.fields)
        return forms.ChoiceField(label=word, choices=choices, initial=initial, required=False)

    def other_fields(self):
        reading, choices, fields = self.reading, self.reading.choices, {}
        if reading.has_statuses:
            fields["content"] = radio(_("Import"), Content.choices, choices.content)
        if titles := reading.titles_alone:
            fields["headings"] = radio(_("Rows with a title alone"), HEADINGS, "yes" if choices.has_headings else "no")
            fields["headings"].help_text = row_list([title[:80] for title in titles])
        if reading.is_order_unknown:
            orders = [("", _("Day first: 3/4/2019 is 3 April")), ("month", _("Month first: 3/4/2019 is 4 March"))]
            fields["order"] = radio(_("Dates such as 3/4/2019"), orders, "month" if choices.month_first else "")
            fields["order"].required = False
        if "code" in choices.fields:
            fields["codes"] = radio(_("Codes"), CODES, choices.codes)
            fields["codes"].help_text = reading.contradiction
        has_lines = "action_line_title" in choices.fields or is_outline(reading)
        if not has_lines and choices.content != Content.STATUSES:
            fields["line_from"] = self.line_field()
        if reading.needs_date:
            fields["effective_on"] = forms.DateField(
                label=_("Date of statuses without their own"),
                initial=choices.effective_on or min(timezone.localdate(), self.plan.ends_on),
                widget=DateInput(),
                error_messages={"required": _("Enter a date."), "invalid": NOT_A_DATE},
            )
        if reading.has_statuses:
            fields["note"] = forms.CharField(
                label=_("Note of statuses without their own"),
                help_text=needs_evidence(unproven(reading)),
                required=False,
                max_length=500,
                initial=choices.note,
            )
        return fields

    def line_field(self):
        choices = [("", format_lazy(_("One for all: {plan}"), plan=self.plan.name))]
        if len(set(self.reading.table.sheets)) > 1:
            choices.append((SHEET, _("The name of the sheet")))
        if self.reading.table.headings:
            choices.append((HEADING, _("The heading above the rows")))
        field = radio(_("Action line"), choices, self.reading.choices.line_from)
        field.required = False
        return field

    @cached_property
    def columns(self):
        """Return (letter, head, examples, field) for each column that holds something."""
        table = self.reading.table
        return [
            (tables.letter(place), head, table.examples(place), self[f"column_{place}"])
            for place, head in enumerate(table.heads)
            if head or table.columns[place]
        ]

    @cached_property
    def words(self):
        """Return (word, rows, field) for each word for a status."""
        return [(word, rows, self[word_name(word)]) for word, rows in self.asked]

    @cached_property
    def others(self):
        return [field for field in self if not field.name.startswith(("column_", "word_"))]

    def clean(self):
        fields = self.chosen_fields
        for name in dict.fromkeys(fields):
            if name and name not in MANY and fields.count(name) > 1:
                places = [place for place, each in enumerate(fields) if each == name]
                text = _("Two columns cannot both become “%s”. Leave one of them out.")
                self.add_error(f"column_{places[1]}", text % CHOICES.get(name, name))
        only_statuses = self.cleaned_data.get("content", Content.PLAN) == Content.STATUSES
        if "title" not in fields and not (only_statuses and "code" in fields):
            self.add_error(None, _("Choose the column that names the deliverables."))
        if self.cleaned_data.get("content", Content.PLAN) != Content.PLAN:
            for word, _rows in self.asked:
                if not self.cleaned_data.get(word_name(word)):
                    self.add_error(word_name(word), _("Choose what “%s” means.") % Truncator(word).chars(60))
        if not self.errors and (chosen := self.chosen).has_too_many_words:
            text = _("This column has %d different texts, which is too many for a status. Choose another field.")
            self.add_error(f"column_{chosen.places('status')[0]}", text % len(chosen.words))
        is_new = not self.plan.action_lines.exists()  # otherwise the rows may be there already, as they are
        if is_new and not self.errors and not self.cleaned_data.get("note") and (number := unproven(self.chosen)):
            self.add_error("note", needs_evidence(number))

    @property
    def chosen_fields(self):
        return [self.cleaned_data.get(f"column_{place}", "") for place in range(len(self.reading.table.heads))]

    @property
    def chosen(self):
        """Return the `Reading` with the valid choices of this form."""
        values, choices = self.cleaned_data, self.reading.choices
        words = {word.casefold(): values.get(word_name(word), "") for word, _rows in self.asked}
        changed = replace(choices, fields=self.chosen_fields, statuses=choices.statuses | words)
        for name in ("content", "codes", "line_from", "note"):
            setattr(changed, name, values.get(name, getattr(choices, name)))
        changed.has_headings = values["headings"] == "yes" if "headings" in values else choices.has_headings
        changed.month_first = values["order"] == "month" if "order" in values else choices.month_first
        if values.get("effective_on"):
            changed.effective_on = values["effective_on"].isoformat()
        reading = Reading(self.reading.source, changed)
        if "content" not in self.fields or not reading.has_statuses:  # nobody was asked, or there is nothing to ask
            changed.content = guess_content(reading, self.plan)
        return reading


HEADINGS = [("yes", _("They are headings")), ("no", _("They are deliverables"))]
CODES = [
    (numbering.FILE, _("Those of the file")),
    (numbering.ORDER, _("New ones, in the order of the file. What is in the plan already keeps its code.")),
]


def needs_evidence(number):
    """Return what so many attained rows without evidence need, or what any would."""
    if not number:
        return _("“Attained” needs evidence, or a note that says in a sentence where it can be seen.")
    text = ngettext(
        "One row is “attained” without evidence. Say here in a sentence where it can be seen.",
        "%(number)d rows are “attained” without evidence. Say here in a sentence where it can be seen.",
        number,
    )
    return text % {"number": number}


def radio(label, choices, initial):
    return forms.ChoiceField(label=label, choices=choices, initial=initial, widget=forms.RadioSelect)


def word_name(word):
    """Return the name of the field of a word."""
    return "word_" + hashlib.sha256(word.casefold().encode()).hexdigest()[:12]


def reshaped(reading, chosen, plan):
    """Return the `Reading` of the table that a `ShapeForm` chose, its columns guessed anew."""
    choices = replace(reading.choices, **chosen)
    if choices.sheets[:1] != reading.choices.sheets[:1]:  # the rows to choose from were those of another sheet
        first = next(sheet for sheet in reading.source.sheets if sheet.name in choices.sheets)
        choices.head_row = tables.default_head_row(first)
    return guess_columns(Reading(reading.source, choices), plan, partial(ColumnMapping.find, plan))
