"""Native charts, which people can edit, with an alternative text."""

import re
from dataclasses import replace
from datetime import timedelta

from django.utils.translation import gettext as _
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from deliverables.status import Status
from reports.files.office.fitting import shorten
from reports.files.office.look import TEXT, Piece, number_of, rgb, status_rgb, total_of, wash_rgb
from reports.files.slides.deck import describe

MOST_BARS = 30
READABLE_BARS = 15  # beside the figures; the slides after it list the lines of a plan that has more
NAMES = 0.36  # of the width of a chart, for the names of its bars
HIDES_ZERO = "0;;;"  # a number format
# The library that writes the numbers of a chart reads such a text as a formula, a link or its own XML.
NOT_PLAIN = re.compile(r"\W|\w+:")
NO_SPACE = "\u200b"


def bars_of_plan(content):
    """Return the bars beside the figures, and their name: a bar for each line, or one where so many were unreadable."""
    lines = content["lines"]
    if len(lines) > READABLE_BARS:
        return [(_("The whole plan"), content["counts"], content["parts"])], _("The whole plan")
    return [(line["title"], line["counts"], line["parts"]) for line in lines], _("Status by action line")


def add_bars(slide, box, rows, statuses, name, *, has_legend=True):
    """Add a chart with a stacked bar for each row: its name, its counts for the alternative text, and its parts."""
    data = CategoryChartData(number_format=HIDES_ZERO)
    size = 12 if len(rows) <= 12 else 10 if len(rows) <= 18 else 8
    lines = 3 if len(rows) <= 6 else 2 if len(rows) <= 14 else 1
    data.categories = [label(row_name, box.width * NAMES - 0.1, size, lines) for row_name, _counts, _parts in rows]
    for status in statuses:
        data.add_series(str(Status(status).label), [number_of(parts, status) for _name, _counts, parts in rows])

    places = [Inches(number) for number in box]
    frame = slide.shapes.add_chart(XL_CHART_TYPE.BAR_STACKED, *places, data)
    frame.name = name
    describe(frame, "; ".join([name, *(f"{Piece(row_name).plain}: {counts}" for row_name, counts, _parts in rows)]))
    style_chart(frame.chart, size, has_legend)
    show_every_name(frame.chart)
    divide(frame.chart, 0.84 if has_legend else 0.96)
    frame.chart.value_axis.maximum_scale = max(1, *(total_of(parts) for _name, _counts, parts in rows))
    for series, status in zip(frame.chart.plots[0].series, statuses, strict=True):
        style_series(series, status, size)
    return frame


