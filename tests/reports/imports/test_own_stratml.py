"""Our own StratML report goes back in: into its plan it changes nothing, into an empty one it brings what it says."""

from collections import Counter
from dataclasses import replace

import pytest
from django.utils.translation import override

from plans.models import Plan, Visibility
from reports.figures.summary import summarise
from reports.files.stratml import write_stratml
from reports.imports.applying import preview_import
from reports.imports.files.own_stratml import HEADS
from reports.imports.files.reading import read_source
from reports.imports.mapping.choices import Content, guess
from tests.builders import TODAY, new_plan
from tests.reports.imports.journey import upload
from tests.reports.imports.test_round_trip import bring, reading_of

pytestmark = pytest.mark.django_db


def written(plan, language="en"):
    with override(language):
        return write_stratml(summarise(Plan.objects.get(pk=plan.pk), today=TODAY))


def like(plan):
    """A draft of the same organisation and period without any line."""
    other = new_plan(f"{plan.slug}-again", deliverables=0, visibility=Visibility.DRAFT)
    other.action_lines.get().measures.all().delete()
    other.action_lines.all().delete()
    Plan.objects.filter(pk=other.pk).update(starts_on=plan.starts_on, ends_on=plan.ends_on)
    return Plan.objects.get(pk=other.pk)


def rows_of(plan):
    """The rows of a plan. Evidence is compared by its links: a file of one plan is a link in another."""
    rows = summarise(Plan.objects.get(pk=plan.pk), today=TODAY).rows
    return [(replace(row, evidence=(), since=None, continues=""), row.evidence_links) for row in rows]


def measures_of(plan):
    measures = summarise(Plan.objects.get(pk=plan.pk), today=TODAY).measures
    return [(each.code, each.statement, each.short_name) for each in measures]


@pytest.fixture(params=["2018-2020", "example"])
def either(request, example, plan):
    return plan if request.param == "2018-2020" else example


def test_into_its_own_plan_it_changes_nothing(either):
    for language in ("en", "fr"):
        source = read_source(written(either, language))
        for content in Content:
            preview = preview_import(either, reading_of(source, either, content))
            assert (preview.changes, preview.problems, preview.left_out) == ([], [], [])


def test_into_an_empty_plan_it_brings_all_of_it(either, sofia):
    other = like(either)
    bring(read_source(written(either)), Content.ALL, other, sofia)
    assert rows_of(other) == rows_of(either)
    assert measures_of(other) == measures_of(either)


def test_the_plan_of_2018_comes_with_its_figures(plan, sofia):
    other = like(plan)
    bring(read_source(written(plan, "es")), Content.ALL, other, sofia)
    counted = Counter(row.status.value for row, _links in rows_of(other))
    assert counted == {"attained": 49, "in_progress": 10, "not_developed": 6}


def test_nothing_is_asked_about_its_columns(secretariat, plan):
    response = upload(secretariat, like(plan), written(plan), "summary.stratml.xml")
    assert not response.url.endswith("columns/")
    assert secretariat.get(response.url).context["problems"] == []


def test_it_is_read_with_the_columns_of_our_csv(plan):
    source = read_source(written(plan))
    assert (source.kind, source.sheets[0].rows[0]) == ("ours", (1, HEADS))
    assert len(source.sheets[0].rows) == 66


def test_a_report_without_the_day_that_it_shows_is_read_as_that_of_others(plan):
    content = written(plan).replace(b"As of:", b"Since:")
    source = read_source(content)
    assert source.kind == "stratml"
    assert guess(source, plan).choices.objectives == "measures"
