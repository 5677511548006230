from datetime import date
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from lxml import html

from deliverables.models import Deliverable
from plans.models import Measure, Plan, Visibility
from tests.builders import deliverable, new_plan, report

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"


def texts(response):
    return " ".join(response.content.decode().split())


def test_home_leads_to_the_newest_plan(visitor):
    new_plan(slug="2021-2023")
    assert visitor.get("/").url == "/plans/2021-2023/"


def test_home_without_a_plan_to_read_leads_to_the_list(visitor):
    Plan.objects.update(visibility=Visibility.DRAFT)
    assert visitor.get("/").url == "/plans/"
    assert "There are no public plans yet." in texts(visitor.get("/plans/"))


def test_the_list_of_plans_holds_those_one_may_read(visitor, secretariat):
    new_plan(visibility=Visibility.DRAFT)
    seen = [[plan.slug for plan in client.get("/plans/").context["plans"]] for client in (visitor, secretariat)]
    assert seen == [["2018-2020"], ["2021-2023", "2018-2020"]]


def test_the_overview_shows_the_headline_and_the_three_figures(visitor):
    text = texts(visitor.get(PLAN))
    assert '<p class="lead"> Between 2018 and 2020, Metropolis had 65 outcomes to deliver. This page shows' in text
    assert 'aria-label="49 attained, 10 in progress, 6 not developed"' in text


def test_the_overview_of_a_plan_that_runs_leads_with_its_finding(visitor, sofia):
    plan = new_plan(deliverables=2)
    report(Deliverable.objects.of_plan(plan.slug)[0], "attained", by=sofia, effective_on=date(2021, 6, 1))
    page = html.fromstring(visitor.get("/plans/2021-2023/?as_of=2022-11-25").content)
    assert page.xpath("string(//h1)") == "1 of 2 outcomes is attained, with 13 months to go"


def test_the_history_is_folded_under_how_to_check_the_page(visitor):
    page = html.fromstring(visitor.get(PLAN).content)
    (folded,) = page.xpath("//details[summary[text()='How to check this page']]")
    assert [code.text_content() for code in folded.xpath(".//code")] == [Plan.objects.get().history_head[:12]]
    assert len(page.xpath("//code")) == 1


def test_the_description_of_the_overview_leads_to_the_figures(visitor):
    expected = 'content="Between 2018 and 2020, Metropolis had 65 outcomes to deliver. In short, 49 attained, 10 in'
    assert expected in texts(visitor.get(PLAN))


def test_the_overview_says_how_a_plan_ended(visitor):
    ended = "<p>This plan ended on 31 December 2020: 49 of 65 attained, 10 in progress, 6 not developed.</p>"
    assert ended in texts(visitor.get(PLAN))


@pytest.mark.parametrize(
    ("acknowledgement", "is_shown"),
    [("Edited with the support of:", False), ("Edited with the support of: Barcelona", True)],
)
def test_the_overview_thanks_nobody_without_a_name(visitor, acknowledgement, is_shown):
    Plan.objects.update(acknowledgement=acknowledgement)
    assert ("Edited with the support of:" in texts(visitor.get(PLAN))) is is_shown


def test_the_overview_has_a_cell_for_each_deliverable(visitor):
    page = html.fromstring(visitor.get(PLAN).content)
    statuses = ("attained", "in_progress", "not_developed")
    assert [len(page.xpath(f"//a[@class='cell {status}']")) for status in statuses] == [49, 10, 6]


# Names of measures


OWN = "The short names of the measures are the tracker's own; the statements are the organisation's."


def overview_rows(client):
    """The rows of the whole plan by code: the name, the statement and how many titles open below it."""
    page = html.fromstring(client.get(PLAN).content)
    return {
        row.xpath("string(.//summary//*[@class='code'])"): (
            row.xpath("string(.//summary//b)"),
            row.xpath("string(.//details/p)").strip(),
            len(row.xpath(".//ul[@class='titles']/li")),
        )
        for row in page.xpath("//li[@class='measure']")
    }


def test_the_overview_leads_with_names_that_open_statement_and_titles(visitor):
    statement = Measure.objects.get(action_line__number=2, number=10).statement
    assert overview_rows(visitor)["L2M10"] == ("Youth in metropolitan governance", statement, 3)


def test_a_measure_without_a_name_shows_the_beginning_of_its_statement(visitor):
    Measure.objects.update(short_name="")
    name, statement, _titles = overview_rows(visitor)["L2M10"]
    assert (len(name), name[:-1]) == (60, statement[:59])
    page = html.fromstring(visitor.get(f"{PLAN}L2M10/").content)
    assert page.xpath("string(//h1)") == statement


