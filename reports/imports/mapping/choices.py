"""What a person chooses about an uploaded file: guessed first, then confirmed or corrected on one page."""

from dataclasses import asdict, dataclass, field, fields
from functools import cache, cached_property

from django.db import models
from django.utils.translation import gettext_lazy as _

from deliverables.status import Status
from plans.codes import Code
from plans.translations import labels_in_all_languages
from reports.imports.mapping import numbering, status_words, stratml_table, tables
from reports.imports.mapping.cells import whole_number
from reports.imports.mapping.dates import orders_of
from reports.imports.mapping.heads import (
    HEADING,
    LEAVE_OUT,
    ORIGIN_FIELDS,
    SHEET,
    STRATML,
    guess_fields,
    known_cells,
    own_name,
)
from reports.imports.mapping.known_texts import leave_out_unknown
from reports.imports.preview import is_withdrawn

DATE_FIELDS = ("due_on", "effective_on", "expected_on")
NUMBERS = ("target", "achieved")
MAX_WORDS = 60  # of a column of statuses: one with more is none


class Content(models.TextChoices):
    """What of a file is imported."""

    ALL = "all", _("The plan and the statuses")
    PLAN = "plan", _("The plan only: lines, measures, deliverables, dates")
    STATUSES = "statuses", _("The statuses only")


@dataclass
class Choices:
    """How a file becomes parts of a plan and statuses. It is stored as JSON.

    `fields` says what each column becomes, `statuses` what each word for a status means, by the word in lower case.
    `line_from` names what gives the action lines where no column does; `effective_on` is the date (ISO 8601) and `note`
    the note of statuses that have none of their own.
    """

    sheets: list[str] = field(default_factory=list)
    head_row: int | None = None
    encoding: str = ""
    fields: list[str] = field(default_factory=list)
    line_from: str = ""
    codes: str = numbering.FILE
    content: str = Content.ALL.value
    statuses: dict[str, str] = field(default_factory=dict)
    month_first: bool = False
    effective_on: str = ""
    note: str = ""
    objectives: str = stratml_table.MEASURES
    has_headings: bool = True
    is_remembered: bool = False

    def as_json(self):
        return asdict(self)

    @classmethod
    def from_json(cls, stored):
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


# What is offered again for a table with the same heads. The date and the note belong to one file, and what objectives
# are to one plan: all StratML files have the same heads.
REMEMBERED = ("fields", "line_from", "codes", "content", "statuses", "month_first")


