"""Paragraphs, runs and tables in Word's own markup: python-docx has no calls for languages, directions and links."""

from xml.sax.saxutils import escape

from django.utils.translation import get_language
from docx.oxml.ns import nsdecls

from plans.common.text import reads_from_right
from reports.files.office.look import LOCALES

NAMESPACES = nsdecls("w", "r")
SMALL = 8.5  # points
TABLE_WIDTH = 9638  # twentieths of a point: 170 mm
IN_TABLE = "TableText"  # a style of paragraphs
HYPERLINK = '<w:hyperlink r:id="{}">{}</w:hyperlink>'


def paragraph(pieces, link_id, *, style="", properties="", namespaces=""):
    """Return a paragraph of pieces, parted by spaces. `link_id` gives the id of an address in the file."""
    pieces = [piece for piece in pieces if piece.lines]
    direction = "<w:bidi/>" if pieces and reads_from_right(pieces[0].lines) else ""
    own_style = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = "".join(linked(piece, link_id, lead=" " if number else "") for number, piece in enumerate(pieces))
    return f"<w:p{namespaces and ' ' + namespaces}><w:pPr>{own_style}{properties}{direction}</w:pPr>{runs}</w:p>"


def linked(piece, link_id, *, lead):
    text = run(piece, lead=lead)
    return HYPERLINK.format(link_id(piece.href), text) if piece.href else text


def run(piece, *, lead=""):
    """Return a run of text in its look. It names its language where that is not the document's."""
    properties = '<w:rStyle w:val="Hyperlink"/>' if piece.href else ""
    if piece.font:
        properties += f'<w:rFonts w:ascii="{piece.font}" w:hAnsi="{piece.font}" w:eastAsia="{piece.font}"/>'
    if piece.bold:
        properties += "<w:b/><w:bCs/>"
    if piece.colour != "ink" and not piece.href:
        properties += f'<w:color w:val="{piece.rgb}"/>'
    if size := piece.size or (SMALL if piece.small else 0):
        properties += f'<w:sz w:val="{round(2 * size)}"/><w:szCs w:val="{round(2 * size)}"/>'
    if reads_from_right(piece.lines):
        properties += "<w:rtl/>"
    if piece.locale != LOCALES[get_language()]:
        properties += f'<w:lang w:val="{piece.locale}" w:bidi="{piece.locale}"/>'
    lines = [f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in (lead + piece.lines).split("\n")]
    return f"<w:r><w:rPr>{properties}</w:rPr>{'<w:br/>'.join(lines)}</w:r>"


def field(code, text="1"):
    """Return a field that Word fills in, such as the number of the page."""
    return f'<w:fldSimple w:instr=" {code} "><w:r><w:t>{text}</w:t></w:r></w:fldSimple>'


def table(columns, rows, link_id, *, caption):
    """Return a table of `columns`, each a heading and its share of the width, and `rows`, each as `row` returns it.

    `caption` is its alternative text.
    """
    widths = [round(TABLE_WIDTH * share) for _heading, share in columns]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    head = "".join(
        cell(paragraph([heading], link_id, style=IN_TABLE), width)
        for (heading, _), width in zip(columns, widths, strict=True)
    )
    return (
        f'<w:tbl {NAMESPACES}><w:tblPr><w:tblStyle w:val="Report"/><w:tblW w:w="{TABLE_WIDTH}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0"'
        f' w:lastColumn="0" w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val="{attribute(caption)}"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>"
        f"{''.join(make(widths, link_id) for make in rows)}</w:tbl>"
    )


def row(cells, *, breaks=False):
    """Return a row of cells, each a list of paragraphs of pieces. It stays on one page unless it may break."""

    def make(widths, link_id):
        texts = ["".join(paragraph(pieces, link_id, style=IN_TABLE) for pieces in paragraphs) for paragraphs in cells]
        inner = "".join(cell(text, width) for text, width in zip(texts, widths, strict=True))
        return f"<w:tr><w:trPr>{'' if breaks else '<w:cantSplit/>'}</w:trPr>{inner}</w:tr>"

    return make


def group_row(heading, text):
    """Return a row over all columns that names what the rows below it belong to, and stays with the first of them."""

    def make(widths, link_id):
        keep = "<w:keepNext/>"
        inner = paragraph(heading, link_id, style="Heading3", properties=keep)
        inner += paragraph(text, link_id, style=IN_TABLE, properties=keep) if text else ""
        span = f'<w:gridSpan w:val="{len(widths)}"/><w:shd w:val="clear" w:color="auto" w:fill="F6F4EF"/>'
        return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cell(inner, sum(widths), span)}</w:tr>"

    return make


def cell(paragraphs, width, properties=""):
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{properties}</w:tcPr>{paragraphs or "<w:p/>"}</w:tc>'


def attribute(text):
    return escape(text, {'"': "&quot;", "\n": " "})