def test_the_names_are_told_to_be_the_trackers_until_all_are_changed(visitor):
    Measure.objects.exclude(action_line__number=1, number=1).update(short_name_by_tracker=False)
    assert OWN in html.fromstring(visitor.get(PLAN).content).text_content().replace("’", "'")
    Measure.objects.update(short_name_by_tracker=False)
    Plan.objects.raise_revision()
    assert OWN not in html.fromstring(visitor.get(PLAN).content).text_content()


@pytest.mark.parametrize("path", ["L2/", "L2M10/", "L2M10D1/", "changes/?measure=L2M10", "deliverables/"])
def test_the_name_stands_before_the_code(visitor, path):
    text = " ".join(html.fromstring(visitor.get(PLAN + path).content).find("body").text_content().split())
    assert 0 <= text.index("Youth in metropolitan governance") < text.index("L2M10")


def test_a_row_leads_with_its_title_and_the_code_follows(visitor):
    page = html.fromstring(visitor.get(f"{PLAN}deliverables/?measure=L2M10").content)
    rows = [[cell.text_content().strip() for cell in row.xpath("th|td")][:2] for row in page.xpath("//tbody/tr")]
    assert rows == [[row.title, str(row.code)] for row in Deliverable.objects.of_plan("2018-2020").order_by("pk")
                    if str(row.code).startswith("L2M10")]  # fmt: skip
    assert [len(page.xpath(f"//tbody//{cell}")) for cell in ("th[@scope='row']", "td[@class='code']")] == [3, 3]


def test_an_installation_that_has_the_plan_gets_the_names(plan):
    shipped = dict(Measure.objects.values_list("pk", "short_name"))
    Measure.objects.update(short_name="", short_name_by_tracker=False)
    own = Measure.objects.first()
    Measure.objects.filter(pk=own.pk).update(short_name="Our own")
    name_measures()
    assert dict(Measure.objects.values_list("pk", "short_name")) == shipped | {own.pk: "Our own"}
    assert list(Measure.objects.filter(short_name_by_tracker=False)) == [own]
    assert Plan.objects.get().revision == plan.revision + 1


def test_names_that_are_there_and_other_plans_stay(plan):
    new_plan()
    before = list(Measure.objects.order_by("pk").values()), list(Plan.objects.order_by("pk").values())
    name_measures()
    assert (list(Measure.objects.order_by("pk").values()), list(Plan.objects.order_by("pk").values())) == before


def name_measures():
    import_module("plans.migrations.0008_short_names").name_measures(apps, None)


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("", '<a class="figure attained" href="/plans/2018-2020/deliverables/?status=attained">'),
        ("", '<a href="/plans/2018-2020/deliverables/?line=L1&amp;status=attained">12</a> of'),
        ("", '<a href="/plans/2018-2020/deliverables/?line=L1">17</a> attained'),
        ("", '<a href="/plans/2018-2020/deliverables/?theme=gender&amp;status=attained">7</a> of'),
        ("L1/", '<a class="figure in_progress" href="/plans/2018-2020/deliverables/?status=in_progress&amp;line=L1">'),
        ("L1M3/", '<a href="/plans/2018-2020/deliverables/?measure=L1M3">4</a> attained'),
    ],
)
def test_every_figure_links_to_its_rows(visitor, path, link):
    assert link in texts(visitor.get(PLAN + path))


