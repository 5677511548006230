"""The summary of a plan as of a date, built once. Every page and every file only formats it."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliverables.counts import Counts
from deliverables.models import Amendment, Deliverable, StatusUpdate
from deliverables.status import Reason, Status
from plans.codes import Code
from plans.models import Measure, Plan, SustainableDevelopmentGoal, Theme
from plans.translations import ENGLISH


@dataclass(frozen=True)
class Row:
    """A deliverable as it stands, with the statement of its measure. Without a report there is no date and no text."""

    code: Code
    title: str
    statement: str
    status: Status
    effective_on: date | None = None
    reason: Reason | None = None
    note: str = ""
    evidence_title: str = ""
    evidence_link: str = ""
    due_on: date | None = None
    line_title: str = ""
    themes: tuple[str, ...] = ()
    withdrawn_on: date | None = None

    def translated(self, texts):
        """The same row in other `Words`."""
        return replace(
            self,
            title=texts.get(self.title),
            statement=texts.get(self.statement),
            line_title=texts.get(self.line_title),
            themes=tuple(texts.get(theme) for theme in self.themes),
        )

    @property
    def language(self):
        """The language of its title."""
        return getattr(self.title, "language", ENGLISH)

    @property
    def has_evidence(self):
        """Whether there is something to look at besides the note."""
        return bool(self.evidence_title or self.evidence_link)


@dataclass(frozen=True)
class MeasureSummary:
    code: Code
    statement: str
    themes: tuple[Theme, ...]
    rows: tuple[Row, ...]
    withdrawn: tuple[Row, ...] = ()

    @cached_property
    def counts(self):
        return Counts.of(row.status for row in self.rows)


@dataclass(frozen=True)
class LineSummary:
    code: Code
    title: str
    measures: tuple[MeasureSummary, ...]

    @cached_property
    def counts(self):
        return Counts.of(row.status for measure in self.measures for row in measure.rows)


@dataclass(frozen=True)
class PlanSummary:
    """A plan's lines, measures and deliverables in natural order, as of a date, in the words of that day.

    What is withdrawn by then is apart, in no figure and in no `rows`. Figures are always those of the whole plan.
    `filters` are the list's filters, by name, that chose `shown_rows`;
    `selection` says the same in words.
    """

    plan: Plan
    as_of: date
    lines: tuple[LineSummary, ...]
    goals: tuple[SustainableDevelopmentGoal, ...]
    filters: dict[str, str]
    selection: str
    shown: frozenset[Code] | None

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
        """The rows that a file lists: all of them unless filters chose some."""
        return tuple(row for measure in self.measures for row in self.shown_of(measure))

    @cached_property
    def withdrawn(self):
        """What a decision took back: visible, counted apart."""
        return tuple(row for measure in self.measures for row in measure.withdrawn)

    @cached_property
    def shown_withdrawn(self):
        """Those of the withdrawn that a file lists."""
        return tuple(row for row in self.withdrawn if self.shown is None or row.code in self.shown)

    @cached_property
    def listed_rows(self):
        """The rows shown and what of the withdrawn is shown, in natural order: what a table of a file holds."""
        return tuple(sorted([*self.shown_rows, *self.shown_withdrawn], key=lambda row: row.code))

    def shown_of(self, measure):
        """Those of a measure's rows that a file lists."""
        return tuple(row for row in measure.rows if self.shown is None or row.code in self.shown)

    @cached_property
    def not_attained(self):
        """What still lies ahead, or was given up: every row that a file lists and that is not attained."""
        return tuple(row for row in self.shown_rows if row.status != Status.ATTAINED)

    @property
    def report_name(self):
        return self.plan.report_name_on(self.as_of)

    @property
    def headline(self):
        return self.plan.headline_for(self.counts.total)

    @property
    def localized_headline(self):
        """The same in the language of the page."""
        return self.plan.headline_for(self.counts.total, self.plan.translated_texts())

    @property
    def localized_title(self):
        """Return the plan's title in the language of the page."""
        return self.plan.translated_texts().get(self.plan.title)

    @cached_property
    def texts(self) -> dict[str, str]:
        """What the plan says, in English, each text once, and where it stands: what there is to translate."""
        plan = self.plan
        own = {
            plan.title: _("Title"),
            plan.subtitle: _("Subtitle"),
            plan.headline: _("Headline sentence"),
            plan.goals_introduction: _("Sentence above the goals"),
            plan.acknowledgement: _("Acknowledgement"),
            plan.organisation.full_name: _("Organisation"),
        }
        parts = {line.title: line.code for line in self.lines}
        parts |= {measure.statement: measure.code for measure in self.measures}
        parts |= {row.title: row.code for row in sorted([*self.rows, *self.withdrawn], key=lambda row: row.code)}
        themes = {theme.name: _("Theme") for theme in self.themes}
        return {text: where for text, where in (own | themes | parts).items() if text}

    def untranslated(self, language):
        """Those of its texts that stand in English in a language, for want of a translation."""
        return self.plan.translated_texts(language).missing(self.texts)

    @cached_property
    def themes(self) -> dict[Theme, Counts]:
        """Where the deliverables of each theme stand. One under two themes counts in both."""
        statuses = {}
        for measure in self.measures:
            for theme in measure.themes:
                statuses.setdefault(theme, []).extend(row.status for row in measure.rows)
        return {theme: Counts.of(statuses[theme]) for theme in sorted(statuses, key=lambda theme: theme.name)}


