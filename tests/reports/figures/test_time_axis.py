import itertools
from datetime import date

import pytest

from reports.figures.time_axis import TimeAxis


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "labelled"),
    [
        (date(2018, 1, 1), date(2020, 12, 31), ["2018", "2019", "2020"]),
        (date(2018, 10, 1), date(2021, 9, 30), ["2019", "2020", "2021"]),
        (date(2021, 10, 1), date(2022, 9, 30), ["2021", "2022"]),
        (date(2018, 1, 1), date(2021, 1, 31), ["2018", "2019", "2020"]),
        (date(2018, 1, 1), date(2018, 12, 31), ["2018"]),
        (date(2010, 1, 1), date(2019, 12, 31), ["2011", "2013", "2015", "2017", "2019"]),
        (date(2010, 1, 1), date(2039, 12, 31), ["2013", "2017", "2021", "2025", "2029", "2033", "2037"]),
        (date(2020, 12, 1), date(2021, 2, 28), ["Dec", "Jan", "Feb"]),
        (date(2021, 1, 15), date(2021, 4, 14), ["Jan", "Feb", "Mar", "Apr"]),
        (date(2021, 3, 10), date(2021, 3, 10), ["Mar"]),
    ],
)
def test_labels_have_room(starts_on, ends_on, labelled):
    """Each needs 12 percent of the chart's width on a telephone, and none may reach beyond its right edge."""
    ticks = TimeAxis(starts_on, ends_on, 94.5).ticks
    assert [tick.label for tick in ticks if tick.has_room] == labelled
    places = [float(tick.x.rstrip("%")) for tick in ticks if tick.has_room] + [100]
    assert min(after - before for before, after in itertools.pairwise(places)) >= 12


@pytest.mark.parametrize(("years", "number"), [(3, 3), (12, 12), (30, 7)])
def test_a_long_period_has_lines_only_where_it_has_labels(years, number):
    assert len(TimeAxis(date(2010, 1, 1), date(2009 + years, 12, 31)).ticks) == number