def test_the_latest_changes_lead_the_overview(visitor, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    latest = visitor.get(PLAN).context["latest"]
    assert [str(update.code) for update in latest][:2] == ["L1M1D2", "L3M8D1"]


def test_a_line_shows_its_measures_and_rows(visitor):
    response = visitor.get(PLAN + "L2/")
    codes = [str(measure.code) for measure in response.context["line"].measures]
    assert (codes[0], codes[-1], len(codes)) == ("L2M1", "L2M11", 11)


def test_a_measure_shows_its_statement_and_themes(visitor):
    text = texts(visitor.get(PLAN + "L2M10/"))
    assert "That a youth perspective on the metropolitan governance is actively encouraged" in text
    assert '<a href="/plans/2018-2020/deliverables/?theme=youth">Youth</a>' in text


def test_changes_are_newest_first(visitor, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    page = visitor.get(PLAN + "changes/").context["page"]
    assert [update.sequence for update in page] == list(range(66, 16, -1))


def test_changes_have_pages(visitor):
    page = visitor.get(PLAN + "changes/?page=2").context["page"]
    assert [update.sequence for update in page] == list(range(15, 0, -1))


def test_the_as_of_date_stays_in_the_links(visitor):
    text = texts(visitor.get(PLAN + "?as_of=2020-06-30"))
    assert "As of 30 June 2020." in text
    assert 'href="/plans/2018-2020/deliverables/?as_of=2020-06-30&amp;status=no_status"' in text
    assert 'href="/plans/2018-2020/summary.pdf?as_of=2020-06-30"' in text


@pytest.mark.parametrize(
    "path", ["", "L1/", "L1M3/", "L1M3D2/", "deliverables/", "changes/", "reports/", "summary.csv"]
)
def test_a_bad_date_is_a_clear_message(visitor, path):
    response = visitor.get(f"{PLAN}{path}?as_of=31/12/2019")
    assert response.status_code == 400
    assert "“31/12/2019” is not a date. Write it as year-month-day, such as 2019-12-31." in texts(response)


@pytest.mark.parametrize(
    ("extension", "content_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("json", "application/json"),
        ("pdf", "application/pdf"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_download_is_named_after_plan_and_date(visitor, extension, content_type):
    response = visitor.get(f"{PLAN}summary.{extension}?as_of=2020-12-31")
    name = f'filename="metropolis-2018-2020-summary-as-of-2020-12-31.{extension}"'
    assert (response["Content-Type"], response["Content-Disposition"].split("; ")[1]) == (content_type, name)


@time_machine.travel("2026-11-24 23:30 +0000")
def test_a_download_of_now_is_named_after_the_day_in_barcelona(visitor):
    assert "as-of-2026-11-25.csv" in visitor.get(PLAN + "summary.csv")["Content-Disposition"]


def test_the_filters_hold_for_the_rows_of_a_download(visitor):
    rows = visitor.get(PLAN + "summary.csv?theme=youth").content.decode("utf-8-sig").splitlines()
    assert [row[:7] for row in rows[1:]] == ["L1M4D1,", "L2M10D1", "L2M10D2", "L2M10D3"]


def test_the_json_of_filtered_rows_names_the_filter_and_keeps_the_plans_figures(visitor):
    content = visitor.get(PLAN + "summary.json?theme=youth").json()
    assert (content["filters"], len(content["deliverables"]), content["counts"]["total"]) == ({"theme": "youth"}, 4, 65)


def test_a_download_with_a_bad_filter_is_refused_with_a_sentence(visitor):
    response = visitor.get(PLAN + "summary.csv?status=done")
    assert response.status_code == 400
    assert "There is no status “done”." in texts(response)


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere/",
        "/plans/nope/",
        "/plans/nope/summary.csv",
        PLAN + "L9/",
        PLAN + "L1M99/",
        PLAN + "L1M1D99/",
        PLAN + "l1/",
        PLAN + "L01/",
        PLAN + "summary.exe",
    ],
)
def test_what_is_not_there_is_404_with_a_way_on(visitor, path):
    response = visitor.get(path)
    assert response.status_code == 404
    assert 'href="/plans/"' in texts(response)


def test_a_404_within_a_plan_offers_its_search(visitor):
    assert 'action="/plans/2018-2020/deliverables/"' in texts(visitor.get(PLAN + "L9/"))


def test_a_404_within_a_plan_that_is_not_yours_tells_nothing_of_it(visitor):
    new_plan(visibility=Visibility.DRAFT)
    response = visitor.get("/plans/2021-2023/")
    assert (response.status_code, response.context["plan"]) == (404, None)


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("", 15),
        ("?as_of=2021-06-01", 15),
        ("L1/", 13),
        ("L1M1/", 10),
        ("changes/", 9),
        ("changes/?from=2021-01-01&to=2022-01-01", 22),
        ("changes.atom", 6),
        ("history.json", 6),
        ("reports/", 10),
        ("summary/", 11),
        ("summary.csv", 10),
        ("summary.json?as_of=2021-06-01", 17),
        ("summary.pdf?status=in_progress", 20),
    ],
)
def test_the_number_of_queries_does_not_grow(visitor, sofia, django_assert_num_queries, rows, path, queries):
    new_plan(deliverables=rows)
    for row in Deliverable.objects.of_plan("2021-2023"):
        report(row, "in_progress", by=sofia, evidence_title="Minutes")
    with django_assert_num_queries(queries):
        visitor.get(f"/plans/2021-2023/{path}")


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_of_plans_takes_four_queries_however_many(visitor, django_assert_num_queries, number):
    for year in range(number - 1):
        new_plan(slug=f"plan-{year}", deliverables=0)
    with django_assert_num_queries(4):
        visitor.get("/plans/")
