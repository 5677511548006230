from datetime import date

import pytest

from deliverables.counts import Counts
from reports.figures.period import finding, period_sentence, time_left
from reports.figures.progress import Progress, Step

ENDS_ON = date(2023, 12, 31)
COUNTS = Counts(31, 22, 4, 8)


def progress(day, counts=COUNTS, at_the_end=None):
    last = Step(date(2021, 1, 1), at_the_end or counts)
    return Progress(date(2021, 1, 1), ENDS_ON, min(day, ENDS_ON), (last,), Step(day, counts))


def sentence(day, counts=COUNTS, *, at_the_end=None, as_of=None):
    return period_sentence(progress(day, counts, at_the_end), as_of)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2022, 11, 25), "31 of 65 outcomes are attained, with 13 months to go."),
        (date(2023, 12, 30), "31 of 65 outcomes are attained, with 1 day to go."),
        (ENDS_ON, "31 of 65 outcomes are attained, on the plan's last day."),
        (date(2020, 11, 25), "This plan begins on 1 January 2021."),
    ],
)
def test_a_plan_that_runs_says_what_is_attained_and_how_long_it_has(day, text):
    assert sentence(day) == text


def test_one_outcome_is_attained():
    assert sentence(date(2022, 11, 25), Counts(1, 2)).startswith("1 of 3 outcomes is attained")


def test_a_plan_without_outcomes_says_nothing():
    assert sentence(date(2022, 11, 25), Counts()) == ""


ENDED = "This plan ended on 31 December 2023: 31 of 65 attained, 22 in progress, 4 not developed, 8 no status yet."


@pytest.mark.parametrize(("day", "as_of"), [(date(2024, 1, 1), None), (ENDS_ON, ENDS_ON)])
def test_a_plan_that_is_over_says_how_it_ended(day, as_of):
    assert sentence(day, as_of=as_of) == ENDED


def test_what_came_after_the_end_is_said_apart():
    text = sentence(date(2024, 3, 1), Counts(32, 21, 4, 8), at_the_end=COUNTS)
    after = " By 1 March 2024: 32 of 65 attained, 21 in progress, 4 not developed, 8 no status yet."
    assert text == ENDED + after


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2023, 11, 1), "with 60 days to go"),
        (date(2023, 10, 31), "with 2 months to go"),
        (date(2021, 1, 1), "with 35 months to go"),
        (date(2000, 1, 1), "with 23 years to go"),
    ],
)
def test_the_time_left_is_in_whole_days_months_or_years(day, text):
    assert time_left(day, ENDS_ON) == text


@pytest.mark.parametrize(
    ("day", "counts", "headline"),
    [
        (date(2022, 11, 25), COUNTS, "31 of 65 outcomes are attained, with 13 months to go"),
        (date(2022, 11, 25), Counts(0, 65), ""),
        (date(2020, 11, 25), COUNTS, ""),
        (date(2024, 1, 1), COUNTS, ""),
    ],
)
def test_a_plan_that_runs_has_a_finding_once_something_is_attained(day, counts, headline):
    assert finding(progress(day, counts), None) == headline
