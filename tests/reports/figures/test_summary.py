from datetime import date

import pytest

from deliverables.counts import Counts
from deliverables.status import Reason, Status
from plans.codes import Code
from reports.figures.summary import Selection, summarise
from tests.builders import TODAY, deliverable, new_plan, report

pytestmark = pytest.mark.django_db


def test_the_plan_counts_as_printed(plan):
    summary = summarise(plan, today=TODAY)
    assert (summary.counts, summary.counts.total) == (Counts(49, 10, 6), 65)


def test_each_line_counts_as_printed(plan):
    lines = summarise(plan, today=TODAY).lines
    assert [(str(line.code), line.counts, line.counts.total) for line in lines] == [
        ("L1", Counts(12, 2, 3), 17),
        ("L2", Counts(22, 2, 3), 27),
        ("L3", Counts(15, 6, 0), 21),
    ]


def test_each_theme_counts_its_measures(plan):
    themes = summarise(plan, today=TODAY).themes
    assert {theme.name: counts for theme, counts in themes.items()} == {
        "Gender": Counts(7, 3, 0),
        "Partnerships": Counts(6, 0, 0),
        "Regions": Counts(2, 0, 0),
        "Youth": Counts(0, 0, 4),
    }


def test_there_are_27_measures_in_natural_order(plan):
    measures = [measure.code for measure in summarise(plan, today=TODAY).measures]
    assert (len(measures), measures) == (27, sorted(measures))


def test_rows_come_in_natural_order(plan):
    codes = [row.code for row in summarise(plan, today=TODAY).rows]
    assert (codes[0], codes[-1], codes) == (Code(1, 1, 1), Code(3, 8, 1), sorted(codes))


def test_a_row_tells_what_was_reported(plan):
    row = next(row for row in summarise(plan, today=TODAY).rows if row.status == Status.NOT_DEVELOPED)
    assert (str(row.code), row.effective_on, row.reason, row.evidence_titles) == (
        "L1M1D2",
        date(2020, 12, 31),
        Reason.NOT_STATED,
        "Three-year report 2018-2020: Summary",
    )


def test_the_headline_is_the_printed_sentence(plan):
    expected = "Between 2018 and 2020, Metropolis had 65 outcomes to deliver. In short,"
    assert summarise(plan, today=TODAY).headline == expected


def test_before_the_first_report_nothing_has_a_status(plan):
    assert summarise(plan, date(2020, 12, 30), today=TODAY).counts == Counts(no_status=65)


def test_the_summary_of_a_day_tells_what_was_known_of_that_day(plan, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia, effective_on=date(2021, 1, 14))
    days = [date(2020, 12, 31), date(2021, 1, 13), date(2021, 1, 14)]
    assert [summarise(plan, day, today=TODAY).counts.attained for day in days] == [49, 49, 50]


def test_now_is_the_same_as_as_of_today(plan, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    assert summarise(plan, today=TODAY).rows == summarise(plan, TODAY, today=TODAY).rows


def test_a_measure_without_deliverables_is_there_and_counts_nothing(plan):
    empty = new_plan(deliverables=0)
    summary = summarise(empty, today=TODAY)
    assert [(str(measure.code), measure.counts) for measure in summary.measures] == [("L1M1", Counts())]


def test_filters_choose_rows_and_leave_the_figures(plan):
    shown = frozenset([Code(1, 1, 1)])
    summary = summarise(plan, today=TODAY, selection=Selection({"q": "calendar"}, codes=shown))
    assert ([str(row.code) for row in summary.shown_rows], summary.counts.total) == (["L1M1D1"], 65)
