"""The time axis of a chart: where a day is on it, and which years or months are labelled."""

from dataclasses import dataclass
from datetime import date

from plans.common.dates import date_format

LABEL_WIDTH = 12.0  # percent of the chart's width: of a year in figures, on a telephone
SHORT_DAYS = 184  # a period up to this long has months on its axis, any other has years
MAX_TICKS = 12  # with more, only those with a label get a line


@dataclass(frozen=True)
class Tick:
    """The beginning of a year or month on the axis."""

    label: str
    x: str
    has_room: bool


@dataclass(frozen=True)
class TimeAxis:
    """The period of a plan, on the first `width` percent of a chart."""

    starts_on: date
    ends_on: date
    width: float = 100.0

    def position_of(self, day):
        """Return where a day begins on the chart, in percent of its width."""
        return self.width * (day - self.starts_on).days / ((self.ends_on - self.starts_on).days + 1)

    @property
    def ticks(self):
        """Return the years of the period, or the months of a short one: each with its position and its label.

        A label is `LABEL_WIDTH` wide and begins there. The last one that fits is shown, and from it backwards those
        that leave room: a plan that starts in October has hardly any room for its first year.
        """
        labels = self.months if (self.ends_on - self.starts_on).days < SHORT_DAYS else self.years
        positions = {label: max(self.position_of(day), 0) for label, day in labels.items()}

        shown, end = set(), 100.0
        for label, position in reversed(positions.items()):
            if position + LABEL_WIDTH <= end:
                shown.add(label)
                end = position

        ticks = [Tick(label, f"{position:.3f}%", label in shown) for label, position in positions.items()]
        return ticks if len(ticks) <= MAX_TICKS else [tick for tick in ticks if tick.has_room]

    @property
    def years(self):
        return {str(year): date(year, 1, 1) for year in range(self.starts_on.year, self.ends_on.year + 1)}

    @property
    def months(self):
        first, last = (12 * day.year + day.month - 1 for day in (self.starts_on, self.ends_on))
        days = [date(month // 12, month % 12 + 1, 1) for month in range(first, last + 1)]
        return {date_format(day, "M"): day for day in days}
