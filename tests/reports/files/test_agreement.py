"""Every page, file, feed and chart says the same, whatever happened before, today and as of a date."""

import csv
import io
import json
import random
import re
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from lxml import etree, html
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from deliverables.models import Deliverable
from deliverables.status import Status
from tests.builders import TODAY, publish, report
from tests.reports.files.office_files import charts_of, counts_of_chart, read_docx, slides_of

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
STATUSES = [status.value for status in Status]
BY_LABEL = {status.label: status.value for status in Status}
ATOM = "{http://www.w3.org/2005/Atom}"


def count(values):
    found = Counter(values)
    return [found[status] for status in STATUSES]


def overview(client, query):
    return html.fromstring(client.get(PLAN + query).content)


def rectangles(rects, side, total):
    """What the rectangles of a chart come to: each status' share of `side`, in percent, of the total."""
    shares = {rect.get("class"): float(rect.get(side).rstrip("%")) for rect in rects}
    return [round(shares.get(status, 0) * total / 100) for status in STATUSES]


def figures_of_page(client, query):
    figures = overview(client, query).xpath("//a[contains(@class, 'figure')]")
    counted = {figure.get("class").split()[1]: int(figure.find("b").text) for figure in figures}
    for status, number in counted.items():
        (share,) = [int(f.find("small").text.partition("%")[0]) for f in figures if status in f.get("class").split()]
        assert abs(share - 100 * number / sum(counted.values())) < 1
    return [counted.get(status, 0) for status in STATUSES]


def figures_of_cells(client, query):
    return count(
        cell.get("class").split()[1] for cell in overview(client, query).xpath("//a[contains(@class, 'cell ')]")
    )


def figures_of_bar(client, query):
    """What the blocks of the first row come to: each is either filled or framed, a half one both."""
    paths = overview(client, query).xpath("(//svg[starts-with(@class, 'units')])[1]/path")
    drawn = {path.get("class").split()[-1]: path.get("d").count("V1") for path in paths}
    return [drawn.get(status, 0) for status in STATUSES]


def figures_of_progress_chart(client, query):
    return rectangles(overview(client, query).xpath("//svg[@class='chart']//rect[@x='96.000%']"), "height", 65)


def figures_of_list(client, query):
    return count(row.status.value for row in client.get(f"{PLAN}deliverables/{query}").context["page"])