@dataclass
class Reading:
    """A file, the choices about it, and the table that they give."""

    source: object
    choices: Choices

    @cached_property
    def all_rows(self):
        """Return the `Table` of the chosen sheets, with totals and headings. Raise `OtherColumns`."""
        source = self.source
        if source.kind == "stratml":
            source = stratml_table.arranged(source, self.choices.objectives)
        return tables.read_sheets(source, self.choices.sheets, self.choices.head_row)

    @cached_property
    def table(self):
        """Return the `Table` of the chosen sheets, without totals and headings."""
        has_headings = self.choices.has_headings
        return tables.without_totals_and_headings(self.all_rows, self.padded_fields, has_headings=has_headings)

    @property
    def padded_fields(self):
        """Return the field of each column of the table."""
        return (self.choices.fields + [LEAVE_OUT] * len(self.all_rows.heads))[: len(self.all_rows.heads)]

    @property
    def is_ours(self):
        """Return whether the tracker made the file: it says the day or the history that it is from."""
        return bool(set(ORIGIN_FIELDS) & set(self.choices.fields))

    @property
    def hidden_columns(self):
        """Return the places of the columns that are hidden in a sheet."""
        hidden = {sheet.name: set(map(tables.letter, sheet.hidden_columns)) for sheet in self.source.sheets}
        letters = self.table.letters.items()
        return sorted({place for name, each in letters for place, letter in enumerate(each) if letter in hidden[name]})

    @property
    def titles_alone(self):
        """Return the texts of rows that hold a title alone, and so may be headings."""
        without = tables.without_totals_and_headings(self.all_rows, self.padded_fields, has_headings=True).headings
        others = tables.without_totals_and_headings(self.all_rows, self.padded_fields, has_headings=False).headings
        return [text for row, text in without if (row, text) not in others]

    def has_no_status(self, word):
        """Return whether a text is what our own files have for a deliverable without a status, or withdrawn."""
        return word.lower() in texts_of(Status.NO_STATUS) or (self.is_ours and is_withdrawn(word))

    def places(self, field):
        return [place for place, each in enumerate(self.choices.fields) if each == field]

    @property
    def words(self):
        """Return (word, rows) for each word for a status, without those that our files have for no status."""
        places = self.places("status")
        return [pair for pair in self.table.words(places[0]) if not self.has_no_status(pair[0])] if places else []

    @property
    def has_too_many_words(self):
        """Return whether the column of the status has more different texts than a status has."""
        return len(self.words) > MAX_WORDS

    @property
    def has_other_words(self):
        """Return whether a word for a status is none of the tracker's own, or lacks the reason that it needs."""
        words = {word.lower() for word, _rows in self.words}
        needs_reason = words & texts_of(Status.NOT_DEVELOPED) and "reason" not in self.choices.fields
        return bool(needs_reason or words - set().union(*map(texts_of, Status.recordable())))

    @property
    def has_statuses(self):
        """Return whether a column becomes the status, and says anything."""
        return any(self.table.columns[place] for place in self.places("status"))

    @property
    def orders(self):
        """Return the orders that the dates of the file can have: see `orders_of`."""
        places = [place for name in DATE_FIELDS for place in self.places(name)]
        return orders_of([text for place in places for text in self.table.columns[place]])

    @property
    def is_order_unknown(self):
        return len(self.orders) > 1

    @property
    def needs_date(self):
        """Return whether a status has no date of its own."""
        places = self.places("effective_on")
        return self.has_statuses and not (places and len(self.table.columns[places[0]]) == len(self.table.rows))

    @property
    def names_deliverables(self):
        """Return whether a column says which deliverable a row is about, or how a new one is called."""
        fields = self.choices.fields
        return "title" in fields or ("code" in fields and self.choices.content == Content.STATUSES)

    @property
    def contradiction(self):
        """Return what is wrong with the codes of the file as a sentence, empty for nothing: see `numbering`."""
        lines = [dict(zip(self.choices.fields, cells, strict=False)) for _row, cells in self.table.rows]
        return numbering.contradiction(lines)

    @property
    def is_certain(self):
        """Return whether nothing is to be asked: the file is one of ours, or a template, or like them."""
        heads = all(
            own_name(head) or not texts for head, texts in zip(self.table.heads, self.table.columns, strict=True)
        )
        others = len([sheet for sheet in self.source.sheets if sheet.rows and not sheet.is_hidden]) > 1
        ours = self.choices.sheets[0].lower() in own_sheet_names()
        codes = [text for place in self.places("code") for text in self.table.columns[place]]
        is_ours = heads and (ours or not others) and not self.source.encodings and self.source.kind != "stratml"
        return bool(
            is_ours
            and codes
            and len(codes) == len(self.table.rows)
            and all(Code.parse(text) for text in codes)
            and self.choices.codes == numbering.FILE
            and not self.has_other_words
            and not self.is_order_unknown
            and not (self.needs_date and "effective_on" not in self.choices.fields)
        )


@cache
def texts_of(status):
    """Return the texts that our own files have for a status, in lower case."""
    return {status.value, *labels_in_all_languages(status.label)}


@cache
def own_sheet_names():
    return labels_in_all_languages(_("Deliverables"))


def guess(source, plan, remembered_for=None):
    """Return the `Reading` of a file as it is probably meant. `remembered_for` gives earlier choices by the heads."""
    sheets = sheets_to_read(source)
    choices = Choices([sheet.name for sheet in sheets], encoding=source.encoding)
    if sheets:
        choices.head_row = tables.default_head_row(sheets[0])
    if source.kind == "stratml":
        choices.objectives = stratml_table.guess_objectives(source)
    return guess_columns(Reading(source, choices), plan, remembered_for)


