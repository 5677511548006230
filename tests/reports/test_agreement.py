"""The forms of the summary say the same, whatever happened before."""

import csv
import io
import json
import random
import re
from collections import Counter
from datetime import date, timedelta

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from deliverables.models import Deliverable
from deliverables.status import Status
from tests.builders import report

pytestmark = pytest.mark.django_db
STATUSES = [status.value for status in Status]


def count(values):
    found = Counter(values)
    return [found[status] for status in STATUSES]


def figures_of_page(client, query):
    counts = client.get(f"/plans/2018-2020/{query}").context["summary"].counts
    return list(counts.by_status.values())


def figures_of_list(client, query):
    return count(row.standing.value for row in client.get(f"/plans/2018-2020/deliverables/{query}").context["page"])


def figures_of_csv(client, query):
    text = client.get(f"/plans/2018-2020/summary.csv{query}").content.decode("utf-8-sig")
    return count(row["status"] for row in csv.DictReader(io.StringIO(text)))


def figures_of_json(client, query):
    content = json.loads(client.get(f"/plans/2018-2020/summary.json{query}").content)
    counted = count(row["status"] for row in content["deliverables"])
    lines = [sum(line["counts"][status] for line in content["action_lines"]) for status in STATUSES]
    measures = [sum(measure["counts"][status] for measure in content["measures"]) for status in STATUSES]
    assert counted == lines == measures == [content["counts"][status] for status in STATUSES]
    return counted


def figures_of_xlsx(client, query):
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/plans/2018-2020/summary.xlsx{query}").content))
    labels = {status.label: status.value for status in Status}
    counted = count(labels[row[5]] for row in book.get_sheet_by_name("Deliverables").to_python()[1:])
    assert book.get_sheet_by_name("Summary").to_python()[8][1:] == [*counted, 65]
    return counted


def figures_of_pdf(client, query):
    pages = PdfReader(io.BytesIO(client.get(f"/plans/2018-2020/summary.pdf{query}").content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    tables = text.split("Across the plan")[0]
    rows = re.findall(r"L\dM\d+D\d+ .*?(Attained|In progress|Not developed|No status yet)", tables)
    labels = {status.label: status.value for status in Status}
    return count(labels[label] for label in rows)


FORMS = [figures_of_page, figures_of_list, figures_of_csv, figures_of_json, figures_of_xlsx, figures_of_pdf]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_shows_the_printed_figures(visitor, form):
    assert form(visitor, "") == [49, 10, 6, 0]


def random_history(plan, by, seed):
    chance = random.Random(seed)
    for row in chance.sample(list(Deliverable.objects.of(plan.slug)), 25):
        status = chance.choice(Status.recordable())
        reason = "postponed" if status == Status.NOT_DEVELOPED else ""
        day = plan.starts_on + timedelta(days=chance.randrange(1500))
        report(row, status, by=by, effective_on=day, reason=reason)


@pytest.mark.parametrize("query", ["", "?as_of=2019-06-30", "?as_of=2020-12-31"])
@pytest.mark.parametrize("seed", [1, 2])
def test_all_forms_agree_after_any_history(visitor, plan, sofia, seed, query):
    random_history(plan, sofia, seed)
    figures = [form(visitor, query) for form in FORMS]
    assert figures == [figures[0]] * len(FORMS)
    assert sum(figures[0]) == 65


def test_a_days_figures_do_not_change_by_what_becomes_true_later(visitor, plan, sofia):
    day = "?as_of=2020-12-31"
    before = figures_of_json(visitor, day)
    report(Deliverable.objects.first(), "in_progress", by=sofia, effective_on=date(2021, 1, 1))
    assert figures_of_json(visitor, day) == before
