"""What stands in a table is imported, or named as left out: nothing is lost without a word."""

import csv
import io

import pytest
from xlsxwriter import Workbook

from deliverables.models import StatusUpdate
from plans.models import ActionLine, Measure, Visibility
from reports.imports.applying import preview_import
from reports.imports.files.reading import read_source
from reports.imports.mapping.choices import guess
from reports.imports.mapping.lines import mapped_lines
from tests.builders import answer_columns, deliverable, new_plan, preview_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty(plan):
    """A plan without parts."""
    draft = new_plan(deliverables=0, visibility=Visibility.DRAFT)
    Measure.objects.filter(action_line__plan=draft).delete()
    ActionLine.objects.filter(plan=draft).delete()
    return draft


def table(*rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def workbook(**sheets):
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return file.getvalue()


def lines_of(content, plan, **choices):
    reading = guess(read_source(content), plan)
    for name, value in choices.items():
        setattr(reading.choices, name, value)
    return mapped_lines(reading, plan)


def titles(lines):
    return [line["title"] for _row, line in lines.rows]


# Sheets that are read together


def test_a_footnote_without_a_head_in_a_second_sheet_is_named(empty):
    heads = ["Action", "Due date"]
    content = workbook(One=[heads, ["A lane", "2021"]], Two=[heads, ["A park", "2022", "", "", "Source: the council"]])
    lines = lines_of(content, empty)
    assert (titles(lines), lines.left_out) == (["A lane", "A park"], ["Columns: column C."])


def test_two_columns_of_one_name_stay_two_in_a_second_sheet(empty):
    heads = ["Action", "Link", "Link", "Status"]
    first = [heads, ["A lane", "https://a.org", "https://b.org", "Done"]]
    second = [heads, ["A park", "https://c.org", "https://d.org", "Done"]]
    lines = lines_of(workbook(One=first, Two=second), empty)
    assert [line["evidence_link"] for _row, line in lines.rows] == [
        "https://a.org\nhttps://b.org",
        "https://c.org\nhttps://d.org",
    ]


# Headings and outlines

WITH_TITLES_ALONE = table(
    ["Commitment", "Due date", "Note", "Status"],
    ["GREEN CITY", "", "", ""],
    ["A lane", "2021", "x", "Ongoing"],
    ["A park", "2021", "x", "Ongoing"],
    ["OPEN CITY", "", "", ""],
    ["A museum", "2021", "x", "Ongoing"],
    ["A library", "2021", "x", "Ongoing"],
    ["A school that nobody has dated", "", "", ""],
)


def test_headings_without_a_row_below_are_named(empty):
    lines = lines_of(WITH_TITLES_ALONE, empty)
    assert {line["action_line_title"] for _row, line in lines.rows} == {"GREEN CITY", "OPEN CITY"}
    assert lines.left_out == ["Headings without a row below: A school that nobody has dated."]


def test_rows_with_a_title_alone_may_be_deliverables(empty):
    lines = lines_of(WITH_TITLES_ALONE, empty, has_headings=False, line_from="")
    assert "A school that nobody has dated" in titles(lines)


def test_whether_they_are_headings_is_asked(empty):
    assert guess(read_source(WITH_TITLES_ALONE), empty).titles_alone == [
        "GREEN CITY",
        "OPEN CITY",
        "A school that nobody has dated",
    ]


OUTLINE = table(
    ["Code", "Title", "Due", "Status"],
    ["1", "Mobility", "", ""],
    ["1.1", "Cycling", "2022", "Done"],
    ["1.1.1", "A lane", "2021", "Ongoing"],
    ["2", "Housing", "", ""],
    ["2.1", "Flats for all", "2021", "Ongoing"],
)


def test_a_row_of_an_outline_without_any_below_is_a_deliverable(empty):
    lines = lines_of(OUTLINE, empty)
    assert titles(lines) == ["A lane", "Flats for all"]
    assert lines.rows[1][1]["action_line_title"] == "Housing"


def test_what_a_measure_of_an_outline_holds_besides_its_title_is_named(empty):
    assert lines_of(OUTLINE, empty).left_out == ["What rows of lines and measures hold besides their title: row 3."]


# Columns that are not imported


def test_notes_and_links_of_a_table_without_statuses_are_named(empty):
    content = table(["Line", "Title", "Description", "Link"], ["Mobility", "A lane", "Three km.", "https://a.org"])
    assert lines_of(content, empty).left_out == ["Columns: Description, Link."]


def test_what_statuses_do_not_need_is_named(plan):
    content = table(["Code", "Status", "Due date"], ["L1M1D2", "Ongoing", "2021"])
    assert lines_of(content, plan).left_out == ["Columns: Due date."]


# Codes, titles, levels


def test_a_code_with_the_title_of_another_deliverable_is_refused(plan):
    title = deliverable("L1M1D2").title
    content = table(["Code", "Deliverable", "Status"], ["L1M1D1", title, "Ongoing"])
    text = "The plan has this title at L1M1D2, not at L1M1D1. Correct one of them, or leave the titles out."
    assert text in [problem.text for problem in preview_of(plan, content).problems]


def test_a_title_that_the_plan_does_not_have_is_told(plan):
    content = table(["Code", "Deliverable", "Status"], ["L1M1D1", "Something else", "Ongoing"])
    assert lines_of(content, plan).remarks == ["Titles that are none of the plan's, where the code decides: row 2."]


def test_a_new_line_does_not_get_the_text_of_another(empty):
    content = table(["Code", "Line", "Title"], ["L1M1D1", "Mobility", "A lane"], ["L2M1D1", "", "A park"])
    assert "L2 is new. Enter its text here." in [
        problem.text for problem in preview_of(empty, content, "plan").problems
    ]


def test_letters_and_numbers_alone_name_lines_and_measures(empty):
    rows = [["A", "1", "A lane"], ["A", "2", "A park"], ["B", "1", "A school"]]
    lines = lines_of(table(["Line no", "Measure no", "Action"], *rows), empty)
    assert [str(line["code"]) for _row, line in lines.rows] == ["L1M1D1", "L1M2D1", "L2M1D1"]


# Words and dates


def test_withdrawn_is_a_word_as_others_in_a_table_of_somebody_else(empty):
    content = table(["Action", "Status"], ["A lane", "Withdrawn"], ["A park", "Ongoing"])
    reading = guess(read_source(content), empty)
    assert reading.choices.statuses["withdrawn"] == "not_developed:given_up"
    assert [change.title for change in preview_import(empty, reading).changes if change.column == "First status"] == [
        "A lane",
        "A park",
    ]


def test_a_remembered_order_of_days_gives_way_to_the_file(empty):
    content = table(["Action", "Due date"], ["A lane", "12/25/2021"])
    assert guess(read_source(content), empty, lambda heads: {"month_first": False}).choices.month_first is True


# Pages


def test_a_preview_is_applied_only_as_it_was_shown(secretariat, plan):
    content = table(["code", "status", "effective_on"], ["L1M1D2", "in_progress", "2021-01-14"])
    file = io.BytesIO(content)
    file.name = "table.csv"
    preview = secretariat.post("/plans/2018-2020/import/", {"file": file}).url
    context = secretariat.get(preview).context
    sent = {"seen": context["plan"].revision, "choices": context["imported"].choices_digest}
    assert answer_columns(secretariat, Page(preview), note="The same for all rows.").status_code == 302
    assert secretariat.post(preview + "apply/", sent).status_code == 409
    assert not StatusUpdate.objects.filter(note="The same for all rows.").exists()


class Page:
    def __init__(self, url):
        self.url = url


def test_a_column_with_too_many_words_is_no_status(secretariat, plan):
    rows = [[f"L1M1D{number}", f"word {number}"] for number in range(1, 1200)]
    file = io.BytesIO(table(["Code", "Words"], *rows))
    file.name = "table.csv"
    uploaded = secretariat.post("/plans/2018-2020/import/", {"file": file})
    response = answer_columns(secretariat, uploaded, column_1="status", column_0="title")
    assert response.status_code == 422
    assert "which is too many for a status" in response.content.decode()


# Cells


def test_the_address_behind_a_text_becomes_evidence(empty):
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Action", "Status", "Link"])
        sheet.write_row(1, 0, ["A lane", "Done"])
        sheet.write_url(1, 2, "https://a.org/2017", string="Report 2017")
    ((_row, line),) = lines_of(file.getvalue(), empty).rows
    assert (line["evidence_link"], line["evidence_title"]) == ("https://a.org/2017", "Report 2017")


def test_words_beside_a_link_go_to_the_note_where_there_is_a_title(empty):
    rows = [["Action", "Status", "Link", "Evidence title"], ["A lane", "Done", "Gazette 12: https://a.org", "Minutes"]]
    ((_row, line),) = lines_of(table(*rows), empty).rows
    assert (line["evidence_title"], line["note"]) == ("Minutes", "Gazette 12")


def test_links_of_rows_without_a_status_are_named(empty):
    rows = [["Action", "Status", "Link"], ["A lane", "", "https://a.org"], ["A park", "Ongoing", ""]]
    assert lines_of(table(*rows), empty).left_out == ["Notes, links and others of rows without a status: row 2."]


def test_targets_that_are_no_number_of_something_are_named(empty):
    rows = [["Action", "Meta"], ["A lane", "n/d"], ["A park", "1.5"], ["A school", "6 schools"], ["A fair", "7"]]
    lines = lines_of(table(*rows), empty, fields=["title", "target"])
    assert lines.left_out == ["Targets that are no whole number with what it counts: rows 2, 3, 5."]
    assert [line["target"] for _row, line in lines.rows] == ["", "", "6", ""]
