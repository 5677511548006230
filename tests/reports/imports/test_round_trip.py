"""Our own exports go back in with any text: into the same plan they change nothing, into an empty one they bring it."""

import re
import uuid

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverables.models import REPORT_FIELDS, Deliverable, StatusUpdate
from deliverables.plan_editing.structure import same_text
from plans.common.text import normalise
from plans.models import Plan, Visibility
from reports.figures.summary import summarise
from reports.files.formats import write_csv, write_xlsx
from reports.files.stratml import write_stratml
from reports.imports.applying import apply, preview_import
from reports.imports.files import csv_text
from reports.imports.files.reading import read_source
from reports.imports.files.source import Sheet, Source
from reports.imports.mapping.choices import Choices, Content, Reading, guess
from reports.imports.models import Import
from tests.any_text import UNTIL_THE_FIRST_FAILURE, any_text, on_any_texts
from tests.builders import NOON, TODAY, new_plan

pytestmark = pytest.mark.django_db
WRITERS = [write_csv, write_xlsx, write_stratml]


def exported(plan, write, language="en"):
    with override(language):
        return read_source(write(summarise(plan, TODAY, today=TODAY)))


def changes_nothing(plan):
    for write in WRITERS:
        for language in ("en", "es"):
            table = exported(plan, write, language)
            for content in Content:
                preview = preview_import(plan, reading_of(table, plan, content))
                assert (preview.changes, preview.problems, preview.steps) == ([], [], [])


test_importing_an_export_into_its_plan_changes_nothing = on_any_texts(15)(changes_nothing)


def reading_of(source, plan, content):
    reading = guess(source, plan)
    reading.choices.content = content.value
    return reading


def bring(source, content, plan, by):
    """Import a file into another plan, as its page does."""
    imported = Import(plan=plan, file_name="export", by=by, key=uuid.uuid4())
    imported.store(reading_of(source, plan, content), NOON)
    apply(imported, preview_import(plan, imported.reading), seen=plan.revision, by=by, at=NOON)


@on_any_texts(10)
def test_statuses_come_into_another_plan_of_the_same_parts(plan):
    sofia = plan.updates.first().recorded_by
    for write in WRITERS:
        other = new_plan(write.__name__.replace("_", "-"), deliverables=4)
        bring(exported(plan, write), Content.STATUSES, other, sofia)
        assert reports_of(other) == reports_of(plan)


def reports_of(plan):
    updates = StatusUpdate.objects.filter(plan=plan).order_by("deliverable__number")
    return list(updates.values_list("deliverable__number", *REPORT_FIELDS))


@on_any_texts(10)
def test_parts_and_themes_come_into_an_empty_plan(plan):
    """The texts of its parts are equal apart from white space, which a table may add."""
    sofia = plan.updates.first().recorded_by
    for write in WRITERS:
        other = new_plan(write.__name__.replace("_", "-"), deliverables=0, visibility=Visibility.DRAFT)
        other.action_lines.get().measures.all().delete()
        other.action_lines.all().delete()
        bring(exported(plan, write), Content.PLAN, other, sofia)

        assert len(parts_of(plan)) == len(parts_of(other)) == 6
        assert all(same_text(*pair) for pair in zip(parts_of(plan), parts_of(other), strict=True))
        assert themes_of(other) == themes_of(plan)


def parts_of(plan):
    line = plan.action_lines.get()
    titles = Deliverable.objects.of_plan(plan.slug).order_by("number").values_list("title", flat=True)
    return [line.title, line.measures.get().statement, *titles]


def themes_of(plan):
    """The names of the themes. A spreadsheet cannot tell those apart that have the same."""
    return {" ".join(theme.name.split()) for theme in plan.action_lines.get().measures.get().themes.all()}


stored_text = any_text.map(normalise)
sheets = st.builds(
    Sheet,
    name=stored_text,
    rows=st.lists(st.tuples(st.integers(2, 9999), st.lists(stored_text, max_size=4)), max_size=4),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheet=sheets)
def test_any_file_is_stored_as_it_was_read(plan, sofia, sheet):
    imported = Import(plan=plan, file_name="x", by=sofia, key=uuid.uuid4())
    imported.store(Reading(Source("csv", [sheet]), Choices([sheet.name])), NOON)
    stored = Import.objects.get(pk=imported.pk).reading.source.sheets[0]
    assert [(row, list(cells)) for row, cells in stored.rows] == sheet.rows


def test_an_import_that_leaves_the_apostrophes_in_is_noticed(sofia, monkeypatch):
    monkeypatch.setattr(csv_text, "unescape_formula", lambda cell: cell)
    with pytest.raises(AssertionError):
        on_any_texts(60, **UNTIL_THE_FIRST_FAILURE)(changes_nothing)(sofia=sofia)
    assert not Plan.objects.filter(slug="2021-2023").exists()


def test_our_report_is_read_though_another_program_has_removed_its_results(plan):
    """Its indicators are rows without a status then."""
    content = write_stratml(summarise(plan, TODAY, today=TODAY))
    without = re.sub(rb"<MeasurementInstance>.*?</MeasurementInstance>", b"", content, flags=re.DOTALL)
    rows = {len(read_source(each).sheets[0].rows) for each in (content, without)}
    assert without != content
    assert rows == {66}  # 65 deliverables, and the heads
