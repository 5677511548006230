import pytest

from deliverables.counts import Counts
from deliverables.status import Status
from deliverables.units import MOST


def blocks(counts):
    """Return how many filled blocks and how many frames each status has."""
    return {run.status: (run.fill.count("z"), run.frame.count("z")) for run in counts.units.runs}


def test_one_block_is_one_deliverable_and_its_fill_the_status():
    assert blocks(Counts(49, 10, 6, 2)) == {
        Status.ATTAINED: (49, 0),
        Status.IN_PROGRESS: (10, 10),
        Status.NOT_DEVELOPED: (0, 6),
        Status.NO_STATUS: (2, 0),
    }


def test_a_status_without_deliverables_has_no_block():
    assert list(blocks(Counts(attained=3))) == [Status.ATTAINED]


def test_blocks_follow_each_other_and_a_half_one_is_filled_below():
    attained, in_progress = Counts(2, 1).units.runs
    assert attained.fill == "M0 0h0.973V1h-0.973zm1 0h0.973V1h-0.973z"
    assert in_progress.fill == "M2 0.5h0.973V1h-0.973z"


@pytest.mark.parametrize(("number", "drawn"), [(MOST, MOST), (MOST + 1, 1)])
def test_blocks_too_narrow_to_see_become_one(number, drawn):
    assert blocks(Counts(number)) == {Status.ATTAINED: (drawn, 0)}


def test_a_square_is_as_wide_in_every_row():
    many, few = Counts(20).squares, Counts(2).squares
    assert (many.width, many.gap) == (10 * few.width, few.gap)


def test_the_blocks_of_a_page_are_those_of_its_figures(visitor, plan):
    page = visitor.get("/plans/2018-2020/").content.decode()
    drawing = page[page.index('class="units') :].split("</svg>")[0]
    assert 'aria-label="49 attained, 10 in progress, 6 not developed"' in drawing
    assert drawing.count("V1h") == 49 + 2 * 10 + 6
