"""Drawings of native shapes: the skyline of the cover, and rows of blocks. One block is one outcome."""

from django.utils.translation import gettext as _
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Inches, Pt

from deliverables.status import Status
from reports.files.office.look import ON_NAVY, status_rgb, wash_rgb
from reports.files.slides.deck import describe, fill_with

GAP = 0.22  # of a block, between two
BETWEEN_LINES = 1.0  # columns of air between two action lines
HIGHEST = 14  # blocks in a column: from there on they are flatter


def add_skyline(slide, box, lines, alt):
    """Draw a column for each measure, a block for each outcome. Return the left edge and width of each line."""
    columns = [len(line["measures"]) for line in lines]
    units = sum(columns) + BETWEEN_LINES * max(len(lines) - 1, 0)
    if not sum(columns):
        return []

    step = min(box.width / units, 0.42)
    tallest = max(len(measure["rows"]) for line in lines for measure in line["measures"])
    rise = min(box.height / tallest, 0.42)
    drawing, left, edges = Drawing(slide), box.left, []
    for line in lines:
        for number, measure in enumerate(line["measures"]):
            draw_column(drawing, left + number * step, box.top + box.height, (step, rise), measure["rows"])
        edges.append((left, len(line["measures"]) * step))
        left += (len(line["measures"]) + BETWEEN_LINES) * step
    drawing.group(_("Skyline"), alt)
    return edges


def draw_column(drawing, left, bottom, cell, rows):
    step, rise = cell
    width, height = step * (1 - GAP), rise * (1 - GAP / 2)
    for number, row in enumerate(rows):
        draw_block(drawing, (left, bottom - number * rise - height, width, height), row["status"], ON_NAVY)


class Drawing:
    """Shapes on a slide that become one group. They are grouped at the end: a group measures itself at each new one."""

    def __init__(self, slide):
        self.slide, self.shapes = slide, []
        slide.shapes.turbo_add_enabled = True  # otherwise each new shape reads the numbers of all others

    def rectangle(self, place, *, fill, line, shape=MSO_SHAPE.RECTANGLE):
        block = self.slide.shapes.add_shape(shape, *(Inches(number) for number in place))
        block.shadow.inherit = False
        if fill:
            fill_with(block, fill)
        else:
            block.fill.background()
        if line:
            block.line.color.rgb, block.line.width = RGBColor.from_string(line), Pt(1)
        else:
            block.line.fill.background()
        self.shapes.append(block)

    def group(self, name, alt):
        """Group the shapes, with a name and an alternative text."""
        group = self.slide.shapes.add_group_shape(self.shapes)
        group.name = name
        describe(group, alt)


def add_blocks(drawing, left, top, rows, *, size, gap):
    """Draw a row of blocks from left to right."""
    for number, row in enumerate(rows):
        draw_block(drawing, (left + number * (size + gap), top, size, size), row["status"])


def draw_block(drawing, place, status, colours=None):
    """Draw one block: full, half, open or pale by its status, so that it reads without colour."""
    colour = colours[status] if colours else status_rgb(status)
    left, top, width, height = place
    if status == Status.ATTAINED:
        drawing.rectangle(place, fill=colour, line=colour)
        return

    pale = status == Status.NO_STATUS and not colours
    drawing.rectangle(place, fill=wash_rgb(status) if pale else None, line=None if pale else colour)
    if status == Status.IN_PROGRESS:
        drawing.rectangle((left, top + height / 2, width, height / 2), fill=colour, line=colour)
    elif status == Status.NOT_DEVELOPED:
        side = min(width, height) * 0.62
        cross = (left + (width - side) / 2, top + (height - side) / 2, side, side)
        drawing.rectangle(cross, fill=colour, line=None, shape=MSO_SHAPE.MATH_MULTIPLY)
