import time
from datetime import date

import pytest
import time_machine
from django.utils.translation import override
from docx.oxml.ns import qn

from deliverables.models import Decision, Deliverable
from deliverables.plan_editing import structure
from plans.models import Plan
from reports.figures.summary import Selection, summarise
from reports.files.docx import document, write_docx
from reports.files.pdf import report_context
from tests.builders import TODAY, deliverable, new_plan, publish, report
from tests.reports.files.office_files import blocks_of, headings_of, read_docx, text_of_docx
from tests.reports.files.test_pptx import LONG, WRITTEN, empty, large_plan

pytestmark = pytest.mark.django_db
DECISION = Decision("The General Assembly, 1 June 2021", date(2021, 6, 1), "")


def written(plan, **options):
    return write_docx(summarise(plan, today=TODAY, **options))


@pytest.fixture
def content(plan):
    return written(plan)


def test_the_document_names_every_deliverable_measure_line_and_goal_with_its_status(content, plan):
    text, summary = text_of_docx(content), summarise(plan, today=TODAY)
    table_rows = [row for table in read_docx(content).tables[1:4] for row in table.rows]
    by_title = dict([cell.text.split("\n")[0] for cell in row.cells[:2]] for row in table_rows)
    rows = {f"{row.title} {row.code}": f"{glyph_of(row)} {row.status.label}" for row in summary.rows}
    names = [measure.statement for measure in summary.measures] + [goal.title for goal in summary.goals]
    names += [measure.short_name for measure in summary.measures] + [line.title for line in summary.lines]
    assert {title: by_title.get(title) for title in rows} == rows
    assert [each for each in names if " ".join(each.split()) not in text] == []


def glyph_of(row):
    return {"attained": "✓", "in_progress": "◐", "not_developed": "✗"}[row.status.value]


def test_the_figures_are_those_of_the_summary(content):
    text = text_of_docx(content)
    assert "49 ✓ Attained 75% 10 ◐ In progress 15% 6 ✗ Not developed 9%" in text
    assert "49 attained, 10 in progress, 6 not developed." in text
    tables = [each for each in read_docx(content).tables if each.rows[0].cells[0].text == "Deliverable"]
    statuses = [row.cells[1].text for table in tables[:3] for row in table.rows[1:]]
    assert [sum(text.startswith(glyph) for text in statuses) for glyph in "✓◐✗"] == [49, 10, 6]


def test_the_glance_has_a_block_for_each_outcome(content):
    glance = read_docx(content).tables[0]
    blocks = "".join(row.cells[1].text for row in glance.rows[1:] if len(set(row.cells)) == 3)
    assert [blocks.count(block) for block in "■◧□"] == [49, 10, 6]


def test_the_headings_are_in_order(content):
    assert headings_of(content) == [
        ("Heading 1", "The whole plan at a glance"),
        ("Heading 1", "Conducting urban diplomacy and advocacy on metropolitan issues"),
        ("Heading 1", "Strengthening capacities for metropolitan governance"),
        ("Heading 1", "Developing a strong, consultative and sustainable internal governance culture"),
        ("Heading 1", "Across the plan"),
        ("Heading 1", "Since General Assembly of Members, 30 November 2020"),
        ("Heading 1", "Not attained, with the reasons"),
        ("Heading 1", "Sustainable Development Goals served"),
        ("Heading 1", "About this report"),
        ("Heading 2", "Check that this report is genuine"),
    ]


def test_every_table_repeats_its_headings_and_has_an_alternative_text(content):
    tables = list(read_docx(content).element.body.iter(qn("w:tbl")))
    assert len(tables) == 6
    assert [next(table.iter(qn("w:tr"))).find(f".//{qn('w:tblHeader')}") is not None for table in tables] == [True] * 6
    assert all(next(table.iter(qn("w:tblCaption"))).get(qn("w:val")) for table in tables)


def test_rows_stay_on_one_page_unless_they_are_long(plan):
    Deliverable.objects.filter(measure__number=1, number=1).update(title="x " * 600)
    rows = list(read_docx(written(plan)).element.body.iter(qn("w:tr")))
    free = [row for row in rows if row.find(f".//{qn('w:cantSplit')}") is None]
    assert 0 < len(free) < 20 < len(rows)


def test_evidence_is_a_link(plan, sofia):
    report(
        deliverable("L1M1D1"),
        "attained",
        by=sofia,
        evidence_title="Minutes",
        evidence_link="https://a.example/ü?a=1&b=2",
    )
    links = [link for block in blocks_of(read_docx(written(plan))) for link in block.hyperlinks]
    assert [(link.text, link.address) for link in links if link.text == "Minutes"] == [
        ("Minutes", "https://a.example/%C3%BC?a=1&b=2")
    ]


def test_what_people_write_for_an_edition_is_shown(plan):
    content = report_context(summarise(plan, today=TODAY), None) | WRITTEN
    content["lines"][0]["comment"] = ["The calendar is shared now."]
    content["lines"][0]["measures"][0]["rows"][1] |= {"note": "The money came late.", "next": "Print it in May."}
    text = text_of_docx(document(content))
    own = [text for key in ("foreword", "signed_by", "key_results", "decisions") for text in WRITTEN[key]]
    own += [WRITTEN["meeting"], "The calendar is shared now.", "The money came late.", "Next: Print it in May."]
    assert [each for each in own if each not in text] == []


