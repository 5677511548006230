import io
import unicodedata
from collections import Counter
from datetime import date

import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf._text_extraction import mult

from deliverables.models import Deliverable
from plans.models import ActionLine, Measure, Organisation, Plan
from reports.figures.summary import Selection, summarise
from reports.files.pdf import characters_without_font, write_cover, write_pdf
from reports.models import Edition
from tests.builders import TODAY, deliverable, new_plan, report

pytestmark = pytest.mark.django_db


def read(data):
    return PdfReader(io.BytesIO(data))


def text_of(data):
    return " ".join(" ".join(page.extract_text() for page in read(data).pages).split())


def tags_of(data):
    """The kinds of structure elements in the document."""

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            return set().union(*map(walk, node))
        if not hasattr(node, "get"):
            return set()
        below = walk(node["/K"]) if "/K" in node else set()
        return below | ({node["/S"]} if "/S" in node else set())

    return walk(read(data).trailer["/Root"]["/StructTreeRoot"])


@pytest.fixture
def document(plan):
    return write_pdf(summarise(plan, today=TODAY))


def test_the_document_holds_the_printed_headline_and_figures(document):
    text = text_of(document)
    assert "Between 2018 and 2020, Metropolis had 65 outcomes to deliver. In short," in text
    assert "49 10 6 Attained In progress Not developed" in text


def test_the_document_names_every_deliverable_measure_and_line(document, plan):
    text = text_of(document).replace(" ", "").replace("-", "")
    summary = summarise(plan, today=TODAY)
    names = [row.title for row in summary.rows] + [measure.statement for measure in summary.measures]
    names += [line.title for line in summary.lines] + [goal.title for goal in summary.goals]
    assert [name for name in names if name.replace(" ", "").replace("-", "") not in text] == []


def test_the_document_ends_with_the_address(document):
    text = text_of(document)
    assert "financial support" not in text  # the name of the funder is missing in the printed report
    assert "Avinyó, 15. 08002 Barcelona (Spain) Tel. +34 93 342 94 60" in text


def test_the_document_thanks_a_funder_by_name(plan):
    Plan.objects.update(acknowledgement="This report has been edited with the financial support of: Barcelona")
    plan.refresh_from_db()
    text = text_of(write_pdf(summarise(plan, today=TODAY)))
    assert "This report has been edited with the financial support of: Barcelona" in text


def test_the_document_is_tagged_titled_and_in_a_language(document):
    catalog = read(document).trailer["/Root"]
    assert (catalog["/Lang"], catalog["/MarkInfo"]["/Marked"]) == ("en", True)
    assert read(document).metadata.title == "A New Outlook for Rethinking Metropolitan Spaces"
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= tags_of(document)


def test_the_document_claims_the_standards_that_were_checked(document):
    metadata = read(document).trailer["/Root"]["/Metadata"].get_data().decode()
    assert ("<pdfuaid:part>1</pdfuaid:part>" in metadata, "<pdfaid:part>2</pdfaid:part>" in metadata) == (True, True)


def test_the_same_summary_gives_the_same_bytes(document, plan):
    assert write_pdf(summarise(plan, today=TODAY)) == document


def test_what_was_typed_is_text_and_never_code(plan):
    title = '#panic("x") $x^2$ *bold* [a] <b> "q" \\ é العربية'
    odd = new_plan(title=title)
    assert read(write_pdf(summarise(odd, today=TODAY))).metadata.title == title


def test_a_character_that_no_font_has_costs_the_seal_and_not_the_document(plan):
    odd = new_plan(title="Plan አዲስ አበባ 🏙")
    data = write_pdf(summarise(odd, today=TODAY))
    assert "Some characters could not be displayed" in text_of(data)
    assert "pdfuaid" not in read(data).trailer["/Root"]["/Metadata"].get_data().decode()


def is_sealed(data):
    return "pdfuaid" in read(data).trailer["/Root"]["/Metadata"].get_data().decode()


def test_names_in_other_scripts_keep_the_seal(plan):
    data = write_pdf(summarise(new_plan(title="서울 廣州 東京 Αθήνα Київ القاهرة"), today=TODAY))
    assert (is_sealed(data), "서울 廣州 東京 Αθήνα Київ" in text_of(data)) == (True, True)


@pytest.mark.parametrize(
    "title", ["กรุงเทพมหานคร", "नई दिल्ली", "ঢাকা", "சென்னை", "హైదరాబాద్", "ភ្នំពេញ", "תל אביב", "تهران", "Ἀθῆναι", "Київ"]
)
def test_the_scripts_of_member_cities_keep_the_seal(title):
    odd = new_plan(title=f"{title}: {title}", deliverables=1)
    data = write_pdf(summarise(odd, today=TODAY))
    assert (is_sealed(data), characters_without_font(summarise(odd, today=TODAY))) == (True, [])


