import itertools
import re
from datetime import date

import pytest

from deliverables.counts import Counts
from reports.figures.progress import MAX_STEPS, Progress, Step, progress_of, thin_out
from reports.figures.summary import summarise
from tests.builders import TODAY, deliverable, new_plan, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def progress(plan, sofia):
    report(deliverable("L1M1D1"), "in_progress", by=sofia, effective_on=date(2019, 7, 2))
    report(deliverable("L1M1D2"), "attained", by=sofia, effective_on=date(2019, 7, 2))
    plan.refresh_from_db()
    return progress_of(plan, TODAY)


def test_steps_stand_at_effective_dates(progress):
    assert [(step.day, step.counts) for step in progress.steps] == [
        (date(2018, 1, 1), Counts(no_status=65)),
        (date(2019, 7, 2), Counts(1, 1, 0, 63)),
        (date(2020, 12, 31), Counts(49, 10, 6)),
    ]


def test_the_columns_fill_the_plans_period_and_its_height(progress):
    middle = [area for area in progress.areas if area.x == f"{progress.position_of(date(2019, 7, 2)):.3f}%"]
    heights = [float(area.height[:-1]) for area in middle]
    assert (len(middle), sum(heights)) == (3, pytest.approx(100, abs=0.01))


def test_a_line_has_a_progress_of_its_own(plan, progress):
    last = progress_of(plan, TODAY, line=1).last
    assert last.counts == Counts(12, 2, 3)


def test_the_past_ends_where_it_is_looked_at(plan, progress):
    seen = progress_of(plan, date(2019, 12, 31))
    assert (len(seen.steps), seen.shown_until) == (2, date(2019, 12, 31))


def test_the_last_column_is_the_day_asked_for_after_the_plans_end_too(plan, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia, effective_on=date(2021, 1, 14))
    plan.refresh_from_db()
    progress = progress_of(plan, TODAY)
    assert (progress.last.counts.attained, progress.latest.counts.attained) == (49, 50)


def test_a_correction_takes_its_mistake_off_the_chart(plan, sofia):
    mistake = report(deliverable("L1M1D1"), "in_progress", by=sofia, effective_on=date(2019, 7, 2))
    report(deliverable("L1M1D1"), "attained", by=sofia, effective_on=date(2020, 12, 31), corrects=mistake)
    plan.refresh_from_db()
    assert [step.day for step in progress_of(plan, TODAY).steps] == [date(2018, 1, 1), date(2020, 12, 31)]


def test_a_plan_with_nothing_in_it_has_an_empty_chart(plan):
    assert list(progress_of(new_plan(deliverables=0), TODAY).areas) == []


def test_too_many_steps_are_thinned_and_keep_both_ends():
    steps = thin_out(list(range(5000)))
    assert (len(steps), steps[0], steps[-1]) == (MAX_STEPS, 0, 4999)


def test_the_table_says_what_the_chart_shows(visitor, progress):
    text = " ".join(visitor.get("/plans/2018-2020/").content.decode().split())
    row = text[text.index('<time datetime="2019-07-02">') :].split("</tr>")[0]
    assert re.findall(r">(\d+)<", row) == ["1", "1", "0", "63"]
    assert 'href="/plans/2018-2020/deliverables/?as_of=2019-07-02&amp;status=attained"' in row
    assert "From 31 December 2020: 49 attained, 10 in progress, 6 not developed." in text


@pytest.mark.parametrize("statuses", [("in_progress", "attained"), ("attained", "in_progress")])
def test_updates_of_one_day_count_in_the_order_of_recording(plan, sofia, statuses):
    """PostgreSQL returned those of one day in any order: the chart then differed from the headline."""
    day = date(2021, 1, 14)
    for code in ("L1M1D1", "L1M1D2", "L2M3D1", "L3M1D1"):
        for status in statuses:
            report(deliverable(code), status, by=sofia, effective_on=day)
    plan.refresh_from_db()
    assert progress_of(plan, TODAY).latest.counts == summarise(plan, today=TODAY).counts


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "labelled"),
    [
        (date(2018, 1, 1), date(2020, 12, 31), [2018, 2019, 2020]),
        (date(2018, 10, 1), date(2021, 9, 30), [2019, 2020, 2021]),
        (date(2021, 10, 1), date(2022, 9, 30), [2021, 2022]),
        (date(2018, 1, 1), date(2021, 1, 31), [2018, 2019, 2020]),
        (date(2018, 1, 1), date(2018, 12, 31), [2018]),
        (date(2010, 1, 1), date(2019, 12, 31), [2011, 2013, 2015, 2017, 2019]),
    ],
)
def test_labels_of_the_years_have_room(starts_on, ends_on, labelled):
    """Each needs 12 percent of the chart's width on a telephone, and none may reach beyond its right edge."""
    step = Step(starts_on, Counts())
    years = Progress(starts_on, ends_on, ends_on, (step,), step).years
    assert [year for year, _x, has_room in years if has_room] == labelled
    places = [float(x.rstrip("%")) for _year, x, has_room in years if has_room] + [100]
    assert min(after - before for before, after in itertools.pairwise(places)) >= 12
    assert len(years) == ends_on.year - starts_on.year + 1
