import io
import zipfile
from datetime import date

import pytest
import time_machine
from django.utils.translation import override
from pptx import Presentation
from pptx.util import Inches
from python_calamine import CalamineWorkbook

from deliverables.models import Deliverable
from plans.models import ActionLine, Measure, Plan
from reports.figures.summary import Selection, summarise
from reports.files.office.look import LOCALES
from reports.files.pptx import presentation, slides_context, write_pptx
from tests.builders import TODAY, deliverable, new_plan, publish, report
from tests.reports.files.office_files import (
    alt_of,
    charts_of,
    counts_of_chart,
    notes_of,
    slides_of,
    text_of_pptx,
    text_of_slide,
)

pytestmark = pytest.mark.django_db
FIGURES = {"Attained": 49, "In progress": 10, "Not developed": 6}
WRITTEN = {
    "foreword": ["Three years ago, our members agreed on 65 outcomes.", "We attained 49 of them."],
    "signed_by": ["Octavi Example", "Secretary General"],
    "key_results": ["Partnerships: all six attained."],
    "decisions": ["Keep or withdraw the map of young people."],
    "meeting": "Board of Directors, 6 December 2022",
}


def written(plan, **options):
    return write_pptx(summarise(plan, today=TODAY, **options))


@pytest.fixture
def slides(plan):
    return slides_of(written(plan))


def content_of(plan):
    return slides_context(summarise(plan, today=TODAY), None)


def titled(slides, title):
    return next(slide for slide in slides if slide.shapes.title.text_frame.text.startswith(title))


def test_there_are_eight_to_ten_slides_of_16_to_9(plan):
    file = Presentation(io.BytesIO(written(plan)))
    assert 8 <= len(file.slides) <= 10
    assert file.slide_width / file.slide_height == pytest.approx(16 / 9, rel=0.001)


def test_every_slide_has_a_title_and_notes(slides):
    titles = [slide.shapes.title.text_frame.text for slide in slides]
    assert titles == [
        "A New Outlook for Rethinking Metropolitan Spaces",
        "49 of 65 outcomes are attained",
        "The whole plan at a glance",
        "Conducting urban diplomacy and advocacy on metropolitan issues",
        "Strengthening capacities for metropolitan governance",
        "Developing a strong, consultative and sustainable internal governance culture",
        "Across the plan",
        "Not attained, with the reasons",
        "About this report",
    ]
    assert all(notes_of(slide).startswith(title) for slide, title in zip(slides, titles, strict=True))


def test_the_figures_are_those_of_the_summary(slides):
    text = text_of_slide(titled(slides, "49 of 65"))
    assert all(f"{count} ✓ {label}" in text for label, count in [("Attained", 49)])
    assert [part in text for part in ("10 ◐ In progress", "6 ✗ Not developed", "75%")] == [True] * 3


def test_the_charts_hold_the_counts(slides):
    by_line, *measures, themes = [counts_of_chart(chart) for chart in charts_of(slides)]
    assert by_line == FIGURES
    assert {label: sum(chart[label] for chart in measures) for label in FIGURES} == FIGURES
    assert themes == {"Attained": 15, "In progress": 3, "Not developed": 4}


def test_the_workbook_behind_a_chart_holds_the_same_numbers(plan):
    with zipfile.ZipFile(io.BytesIO(written(plan))) as file:
        name = next(name for name in file.namelist() if name.endswith(".xlsx"))
        rows = CalamineWorkbook.from_filelike(io.BytesIO(file.read(name))).get_sheet_by_index(0).to_python()
    assert [sum(column) for column in list(zip(*rows[1:], strict=True))[1:]] == [49, 10, 6]


def test_drawings_charts_tables_and_pictures_have_alternative_texts(slides):
    kinds = [
        shape for slide in slides for shape in slide.shapes if shape.has_chart or shape.has_table or is_drawn(shape)
    ]
    assert len(kinds) > 12
    assert [shape.name for shape in kinds if not alt_of(shape)] == []
    assert alt_of(next(shape for shape in slides[0].shapes if is_drawn(shape))).endswith(
        "49 attained, 10 in progress, 6 not developed."
    )


def is_drawn(shape):
    return hasattr(shape, "shapes") or hasattr(shape, "image")


def test_the_skyline_has_a_block_for_each_outcome(slides):
    skyline = next(shape for shape in slides[0].shapes if hasattr(shape, "shapes"))
    widths = [shape.width for shape in skyline.shapes]
    blocks = [shape for shape in skyline.shapes if shape.width == max(widths)]
    assert len(blocks) == 65 + 10  # a block in progress has a half in it