def add_progress(slide, box, progress, name, sentence):
    """Add a chart of a `Progress`: how many were attained and how many were due, by day, and what will be due."""
    points = [(step.day, step.counts.attained, step.due, None) for step in steps_of(progress)]
    points += [(day, None, None, due) for day, due in progress.ahead]
    data = CategoryChartData()
    data.categories = [day for day, *_numbers in points]
    names = [str(Status.ATTAINED.label), _("Due so far"), *([_("Due later")] if progress.ahead else [])]
    for number, series in enumerate(names, start=1):
        data.add_series(series, [point[number] for point in points])

    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE, *(Inches(number) for number in box), data)
    frame.name = name
    describe(frame, sentence)
    style_progress(frame.chart, max(1, (progress.ends_on - progress.starts_on).days // 240))


def steps_of(progress):
    """Return the steps with the day before each: a number holds until the day on which it changes."""
    steps = []
    for step in progress.steps:
        if steps and step.day > steps[-1].day + timedelta(days=1):
            steps.append(replace(steps[-1], day=step.day - timedelta(days=1)))
        steps.append(step)
    if progress.shown_until > steps[-1].day:
        steps.append(replace(steps[-1], day=progress.shown_until))
    return steps


def style_progress(chart, months):
    style_chart(chart, 11, has_legend=True)
    chart.category_axis.reverse_order = False
    chart.value_axis.visible = chart.value_axis.has_major_gridlines = True
    chart.value_axis.major_gridlines.format.line.color.rgb = RGBColor.from_string(rgb("rule"))
    chart.value_axis.format.line.fill.background()
    days = chart.category_axis.tick_labels
    days.number_format, days.number_format_is_linked = "yyyy-mm", False
    set_months(chart, months)
    looks = ((status_rgb(Status.ATTAINED), 3, None), (rgb("ink-soft"), 2, None), (rgb("edge"), 1.5, MSO_LINE.DASH))
    for series, (colour, width, dash) in zip(chart.plots[0].series, looks, strict=False):
        series.smooth = False
        series.marker.style = XL_MARKER_STYLE.NONE
        series.format.line.color.rgb, series.format.line.width = RGBColor.from_string(colour), Pt(width)
        series.format.line.dash_style = dash


def set_months(chart, months):
    """Label the axis of time every so many months, for which the package has no call."""
    for axis in chart.element.iter(qn("c:dateAx")):
        for name in ("baseTimeUnit", "majorUnit", "majorTimeUnit"):
            for old in axis.findall(qn(f"c:{name}")):
                axis.remove(old)
        for name, value in (("baseTimeUnit", "days"), ("majorUnit", months), ("majorTimeUnit", "months")):
            axis.append(parse_xml(f'<c:{name} {nsdecls("c")} val="{value}"/>'))


def label(text, width, size, lines):
    """Return a name for the axis: in a few lines, and in the workbook behind the chart a plain text."""
    short = shorten(Piece(text).plain, width, size, lines)
    return NO_SPACE + short if NOT_PLAIN.match(short) else short


def style_chart(chart, size, has_legend):
    chart.font.size, chart.font.name = Pt(size), TEXT
    chart.font.color.rgb = RGBColor.from_string(rgb("ink"))
    chart.has_title = False
    chart.has_legend = has_legend
    if has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False

    plot, names, numbers = chart.plots[0], chart.category_axis, chart.value_axis
    if chart.chart_type == XL_CHART_TYPE.BAR_STACKED:
        plot.gap_width, plot.overlap = 45, 100
    names.reverse_order = True
    names.major_tick_mark = XL_TICK_MARK.NONE
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.format.line.color.rgb = RGBColor.from_string(rgb("rule"))
    numbers.visible = numbers.has_major_gridlines = False


def divide(chart, height):
    """Give the names a fixed share of the chart, for which the package has no call. Longer ones break into lines."""
    edges = {"xMode": "edge", "yMode": "edge", "x": NAMES, "y": 0.02, "w": 0.97 - NAMES, "h": height}
    values = "".join(f'<c:{name} val="{value}"/>' for name, value in edges.items())
    layout = (
        f'<c:layout {nsdecls("c")}><c:manualLayout><c:layoutTarget val="inner"/>{values}</c:manualLayout></c:layout>'
    )
    for plot_area in chart.element.iter(qn("c:plotArea")):
        for old in plot_area.findall(qn("c:layout")):
            plot_area.remove(old)
        plot_area.insert(0, parse_xml(layout))


def show_every_name(chart):
    """Let no name be skipped for lack of room, for which the package has no call."""
    for axis in chart.element.iter(qn("c:catAx")):
        axis.find(qn("c:noMultiLvlLbl")).addprevious(parse_xml(f'<c:tickLblSkip {nsdecls("c")} val="1"/>'))


def style_series(series, status, size):
    """Give a status its fill: full, or pale with an edge where nothing was attained, so that it reads in grey."""
    is_open = status in (Status.NOT_DEVELOPED, Status.NO_STATUS)
    series.format.fill.solid()
    series.format.fill.fore_color.rgb = RGBColor.from_string(wash_rgb(status) if is_open else status_rgb(status))
    series.format.line.color.rgb = RGBColor.from_string(status_rgb(status))
    series.format.line.width = Pt(1)

    labels = series.data_labels
    labels.show_value, labels.number_format, labels.number_format_is_linked = True, HIDES_ZERO, False
    labels.position = XL_LABEL_POSITION.CENTER
    labels.font.bold, labels.font.size = True, Pt(size)
    labels.font.color.rgb = RGBColor.from_string(status_rgb(status) if is_open else "FFFFFF")
