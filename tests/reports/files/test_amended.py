"""A plan that was amended: every page and file counts and words it as of its day."""

import csv
import io
import json
from datetime import date

import pytest
from lxml import html
from python_calamine import CalamineWorkbook

from deliverables.models import Decision, Deliverable
from deliverables.plan_editing import structure
from plans.models import ActionLine, Measure
from reports.figures.comparison import Comparison
from reports.figures.progress import progress_of
from reports.figures.summary import summarise
from tests.builders import TODAY, deliverable, publish, report
from tests.reports.files.test_agreement import (
    figures_of_cells,
    figures_of_csv,
    figures_of_list,
    figures_of_page,
    figures_of_pdf,
)

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
BEFORE, DECIDED = date(2021, 5, 31), date(2021, 6, 1)
DECISION = Decision("Board of Directors, Montréal, point 7", DECIDED)
NEW_TITLE = "A code of conduct"


@pytest.fixture
def amended(plan, sofia):
    """L1M1D2, not developed, is withdrawn; L1M1D4 is added; L1M1D1 and L1M1 are reworded. All on one day."""
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=DECISION)
    measure = Measure.objects.get(action_line__number=1, number=1)
    structure.save_part(Deliverable(measure=measure, number=4, title="Added later"), by=sofia, decision=DECISION)
    reworded = deliverable("L1M1D1")
    reworded.title = NEW_TITLE
    structure.save_part(reworded, by=sofia, fields=["title"], decision=DECISION)
    measure.statement = "That it is otherwise."
    structure.save_part(measure, by=sofia, fields=["statement"], decision=DECISION)
    plan.refresh_from_db()
    return plan


@pytest.mark.parametrize(("query", "figures"), [("", [49, 10, 5, 1]), ("?as_of=2021-05-31", [49, 10, 6, 0])])
def test_every_form_counts_what_is_promised_on_its_day(visitor, amended, query, figures):
    found = {
        "page": figures_of_page(visitor, query),
        "cells": figures_of_cells(visitor, query),
        "list": figures_of_list(visitor, query),
        "csv": figures_of_csv(visitor.get(f"{PLAN}summary.csv{query}").content),
        "pdf": figures_of_pdf(visitor.get(f"{PLAN}summary.pdf{query}").content),
    }
    assert found == dict.fromkeys(found, figures)


def test_the_chart_steps_where_the_plan_was_amended(amended):
    assert [list(step.counts.by_status.values()) for step in progress_of(amended, BEFORE).steps][-1] == [49, 10, 6, 0]
    assert list(progress_of(amended, TODAY).latest.counts.by_status.values()) == [49, 10, 5, 1]


def test_words_are_those_of_the_day(amended):
    then, now = (summarise(amended, day, today=TODAY).measures[0] for day in (BEFORE, None))
    assert (then.rows[0].title, now.rows[0].title) == ("Calendar of international events", NEW_TITLE)
    assert (then.statement[:22], now.statement) == ("That global political ", "That it is otherwise.")


@pytest.mark.parametrize(
    ("query", "title"), [("", NEW_TITLE), ("?as_of=2021-05-31", "Calendar of international events")]
)
@pytest.mark.parametrize("path", ["L1M1D1/", "L1M1/", "deliverables/"])
def test_pages_are_worded_as_of_their_day(visitor, amended, path, query, title):
    text = visitor.get(PLAN + path + query).content.decode()
    assert (title in text, NEW_TITLE in text) == (True, title == NEW_TITLE)


def test_what_is_added_is_not_there_before_its_decision(visitor, amended):
    answers = [visitor.get(f"{PLAN}L1M1D4/{query}").status_code for query in ("", "?as_of=2021-05-31")]
    assert answers == [200, 404]


def test_what_is_withdrawn_stays_visible_and_says_so(visitor, amended):
    text = visitor.get(PLAN + "L1M1D2/").content.decode()
    assert "Withdrawn on 1 June 2021" in text
    assert "Board of Directors, Montréal, point 7" in text
    assert [str(row.code) for row in visitor.get(PLAN + "deliverables/?withdrawn=1").context["page"]] == ["L1M1D2"]


def test_files_list_what_is_withdrawn_apart(visitor, amended):
    rows = list(csv.DictReader(io.StringIO(visitor.get(PLAN + "summary.csv").content.decode("utf-8-sig"))))
    content = json.loads(visitor.get(PLAN + "summary.json").content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(visitor.get(PLAN + "summary.xlsx").content))
    sheet = book.get_sheet_by_name("Deliverables").to_python()
    assert [row["code"] for row in rows if row["status"] == "withdrawn"] == ["L1M1D2"]
    assert [(row["code"], row["withdrawn_on"]) for row in content["withdrawn"]] == [("L1M1D2", "2021-06-01")]
    assert [row[0] for row in sheet if row[5] == "Withdrawn"] == ["L1M1D2"]
    assert content["counts"]["total"] == 65


