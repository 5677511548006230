"""The cover of the slides: title, skyline, and what each action line attained."""

from django.utils.translation import gettext as _
from pptx.enum.text import MSO_ANCHOR

from reports.files.office.fitting import shorten
from reports.files.office.look import CREAM, DEEP_NAVY, HEADINGS, PALE, Piece
from reports.files.slides.deck import MARGIN, PLACES, TITLE_SLIDE, WIDTH, Box, add_panel, add_text, write
from reports.files.slides.skyline import add_skyline

SKYLINE = Box(MARGIN, 3.85, WIDTH - 2 * MARGIN, 2.2)
GROUND = Box(0, 6.05, WIDTH, 1.45)
NARROWEST = 1.7  # inches: a name below the skyline needs as much


def add_cover(deck):
    content = deck.content
    slide = deck.add_slide(content["title"], cover_notes(content), layout=TITLE_SLIDE)
    subtitle = slide.placeholders[1]
    if content["subtitle"]:
        text = shorten(Piece(content["subtitle"]).plain, PLACES[subtitle.placeholder_format.type].width - 0.3, 18, 2)
        subtitle.text_frame.vertical_anchor, subtitle.text_frame.margin_left = MSO_ANCHOR.TOP, 0
        write(subtitle.text_frame, [Piece(text, colour=PALE)], size=18, font=HEADINGS)
    else:
        subtitle.element.getparent().remove(subtitle.element)

    add_sender(slide, content)
    add_panel(slide, GROUND, DEEP_NAVY)
    key = content["labels"]["skyline"]
    edges = add_skyline(slide, SKYLINE, content["skyline"], f"{key} {content['counts']}")
    if edges:
        add_names(slide, content["lines"], edges)
        fitted = shorten(Piece(key).plain, SKYLINE.width, 11)
        add_text(slide, Box(MARGIN, 7.08, SKYLINE.width, 0.25), [[Piece(fitted, colour=PALE)]], size=11)


def cover_notes(content):
    """Return the notes of the cover: what this is, and for which meeting."""
    meeting = content["meeting"]
    return [
        f"{content['headline']} {content['counts']}".strip(),
        _("For: %s.") % meeting if meeting else "",
        content["as_of"] + ".",
        *content["cover"],
        content["unofficial"] or content["fallback"],
    ]


def add_sender(slide, content):
    """Say at the top whose report this is and which one."""
    name = [Piece(shorten(content["organisation"], 6, 16), bold=True, colour=CREAM)]
    full = [Piece(shorten(content["organisation_in_full"], 6, 12), colour=PALE)]
    add_text(slide, Box(MARGIN, 0.42, 6.2, 0.6), [name, full], size=14)

    lines = [content["kind"], content["meeting"], content["as_of"], *content["cover"][:1]]
    paragraphs = [[Piece(shorten(Piece(line).plain, 5.1, 12, 2), colour=PALE)] for line in lines if line]
    add_text(slide, Box(WIDTH - MARGIN - 5.4, 0.42, 5.4, 0.9), paragraphs, size=12, to_right=True)


def add_names(slide, lines, edges):
    """Write the names of the action lines below their columns, if each has the room."""
    if len(edges) < len(lines) or min(width for _left, width in edges) < NARROWEST:
        return
    for line, (left, width) in zip(lines, edges, strict=True):
        title = shorten(Piece(line["title"]).plain, width, 11, 2)
        paragraphs = [[Piece(title, bold=True, colour=CREAM)], [Piece(line["attained"], colour=PALE)]]
        add_text(slide, Box(left, 6.2, width + 0.1, 0.8), paragraphs, size=11)
