"""Native tables that stay on their slide: rows are shortened to so many lines, and what is left out is counted."""

from dataclasses import replace

from pptx.enum.text import MSO_ANCHOR
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from reports.files.office.fitting import LEADING, shorten, width_of
from reports.files.office.look import NAVY, Piece, rgb
from reports.files.slides.deck import Box, add_text, and_more, describe, write

PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # the id of the table style without lines and fills
PADDING = 0.09  # inches above and below a text, together
SIZES = ((14, 3), (13, 3), (13, 2), (12, 2), (12, 1))  # points, and lines in a row
HEAD_SIZE = 11


def add_table(slide, box, columns, rows, name):
    """Add a table of `columns`, each a heading and its share of the width, and of rows: a list of pieces for each cell.

    The largest letters with which all rows fit are taken. Return how many rows the slide shows.
    """
    size, lines = next((each for each in SIZES if fitting(box, *each) >= len(rows)), SIZES[-1])
    shown = rows if fitting(box, size, lines) >= len(rows) else rows[: fitting(box, size, lines) - 1]
    widths = [box.width * share for _heading, share in columns]

    places = [Inches(number) for number in (box.left, box.top, box.width, 0.1)]
    frame = slide.shapes.add_table(len(shown) + 1, len(columns), *places)
    frame.name = name
    describe(frame, name)
    style_table(frame, widths)
    write_row(frame.table, 0, [[Piece(heading, bold=True, colour="ink-soft")] for heading, _ in columns], HEAD_SIZE)
    for number, cells in enumerate(shown, start=1):
        fitted = [fit(pieces, width - 0.15, size, lines) for pieces, width in zip(cells, widths, strict=True)]
        write_row(frame.table, number, fitted, size)
        frame.table.rows[number].height = Inches(row_height(size, lines))
    frame.table.rows[0].height = Inches(row_height(HEAD_SIZE, 1))
    add_lines(frame)

    if len(shown) < len(rows):
        place = Box(box.left, box.top + box.height - 0.28, box.width, 0.28)
        add_text(slide, place, [[Piece(and_more(len(rows) - len(shown)), colour="ink-soft")]], size=12)
    return len(shown)


def fitting(box, size, lines):
    """Return how many rows fit a box below the headings."""
    return int((box.height - row_height(HEAD_SIZE, 1)) / row_height(size, lines))


def row_height(size, lines):
    return size * LEADING * lines / 72 + PADDING


def fit(pieces, width, size, lines):
    """Return the pieces of a cell with the first one shortened so that all of them fit."""
    if not pieces:
        return pieces
    rest = sum(width_of(f" {piece.plain}", size) for piece in pieces[1:])
    first = shorten_by(pieces[0], width, size, lines, rest)
    return [first, *pieces[1:]] if rest < width * lines * 0.7 else [first]


def shorten_by(piece, width, size, lines, rest):
    """Return a piece shortened so that `rest` inches are free in its last line."""
    room = max(width - rest / lines, 0.5)
    return replace(piece, text=shorten(piece.plain, room, size, lines))


def style_table(frame, widths):
    """Set the widths of the columns, and the plain style in place of the library's blue stripes."""
    for style in frame.element.iter(qn("a:tableStyleId")):
        style.text = PLAIN
    frame.table.first_row, frame.table.horz_banding = True, False
    for column, width in zip(frame.table.columns, widths, strict=True):
        column.width = Inches(width)


def write_row(table, number, cells, size):
    for cell, pieces in zip(table.rows[number].cells, cells, strict=True):
        cell.margin_left, cell.margin_right = 0, Inches(0.15)
        cell.margin_top = cell.margin_bottom = Inches(PADDING / 2 - 0.01)
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        write(cell.text_frame, pieces, size=size)


def add_lines(frame):
    """Draw a line below each row, for which the package has no call."""
    for number, row in enumerate(frame.element.iter(qn("a:tr"))):
        width, colour = (Pt(1.5), NAVY) if number == 0 else (Pt(0.75), rgb("rule"))
        for properties in row.iter(qn("a:tcPr")):
            fill = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
            properties.insert(0, parse_xml(f'<a:lnB {nsdecls("a")} w="{width}">{fill}</a:lnB>'))