@pytest.mark.parametrize(
    "title", ["تقرير السنوات الثلاث", "گزارش پیشرفت چهارم", "ٹیکنالوجی کی رپورٹ", "דוח שלוש השנים"]
)
def test_texts_that_run_from_the_right_can_be_copied(title):
    """Each letter is there as often as the title. Some fonts build a letter of two glyphs, and each is copied."""
    text = text_of(write_pdf(summarise(new_plan(title=title, deliverables=1), today=TODAY)))
    found, letters = (Counter(unicodedata.normalize("NFKC", each)) for each in (text, title.replace(" ", "")))
    times = {found[letter] / number for letter, number in letters.items()}
    assert (len(times), min(times) >= 1) == (1, True)


def test_characters_without_a_font_are_named(plan):
    odd = summarise(new_plan(title="Plan አዲስ and 𐎠, Done ✅"), today=TODAY)
    assert characters_without_font(odd) == ["ስ", "አ", "ዲ", "𐎠"]


def test_emoji_are_set_as_their_names_and_keep_the_seal(plan):
    data = write_pdf(summarise(new_plan(title="Done ✅ 🏙️"), today=TODAY))
    assert (is_sealed(data), "Done [white heavy check mark] [cityscape]" in text_of(data)) == (True, True)


@pytest.mark.parametrize(("number", "words"), [(1, 900), (4, 170), (6, 170)])
def test_a_measure_of_long_texts_loses_none_of_them(plan, sofia, number, words):
    odd = new_plan(deliverables=number)
    measure = odd.action_lines.get().measures.get()
    measure.statement = "That WORDS are kept. " * 300 * (number == 1) + "End of the statement."
    measure.save(update_fields=["statement"])
    for row in measure.deliverables.all():
        row.title = "TITLE " * 80
        row.save(update_fields=["title"])
        report(row, "attained", by=sofia, note="WORD " * words + f"end-{row.number}.")
    data = write_pdf(summarise(odd, today=TODAY))
    text = text_of(data)
    assert [row for row in range(1, number + 1) if f"end-{row}." not in text] == []
    assert ("End of the statement." in text, outside_the_page(data)) == (True, [])


def outside_the_page(data):
    """What begins beyond the edges of its page."""
    found = []
    for page in read(data).pages:
        box = page.mediabox

        def note(text, page_matrix, text_matrix, *_font, box=box):
            x, y = mult(text_matrix, page_matrix)[4:]
            if text.strip() and not (box.left <= x <= box.right and box.bottom <= y <= box.top):
                found.append(text)

        page.extract_text(visitor_text=note)
    return found


def test_a_measure_longer_than_a_page_goes_on_over_the_next(plan):
    data = write_pdf(summarise(new_plan(deliverables=120), today=TODAY))
    assert (outside_the_page(data), "L1M1D120" in text_of(data)) == ([], True)


@pytest.mark.parametrize(("lines", "measures", "rows"), [(3, 40, 3), (8, 15, 3), (1, 77, 10)])
def test_nothing_of_a_large_plan_falls_off_its_page(lines, measures, rows):
    large = new_plan(deliverables=0)
    for number in range(2, lines + 2):
        line = ActionLine.objects.create(plan=large, number=number, title=f"Line {number}")
        for place in range(1, measures + 1):
            measure = Measure.objects.create(action_line=line, number=place, statement=f"Statement {place}")
            Deliverable.objects.bulk_create(
                Deliverable(measure=measure, number=each, title=f"Outcome {each}") for each in range(1, rows + 1)
            )
    data = write_pdf(summarise(Plan.objects.get(pk=large.pk), today=TODAY))
    assert (outside_the_page(data), is_sealed(data)) == ([], True)


def test_a_cover_with_the_longest_texts_is_one_picture(plan):
    Organisation.objects.update(full_name="A very long name of an organisation " * 8)
    Plan.objects.filter(pk=plan.pk).update(title="A long title of a plan " * 8, subtitle="A long subtitle " * 12)
    title = "A long title of an edition " * 7
    summary, publication = Edition.objects.draft(Plan.objects.get(pk=plan.pk), title=title, as_of=TODAY, on=TODAY)
    assert write_cover(summary, publication).startswith(b"\x89PNG")


def test_evidence_with_links_stays_in_each_row_although_the_titles_are_equal(plan, sofia):
    links = [f"https://example.org/{number}" for number in (1, 2, 3)]
    for code, link in zip(("L1M1D1", "L1M2D1", "L1M2D2"), links, strict=True):
        report(deliverable(code), "attained", by=sofia, evidence_title="Annual report", evidence_link=link)
    page = write_pdf(summarise(plan, today=TODAY))
    found = {
        a.get_object()["/A"]["/URI"] for p in read(page).pages for a in p.get("/Annots", []) if "/A" in a.get_object()
    }
    assert set(links) <= found


def test_a_note_of_5000_characters_stays_on_its_pages(plan, sofia):
    report(deliverable("L1M1D1"), "attained", by=sofia, note="word " * 999)
    assert outside_the_page(write_pdf(summarise(plan, today=TODAY))) == []


LINK = "https://metropolis.org/a-very-long-address/of-a-document-that-nobody-types/minutes-of-the-board-2019-12-31.pdf"