def summarise(plan, as_of=None, *, today, filters=None, selection="", shown=None):
    """The summary of a plan as of a date, or of now where that is None and the date is today's."""
    then = Amendment.objects.wording_on(plan, as_of)
    measures = Measure.objects.filter(added_by(as_of)).prefetch_related("themes").of_plan(plan)
    rows = {}
    for row in rows_of(plan, as_of, then, measures):
        rows.setdefault(row.code.in_measure, []).append(row)
    of_line = {}
    for measure in measures:
        summary = summary_of(measure, rows.get(measure.code, ()), then)
        of_line.setdefault(measure.action_line_id, []).append(summary)
    lines = tuple(
        LineSummary(line.code, then.get(line.code, line.title), tuple(of_line.get(line.pk, ())))
        for line in plan.action_lines.filter(added_by(as_of))
    )
    return PlanSummary(plan, as_of or today, lines, tuple(plan.goals.all()), filters or {}, selection, shown)


def added_by(as_of):
    """What was in the plan on the date `as_of`, or is now."""
    return Q(added_on=None) | Q(added_on__lte=as_of) if as_of else Q()


def summary_of(measure, rows, then):
    return MeasureSummary(
        measure.code,
        then.get(measure.code, measure.statement),
        tuple(measure.themes.all()),
        tuple(row for row in rows if not row.withdrawn_on),
        tuple(row for row in rows if row.withdrawn_on),
    )


def rows_of(plan, as_of, then, measures):
    """Every deliverable there by the day with the update that says how it stands, in natural order. Two queries.

    `then` holds the words of that day where they differ from today's, see `wording_on`.
    """
    deliverables = (
        Deliverable.objects.of_plan(plan.slug)
        .existing_on(as_of)
        .with_withdrawal(as_of)
        .with_update(as_of)
        .grouped_under(measures)
    )
    updates = StatusUpdate.objects.in_bulk([d.update_id for d in deliverables if d.update_id])
    themes = {measure.pk: tuple(theme.name for theme in measure.themes.all()) for measure in measures}
    for deliverable in deliverables:
        code, measure = deliverable.code, deliverable.measure
        yield Row(
            code,
            then.get(code, deliverable.title),
            then.get(code.in_measure, measure.statement),
            due_on=deliverable.due_on,
            line_title=then.get(code.in_line, measure.action_line.title),
            themes=themes[measure.pk],
            withdrawn_on=deliverable.withdrawn_as_of,
            **update_fields(updates.get(deliverable.update_id)),
        )


def update_fields(update):
    """A row's part of an update; of none, that there is no status yet."""
    if update is None:
        return {"status": Status.NO_STATUS}
    return {
        "status": update.status,
        "effective_on": update.effective_on,
        "reason": Reason(update.reason) if update.reason else None,
        "note": update.note,
        "evidence_title": update.evidence_title,
        "evidence_link": update.evidence_link,
    }
