import random

import pytest

from deliverables.counts import Counts, whole_percents
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
    ("counts", "percents"),
    [
        ([49, 10, 6], [76, 15, 9]),
        ([1, 1, 1], [34, 33, 33]),
        ([65, 0, 0], [100, 0, 0]),
        ([999, 1, 0], [99, 1, 0]),
        ([9997, 1, 1, 1], [97, 1, 1, 1]),
        ([0, 0, 0], [0, 0, 0]),
    ],
)
def test_percents_are_rounded_together(counts, percents):
    assert whole_percents(counts) == percents


def test_percents_of_any_counts_add_up_to_100_and_are_never_0_for_a_count():
    generator = random.Random(2018)
    for _ in range(2000):
        counts = [generator.choice([0, 1, generator.randrange(10_000)]) for _ in range(4)]
        percents = whole_percents(counts)
        assert sum(percents) == (100 if any(counts) else 0)
        assert [percent > 0 for percent in percents] == [count > 0 for count in counts]