def test_an_edition_says_what_changed_and_where_to_check_it(plan, sofia):
    publish(plan, by=sofia, as_of=date(2020, 12, 31))
    report(deliverable("L1M1D2"), "attained", by=sofia)
    edition = publish(plan, by=sofia, as_of=date(2021, 1, 31))
    text = text_of_docx(bytes(edition.documents.get(extension="docx").content))
    assert "What changed since edition 1, as of 31 December 2020" in text
    assert "L1M1D2 Seen in the minutes of the Board. ✗ Not developed ✓ Attained" in text
    assert "/plans/2018-2020/editions/2/" in text
    assert edition.history_head in text


def test_a_preview_says_so_in_its_headers(plan):
    content = report_context(summarise(plan, today=TODAY), None)
    section = read_docx(document(content | {"watermark": "Preview"})).sections[0]
    headers = [section.first_page_header, section.header]
    assert ["Preview" in header.paragraphs[0].text for header in headers] == [True, True]
    assert "Preview" not in read_docx(document(content)).sections[0].header.paragraphs[0].text


def test_the_same_summary_gives_the_same_bytes_at_another_time(plan):
    summary = summarise(plan, today=TODAY)
    with time_machine.travel("2021-05-06 07:08 +0000"):
        first = write_docx(summary)
    with time_machine.travel("2022-06-07 08:09 +0000"):
        assert write_docx(summary) == first


def test_the_document_has_a_title_an_author_and_a_language(plan):
    with override("es"):
        file = read_docx(written(plan))
    properties = file.core_properties
    assert properties.title == "A New Outlook for Rethinking Metropolitan Spaces"
    assert (properties.author, properties.language, properties.created.date()) == ("Metropolis", "es-ES", TODAY)
    assert {each.get(qn("w:val")) for each in file.styles.element.iter(qn("w:lang"))} == {"es-ES"}


def test_a_text_without_a_translation_names_its_language(plan):
    with override("es"):
        file = read_docx(written(plan))
    title = next(paragraph for paragraph in file.paragraphs if paragraph.style.name == "Title")
    assert [each.get(qn("w:val")) for each in title.runs[0].font.element.iter(qn("w:lang"))] == ["en-GB"]
    assert list(read_docx(written(plan)).element.body.iter(qn("w:lang"))) == []


def test_a_text_from_the_right_runs_from_the_right(plan):
    Plan.objects.update(title="خطة عمل المدن الكبرى")
    file = read_docx(written(Plan.objects.get()))
    title = next(paragraph for paragraph in file.paragraphs if paragraph.style.name == "Title")
    marks = [title.paragraph_format.element.find(f".//{qn(tag)}") is not None for tag in ("w:bidi", "w:rtl")]
    assert marks == [True, True]


def test_pictures_have_alternative_texts(content, settings):
    texts = [each.get("descr") for each in read_docx(content).element.body.iter(qn("wp:docPr"))]
    assert len(texts) == 2
    assert texts[0].endswith("49 attained, 10 in progress, 6 not developed.")
    assert texts[1] == f"Check that this report is genuine {settings.SITE_URL}/plans/2018-2020/"


def test_markup_that_people_typed_stays_text(plan):
    Plan.objects.update(title="<w:b/>&amp; \x07{{ 1 }}")
    assert "<w:b/>&amp; {{ 1 }}" in text_of_docx(written(Plan.objects.get()))


@pytest.mark.parametrize("script", LONG)
def test_texts_of_any_script_are_there_in_full(plan, script):
    text = " ".join(LONG[script][:500].split())
    Deliverable.objects.update(title=text)
    assert text_of_docx(written(plan)).count(text) >= 65


def test_a_plan_of_760_deliverables_is_written_in_seconds(db):
    summary = summarise(large_plan(), today=TODAY)
    begun = time.perf_counter()
    content = write_docx(summary)
    assert time.perf_counter() - begun < 5
    assert text_of_docx(content).count("– No status yet") >= 760


def test_a_plan_without_lines_has_a_document(db):
    headings = headings_of(written(empty(new_plan(deliverables=0))))
    names = ["The whole plan at a glance", "About this report", "Check that this report is genuine"]
    assert [heading for _style, heading in headings] == names


def test_a_withdrawn_deliverable_is_named_below_and_not_counted(plan, sofia):
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=DECISION)
    text = text_of_docx(written(Plan.objects.get()))
    assert "(L1M1D2). Withdrawn on 1 June 2021." in text.partition("Withdrawn, not included in the totals")[2]
    assert "49 attained, 10 in progress, 5 not developed." in text


def test_a_filtered_document_says_what_it_shows(plan):
    selection = Selection({"status": "attained"}, "status: attained", (deliverable("L1M1D1").code,))
    text = text_of_docx(written(plan, selection=selection))
    assert "The tables show 1 of 65 deliverables: status: attained." in text
    assert text.count("L1M1D2") == 0
