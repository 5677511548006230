"""A Word document: its styles, its header and footer, and calls that add headings, paragraphs, tables and pictures."""

import io
from functools import cache

from django.utils.translation import get_language
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from reports.files.office.fitting import shorten
from reports.files.office.look import HEADINGS, LOCALES, NAVY, Piece, rgb, set_properties, template_of
from reports.files.word.markup import NAMESPACES, field, paragraph, run, table

# Size in points, space before and after, whether bold, colour.
STYLES = {
    "Normal": (10, 0, 5, False, "ink"),
    "Title": (30, 26, 8, True, NAVY),
    "Subtitle": (14, 0, 18, False, "ink-soft"),
    "Heading 1": (20, 26, 8, True, NAVY),
    "Heading 2": (14, 16, 6, True, NAVY),
    "Heading 3": (10.5, 2, 1, True, NAVY),
    "Caption": (8.5, 3, 10, False, "ink-soft"),
    "Table Text": (9.5, 0, 1, False, "ink"),
    "Foreword": (12, 0, 9, False, "ink"),
    "Figure": (36, 8, 0, True, "ink"),
    "List Bullet": (10, 0, 4, False, "ink"),
}
BORDERS = (
    f'<w:tblPr {nsdecls("w")}><w:tblBorders><w:top w:val="single" w:sz="12" w:color="{NAVY}"/>'
    '<w:bottom w:val="single" w:sz="4" w:color="{rule}"/><w:insideH w:val="single" w:sz="4" w:color="{rule}"/>'
    '</w:tblBorders><w:tblCellMar><w:top w:w="45" w:type="dxa"/><w:left w:w="0" w:type="dxa"/>'
    '<w:bottom w:w="30" w:type="dxa"/><w:right w:w="140" w:type="dxa"/></w:tblCellMar></w:tblPr>'
)
PAGE_NUMBERS = f"<w:r><w:tab/></w:r>{field('PAGE')}<w:r><w:t> / </w:t></w:r>{field('NUMPAGES')}"


class Report:
    """The document of a content. Its parts are added in order."""

    def __init__(self, content):
        self.content = content
        self.file = Document(io.BytesIO(template()))
        self.end = self.file.element.body.find(qn("w:sectPr"))
        set_properties(self.file.core_properties, content)
        for element in (self.file.styles.element, self.file.settings.element):
            set_language(element)
        self.add_margins()

    def link_id(self, address):
        return self.file.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)

    def add(self, xml):
        self.end.addprevious(parse_xml(xml))

    def add_heading(self, text, level=1, *, new_page=False):
        properties = "<w:pageBreakBefore/>" if new_page else ""
        self.add_paragraph([Piece(text)], f"Heading {level}", properties)

    def add_paragraph(self, pieces, style="Normal", properties=""):
        style_id = style.replace(" ", "")
        self.add(paragraph(pieces, self.link_id, style=style_id, properties=properties, namespaces=NAMESPACES))

    def add_paragraphs(self, texts, style="Normal", properties=""):
        for text in texts:
            self.add_paragraph([Piece(text)], style, properties)

    def add_table(self, columns, rows, caption):
        """Add a table with its headings, which are repeated on each page. See `markup.table`."""
        heads = [(Piece(heading, bold=True, small=True, colour="ink-soft"), share) for heading, share in columns]
        self.add(table(heads, rows, self.link_id, caption=Piece(caption).plain))
        self.add_paragraph([], "Caption")  # otherwise the next table would become a part of this one

    def add_picture(self, content, width, alt):
        """Add a picture of this width (mm) with its alternative text."""
        self.file.add_picture(io.BytesIO(content), width=Mm(width))
        for properties in self.file.element.body.iter(qn("wp:docPr")):
            if not properties.get("descr"):
                properties.set("descr", Piece(alt).plain)
                for side in "TBLR":  # LibreOffice would take 3 mm
                    properties.getparent().set(f"dist{side}", "0")

    def add_margins(self):
        """Add the header with the title, on a preview with that word, and the footer with the page's number."""
        content, section = self.content, self.file.sections[0]
        section.different_first_page_header_footer = True
        preview = Piece(content["watermark"], bold=True, colour="not-developed")
        title = shorten(Piece(f"{content['organisation']} · {content['title']}").plain, 5.5, 8.5)
        at_the_end = f"<w:r><w:tab/></w:r>{run(preview)}"
        self.fill(section.first_page_header, "Header", [], at_the_end)
        self.fill(section.header, "Header", [soft(title)], at_the_end)
        self.fill(section.footer, "Footer", [soft(f"{content['kind']} · {content['as_of']}")], PAGE_NUMBERS)

    def fill(self, margin, style, pieces, end=""):
        """Replace what a header or footer holds by one paragraph."""
        margin.is_linked_to_previous = False
        old = margin.paragraphs[0].paragraph_format.element
        xml = paragraph(pieces, self.link_id, style=style, namespaces=NAMESPACES)
        old.getparent().replace(old, parse_xml(xml.replace("</w:p>", f"{end}</w:p>")))

    def as_bytes(self):
        file = io.BytesIO()
        self.file.save(file)
        return file.getvalue()


def soft(text):
    """Return a small text in grey."""
    return Piece(text, small=True, colour="ink-soft")


def set_language(element):
    """Set the language of a document in its styles or settings."""
    for language in element.iter(qn("w:lang"), qn("w:themeFontLang")):
        language.set(qn("w:val"), LOCALES[get_language()])


@cache
def template():
    """Return an empty document of A4 with our styles, as bytes."""
    file = Document(io.BytesIO(template_of(Document())))
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(22), Mm(20)
    for name, look in STYLES.items():
        if name not in file.styles:
            file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = file.styles["Normal"]
        set_style(file.styles[name], *look)
    for name in ("Figure", "Foreword"):
        file.styles[name].font.name = HEADINGS
    for name in ("Header", "Footer"):
        stops = file.styles[name].paragraph_format.tab_stops
        stops.clear_all()
        stops.add_tab_stop(Mm(170), alignment=2)
    add_table_style(file.styles)
    add_link_style(file.styles)

    bytes_of = io.BytesIO()
    file.save(bytes_of)
    return bytes_of.getvalue()


def set_style(style, size, before, after, bold, colour):
    for border in list(style.element.iter(qn("w:pBdr"))):
        border.getparent().remove(border)
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor.from_string(rgb(colour))
    for element in style.element.iter(qn("w:color")):
        for name in [name for name in element.attrib if "theme" in name]:
            del element.attrib[name]
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.line_spacing = 1.15


def add_table_style(styles):
    """Add the style of the tables: a strong line at the top, hairlines between the rows."""
    style = styles.add_style("Report", WD_STYLE_TYPE.TABLE)
    style.base_style = styles["Normal Table"]
    style.element.append(parse_xml(BORDERS.format(rule=rgb("rule"))))


def add_link_style(styles):
    style = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    style.font.color.rgb, style.font.underline = RGBColor.from_string(rgb("accent")), True
