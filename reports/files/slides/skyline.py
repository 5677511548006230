"""Drawings of native shapes: the skyline of the cover, and rows of blocks. One block is one outcome."""

from django.utils.translation import gettext as _
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Inches, Pt

from deliverables.status import Status
from reports.files.office.look import ON_NAVY, status_rgb, wash_rgb
from reports.files.slides.deck import describe, fill_with

WIDEST = 0.42  # inches: a column of a small plan


def add_skyline(slide, box, skyline, alt):
    """Draw a `Skyline` on the lower edge of a box. Return the left edge and the width of each action line."""
    if not skyline.lines:
        return []
    step, rise = min(box.width / skyline.width, WIDEST), min(box.height / skyline.height, WIDEST)
    top, drawing = box.top + box.height - rise * skyline.height, Drawing(slide)
    for block in skyline.blocks:
        place = (box.left + step * block.x, top + rise * block.y, step * block.width, rise * block.height)
        draw_block(drawing, place, block.status, ON_NAVY)
    drawing.group(_("Skyline"), alt)
    starts = zip(skyline.starts, skyline.lines, strict=True)
    return [(box.left + step * start, step * len(columns)) for start, columns in starts]


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
