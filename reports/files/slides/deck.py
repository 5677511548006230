"""A presentation: its two layouts, and slides with a title, notes, a footer, a page number and texts that fit."""

import copy
import io
from collections import namedtuple
from functools import cache

from django.utils.translation import ngettext
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.shapes import MSO_SHAPE, PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from plans.common.text import reads_from_right
from reports.files.office.fitting import height_of, shorten, size_for
from reports.files.office.look import CREAM, HEADINGS, NAVY, PANEL, Piece, set_properties, template_of

Box = namedtuple("Box", "left top width height")  # in inches

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.7
ROOM = Box(MARGIN, 1.55, WIDTH - 2 * MARGIN, 5.2)  # below the title, above the footer
TITLE_SLIDE, TITLE_ONLY = "Title Slide", "Title Only"
PLACES = {
    PP_PLACEHOLDER.TITLE: Box(MARGIN, 0.4, ROOM.width, 1.0),
    PP_PLACEHOLDER.CENTER_TITLE: Box(MARGIN, 1.2, 9.6, 1.75),
    PP_PLACEHOLDER.SUBTITLE: Box(MARGIN, 3.0, 7.6, 0.75),
    PP_PLACEHOLDER.BODY: ROOM,
    PP_PLACEHOLDER.DATE: Box(9.2, 6.95, 2.4, 0.32),
    PP_PLACEHOLDER.FOOTER: Box(MARGIN, 6.95, 8.4, 0.32),
    PP_PLACEHOLDER.SLIDE_NUMBER: Box(11.83, 6.95, 0.8, 0.32),
}
ON_EACH_SLIDE = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)


class Deck:
    """The presentation of a content. Its slides are added in order."""

    def __init__(self, content):
        self.content = content
        self.file = Presentation(io.BytesIO(template()))
        set_properties(self.file.core_properties, content)
        self.footer = f"{content['kind']} · {content['as_of']}"

    def add_slide(self, title, notes, layout=TITLE_ONLY):
        """Add a slide with its title and its notes, a paragraph each, and return it."""
        slide = self.file.slides.add_slide(self.file.slide_layouts.get_by_name(layout))
        self.add_footer(slide, layout)
        write_title(slide.shapes.title, title, on_cover=layout == TITLE_SLIDE)
        write_notes(slide, [title, *notes])
        if self.content["watermark"]:
            add_tag(slide, self.content["watermark"], CREAM if layout == TITLE_SLIDE else "not-developed")
        return slide

    def add_footer(self, slide, layout):
        """Add what a new slide does not take from its layout: the footer and the number of the page."""
        for placeholder in slide.slide_layout.placeholders:
            if placeholder.placeholder_format.type in ON_EACH_SLIDE and layout == TITLE_ONLY:
                slide.shapes.element.append(copy.deepcopy(placeholder.element))
        for shape in slide.placeholders:
            if shape.placeholder_format.type == PP_PLACEHOLDER.FOOTER:
                write(shape.text_frame, [Piece(shorten(self.footer, 8.2, 10), colour="ink-soft")], size=10)

    def as_bytes(self):
        file = io.BytesIO()
        for slide in self.file.slides:
            set_directions(slide.shapes)
            set_directions(slide.notes_slide.shapes)
        self.file.save(file)
        return file.getvalue()


@cache
def template():
    """Return an empty presentation of 16:9 with our two layouts, as bytes."""
    file = Presentation(io.BytesIO(template_of(Presentation())))
    file.slide_width, file.slide_height = Inches(WIDTH), Inches(HEIGHT)
    for layout in list(file.slide_layouts):
        if layout.name not in (TITLE_SLIDE, TITLE_ONLY):
            file.slide_layouts.remove(layout)

    for page in (file.slide_master, *file.slide_layouts):
        for placeholder in page.placeholders:
            place(placeholder, PLACES[placeholder.placeholder_format.type])
        align_left(page)
    fill_with(file.slide_layouts.get_by_name(TITLE_SLIDE).background, NAVY)

    bytes_of = io.BytesIO()
    file.save(bytes_of)
    return bytes_of.getvalue()


def align_left(page):
    """Let centred texts of a master or layout begin at the left, as those of our slides do, and titles be smaller."""
    for properties in page.element.iter(qn("a:lvl1pPr")):
        if properties.get("algn") == "ctr":
            properties.set("algn", "l")
    for style in page.element.iter(qn("p:titleStyle")):
        for properties in style.iter(qn("a:defRPr")):
            properties.set("sz", "2800")


def place(shape, box):
    shape.left, shape.top, shape.width, shape.height = (Inches(number) for number in box)


def fill_with(shape, colour):
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(colour)


def add_panel(slide, box, colour=PANEL):
    """Add a ground behind a part of a slide. It says nothing, so it has no alternative text."""
    panel = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, 1, 1)
    place(panel, box)
    fill_with(panel, colour)
    panel.line.fill.background()
    panel.shadow.inherit = False


