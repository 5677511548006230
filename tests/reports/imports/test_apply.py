"""Applying a preview: everything at once or nothing, and in nobody's way."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from threading import Event

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from deliverables.models import Decision, Deliverable, Evidence, StatusUpdate
from deliverables.plan_editing.structure import SavePart
from deliverables.verification import verify_amendments, verify_history
from plans.models import ActionLine, Measure, Plan, PlanChanged, Theme, Visibility
from reports.imports.applying import apply, preview_import
from reports.imports.files.source import Sheet, Source
from reports.imports.mapping.choices import guess
from reports.imports.models import Import
from reports.imports.preview import ImportPreview
from reports.imports.status_rows import RecordStatus, validate_report
from tests.builders import NOON, deliverable, new_plan, report

pytestmark = pytest.mark.django_db
DECISION = Decision("Board of Directors, June 2021", date(2021, 6, 1))
BEGUN = {
    "status": "in_progress",
    "effective_on": date(2021, 1, 14),
    "evidence": (Evidence("Minutes", "https://a.org"),),
}
HEADS = ["code", "status", "effective_on", "evidence_link"]


def uploaded(plan, by, *lines):
    """An import of statuses that waits to be applied."""
    imported = Import(plan=plan, file_name="table.csv", by=by)
    rows = [(row, list(cells)) for row, cells in enumerate([HEADS, *lines], start=1)]
    imported.store(guess(Source("csv", [Sheet("", rows)]), plan), NOON)
    return imported


def preview_of(imported):
    plan = Plan.objects.get(pk=imported.plan_id)
    return preview_import(plan, imported.reading)


def apply_preview(imported, preview, *, by, **fields):
    apply(imported, preview, **{"seen": preview.plan.revision, "by": by, "at": NOON} | fields)


def statuses(number):
    return [(f"L1M1D{each}", "in_progress", "2021-01-14", "https://a.org") for each in range(1, number + 1)]


@pytest.fixture
def draft(plan):
    return new_plan(deliverables=3, visibility=Visibility.DRAFT)


def whole_plan(plan, number=3):
    """The preview of a file with a new line, a measure with a new theme, deliverables, and a status of each."""
    preview = ImportPreview(Plan.objects.get(pk=plan.pk))
    line = ActionLine(plan=preview.plan, number=2, title="Another line")
    measure = Measure(action_line=line, number=1, statement="That it is.")
    parts = [Deliverable(measure=measure, number=each, title=f"New {each}") for each in range(1, number + 1)]
    preview.steps += [SavePart(line), SavePart(measure, themes=[Theme(name="Housing", slug="housing")])]
    for row, part in enumerate(parts, start=2):
        part.target, part.target_unit = 6, "pilots"
        update = validate_report(row, part, BEGUN | {"achieved": 4}, preview)
        preview.steps += [SavePart(part), RecordStatus(update)]
    return preview


def states(plan):
    rows = Deliverable.objects.of_plan(plan.slug).with_update()
    return [(str(row.code), row.status, row.status_on, row.status_since, row.achieved) for row in rows]


@pytest.mark.parametrize("visibility", [Visibility.DRAFT, Visibility.PUBLIC])
def test_parts_and_the_statuses_of_new_parts_are_applied_together(plan, sofia, visibility):
    other = new_plan(deliverables=1, visibility=visibility)
    preview, before = whole_plan(other), other.revision
    assert preview.problems == []
    apply_preview(uploaded(other, sofia), preview, by=sofia, decision=DECISION)
    begun = ("in_progress", date(2021, 1, 14), date(2021, 1, 14), 4)
    assert states(other)[1:] == [(f"L2M1D{number}", *begun) for number in (1, 2, 3)]
    other.refresh_from_db()
    assert (verify_history(other).length, other.revision > before) == (3, True)
    assert verify_amendments(other).length == (5 if visibility == Visibility.PUBLIC else 0)
    assert [theme.name for theme in Measure.objects.get(statement="That it is.").themes.all()] == ["Housing"]


def test_a_rule_of_a_status_is_checked_with_the_target_of_the_same_file(draft):
    preview = whole_plan(draft)
    part = preview.steps[2].part
    part.target, part.target_unit = None, ""
    validate_report(9, part, BEGUN | {"achieved": 4}, preview)
    assert [(problem.row, problem.text) for problem in preview.problems] == [
        (9, "This deliverable has no target. Leave the number empty.")
    ]


def test_a_status_recorded_after_the_preview_was_read_keeps_it_from_being_applied(plan, sofia, adam):
    imported = uploaded(plan, sofia, *statuses(2))
    preview = preview_of(imported)
    theirs = report(deliverable("L1M1D1"), "attained", by=adam)
    with pytest.raises(PlanChanged):
        apply_preview(imported, preview, by=sofia)
    assert StatusUpdate.objects.latest("sequence") == theirs
    assert plan.imports.count() == 1


def test_a_plan_that_is_continued_and_has_changed_keeps_it_from_being_applied(draft, sofia, plan, adam):
    preview = whole_plan(draft)
    preview.steps[2].part.continues, preview.steps[2].fields = deliverable("L1M1D2"), ("continues",)
    report(deliverable("L1M1D1"), "attained", by=adam)
    with pytest.raises(PlanChanged):
        apply_preview(uploaded(draft, sofia), preview, by=sofia)
    assert draft.action_lines.count() == 1


def test_another_revision_than_the_person_saw_is_refused(plan, sofia):
    imported = uploaded(plan, sofia, *statuses(1))
    with pytest.raises(PlanChanged):
        apply_preview(imported, preview_of(imported), by=sofia, seen=plan.revision - 1)


def test_the_same_preview_applied_twice_is_applied_once(plan, sofia):
    imported = uploaded(plan, sofia, *statuses(2))
    sent_again = Import.objects.get(pk=imported.pk)
    preview, again = preview_of(imported), preview_of(sent_again)
    apply_preview(imported, preview, by=sofia)
    with pytest.raises(PlanChanged):
        apply_preview(sent_again, again, by=sofia)
    assert StatusUpdate.objects.filter(recorded_by=sofia).count() == 2


def test_the_idempotency_key_of_each_row_follows_from_the_import(plan, sofia):
    imported = uploaded(plan, sofia, *statuses(2))
    key = imported.key
    apply_preview(imported, preview_of(imported), by=sofia)
    row = deliverable("L1M1D2")
    assert row.updates.latest("sequence").submission == uuid.uuid5(key, str(row.key))


def test_a_rule_broken_in_the_last_row_keeps_all_from_being_applied(draft, sofia):
    preview, imported = whole_plan(draft), uploaded(draft, sofia)
    preview.steps[-2].part.title = ""
    with pytest.raises(ValidationError):
        apply_preview(imported, preview, by=sofia)
    assert (draft.action_lines.count(), draft.imports.count()) == (1, 1)


def test_a_last_row_that_the_database_refuses_undoes_what_was_written_before(draft, sofia):
    preview, imported = whole_plan(draft), uploaded(draft, sofia)
    preview.steps.append(RecordStatus(validate_report(9, preview.steps[-2].part, BEGUN, preview)))  # has the same key
    with pytest.raises(DatabaseError):
        apply_preview(imported, preview, by=sofia)
    assert (draft.action_lines.count(), draft.imports.count(), verify_history(draft).length) == (1, 1, 0)


def test_nothing_is_read_under_the_lock(plan, sofia):
    """Whoever records meanwhile waits only for what is written."""
    imported = uploaded(plan, sofia, *statuses(3))
    preview = preview_of(imported)
    with CaptureQueriesContext(connection) as counted:
        apply_preview(imported, preview, by=sofia)
    reads = [number for number, query in enumerate(counted) if query["sql"].startswith("SELECT")]
    under_lock = [query["sql"] for query in list(counted)[reads[-1] + 1 :]]
    assert ' FROM "plans_plan" WHERE' in counted[reads[-1]]["sql"]
    assert any(sql.startswith('UPDATE "deliverables_deliverable"') for sql in under_lock)


def test_the_number_of_queries_does_not_grow(plan, sofia):
    counts = []
    for slug, number in (("2021-2023", 3), ("2024-2026", 30)):
        other = new_plan(slug, deliverables=number, visibility=Visibility.DRAFT)
        imported = uploaded(other, sofia, *statuses(number))
        with CaptureQueriesContext(connection) as counted:
            apply_preview(imported, preview_of(imported), by=sofia)
        counts.append(len(counted))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_who_records_while_an_import_is_written_waits_and_then_succeeds(plan, sofia, adam):
    imported = uploaded(plan, sofia, *statuses(3))
    preview, row = preview_of(imported), deliverable("L2M5D1")
    is_writing, is_started = Event(), Event()

    def hold_up(execute, sql, *arguments):
        if 'UPDATE "deliverables_deliverable"' in sql and not is_writing.is_set():
            is_writing.set()
            is_started.wait(5)
        return execute(sql, *arguments)

    def record():
        with closing(connection):
            is_writing.wait(5)
            is_started.set()
            return report(row, "attained", by=adam)

    with ThreadPoolExecutor(1) as other, connection.execute_wrapper(hold_up):
        theirs = other.submit(record)
        apply_preview(imported, preview, by=sofia)
    assert (theirs.result().sequence, verify_history(Plan.objects.get(pk=plan.pk)).length) == (69, 69)
