import pytest

from deliverables.status import Status
from reports.figures.skyline import FLATTEST, SLIMNESS, Skyline
from reports.figures.summary import summarise
from tests.builders import TODAY, new_plan

A, P, N = Status.ATTAINED, Status.IN_PROGRESS, Status.NOT_DEVELOPED


@pytest.mark.django_db
def test_each_measure_is_a_column_and_each_deliverable_a_block(plan):
    skyline = Skyline.of(summarise(plan, today=TODAY))
    assert [len(line) for line in skyline.lines] == [8, 11, 8]
    counts = {status: sum(block.status is status for block in skyline.blocks) for status in Status}
    assert counts == {A: 49, P: 10, N: 6, Status.NO_STATUS: 0}


@pytest.mark.django_db
def test_what_is_attained_stands_on_the_ground(plan):
    skyline = Skyline.of(summarise(plan, today=TODAY))
    assert skyline.lines[0][0] == (A, A, N)


def test_every_block_is_within_the_drawing():
    skyline = Skyline((((A,) * 9, (P,)), ((N,) * 3,)))
    places = [
        (b.x >= 0, b.y >= 0, b.x + b.width <= skyline.width, b.y + b.height <= skyline.height) for b in skyline.blocks
    ]
    assert set(places) == {(True,) * 4}


def test_a_low_skyline_has_slim_blocks_and_a_tall_one_is_never_higher_than_it_may_be():
    low, tall = Skyline((((A,),) * 10,)), Skyline((((A,) * 60,) * 10,))
    assert (low.storey, tall.height) == (SLIMNESS, pytest.approx(FLATTEST * tall.width))


@pytest.mark.django_db
def test_a_plan_without_deliverables_has_an_empty_skyline():
    skyline = Skyline.of(summarise(new_plan(deliverables=0), today=TODAY))
    assert (list(skyline.blocks), skyline.width) == ([], 1)
