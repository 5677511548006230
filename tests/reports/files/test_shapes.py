"""Plans of other shapes in the documents: 30 lines, 760 deliverables, long titles, other scripts."""

import io

import pytest
from pypdf import PdfReader

from reports.figures.summary import summarise
from reports.files.brief import FEW, NAME, brief_context, write_brief
from reports.files.formats import write_docx, write_pdf, write_pptx
from reports.files.pdf import as_typeset
from tests.builders import TODAY
from tests.reports.files.office_files import slides_of, text_of_docx, text_of_pptx
from tests.shapes import TEXTS, plan_of_shape

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(plan):
    return summarise(plan_of_shape(lines=30, deliverables=760), today=TODAY)


def pages(data):
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def test_the_brief_of_30_lines_is_one_page_with_each(large):
    (text,) = pages(write_brief(large))
    assert text.count("0 of 28 attained") + text.count("0 of 24 attained") == 30


def test_the_brief_of_30_lines_lists_fewer_of_the_rest(large):
    content = brief_context(large)
    assert len(content["ahead"]) <= FEW
    assert max(len(line["title"]) for line in content["lines"]) <= NAME


def test_the_report_of_760_names_every_deliverable(large):
    text = " ".join(pages(write_pdf(large)))
    assert [row.code for row in large.rows if str(row.code) not in text] == []


def test_the_slides_name_each_of_30_lines(large):
    content = write_pptx(large)
    text = text_of_pptx(content)
    assert [line.title for line in large.lines if line.title not in text] == []
    assert len(slides_of(content)) <= 10


@pytest.mark.parametrize("script", TEXTS)
@pytest.mark.parametrize("write", [write_pdf, write_brief])
def test_documents_in_another_script_carry_the_accessibility_standards(plan, script, write):
    summary = summarise(plan_of_shape(texts=TEXTS[script]), today=TODAY)
    metadata = PdfReader(io.BytesIO(write(summary))).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_a_text_from_the_right_is_isolated_and_others_are_not():
    arabic, thai = TEXTS["arabic"]["title"], TEXTS["thai"]["title"]
    assert [as_typeset(text) for text in (arabic, "Plan", thai)] == [f"\u2067{arabic}\u2069", "Plan", thai]


def test_a_sentence_that_holds_an_isolated_text_stays_as_it_is():
    sentence = f"\u2067{TEXTS['arabic']['title']}\u2069 Expected on 1 March 2027."
    assert as_typeset(sentence) == sentence


def test_a_title_of_1000_characters_is_whole_in_report_and_word_document(plan):
    summary = summarise(plan_of_shape(deliverables=1, length=1000), today=TODAY)
    title = summary.rows[0].title
    assert title in text_of_docx(write_docx(summary))
    assert "".join(title.split()) in "".join("".join(pages(write_pdf(summary))).split())


@pytest.mark.parametrize("write", [write_brief, write_pptx])
def test_a_title_of_1000_characters_leaves_the_short_documents_short(plan, write):
    content = write(summarise(plan_of_shape(deliverables=12, length=1000), today=TODAY))
    assert len(pages(content) if write is write_brief else slides_of(content)) <= (1 if write is write_brief else 10)