def test_the_slide_of_a_line_names_what_is_not_attained(slides, plan):
    slide = titled(slides, "Strengthening")
    text = text_of_slide(slide)
    assert "Knowledge management strategic plan ◐ In progress" in text
    assert "22 attained, 2 in progress, 3 not developed" in text
    assert "Mapping of members with regard to projects of generational change" in notes_of(slide)


def test_a_line_with_everything_attained_says_so(plan):
    selection = Selection({"status": "attained"}, "status: attained", (deliverable("L1M1D1").code,))
    assert "All attained: nothing was left open." in text_of_pptx(written(plan, selection=selection))


def test_what_people_write_for_an_edition_is_shown(plan):
    content = content_of(plan) | WRITTEN
    content["lines"][0]["comment"] = ["The calendar is shared now."]
    slides = slides_of(presentation(content))
    assert WRITTEN["meeting"] in text_of_slide(slides[0])
    in_short = text_of_slide(titled(slides, "Key results"))
    assert all(text in in_short for key in ("foreword", "signed_by", "key_results") for text in WRITTEN[key])
    assert WRITTEN["decisions"][0] in text_of_slide(titled(slides, "Decisions asked"))
    assert "The calendar is shared now." in text_of_slide(titled(slides, "Conducting"))
    assert len(slides) == 10


def test_an_edition_says_what_changed_and_where_to_check_it(plan, sofia):
    publish(plan, by=sofia, as_of=date(2020, 12, 31))
    report(deliverable("L1M1D2"), "attained", by=sofia)
    edition = publish(plan, by=sofia, as_of=date(2021, 1, 31))
    slides = slides_of(bytes(edition.documents.get(extension="pptx").content))
    assert "✗ Not developed ✓ Attained" in text_of_slide(titled(slides, "What changed since edition 1"))
    last = text_of_slide(slides[-1])
    assert "/plans/2018-2020/editions/2/" in last
    assert "/verify/" in last
    assert "Edition 2, published on" in last


def test_a_preview_says_so_on_every_slide(plan):
    slides = slides_of(presentation(content_of(plan) | {"watermark": "Preview"}))
    assert ["Preview" in text_of_slide(slide) for slide in slides] == [True] * len(slides)
    assert "Preview" not in text_of_pptx(written(plan))


def test_the_same_summary_gives_the_same_bytes_at_another_time(plan):
    summary = summarise(plan, today=TODAY)
    with time_machine.travel("2021-05-06 07:08 +0000"):
        first = write_pptx(summary)
    with time_machine.travel("2022-06-07 08:09 +0000"):
        assert write_pptx(summary) == first


def test_the_file_has_a_title_an_author_and_a_language(plan):
    with override("fr"):
        properties = Presentation(io.BytesIO(written(plan))).core_properties
    assert properties.title == "A New Outlook for Rethinking Metropolitan Spaces"
    assert (properties.author, properties.language, properties.created.date()) == ("Metropolis", "fr-FR", TODAY)


def test_texts_carry_their_language(translated_plan):
    with override("fr"):
        slides = slides_of(written(translated_plan))
        goal = [run for run in runs_of(slides) if "Ligne d’action 1" in run.text]
        assert {run.font.language_id for run in goal} == {1036}  # French
    Plan.objects.get().translations.filter(language="fr").delete()
    with override("fr"):
        slides = slides_of(written(Plan.objects.get()))
    title = slides[0].shapes.title.text_frame.paragraphs[0].runs[0]
    assert title.font.language_id == 2057  # English


def runs_of(slides):
    frames = [shape.text_frame for slide in slides for shape in slide.shapes if shape.has_text_frame]
    return [run for frame in frames for paragraph in frame.paragraphs for run in paragraph.runs]


def test_every_language_of_the_tracker_has_a_locale(settings):
    assert set(LOCALES) == {code for code, _name in settings.LANGUAGES}


def test_a_text_from_the_right_runs_from_the_right(plan):
    Plan.objects.update(title="خطة عمل المدن الكبرى")
    Measure.objects.update(short_name="")
    title = slides_of(written(Plan.objects.get()))[0].shapes.title
    assert [p.get("rtl") for p in title.element.iter() if p.tag.endswith("}pPr")] == ["1"]