def write_title(shape, title, *, on_cover):
    """Write the title of a slide in the largest size that fits, cut off if none does."""
    box = PLACES[shape.placeholder_format.type]
    width = box.width / 1.3  # headings are wider than the letters that are measured
    size = size_for(title, width, box.height, (44, 38, 32, 26, 22) if on_cover else (28, 24, 20))
    lines = max(int(box.height / (size * 1.2 / 72)), 1)
    piece = Piece(shorten(title, width, size, lines), bold=True, colour=CREAM if on_cover else NAVY)
    shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM if on_cover else MSO_ANCHOR.MIDDLE
    shape.text_frame.margin_left = 0
    write(shape.text_frame, [piece], size=size, font=HEADINGS)


def write_notes(slide, paragraphs):
    frame = slide.notes_slide.notes_text_frame
    for number, text in enumerate(filter(None, paragraphs)):
        write(frame, [Piece(text)], size=12, is_first=number == 0)


def add_tag(slide, text, colour):
    """Say at the top of a slide that it is a preview."""
    add_text(slide, Box(WIDTH - 3.2, 0.12, 2.5, 0.3), [[Piece(text, bold=True, colour=colour)]], size=12, to_right=True)


def add_text(slide, box, paragraphs, *, size, font=None, to_right=False, space=0, name=""):
    """Add a box of paragraphs, each a list of pieces. Texts must have been made to fit."""
    shape = slide.shapes.add_textbox(*(Inches(number) for number in box))
    if name:
        shape.name = name
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for number, pieces in enumerate(paragraphs):
        paragraph = write(frame, pieces, size=size, font=font, is_first=number == 0)
        paragraph.space_after = Pt(space)
        if to_right:
            paragraph.alignment = PP_ALIGN.RIGHT
    return shape


def add_list(slide, box, texts, *, sizes, font=None, numbered=False):
    """Add paragraphs in the largest size that fits. Those that never fit are left out, and counted.

    Return the height that they take.
    """
    width = box.width / (1.14 if font == HEADINGS else 1.0)
    size = next((size for size in sizes if height_of_list(texts, width, size) <= box.height), min(sizes))
    shown = list(texts)
    while len(shown) > 1 and height_of_list(shown, width, size) > box.height - 0.3 * (len(shown) < len(texts)):
        shown.pop()
    most = max(int(box.height / (size * 1.25 / 72)), 1)
    paragraphs = [[Piece(shorten(Piece(text).plain, width, size, most))] for text in shown]
    if numbered:
        paragraphs = [[Piece(f"{n}.", bold=True, colour=NAVY), *pieces] for n, pieces in enumerate(paragraphs, 1)]
    if len(shown) < len(texts):
        paragraphs.append([Piece(and_more(len(texts) - len(shown)), colour="ink-soft")])
    add_text(slide, box, paragraphs, size=size, font=font, space=size * 0.5)
    return min(
        height_of_list([" ".join(piece.plain for piece in pieces) for pieces in paragraphs], width, size), box.height
    )


def add_heading(slide, box, text, lines=1):
    """Add a heading above a part of a slide."""
    fitted = shorten(Piece(str(text)).plain, box.width / 1.25, 16, lines)
    add_text(slide, box._replace(height=0.4), [[Piece(fitted, bold=True, colour=NAVY)]], size=16, font=HEADINGS)


def height_of_list(texts, width, size):
    return sum(height_of(Piece(text).plain, width, size) + size * 0.5 / 72 for text in texts)


def and_more(number):
    """Return the sentence that says how many things a slide leaves out."""
    return ngettext("And one more: see the report.", "And %(more)d more: see the report.", number) % {"more": number}


def write(frame, pieces, *, size, font=None, is_first=True):
    """Write a paragraph into a frame: the first one, which is there already, or another after it. Return it."""
    paragraph = frame.paragraphs[0] if is_first else frame.add_paragraph()
    for number, piece in enumerate(pieces):
        add_run(paragraph, piece, f" {piece.plain}" if number else piece.plain, size=size, font=font)
    return paragraph


def add_run(paragraph, piece, text, *, size, font):
    """Add a run of text with its look, language and link."""
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold = Pt(size - 2 if piece.small else size), piece.bold
    run.font.color.rgb = RGBColor.from_string(piece.rgb)
    run.font.language_id = MSO_LANGUAGE_ID.from_xml(piece.locale)
    if font:
        run.font.name = font
    if piece.href:
        run.hyperlink.address = piece.href


def describe(shape, text):
    """Set the alternative text of a shape, which screen readers read."""
    for properties in shape.element.iter(qn("p:cNvPr")):
        properties.set("descr", Piece(text).plain[:2000])
        return


def set_directions(shapes):
    """Let the paragraphs of the shapes that begin with a letter of Arabic, Hebrew and the like run from the right."""
    for paragraph in shapes.element.iter(qn("a:p")):
        if reads_from_right("".join(text.text or "" for text in paragraph.iter(qn("a:t")))):
            properties = paragraph.get_or_add_pPr()
            properties.set("rtl", "1")
            properties.set("algn", properties.get("algn", "r"))
