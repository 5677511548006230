import csv
import io
import json

import pytest
from lxml import html
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from deliverables.models import Deliverable
from plans.models import Measure, Plan
from reports.figures.snapshot import from_snapshot
from reports.figures.summary import summarise
from reports.files.fields import COLUMNS, ORIGIN
from reports.files.formats import FORMATS, write_csv, write_json
from tests.builders import TODAY, deliverable, new_plan, report
from tests.reports.files.office_files import slides_of, text_of_docx, text_of_slide

pytestmark = pytest.mark.django_db

VOICE_OF_THE_MAYORS = (
    'Publications "Voice of the Mayors" as samples of the legacy from the mayors of the major metropolises'
)

L1M1 = (
    "That global political events, themes, and issues have been closely followed, and responses have been assessed and"
    " prioritized for taking up through focused urban diplomacy."
)


def read_csv(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_csv_begins_with_the_mark_that_excel_looks_for(plan):
    assert write_csv(summarise(plan, today=TODAY)).startswith(b"\xef\xbb\xbfcode,action_line,measure,")


def test_the_csv_has_a_line_for_each_deliverable(plan):
    rows = read_csv(write_csv(summarise(plan, today=TODAY)))
    assert (len(rows), list(rows[0])) == (65, [*(column.name for column in COLUMNS), *ORIGIN])


def test_a_csv_line_holds_the_whole_row(plan):
    assert read_csv(write_csv(summarise(plan, today=TODAY)))[1] == {
        "code": "L1M1D2",
        "action_line": "L1",
        "action_line_title": "Conducting urban diplomacy and advocacy on metropolitan issues",
        "themes": "",
        "regions": "",
        "language": "en",
        "translation": "",
        "measure": "L1M1",
        "measure_statement": L1M1,
        "measure_name": "Following global events",
        "continues": "",
        "title": VOICE_OF_THE_MAYORS,
        "status": "not_developed",
        "since": "2020-12-31",
        "effective_on": "2020-12-31",
        "reason": "not_stated",
        "due_on": "",
        "evidence_title": "Three-year report 2018-2020: Summary",
        "evidence_link": "",
        "note": "As printed in the three-year report, table of action line 1.",
        "next_step": "",
        "expected_on": "",
        "achieved": "",
        "target": "",
        "target_unit": "",
        "as_of": "2026-11-24",
        "history_head": plan.history_head,
        "edition": "",
        "edition_link": "",
    }


def test_a_formula_typed_as_a_note_is_text_in_the_csv(plan, sofia):
    report(deliverable("L1M1D1"), "attained", by=sofia, note='=HYPERLINK("https://evil.example", 1)')
    assert read_csv(write_csv(summarise(plan, today=TODAY)))[0]["note"] == """'=HYPERLINK("https://evil.example", 1)"""


def test_the_json_holds_plan_counts_lines_measures_and_rows(plan):
    content = json.loads(write_json(summarise(plan, today=TODAY)))
    assert content["counts"] == {
        "attained": 49,
        "in_progress": 10,
        "not_developed": 6,
        "no_status": 0,
        "total": 65,
    }
    assert (content["as_of"], content["revision"], content["plan"]["slug"]) == ("2026-11-24", 1, "2018-2020")
    assert [len(content[key]) for key in ("action_lines", "measures", "deliverables")] == [3, 27, 65]


def test_a_json_row_holds_the_whole_row(plan):
    row = json.loads(write_json(summarise(plan, today=TODAY)))["deliverables"][1]
    assert (row["code"], row["status"], row["reason"]) == ("L1M1D2", "not_developed", "not_stated")
    assert row["evidence"] == [{"title": "Three-year report 2018-2020: Summary", "link": "", "file": None}]


def test_a_row_without_a_report_is_empty_and_not_guessed(plan):
    row = json.loads(write_json(summarise(plan, plan.starts_on, today=TODAY)))["deliverables"][0]
    assert (row["status"], row["effective_on"], row["reason"], row["evidence"]) == ("no_status", None, None, [])


def test_the_json_has_the_short_names_and_says_whose_they_are(plan):
    Measure.objects.filter(action_line__number=1, number=1).update(short_name_by_tracker=False)
    measures = json.loads(write_json(summarise(plan, today=TODAY)))["measures"]
    assert [(m["code"], m["short_name"], m["short_name_by_tracker"]) for m in measures[:2]] == [
        ("L1M1", "Following global events", False),
        ("L1M2", "A common political voice", True),
    ]


def document_text(plan, extension):
    data = FORMATS[extension][1](summarise(plan, today=TODAY))
    if extension == "pdf":
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    elif extension == "xlsx":
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("Summary").to_python()
        text = " ".join(str(row[0]) for row in rows)
    elif extension == "docx":
        text = text_of_docx(data)
    elif extension == "pptx":
        text = " ".join(map(text_of_slide, slides_of(data)))
    else:
        text = html.fromstring(data).text_content()
    return " ".join(text.replace("’", "'").split())


@pytest.mark.parametrize("extension", ["pdf", "html", "xlsx", "docx", "pptx"])
def test_documents_say_once_whose_the_short_names_are(plan, extension):
    sentence = "The short names of the measures are the tracker's own; the statements are the organisation's."
    assert document_text(plan, extension).count(sentence) == 1
    Measure.objects.update(short_name_by_tracker=False)
    assert document_text(plan, extension).count(sentence) == 0


@pytest.mark.parametrize(("extension", "times"), [("pdf", 1), ("html", 1), ("docx", 2)])
def test_documents_lead_with_the_name_of_a_measure(plan, extension, times):
    """The PDF has the name with its code at a glance, and above the statement in the tables."""
    assert document_text(plan, extension).count("Youth in metropolitan governance L2M10") == times
    Measure.objects.update(short_name="")
    assert "Youth in metropolitan governance" not in document_text(plan, extension)


@pytest.fixture
def following(plan):
    following = new_plan()
    Deliverable.objects.of_plan(following.slug).update(continues=deliverable("L1M1D2"))
    return following


def continued_in_files(plan):
    summary = summarise(Plan.objects.get(pk=plan.pk), today=TODAY)
    in_json = json.loads(write_json(summary))["deliverables"][0]["continues"]
    return read_csv(write_csv(summary))[0]["continues"], in_json


def test_files_name_the_deliverable_that_is_continued(following):
    assert continued_in_files(following) == ("2018-2020 L1M1D2", "2018-2020 L1M1D2")


@pytest.mark.parametrize(("old", "new", "is_named"), [("draft", "members", False), ("members", "draft", True)])
def test_files_do_not_name_a_plan_that_their_readers_may_not_read(following, plan, old, new, is_named):
    Plan.objects.filter(pk=plan.pk).update(visibility=old)
    Plan.objects.filter(pk=following.pk).update(visibility=new)
    assert continued_in_files(following) == (("2018-2020 L1M1D2",) * 2 if is_named else ("", None))


def test_what_continues_comes_back_from_a_snapshot(following):
    row = from_snapshot(json.loads(write_json(summarise(following, today=TODAY)))).rows[0]
    assert (row.continues, row.measure_name) == ("2018-2020 L1M1D2", "")
