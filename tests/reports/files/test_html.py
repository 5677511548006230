import re
from datetime import date

import pytest
from lxml import html

from reports.figures.summary import summarise
from reports.files.html import write_html
from tests.builders import TODAY, deliverable, new_plan, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(plan):
    return write_html(summarise(plan, today=TODAY)).decode()


def test_the_page_loads_nothing(page):
    assert re.findall(r"<(?:link|script|img|iframe|object)\b|@import|url\(", page) == []


def test_the_page_names_every_deliverable_and_measure(page, plan):
    text = " ".join(html.fromstring(page).text_content().split())
    summary = summarise(plan, today=TODAY)
    names = [row.title for row in summary.rows] + [measure.statement for measure in summary.measures]
    assert [name for name in names if " ".join(name.split()) not in text] == []


def test_the_address_of_the_page_shows_it_and_a_name_saves_it(visitor):
    shown, saved = visitor.get("/plans/2018-2020/summary/"), visitor.get("/plans/2018-2020/summary.html")
    assert (shown.content, shown["Content-Disposition"][:6]) == (saved.content, "inline")


def test_its_policy_allows_its_own_sheet_and_nothing_else(visitor):
    policy = visitor.get("/plans/2018-2020/summary/")["Content-Security-Policy"]
    assert re.match(r"default-src 'none'; style-src 'sha256-[\w+/=]+'; ", policy)
    assert "unsafe" not in policy


def test_every_table_has_a_caption_and_scoped_heads(page):
    tables = html.fromstring(page).findall(".//table")
    assert len(tables) == 4
    assert [table for table in tables if table.find("caption") is None or table.xpath(".//th[not(@scope)]")] == []


def test_every_link_of_the_contents_leads_somewhere(page):
    tree = html.fromstring(page)
    targets = [link.get("href")[1:] for link in tree.xpath("//nav//a")]
    assert [target for target in targets if not tree.xpath(f"//*[@id='{target}']")] == []


def test_what_was_typed_is_text(plan, sofia):
    odd = new_plan(title='</style><script>alert("x")</script>')
    report(odd.action_lines.get().measures.get().deliverables.get(), "in_progress", by=sofia, note="<b>bold</b>")
    page = write_html(summarise(odd, today=TODAY)).decode()
    assert ("<script>" in page, "<b>bold</b>" in page, page.count("</style>")) == (False, False, 1)


def test_what_is_not_attained_is_listed_with_reason_and_what_next(plan, sofia):
    row = deliverable("L1M1D2")
    step = {"next_step": "A new start.", "expected_on": date(2027, 3, 1)}
    report(row, "not_developed", by=sofia, reason="postponed", note="The budget was cut.", **step)
    row.due_on = TODAY
    row.save(update_fields=["due_on"])
    table = html.fromstring(write_html(summarise(plan, today=TODAY)).decode()).xpath(
        "//section[.//h2[@id='ahead']]//tr"
    )
    cells = [" ".join(cell.text_content().split()) for cell in table[1]]
    assert cells[0].endswith("L1M1D2 The budget was cut.")
    assert cells[1:] == [
        "Not developed Postponed",
        "A new start. Expected on 1 March 2027. Due on 24 November 2026.",
    ]
    assert [" ".join(cell.text_content().split()) for cell in table[2]][2] == "–"
    assert len(table) == 17


def test_the_same_summary_gives_the_same_bytes(page, plan):
    assert write_html(summarise(plan, today=TODAY)).decode() == page
