"""The summary of a plan as of a date. Every page and file formats this one object, so their figures cannot differ."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliverables.counts import Counts
from deliverables.models import (
    PLANNED_FIELDS,
    Amendment,
    Deliverable,
    Evidence,
    StatusUpdate,
    Target,
    join_lines,
    load_evidence,
    standings_of,
)
from deliverables.rows import region_names_of
from deliverables.status import Reason, Status
from plans.codes import Code
from plans.common.text import sort_key
from plans.memory import by_structure
from plans.models import Measure, Plan, Region, SustainableDevelopmentGoal, Theme
from plans.translations import ENGLISH


@dataclass(frozen=True)
class Row:
    """A deliverable with its current status and its measure. Without a status update the optional fields are empty.

    `since` is the day on which the status began, `effective_on` the last day for which it was reported.
    """

    code: Code
    title: str
    statement: str
    status: Status
    since: date | None = None
    effective_on: date | None = None
    reason: Reason | None = None
    note: str = ""
    evidence: tuple[Evidence, ...] = ()
    next_step: str = ""
    expected_on: date | None = None
    achieved: int | None = None
    target: Target | None = None
    due_on: date | None = None
    line_title: str = ""
    themes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    withdrawn_on: date | None = None
    measure_name: str = ""
    continues: str = ""

    def translated(self, texts):
        """Return a copy of the row with its texts translated."""
        return replace(
            self,
            title=texts.get(self.title),
            statement=texts.get(self.statement),
            measure_name=texts.get(self.measure_name),
            line_title=texts.get(self.line_title),
            target=self.target and Target(self.target.number, texts.get(self.target.unit)),
            themes=tuple(sort_names(texts.get(theme) for theme in self.themes)),
            regions=tuple(sort_names(texts.get(region) for region in self.regions)),
        )

    @property
    def language(self):
        """Return the language code of the title."""
        return getattr(self.title, "language", ENGLISH)

    @property
    def is_unofficial(self):
        """Return whether a text of the plan in this row is an unofficial translation."""
        texts = [self.title, self.statement, self.line_title, *self.themes, *self.regions]
        return any(getattr(text, "is_unofficial", False) for text in texts)

    @property
    def has_evidence(self):
        """Return whether there is evidence besides the note."""
        return bool(self.evidence)

    @property
    def evidence_titles(self):
        """Return the titles of the evidence, a line for each piece: beside `evidence_links`, a line for each again."""
        return join_lines(piece.title for piece in self.evidence)

    @property
    def evidence_links(self):
        return join_lines(piece.url for piece in self.evidence)


@dataclass(frozen=True)
class MeasureSummary:
    code: Code
    statement: str
    themes: tuple[Theme, ...]
    rows: tuple[Row, ...]
    withdrawn: tuple[Row, ...] = ()
    short_name: str = ""
    short_name_by_tracker: bool = False

    @cached_property
    def counts(self):
        return Counts.of(row.status for row in self.rows)

    @property
    def texts(self):
        """Return the English texts of the plan that its page shows."""
        titles = [row.title for row in (*self.rows, *self.withdrawn)]
        return [self.statement, *(theme.name for theme in self.themes), *titles]


@dataclass(frozen=True)
class LineSummary:
    code: Code
    title: str
    measures: tuple[MeasureSummary, ...]

    @cached_property
    def counts(self):
        return Counts.of(row.status for measure in self.measures for row in measure.rows)

    @property
    def texts(self):
        """Return the English texts of the plan that its page shows."""
        return [self.title, *(text for measure in self.measures for text in measure.texts)]


@dataclass(frozen=True)
class Selection:
    """The deliverables that a file lists, and their order.

    `filters` are those of the list by name, `description` the same as a text. `codes` are those of the list, in its
    order; None for all in natural order.
    """

    filters: dict[str, str] = field(default_factory=dict)
    description: str = ""
    codes: tuple[Code, ...] | None = None

    def __contains__(self, code):
        return self.codes is None or code in self.ranks

    @cached_property
    def ranks(self):
        return {code: rank for rank, code in enumerate(self.codes)}

    def in_order(self, rows):
        """Return those of the rows that are selected, in the order of the list."""
        selected = [row for row in rows if row.code in self]
        return tuple(sorted(selected, key=lambda row: row.code if self.codes is None else self.ranks[row.code]))

    @property
    def is_all(self):
        return not self.filters


@dataclass(frozen=True)
class PlanSummary:
    """A plan's lines, measures and deliverables in natural order, as of a date and with the wording of that day.

    Deliverables withdrawn by that day are in `withdrawn` only, not in `rows` and not in the counts. The counts are
    always those of the whole plan; `selection` decides which rows a file lists.
    """

    plan: Plan
    as_of: date
    lines: tuple[LineSummary, ...]
    goals: tuple[SustainableDevelopmentGoal, ...]
    selection: Selection

    @cached_property
    def measures(self):
        return tuple(measure for line in self.lines for measure in line.measures)

    @cached_property
    def rows(self):
        return tuple(row for measure in self.measures for row in measure.rows)

    @cached_property
    def counts(self):
        return Counts.of(row.status for row in self.rows)

    @cached_property
    def shown_rows(self):
        """Return the rows that a file lists: those of the selection, in its order."""
        return self.selection.in_order(self.rows)

    @cached_property
    def withdrawn(self):
        """Return the rows withdrawn by a decision. They are shown, but not included in the counts."""
        return tuple(row for measure in self.measures for row in measure.withdrawn)

    @cached_property
    def shown_withdrawn(self):
        """Return the withdrawn rows that a file lists."""
        return self.selection.in_order(self.withdrawn)

    @cached_property
    def listed_rows(self):
        """Return all rows that a file lists, withdrawn or not, in the order of the selection."""
        return self.selection.in_order([*self.rows, *self.withdrawn])

    def shown_of(self, measure):
        """Return the rows of a measure that a file lists."""
        return tuple(row for row in measure.rows if row.code in self.selection)

    @cached_property
    def not_attained(self):
        """Return the rows that a file lists and that are not attained."""
        return tuple(row for row in self.shown_rows if row.status != Status.ATTAINED)

    @property
    def has_names_by_tracker(self):
        """Return whether short names of measures come with the tracker, which every form of the summary says once."""
        return any(measure.short_name_by_tracker for measure in self.measures)

    @property
    def report_name(self):
        return self.plan.report_name_on(self.as_of)

    @property
    def headline(self):
        return self.plan.headline_for(self.counts.total)

    @property
    def localized_headline(self):
        """Return the headline in the active language."""
        return self.plan.headline_for(self.counts.total, self.plan.translated_texts())

    @property
    def localized_title(self):
        """Return the plan's title in the active language."""
        return self.plan.translated_texts().get(self.plan.title)

    @cached_property
    def texts(self) -> dict[str, str]:
        """Return every English text of the plan, once each, with a label or code that says where it is used."""
        plan = self.plan
        own = {
            plan.title: _("Title"),
            plan.subtitle: _("Subtitle"),
            plan.headline: _("Headline sentence"),
            plan.goals_introduction: _("Sentence above the goals"),
            plan.acknowledgement: _("Acknowledgement"),
            plan.organisation.full_name: _("Organisation"),
        }
        titles = {line.title: line.code for line in self.lines}
        titles |= {text: measure.code for measure in self.measures for text in (measure.short_name, measure.statement)}
        titles |= {row.title: row.code for row in sorted([*self.rows, *self.withdrawn], key=lambda row: row.code)}
        regions = {name: _("Region") for row in [*self.rows, *self.withdrawn] for name in row.regions}
        titles |= {row.target.unit: row.code for row in [*self.rows, *self.withdrawn] if row.target}
        themes = {theme.name: _("Theme") for theme in self.themes}
        meetings = {meeting.place: _("Place of a meeting") for meeting in plan.meetings}
        meetings |= {meeting.name: _("Meeting") for meeting in plan.meetings}

        return {text: where for text, where in (own | meetings | themes | regions | titles).items() if text}

    def untranslated(self, language):
        """Return the texts that have no translation into this language."""
        return self.plan.translated_texts(language).missing(self.texts) if language != ENGLISH else []

    def unofficial(self, language):
        """Return the texts whose translation into this language the secretariat has not confirmed."""
        texts = self.plan.translated_texts(language)
        return texts.unconfirmed(self.texts) if texts.unofficial else []

    @cached_property
    def themes(self) -> dict[Theme, Counts]:
        """Return the counts of each theme, by name in the active language. A deliverable may count in several."""
        statuses = {}
        for measure in self.measures:
            for theme in measure.themes:
                statuses.setdefault(theme, []).extend(row.status for row in measure.rows)

        texts = self.plan.translated_texts()
        by_name = sorted(statuses, key=lambda theme: (sort_key(texts.get(theme.name)), theme.slug))
        return {theme: Counts.of(statuses[theme]) for theme in by_name}

    @cached_property
    def regions(self) -> dict[Region, Counts]:
        """Return the counts of each region that has deliverables, by name in the active language.

        A deliverable may count in several regions, and in none if it concerns the whole network.
        """
        statuses = {}
        for row in self.rows:
            for name in row.regions:
                statuses.setdefault(name, []).append(row.status)
        if not statuses:
            return {}
        return {region: Counts.of(statuses[region.name]) for region in self.plan.regions if region.name in statuses}

    def of_region(self, region):
        """Return the rows of a region, in natural order."""
        return tuple(row for row in self.rows if region.name in row.regions)