def test_a_long_address_is_copied_and_found_as_it_is(plan, sofia):
    """A zero-width space at each place where it may break was copied along."""
    report(deliverable("L1M1D1"), "attained", by=sofia, evidence_link=LINK)
    data = write_pdf(summarise(plan, today=TODAY))
    text = "".join(page.extract_text() for page in read(data).pages)
    assert (LINK in text.replace("\n", ""), [c for c in text if unicodedata.category(c) == "Cf"]) == (True, [])


def last_line_of(page):
    """The text above the footer that is lowest on a page."""
    lines = {}

    def visit(text, cm, tm, *rest):
        if text.strip():
            lines.setdefault(round(mult(tm, cm)[5]), []).append(text)

    page.extract_text(visitor_text=visit)
    return "".join(lines[min(y for y in lines if y > FOOTER)])


FOOTER = 62  # points from the foot of the page


@pytest.mark.parametrize(("number", "words"), [(1, 190), (6, 14)])
@pytest.mark.parametrize("above", range(14, 24))
def test_no_heading_is_alone_at_the_foot_of_a_page(plan, above, number, words):
    """Nor with the bar and the counts that follow it: the first rows of its table come on the same page."""
    odd = new_plan(deliverables=0)
    for position in range(above):
        measure = Measure.objects.create(action_line=odd.action_lines.get(), number=position + 2, statement="So.")
        Deliverable.objects.create(measure=measure, number=1, title="Short")
    second = ActionLine.objects.create(plan=odd, number=2, title="The second line")
    measure = Measure.objects.create(action_line=second, number=1, statement="That it is done.")
    for position in range(number):
        Deliverable.objects.create(measure=measure, number=position + 1, title="Word " * words)

    last = [last_line_of(page) for page in read(write_pdf(summarise(odd, today=TODAY))).pages[2:]]
    assert [line for line in last if " attained, " in line or line.startswith(("The second", "Measure"))] == []


def test_a_word_longer_than_a_line_is_broken(plan):
    data = write_pdf(summarise(new_plan(title="W" * 200), today=TODAY))
    title = [line for line in read(data).pages[0].extract_text().splitlines() if "WWW" in line]
    assert (sum(line.count("W") for line in title), max(map(len, title)) < 40) == (200, True)


def test_a_row_tells_its_date_reason_and_evidence(document):
    text = text_of(document)
    assert "L1M4D1 Reason: not stated. Not developed since 31 Dec 2020" in text
    assert text.count("since 31 Dec 2020") == 65


def test_a_note_that_many_rows_have_is_said_once(document):
    text = text_of(document)
    assert text.count("Three-year report 2018-2020: Summary") == 3  # once for each action line
    assert "The same for 17 deliverables: As printed in the three-year report, table of action line 1." in text


def test_control_characters_are_left_out(plan):
    odd = new_plan(title="Bell \x07 and delete \x7f")
    assert read(write_pdf(summarise(odd, today=TODAY))).metadata.title == "Bell  and delete "


def test_a_filtered_document_says_what_its_tables_show(plan):
    chosen = frozenset([deliverable("L1M1D1").code])
    selected = Selection({"q": "calendar"}, "Search: calendar", chosen)
    data = write_pdf(summarise(plan, today=TODAY, selection=selected))
    assert "The tables show 1 of 65 deliverables: Search: calendar." in text_of(data)
    assert "L1M1D2" not in text_of(data)


def test_the_cover_is_a_small_picture_and_always_the_same(plan):
    first, again = (write_cover(summarise(plan, today=TODAY)) for _time in range(2))
    with Image.open(io.BytesIO(first)) as picture:
        assert (picture.format, picture.height > picture.width > 200) == ("PNG", True)
    assert (first == again, len(first) < 10_000) == (True, True)


def test_a_running_plan_has_the_chart_of_what_was_due(sofia):
    plan = new_plan(deliverables=3)
    for row, day in zip(Deliverable.objects.of_plan(plan.slug), (5, 10, 15), strict=True):
        Deliverable.objects.filter(pk=row.pk).update(due_on=date(2021, 6, day))
        report(row, "attained", by=sofia, effective_on=date(2021, 6, day + 1))
    Plan.objects.filter(pk=plan.pk).update(revision=99)
    text = text_of(write_pdf(summarise(Plan.objects.get(pk=plan.pk), date(2021, 6, 12), today=TODAY)))
    assert "Attained and planned Until 12 June 2021: 2 attained, 2 due." in text


def test_a_plan_of_760_deliverables_is_a_document_with_every_title(plan):
    large = new_plan(deliverables=0)
    measures = Measure.objects.filter(action_line__plan=large)
    line = large.action_lines.get()
    for number in range(2, 78):
        Measure.objects.create(action_line=line, number=number, statement=f"Statement {number}")
    Deliverable.objects.bulk_create(
        Deliverable(measure=measure, number=number, title=f"Outcome {measure.number} {number}")
        for measure in measures
        for number in range(1, 11)
    )
    data = write_pdf(summarise(Plan.objects.get(pk=large.pk), today=TODAY))
    text = text_of(data)
    missing = [row.title for row in Deliverable.objects.of_plan(large.slug) if f"{row.title} L1M" not in text]
    assert (missing, is_sealed(data)) == ([], True)
