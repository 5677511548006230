from datetime import date

import pytest

from deliverables.counts import Counts
from reports.figures.planned_chart import PlannedChart
from reports.figures.progress import Progress, Step

STARTS_ON, ENDS_ON = date(2021, 1, 1), date(2021, 4, 10)  # a hundred days


def chart(day=date(2021, 2, 19), *, due=4, attained=2, total=10, ahead=((date(2021, 3, 22), 10),)):
    first = Step(STARTS_ON, Counts(no_status=total))
    last = Step(date(2021, 1, 11), Counts(attained, no_status=total - attained), due)
    return PlannedChart(Progress(STARTS_ON, ENDS_ON, day, (first, last), last, ahead=ahead))


def test_a_line_keeps_its_height_until_the_next_step_and_ends_with_the_day_shown():
    assert (chart().due_line, chart().attained_line) == ("M0 100.0H10.0V60.0H50.0", "M0 100.0H10.0V80.0H50.0")


def test_the_line_ahead_goes_on_to_the_last_day():
    assert chart().line_ahead == "M50.0 60.0H80.0V0.0H100"


def test_a_plan_that_is_over_has_no_line_ahead():
    over = chart(ENDS_ON, ahead=())
    assert (over.line_ahead, over.has_future, over.marker, over.due_at_the_end) == ("", False, 100, 4)


@pytest.mark.parametrize(
    ("total", "numbers"),
    [
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (10, [0, 5, 10]),
        (12, [0, 5, 12]),
        (65, [0, 20, 40, 65]),
        (5000, [0, 2000, 5000]),
    ],
)
def test_the_scale_has_few_round_numbers_and_the_total(total, numbers):
    assert [number for number, _y in chart(total=total, due=1, attained=1).scale] == numbers


@pytest.mark.parametrize(("due", "attained"), [(4, 2), (2, 4), (3, 3)])
def test_the_upper_label_stands_before_the_day_and_the_lower_after_it(due, attained):
    shown = chart(due=due, attained=attained)
    places = [(label.is_before, label.dy) for label in (shown.due_label, shown.attained_label)]
    upper, lower = places if due >= attained else reversed(places)
    assert (upper, lower) == ((True, -8), (False, 18))


def test_labels_at_the_beginning_stand_one_above_the_other():
    early = chart(date(2021, 1, 12), due=1, attained=0)
    labels = [early.due_label, early.attained_label]
    assert [(label.is_before, label.dy) for label in labels] == [(False, -8), (False, -8)]
    assert early.labels[0].y == "90.0%"
