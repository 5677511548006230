import re
from datetime import date

import pytest

from deliverables.counts import Counts
from deliverables.models import Decision, Deliverable
from deliverables.plan_editing import structure
from reports.figures.progress import MAX_STEPS, progress_of, thin_out
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
    middle = [area for area in progress.areas if area.x == f"{progress.axis.position_of(date(2019, 7, 2)):.3f}%"]
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
    for number in (1, 2, 59, 60, 61, 62, 118, 119, 120, 5000):
        steps = thin_out(list(range(number)))
        assert (min(number, 30) <= len(steps) <= MAX_STEPS, steps[0], steps[-1]) == (True, 0, number - 1), number
    assert len(thin_out(list(range(60)))) == 60


def test_another_step_at_the_end_leaves_the_others_as_they_are():
    before, after = thin_out(list(range(130))), thin_out(list(range(131)))
    assert before[:-1] == after[: len(before) - 1]


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


# Movement


def test_a_plan_that_was_reported_on_one_day_has_no_chart(visitor, plan):
    progress = progress_of(plan, TODAY)
    assert (progress.has_movement, progress.all_reported_on) == (False, date(2020, 12, 31))
    text = texts(visitor.get("/plans/2018-2020/"))
    assert "All 65 statuses were reported for 31 December 2020, so there is no progress over time to draw." in text
    assert 'class="chart' not in text


def test_a_plan_without_a_report_says_so(visitor):
    new_plan()
    assert "No status has been reported yet, so there is no progress" in texts(visitor.get("/plans/2021-2023/"))


def test_a_change_after_the_plan_is_no_movement_in_it(visitor, plan, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia, effective_on=date(2021, 1, 14))
    text = texts(visitor.get("/plans/2018-2020/"))
    assert "In the period of the plan, the figures changed only on 31 December 2020, so" in text


@pytest.mark.parametrize("day", [date(2021, 1, 1), date(2024, 1, 1)])
def test_reports_for_the_first_day_and_after_the_end_are_no_movement(visitor, sofia, day):
    plan = new_plan(deliverables=2)
    report(Deliverable.objects.of_plan(plan.slug)[0], "in_progress", by=sofia, effective_on=day)
    assert "In the period of the plan, the figures did not change, so" in texts(visitor.get("/plans/2021-2023/"))


def test_two_days_of_change_are_movement(progress):
    assert (progress.has_movement, progress.days_of_change) == (True, 2)


def test_a_line_without_movement_says_so(visitor, progress):
    assert "All 27 statuses were reported for" in texts(visitor.get("/plans/2018-2020/L2/"))


# Due dates


JUNE = date(2022, 6, 6)


@pytest.fixture
def planned(plan, sofia):
    """Attained in time, overdue, attained early, withdrawn, without a due date: one of each on 6 June 2022."""
    plan = new_plan(deliverables=5)
    due_on = [date(2021, 6, 1), date(2022, 3, 1), date(2023, 5, 1), date(2022, 3, 1), None]
    rows = list(Deliverable.objects.of_plan(plan.slug))
    for row, day in zip(rows, due_on, strict=True):
        Deliverable.objects.filter(pk=row.pk).update(due_on=day)
    report(rows[0], "attained", by=sofia, effective_on=date(2021, 5, 20))
    report(rows[1], "in_progress", by=sofia, effective_on=date(2021, 9, 1))
    report(rows[2], "attained", by=sofia, effective_on=date(2022, 2, 1))
    structure.withdraw(rows[3], by=sofia, decision=Decision("Board of Directors", date(2022, 4, 1)))
    plan.refresh_from_db()
    return plan


def test_the_line_of_what_is_due_follows_the_due_dates(planned):
    progress = progress_of(planned, JUNE)
    assert [(step.day, step.due, step.counts.attained) for step in progress.steps] == [
        (date(2021, 1, 1), 0, 0),
        (date(2021, 5, 20), 0, 1),
        (date(2021, 6, 1), 1, 1),
        (date(2021, 9, 1), 1, 1),
        (date(2022, 2, 1), 1, 2),
        (date(2022, 3, 1), 3, 2),
        (date(2022, 4, 1), 2, 2),
    ]
    assert progress.ahead == ((date(2023, 5, 1), 3),)


def test_the_figures_of_the_chart_count_what_is_in_the_plan(planned):
    progress = progress_of(planned, JUNE)
    assert (progress.overdue, progress.early, progress.undated) == (1, 1, 1)


@pytest.mark.parametrize("day", [date(2021, 6, 1), date(2022, 3, 1), date(2022, 3, 2), JUNE, date(2023, 12, 31)])
def test_what_is_overdue_is_what_the_list_shows(visitor, planned, day):
    rows = visitor.get(f"/plans/2021-2023/deliverables/?attention=overdue&as_of={day}").context["counts"].total
    assert progress_of(planned, day).overdue == rows


def test_the_heading_of_the_chart_is_what_it_finds_with_a_link_to_the_rows(visitor, planned):
    text = texts(visitor.get("/plans/2021-2023/?as_of=2022-06-06"))
    link = '<a href="/plans/2021-2023/deliverables/?as_of=2022-06-06&amp;attention=overdue">'
    assert f'<h2 id="progress"> {link}1 outcome is past its due date</a>' in text
    assert 'due=not_set">1 outcome has no due date</a>.' in text


@pytest.mark.parametrize(
    ("day", "finding"),
    [
        ("2022-02-15", "On schedule, and 1 outcome attained before its due date"),
        ("2021-05-25", "Progress over time"),
        ("2023-12-31", "1 outcome is past its due date"),
    ],
)
def test_the_heading_follows_the_day(visitor, planned, day, finding):
    text = texts(visitor.get(f"/plans/2021-2023/L1/?as_of={day}"))
    assert finding in text.split('id="progress">')[1].split("</h2>")[0]


def test_the_table_of_a_planned_chart_says_what_will_be_due(visitor, planned):
    text = texts(visitor.get("/plans/2021-2023/?as_of=2022-06-06"))
    row = text[text.index('<time datetime="2023-05-01">') :].split("</tr>")[0]
    assert re.findall(r"<td>(.+?)</td>", row) == ["–", "–", "–", "–", "3"]


def texts(response):
    return " ".join(response.content.decode().split())