def test_the_comparison_of_two_days_tells_what_was_amended(amended):
    compared = Comparison(summarise(amended, BEFORE, today=TODAY), summarise(amended, DECIDED, today=TODAY))
    found = {
        name: [str(move.row.code) for move in getattr(compared, name)] for name in ("added", "withdrawn", "reworded")
    }
    assert found == {"added": ["L1M1D4"], "withdrawn": ["L1M1D2"], "reworded": ["L1M1D1"]}


def test_an_edition_prints_what_is_withdrawn(amended, sofia, visitor):
    publish(amended, by=sofia)
    assert "Withdrawn on 1 June 2021" in visitor.get(PLAN + "editions/1/summary.html").content.decode()


def test_a_report_on_the_added_one_counts_from_its_day(visitor, amended, sofia):
    report(Deliverable.objects.get(title="Added later"), "attained", by=sofia, effective_on=date(2021, 7, 1))
    assert figures_of_page(visitor, "") == [50, 10, 5, 0]


def test_a_line_that_was_added_is_not_there_before(amended, sofia, visitor):
    line = ActionLine(plan=amended, number=4, title="A line of later")
    structure.save_part(line, by=sofia, decision=DECISION)
    pages = [visitor.get(f"{PLAN}{query}").content.decode() for query in ("", "?as_of=2021-05-31")]
    assert ["A line of later" in page for page in pages] == [True, False]


@pytest.mark.parametrize(("query", "found"), [("?q=calendar+international", True), ("?q=conduct", False)])
def test_the_list_is_searched_in_the_words_of_its_day(visitor, amended, query, found):
    page = visitor.get(f"{PLAN}deliverables/{query}&as_of=2021-05-31").context["page"]
    assert ("L1M1D1" in [str(row.code) for row in page]) is found


@pytest.mark.parametrize("path", ["", "changes/", "changes.atom"])
def test_what_was_recorded_is_told_in_the_words_of_the_day(visitor, amended, sofia, path):
    report(deliverable("L1M1D1"), "attained", by=sofia, effective_on=BEFORE)
    text = visitor.get(f"{PLAN}{path}?as_of=2021-05-31").content.decode()
    assert ("Calendar of international events" in text, NEW_TITLE in text) == (True, False)


def test_the_way_to_the_next_leads_to_what_was_there(visitor, amended):
    text = visitor.get(f"{PLAN}L1M1D3/?as_of=2021-05-31").content.decode()
    assert ["L1M1D4" in text, "L1M2D1 →" in text] == [False, True]


def test_a_filtered_file_lists_what_is_withdrawn_among_its_rows(visitor, amended):
    found = {}
    for line in ("L1", "L2"):
        content = json.loads(visitor.get(f"{PLAN}summary.json?line={line}").content)
        table = visitor.get(f"{PLAN}summary.csv?line={line}").content.decode()
        found[line] = (len(content["withdrawn"]), table.count(",withdrawn,"))
    assert found == {"L1": (1, 1), "L2": (0, 0)}


@pytest.mark.parametrize(
    ("query", "number"), [("", 1), ("line=L1", 1), ("line=L2", 0), ("q=mayors&sort=-title", 1), ("status=attained", 0)]
)
def test_the_list_counts_what_is_withdrawn_by_its_filters_and_links_to_it(visitor, amended, query, number):
    page = html.fromstring(visitor.get(f"{PLAN}deliverables/?{query}").content)
    links = [link.get("href") for link in page.xpath("//a[contains(., 'withdrawn, not included')]")]
    listed = [len(visitor.get(link).context["page"]) for link in links]
    assert (listed, len(links)) == ([number] * len(links), number)
    assert all(part in link for link in links for part in filter(None, query.split("&")))


@pytest.mark.parametrize("sort", ["title", "-title", "-code", "status"])
@pytest.mark.parametrize("filters", ["", "&line=L1", "&withdrawn=1"])
def test_a_file_has_the_order_of_the_list_it_is_linked_from(visitor, amended, sort, filters):
    query = f"?sort={sort}{filters}"
    listed = [str(row.code) for row in visitor.get(f"{PLAN}deliverables/{query}").context["page"]]
    page = html.fromstring(visitor.get(f"{PLAN}deliverables/{query}").content)
    (csv_link,) = page.xpath("//*[@id='list-counts']//a[.='CSV']/@href")
    (xlsx_link,) = page.xpath("//*[@id='list-counts']//a[.='XLSX']/@href")

    rows = list(csv.DictReader(io.StringIO(visitor.get(csv_link).content.decode("utf-8-sig"))))
    assert [row["code"] for row in rows if filters == "&withdrawn=1" or row["status"] != "withdrawn"] == listed
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(visitor.get(xlsx_link).content)).get_sheet_by_name("Deliverables")
    assert [line[0] for line in sheet.to_python()[1:]] == [row["code"] for row in rows]
    content = json.loads(visitor.get(csv_link.replace(".csv", ".json")).content)
    assert [row["code"] for row in content["deliverables"]] == ([] if filters == "&withdrawn=1" else listed)