def sheets_to_read(source):
    """Return the sheets to read: the one named Deliverables, else the first like a plan, and those with its columns."""
    filled = [sheet for sheet in source.sheets if sheet.rows and not sheet.is_hidden] or source.sheets[:1]
    ours = [sheet for sheet in filled if sheet.name.lower() in own_sheet_names()]
    if ours:
        return ours[:1]
    if not filled:
        return []
    first = max(filled, key=likeness)
    heads = tables.below_heads(first, tables.default_head_row(first)).heads
    return [sheet for sheet in filled if sheet is first or has_heads(sheet, heads)]


def likeness(sheet):
    """Return how much a sheet looks like the table of a plan: by its known heads, then whether it has columns."""
    heads = tables.below_heads(sheet, tables.default_head_row(sheet)).heads
    return known_cells(heads), len(heads) > 1


def has_heads(sheet, heads):
    try:
        return bool(tables.same_heads(sheet, heads))
    except tables.OtherColumns:
        return False


def guess_columns(reading, plan, remembered_for=None):
    """Return the `Reading` with what its columns and words probably mean, for the sheets and heads that are chosen."""
    choices, table = reading.choices, reading.all_rows
    plan_is_empty = not plan.action_lines.exists()
    named = {name for name in table.sheets if not name.isdecimal()}  # years are no action lines
    choices.fields = (
        guess_stratml(table.heads, table.columns)
        if reading.source.kind == "stratml"
        else guess_fields(table.heads, table.columns, needs_title=plan_is_empty, has_lines=len(named) > 1)
    )
    leave_out_unknown(choices.fields, table, plan)

    reading = Reading(reading.source, choices)
    if "status" in choices.fields and reading.has_too_many_words:
        choices.fields[choices.fields.index("status")] = LEAVE_OUT
    choices.content = guess_content(reading, plan)
    choices.line_from = guess_line_from(reading)
    choices.statuses = {word.casefold(): guess_word(word, choices.fields) for word, _rows in reading.words}
    choices.month_first = reading.orders == {"month"}
    choices.codes = guess_codes(reading, plan_is_empty)
    remembered = remembered_for(table.heads) if remembered_for else {}
    if not reading.is_order_unknown:
        remembered = remembered | {"month_first": choices.month_first}  # the file itself says it
    for name, value in remembered.items():
        setattr(choices, name, value if name != "statuses" else choices.statuses | value)
    choices.is_remembered = len(remembered) > 1
    return Reading(reading.source, choices)


def guess_stratml(heads, columns):
    """Return the field of each column of a StratML file. Targets that are no whole numbers are left out."""
    pairs = list(zip(heads, columns, strict=True))
    fields = [STRATML.get(head.lower(), LEAVE_OUT) if texts else LEAVE_OUT for head, texts in pairs]
    numbers = [text for field, (_head, texts) in zip(fields, pairs, strict=True) if field in NUMBERS for text in texts]
    if all(whole_number(text).isdecimal() for text in numbers):
        return fields
    return [LEAVE_OUT if field in (*NUMBERS, "target_unit") else field for field in fields]


def guess_word(word, fields):
    """Return the choice for a word, with a reason where the file has no column for it; empty for an unknown word."""
    choice = status_words.guess_status(word) or ""
    needs_reason = choice == Status.NOT_DEVELOPED.value and "reason" not in fields
    return status_words.NOT_STATED if needs_reason else choice


def guess_content(reading, plan):
    """Return what to import: into a plan that knows none of the deliverables all that there is, else the statuses."""
    if not reading.has_statuses:
        return Content.PLAN.value
    titles = {numbering.key(text) for place in reading.places("title") for text in reading.table.columns[place]}
    has_codes = "code" in reading.choices.fields and plan.action_lines.exists()
    is_known = has_codes or titles & numbering.Numbering(plan).titles.keys()
    return Content.STATUSES.value if is_known else Content.ALL.value


def guess_line_from(reading):
    """Return what names the action lines where no column does: several sheets, or headings between the rows."""
    if "action_line_title" in reading.choices.fields:
        return ""
    if len(set(reading.table.sheets)) > 1:
        return SHEET
    return HEADING if len(reading.table.headings) > 1 else ""


def guess_codes(reading, plan_is_empty):
    """Return where the codes come from. In a new plan, codes that contradict the texts are not used."""
    if "code" not in reading.choices.fields:
        return numbering.ORDER
    return numbering.ORDER if plan_is_empty and reading.contradiction else numbering.FILE