def summarise(plan, as_of=None, *, today, selection=None, with_reports=True):
    """Return the `PlanSummary` of a plan as of a date. Without `as_of` it is the current one, labelled `today`.

    `selection` limits the rows that a file lists. Without `with_reports`, the rows have no note, reason, evidence and
    next step, which saves two queries. The number of queries does not depend on the size of the plan.
    """
    measures, lines = measures_of(plan, as_of), lines_of(plan, as_of)
    rows = {}
    for row in rows_of(plan, as_of, {measure.pk: measure for measure in measures}, with_reports=with_reports):
        rows.setdefault(row.code.in_measure, []).append(row)

    measures_by_line = {}
    for measure in measures:
        summary = measure_summary(measure, rows.get(measure.code, ()))
        measures_by_line.setdefault(measure.code.line, []).append(summary)

    lines = tuple(LineSummary(code, title, tuple(measures_by_line.get(code.line, ()))) for code, title in lines)
    return PlanSummary(plan, as_of or today, lines, goals_of(plan), selection or Selection())


@dataclass(frozen=True)
class PromisedMeasure:
    """A measure with its wording on a day, and what its deliverables share. `theme_names` are in the page's order."""

    pk: int
    code: Code
    statement: str
    line_title: str
    short_name: str
    short_name_by_tracker: bool
    themes: tuple[Theme, ...]
    theme_names: tuple[str, ...]