def figures_of_csv(data):
    return count(row["status"] for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def figures_of_json(data):
    content = json.loads(data)
    counted = count(row["status"] for row in content["deliverables"])
    lines = [sum(line["counts"][status] for line in content["action_lines"]) for status in STATUSES]
    measures = [sum(measure["counts"][status] for measure in content["measures"]) for status in STATUSES]
    assert counted == lines == measures == [content["counts"][status] for status in STATUSES]
    assert content["counts"]["total"] == sum(counted)
    return counted


def figures_of_stratml(data):
    """The last status of each indicator. The first descriptor is that of the target."""
    indicators = etree.fromstring(data).iterfind(".//{*}PerformanceIndicator")
    named = [
        [each.findtext("{*}DescriptorValue") for each in one.iter("{*}Descriptor") if each[0].text == "Status"]
        for one in indicators
    ]
    return count(BY_LABEL[values[-1]] if values[1:] else Status.NO_STATUS.value for values in named)


def figures_of_xlsx(data):
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    counted = count(BY_LABEL[row[5]] for row in book.get_sheet_by_name("Deliverables").to_python()[1:])
    lines = [row[2:] for row in book.get_sheet_by_name("Summary").to_python()[-4:]]
    assert [sum(column) for column in zip(*lines[:3], strict=True)] == lines[3] == [*counted, 65]
    return counted


def figures_of_pdf(data):
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    before, _, rest = text.partition("ACTION LINE 1")
    tables = re.split("What changed since edition|Since [A-Z]|Not attained[:,]|Late or not developed", rest)[0]
    rows = re.findall(r"L\dM\d+D\d+.*?(Attained|In progress|Not developed|No status yet)", tables)
    counted = count(BY_LABEL[label] for label in rows)
    parts = counted if counted[3] else counted[:3]
    assert " ".join(map(str, parts)) in before
    return counted


def figures_of_html(data):
    page = html.fromstring(data)
    marks = page.xpath("//section[@class='rows']//td/span[contains(@class, 'mark')]")
    counted = count(mark.get("class").split()[1] for mark in marks)
    assert rectangles(page.xpath("(//svg[@class='bar'])[1]/rect"), "width", 65) == counted
    told = {part.get("class"): int(part.find("dd").text) for part in page.xpath("//dl/div")}
    assert [told.get(status, 0) for status in STATUSES] == counted
    return counted


def figures_of_docx(data):
    document = read_docx(data)
    tables = [table for table in document.tables if table.rows[0].cells[0].text == "Deliverable"][:3]
    labels = [row.cells[1].text.split("\n")[0][2:] for table in tables for row in table.rows[1:]]
    counted = count(BY_LABEL[label] for label in labels if label in BY_LABEL)
    blocks = "".join(row.cells[1].text for row in document.tables[0].rows if len(set(row.cells)) == 3)
    assert [blocks.count(block) for block in "■◧□▫"] == counted
    return counted


def figures_of_pptx(data):
    slides = slides_of(data)
    by_line, by_measure = (
        counts_of_charts(slides, "Status by action line"),
        counts_of_charts(slides, "Status by measure"),
    )
    assert by_line == by_measure
    return by_line


def counts_of_charts(slides, name):
    charts = [counts_of_chart(chart) for chart in charts_of(slides, name)]
    return [sum(chart.get(Status(status).label, 0) for chart in charts) for status in STATUSES]


def figures_of_atom(client, query):
    """How each deliverable stands by the entries of the feed alone, line by line since a feed holds fifty."""
    current_status = {}
    for line in ("L1", "L2", "L3"):
        feed = etree.fromstring(client.get(f"{PLAN}changes.atom{query or '?'}&line={line}").content)
        entries = [atom_entry(entry) for entry in feed.iter(ATOM + "entry")]
        assert len(entries) < 50
        for entry in sorted(entries, key=lambda entry: (entry["effective_on"], entry["number"])):
            if not entry["is_corrected"]:
                current_status[entry["code"]] = entry["status"]
    return count([*current_status.values(), *["no_status"] * (65 - len(current_status))])


def day_of(text):
    return str(datetime.strptime(text, "%d %B %Y").date())  # noqa: DTZ007 (a day has no time zone)


def atom_entry(entry):
    title, text = entry.findtext(ATOM + "title"), entry.findtext(ATOM + "summary")
    return {
        "code": re.search(r"\((\w+)\)$", title)[1],
        "status": BY_LABEL[re.search(r".*: (.*) \(", title)[1]],
        "number": int(entry.findtext(ATOM + "id").rpartition("-")[2]),
        "effective_on": day_of(re.search(r"True since (.*?)\.", text)[1]),
        "is_corrected": "no longer counts" in text,
    }


def of_file(extension, read):
    def figures(client, query):
        return read(client.get(f"{PLAN}summary.{extension}{query}").content)

    return figures


def figures_of_brief(client, query):
    """The large figures of the one-page brief, and the blocks of its title."""
    data = client.get(f"{PLAN}brief.pdf{query}").content
    text = " ".join(PdfReader(io.BytesIO(data)).pages[0].extract_text().split())
    labels = "|".join(map(str, BY_LABEL))
    numbers, named = re.search(rf"((?:\d+ ){{3,4}})((?:(?:{labels}) ?){{3,4}})", text).groups()
    found = [BY_LABEL[label] for label in re.findall(labels, named)]
    counted = dict(zip(found, map(int, numbers.split()), strict=True))
    assert text.count(f"{counted['attained']} of {sum(counted.values())} outcome") == 1
    return [counted.get(status, 0) for status in STATUSES]


def figures_of_embed(client, query):
    page = html.fromstring(client.get(f"{PLAN}embed/{query}").content)
    counted = {item.get("class"): int(item.findtext("a/b")) for item in page.xpath("//main/ul/li")}
    return [counted.get(status, 0) for status in STATUSES]


FILES = {
    "csv": figures_of_csv,
    "json": figures_of_json,
    "stratml.xml": figures_of_stratml,
    "xlsx": figures_of_xlsx,
    "pdf": figures_of_pdf,
    "html": figures_of_html,
    "docx": figures_of_docx,
    "pptx": figures_of_pptx,
}
FORMS = {
    "page": figures_of_page,
    "cells": figures_of_cells,
    "bar": figures_of_bar,
    "list": figures_of_list,
    "atom": figures_of_atom,
    "brief": figures_of_brief,
    "embed": figures_of_embed,
} | {extension: of_file(extension, read) for extension, read in FILES.items()}


def all_figures(client, query):
    return {name: form(client, query) for name, form in FORMS.items()}


def test_the_chart_of_a_plan_that_moved_shows_the_printed_figures(visitor, sofia):
    report(Deliverable.objects.first(), "in_progress", by=sofia, effective_on=date(2019, 7, 2))
    assert figures_of_progress_chart(visitor, "") == [49, 10, 6, 0]


def test_every_form_shows_the_printed_figures(visitor):
    assert all_figures(visitor, "") == dict.fromkeys(FORMS, [49, 10, 6, 0])


def random_history(plan, by, seed):
    """Twenty-five reports on random days, and corrections of a few of them."""
    chance = random.Random(seed)
    for place, row in enumerate(chance.sample(list(Deliverable.objects.of_plan(plan.slug)), 25)):
        status = chance.choice(Status.recordable())
        told = {"reason": "postponed"} if status == Status.NOT_DEVELOPED else {}
        mistake = report(row, status, by=by, effective_on=some_day(plan, chance), **told)
        if place % 5 == 0:
            report(row, "in_progress", by=by, effective_on=some_day(plan, chance), corrects=mistake)


def some_day(plan, chance):
    return plan.starts_on + timedelta(days=chance.randrange(1500))


@pytest.mark.parametrize("query", ["", "?as_of=2019-06-30", "?as_of=2020-12-31"])
@pytest.mark.parametrize("seed", [1, 2])
def test_all_forms_agree_after_any_history(visitor, plan, sofia, seed, query):
    random_history(plan, sofia, seed)
    found = all_figures(visitor, query) | {"progress chart": figures_of_progress_chart(visitor, query)}
    assert found == dict.fromkeys(found, found["page"])
    assert sum(found["page"]) == 65


@pytest.mark.parametrize("day", [date(2019, 6, 30), TODAY])
def test_an_editions_documents_agree_with_the_pages_of_its_day(visitor, plan, sofia, day):
    random_history(plan, sofia, seed=3)
    publish(plan, by=sofia, as_of=day)
    page = figures_of_page(visitor, f"?as_of={day}")
    stored = {name: read(visitor.get(f"{PLAN}editions/1/summary.{name}").content) for name, read in FILES.items()}
    assert stored == dict.fromkeys(FILES, page)
    assert list(visitor.get(PLAN + "editions/1/").context["summary"].counts.by_status.values()) == page


def test_a_days_figures_do_not_change_by_what_becomes_true_later(visitor, plan, sofia):
    day = "?as_of=2020-12-31"
    before = all_figures(visitor, day)
    report(Deliverable.objects.first(), "in_progress", by=sofia, effective_on=date(2021, 1, 1))
    assert all_figures(visitor, day) == before