def test_markup_that_people_typed_stays_text(plan):
    Plan.objects.update(title="<b>&amp; =1+1</b>")
    assert slides_of(written(Plan.objects.get()))[0].shapes.title.text_frame.text == "<b>&amp; =1+1</b>"


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "<r><t>x</t></r>", "http://evil.example/", "@a", "\x07ring"])
def test_a_name_is_no_formula_in_the_workbook_of_a_chart(plan, name):
    Measure.objects.filter(action_line__number=2).update(short_name=name)
    with zipfile.ZipFile(io.BytesIO(written(plan))) as file:
        sheets = [zipfile.ZipFile(io.BytesIO(file.read(part))) for part in file.namelist() if part.endswith(".xlsx")]
    xml = "".join(sheet.read("xl/worksheets/sheet1.xml").decode() for sheet in sheets)
    assert ("<f>" in xml, "<hyperlink" in xml) == (False, False)
    assert "Pilot projects" not in text_of_pptx(written(plan))


LONG = {
    "Latin": "An agreement on the shared use of metropolitan data, which all members sign " * 7,
    "German": "Donaudampfschifffahrtsgesellschaftskapitänsvereinigungsbeschlussvorlage" * 7,
    "Arabic": "اتفاق بشأن الاستخدام المشترك للبيانات الحضرية الذي يوقعه جميع الأعضاء " * 7,
    "Thai": "ข้อตกลงว่าด้วยการใช้ข้อมูลมหานครร่วมกันซึ่งสมาชิกทุกคนลงนาม" * 8,
    "Chinese": "关于共同使用大都市数据的协议由所有成员签署并在三年内实施" * 18,
}


@pytest.mark.parametrize("script", LONG)
def test_long_titles_stay_on_their_slides(plan, script):
    text = LONG[script][:500].strip()
    Plan.objects.update(title=text, subtitle=text)
    ActionLine.objects.update(title=text)
    Measure.objects.update(statement=text, short_name="")
    Deliverable.objects.update(title=text)
    slides = slides_of(written(Plan.objects.get()))
    assert max(bottom_of(shape) for slide in slides for shape in slide.shapes) <= Inches(7.5)
    assert slides[0].shapes.title.text_frame.text.endswith("…")
    assert text[:450].split()[0] in notes_of(slides[0])


def bottom_of(shape):
    height = sum(row.height for row in shape.table.rows) if shape.has_table else shape.height
    return shape.top + height


def empty(plan):
    """Return a plan without an action line, of one that `new_plan` made."""
    Measure.objects.filter(action_line__plan=plan).delete()
    plan.action_lines.all().delete()
    return plan


def large_plan():
    """A plan of 30 action lines, 150 measures and 760 deliverables without a status."""
    plan = new_plan(deliverables=0, title="Large")
    empty(plan)
    lines = ActionLine.objects.bulk_create(
        ActionLine(plan=plan, number=n, title=f"Line {n} on what cities do together") for n in range(1, 31)
    )
    measures = Measure.objects.bulk_create(
        Measure(action_line=line, number=n, statement=f"That measure {n} is done.")
        for line in lines
        for n in range(1, 6)
    )
    places = [(measures[place % 150], place // 150 + 1) for place in range(760)]
    Deliverable.objects.bulk_create(
        Deliverable(measure=measure, number=n, title=f"Deliverable {n}") for measure, n in places
    )
    return plan


def test_a_plan_of_760_deliverables_takes_ten_slides_at_most(db):
    summary = summarise(large_plan(), today=TODAY)
    slides = slides_of(write_pptx(summary))
    assert len(slides) <= 10
    assert counts_of_chart(charts_of(slides)[0]) == {
        "Attained": 0,
        "In progress": 0,
        "Not developed": 0,
        "No status yet": 760,
    }
    listed = [slide for slide in slides if slide.shapes.title.text_frame.text.startswith("Not attained")]
    rows = sum(len(shape.table.rows) - 1 for slide in listed for shape in slide.shapes if shape.has_table)
    assert f"And {760 - rows} more: see the report." in text_of_slide(listed[-1])
    assert max(bottom_of(shape) for slide in slides for shape in slide.shapes) <= Inches(7.5)


def test_a_plan_without_deliverables_has_a_cover_and_sources(db):
    slides = slides_of(written(new_plan(deliverables=0)))
    assert [slide.shapes.title.text_frame.text for slide in slides][::3] == ["A plan", "About this report"]


def test_a_plan_without_lines_has_slides(db):
    assert len(slides_of(written(empty(new_plan(deliverables=0))))) == 3


def test_slides_of_the_first_day_show_no_status(plan):
    slides = slides_of(write_pptx(summarise(plan, plan.starts_on, today=TODAY)))
    assert counts_of_chart(charts_of(slides)[0])["No status yet"] == 65


def test_filtered_slides_say_what_they_show(plan):
    selection = Selection({"status": "attained"}, "status: attained", (deliverable("L1M1D1").code,))
    text = text_of_pptx(written(plan, selection=selection))
    assert "The tables show 1 of 65 deliverables: status: attained." in text
    assert "49 of 65 outcomes are attained" in text
