"""The last slide: the decisions asked for or where the figures come from, and how to check the file."""

import io

from pptx.util import Inches

from reports.files.office.fitting import shorten
from reports.files.office.look import Piece
from reports.files.office.qr import qr_png
from reports.files.slides.deck import ROOM, Box, add_heading, add_list, add_panel, add_text, describe


def add_last(deck):
    """Add the decisions asked, or where the figures come from, and beside it how to check the file."""
    content = deck.content
    decisions, labels, site = content["decisions"], content["labels"], content["site"]
    sources = [*content["cover"], content["as_of"] + ".", labels["method_text"], content["rounding"], content["names"]]
    sources += [content["unofficial"], content["fallback"], content["selection"], *content["missing"]]
    sources = [text for text in sources if text]
    check = [labels["check_text"], site["url"], f"{labels['verify']} {site['verify_url']}", content["history"]]
    slide = deck.add_slide(labels["decisions"] if decisions else labels["about"], [*decisions, *sources, *check])

    box = Box(ROOM.left, ROOM.top + 0.1, 7.3, ROOM.height - 0.2)
    sizes = (24, 20, 18, 16, 14) if decisions else (18, 16, 14)
    add_list(slide, box, decisions or sources, sizes=sizes, numbered=bool(decisions))
    add_check(slide, content)


def add_check(slide, content):
    """Add a panel that says how to check the file: a QR code and the two addresses."""
    panel = Box(ROOM.left + 7.9, ROOM.top, ROOM.width - 7.9, ROOM.height - 0.1)
    add_panel(slide, panel)
    inner, site = Box(panel.left + 0.3, panel.top + 0.25, panel.width - 0.6, 0.4), content["site"]
    add_heading(slide, inner, content["labels"]["check"], lines=2)
    code = slide.shapes.add_picture(
        io.BytesIO(qr_png(site["url"])), *map(Inches, (inner.left, inner.top + 0.65, 1.9, 1.9))
    )
    code.name = "QR"
    describe(code, f"{content['labels']['check']} {site['url']}")
    links = [[Piece(text, colour="accent", link=text)] for text in (site["url"], site["verify_url"])]
    paragraphs = [links[0], [Piece(content["labels"]["verify"])], links[1]]
    add_text(slide, inner._replace(top=inner.top + 2.7, height=1.3), paragraphs, size=12, space=6)
    history = shorten(Piece(content["history"]).plain, inner.width, 9, 4)
    add_text(slide, inner._replace(top=inner.top + 4.05, height=0.7), [[Piece(history, colour="ink-soft")]], size=9)
