import random

import pytest

from deliverables.counts import Counts, whole_percent
from deliverables.status import Status


def test_statuses_are_counted():
    statuses = [Status.ATTAINED, Status.ATTAINED, Status.NOT_DEVELOPED, Status.NO_STATUS]
    assert Counts.of(statuses) == Counts(attained=2, not_developed=1, no_status=1)


def test_the_total_is_the_sum_of_the_counts():
    assert Counts(49, 10, 6, 2).total == 67


def test_counts_are_written_as_a_phrase():
    assert str(Counts(49, 10, 6)) == "49 attained, 10 in progress, 6 not developed"


def test_no_status_is_mentioned_only_if_there_is_any():
    assert str(Counts(1, 0, 0, 2)) == "1 attained, 0 in progress, 0 not developed, 2 no status yet"


def test_the_parts_of_a_bar_follow_each_other():
    parts = Counts(1, 2, 1).parts
    assert [(part.start, part.width) for part in parts] == [
        ("0.000%", "25.000%"),
        ("25.000%", "50.000%"),
        ("75.000%", "25.000%"),
    ]


def test_empty_counts_have_parts_of_zero_width():
    assert [(part.count, part.percent, part.width) for part in Counts().parts] == [(0, 0, "0.000%")] * 3


@pytest.mark.parametrize(
    ("count", "total", "percent"),
    [
        (49, 65, 75), (10, 65, 15), (6, 65, 9), (1, 3, 33), (1, 8, 13), (3, 8, 38),
        (0, 65, 0), (65, 65, 100), (1, 1000, 1), (999, 1000, 99), (0, 0, 0),
    ],
)  # fmt: skip
def test_each_percentage_is_rounded_by_itself(count, total, percent):
    assert whole_percent(count, total) == percent


def test_a_percentage_is_0_or_100_only_where_exactly_so_and_never_off_by_one():
    generator = random.Random(2018)
    for _ in range(2000):
        total = generator.randrange(1, 10_000)
        count = generator.choice([0, 1, total, total - 1, generator.randrange(total + 1)])
        percent = whole_percent(count, total)
        assert (percent == 0, percent == 100) == (count == 0, count == total)
        assert abs(percent - 100 * count / total) < 1


def test_it_is_said_where_percentages_do_not_add_up():
    examples = [Counts(49, 10, 6), Counts(1, 1, 2), Counts()]
    assert [counts.percents_are_rounded for counts in examples] == [True, False, False]
