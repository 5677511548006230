"""What tests read from a presentation and a Word document, with the packages that also write them."""

import io

from docx import Document
from pptx import Presentation
from pptx.oxml.ns import qn as slide_tag


def slides_of(content):
    return list(Presentation(io.BytesIO(content)).slides)


def texts_of_shape(shape):
    if shape.has_text_frame:
        yield shape.text_frame.text
    if getattr(shape, "has_table", False):
        yield from (cell.text_frame.text for row in shape.table.rows for cell in row.cells)


def text_of_slide(slide):
    return " ".join(" ".join(text for shape in slide.shapes for text in texts_of_shape(shape)).split())


def notes_of(slide):
    return " ".join(slide.notes_slide.notes_text_frame.text.split())


def text_of_pptx(content):
    """The text of all slides with their notes, in one line."""
    return " ".join(f"{text_of_slide(slide)} {notes_of(slide)}" for slide in slides_of(content))


def charts_of(slides, name=""):
    """The charts, or those whose name begins so."""
    shapes = [shape for slide in slides for shape in slide.shapes if shape.has_chart]
    return [shape.chart for shape in shapes if shape.name.startswith(name)]


def counts_of_chart(chart):
    """The sum of each series of a chart, by its name."""
    return {series.name: int(sum(series.values)) for series in chart.plots[0].series}


def alt_of(shape):
    return next(shape.element.iter(slide_tag("p:cNvPr"))).get("descr", "")


def read_docx(content):
    return Document(io.BytesIO(content))


def text_of_docx(content):
    """The text of the body with its tables, in one line."""
    pieces = (block.text for block in blocks_of(read_docx(content)))
    return " ".join(" ".join(pieces).split())


def blocks_of(container):
    """The paragraphs of a document or cell, those of its tables among them, in order."""
    for block in container.iter_inner_content():
        if hasattr(block, "rows"):
            for row in block.rows:
                for cell in row.cells[:1] if len(set(row.cells)) == 1 else row.cells:
                    yield from blocks_of(cell)
        else:
            yield block


def headings_of(content):
    return [(p.style.name, p.text) for p in read_docx(content).paragraphs if p.style.name.startswith("Heading")]
