"""The whole plan on one slide: every measure by its name, with a block for each of its outcomes."""

from pptx.enum.text import PP_ALIGN
from pptx.util import Pt

from reports.files.office.fitting import shorten
from reports.files.office.look import NAVY, Piece, rgb
from reports.files.slides.deck import ROOM, Box, add_text
from reports.files.slides.skyline import Drawing, add_blocks

COLUMNS, ROWS = 4, 14  # of names: with more, nobody can read them
GUTTER = 0.45
HIGHEST = 0.42  # inches between two names
SIZE = 13


def columns_of(lines):
    """Return the columns of the slide: each a line, and so many of its measures as stand below each other."""
    return [
        (line, line["measures"][start : start + ROWS])
        for line in lines
        for start in range(0, len(line["measures"]), ROWS)
    ]


def fits_glance(lines):
    """Return whether all measures fit on one slide."""
    return 0 < len(columns_of(lines)) <= COLUMNS


def add_glance(deck):
    content = deck.content
    columns = columns_of(content["lines"])
    notes = [content["counts"], *(f"{Piece(line['title']).plain}: {line['counts']}." for line in content["lines"])]
    slide = deck.add_slide(content["labels"]["glance"], notes)
    most = max(len(measures) for _line, measures in columns)
    row = min(HIGHEST, (ROOM.height - 0.75) / most)
    width = (ROOM.width - GUTTER * (len(columns) - 1)) / len(columns)
    for number, (line, measures) in enumerate(columns):
        add_column(slide, ROOM.left + number * (width + GUTTER), min(width, 6), row, line, measures)


def add_column(slide, left, width, row, line, measures):
    """Add the names of measures as one text, and beside it their blocks as one drawing."""
    title = [Piece(shorten(Piece(line["title"]).plain, width * 0.9, 14, 2), bold=True, colour=NAVY)]
    add_text(slide, Box(left, ROOM.top - 0.2, width, 0.5), [title], size=14)
    count = [Piece(line["attained"], colour="ink-soft")]
    add_text(slide, Box(left, ROOM.top + 0.3, width, 0.25), [count], size=12)

    top = ROOM.top + 0.6
    drawing = Drawing(slide)
    drawing.rectangle((left, top - 0.04, width, 0.02), fill=NAVY, line=None)
    names = []
    for number, measure in enumerate(measures):
        size, gap = block_size(len(measure["rows"]), width)
        blocks = len(measure["rows"]) * (size + gap)
        middle = top + (number + 0.5) * row
        add_blocks(drawing, left + width - blocks + gap, middle - size / 2, measure["rows"], size=size, gap=gap)
        drawing.rectangle((left, top + (number + 1) * row, width, 0.008), fill=rgb("rule"), line=None)
        names.append([Piece(shorten(Piece(measure["cell"]).plain, width - blocks - 0.15, SIZE))])
    drawing.group(title[0].text, f"{line['title']}: {line['counts']}")

    box = add_text(slide, Box(left, top - 0.02, width, len(measures) * row), names, size=SIZE)
    for paragraph in box.text_frame.paragraphs:
        paragraph.line_spacing, paragraph.alignment = Pt(row * 72), PP_ALIGN.LEFT  # the blocks are at the right


def block_size(number, width):
    """Return the size of a block and the gap to the next, so that a measure's blocks take half the column at most."""
    step = min(0.21, width * 0.5 / max(number, 1))
    return step * 0.78, step * 0.22