@by_structure
def measures_of(plan, as_of):
    """Return the `PromisedMeasure` of each measure that exists on a day (None: today), in natural order."""
    wording = Amendment.objects.wording_on(plan, as_of)
    measures = Measure.objects.filter(added_by(as_of)).prefetch_related("themes").of_plan(plan)
    return tuple(
        PromisedMeasure(
            measure.pk,
            measure.code,
            wording.get(measure.code, measure.statement),
            wording.get(measure.code.in_line, measure.action_line.title),
            measure.short_name,
            measure.short_name_by_tracker,
            tuple(sorted(measure.themes.all(), key=lambda theme: sort_key(theme.name, ENGLISH))),
            tuple(sort_names(theme.name for theme in measure.themes.all())),
        )
        for measure in measures
    )


@by_structure
def lines_of(plan, as_of):
    """Return the code of each action line that exists on a day (None: today), with its title on that day."""
    wording = Amendment.objects.wording_on(plan, as_of)
    lines = plan.action_lines.filter(added_by(as_of))
    return tuple((line.code, wording.get(line.code, line.title)) for line in lines)


@by_structure
def goals_of(plan):
    return tuple(plan.goals.all())


def added_by(as_of):
    """Return the condition for parts of the plan added on or before `as_of` (None: now)."""
    return Q(added_on=None) | Q(added_on__lte=as_of) if as_of else Q()


def measure_summary(measure, rows):
    return MeasureSummary(
        measure.code,
        measure.statement,
        measure.themes,
        tuple(row for row in rows if not row.withdrawn_on),
        tuple(row for row in rows if row.withdrawn_on),
        measure.short_name,
        measure.short_name_by_tracker,
    )


def rows_of(plan, as_of, measures, *, with_reports):
    """Yield a `Row` for every deliverable that exists on the day, in natural order. `measures` are those of the day.

    One query, and two more for the reports.
    """
    deliverables = standings_of(plan, as_of)
    reports = reports_of(deliverables) if with_reports else {}
    wording, regions = Amendment.objects.wording_on(plan, as_of), region_names_of(plan)
    references = references_of(plan, deliverables)
    for deliverable in deliverables:
        code, measure = deliverable.code, measures[deliverable.measure_id]
        yield Row(
            code,
            wording.get(code, deliverable.title),
            measure.statement,
            status=deliverable.current_status,
            since=deliverable.current_since,
            effective_on=deliverable.current_status_on,
            due_on=deliverable.due_as_of,
            target=deliverable.target_as_of,
            achieved=deliverable.current_achieved,
            line_title=measure.line_title,
            themes=measure.theme_names,
            regions=regions.get(deliverable.pk, ()),
            withdrawn_on=deliverable.withdrawn_as_of,
            measure_name=measure.short_name,
            continues=references.get(deliverable.continues_id, ""),
            **reports.get(deliverable.update_id, {}),
        )


def reports_of(deliverables):
    """Return what the update that sets each one's status says, as fields of a `Row`, by its id. Two queries."""
    updates = StatusUpdate.objects.in_bulk([each.update_id for each in deliverables if each.update_id])
    load_evidence(updates.values())
    return {pk: update_fields(update) for pk, update in updates.items()}


def references_of(plan, deliverables):
    """Return what names the deliverables of earlier plans that these continue, by id. One query, none without any."""
    return continued_references(plan) if any(each.continues_id for each in deliverables) else {}


@by_structure
def continued_references(plan):
    return {continued.pk: continued.reference for continued in Deliverable.objects.continued_by(plan)}


def sort_names(names):
    """Return names of themes as a dictionary of the active language sorts them, the same on every database."""
    return sorted(names, key=lambda name: sort_key(name))


def update_fields(update):
    """Return the fields of a row that come from its update."""
    values = {name: getattr(update, name) for name in ("note", *PLANNED_FIELDS, "evidence")}
    return values | {"reason": Reason(update.reason) if update.reason else None}
