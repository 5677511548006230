from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from tests.builders import NOON, deliverable, report

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}
SCHEMA = Path(__file__).parent / "atom.rng"


def feed(client, query=""):
    return etree.fromstring(client.get(f"/plans/2018-2020/changes.atom{query}").content)


def test_the_feed_keeps_the_schema(visitor, sofia):
    mistake = report(deliverable("L1M1D2"), "attained", by=sofia, note="<b>&amp;]]></b>\x07 日本", evidence_title="T")
    report(deliverable("L1M1D2"), "in_progress", by=sofia, corrects=mistake)
    etree.RelaxNG(etree.parse(SCHEMA)).assertValid(feed(visitor))


def test_a_feed_without_entries_keeps_the_schema(visitor):
    etree.RelaxNG(etree.parse(SCHEMA)).assertValid(feed(visitor, "?q=zeppelin"))


def test_the_schema_would_notice():
    broken = etree.fromstring('<feed xmlns="http://www.w3.org/2005/Atom"><title>Without an id</title></feed>')
    assert etree.RelaxNG(etree.parse(SCHEMA)).validate(broken) is False


def test_the_newest_comes_first_and_links_to_its_entry(visitor, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia, note="Adopted by the Board.")
    entry = feed(visitor).find("a:entry", ATOM)
    assert entry.findtext("a:title", namespaces=ATOM).endswith("metropolises: Attained (L1M1D2)")
    assert entry.find("a:link", ATOM).get("href") == "http://127.0.0.1:8000/plans/2018-2020/L1M1D2/#entry-66"


def test_the_feed_names_the_role_and_never_the_person(visitor, secretariat, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    for client in (visitor, secretariat):
        assert "Sofia" not in etree.tostring(feed(client), encoding="unicode")


def test_the_feed_is_filtered_like_the_page(visitor):
    titles = [title.text[-9:] for title in feed(visitor, "?theme=youth").findall("a:entry/a:title", ATOM)]
    assert titles == ["(L2M10D3)", "(L2M10D2)", "(L2M10D1)", " (L1M4D1)"]


def test_a_filtered_feed_knows_its_own_address(visitor):
    links = feed(visitor, "?theme=youth").findall("a:link", ATOM)
    assert "http://127.0.0.1:8000/plans/2018-2020/changes.atom?theme=youth" in [link.get("href") for link in links]


def test_a_bad_filter_is_refused_with_a_sentence(visitor):
    response = visitor.get("/plans/2018-2020/changes.atom?theme=sport")
    assert (response.status_code, "This plan has no theme “sport”." in response.content.decode()) == (400, True)


# Pages


@pytest.fixture
def many(plan, sofia):
    """170 updates, 105 of them of one moment."""
    on = deliverable("L1M1D2")
    for number in range(105):
        report(on, "in_progress", by=sofia, note=f"Meeting {number} of the Board.")
    return plan


def relation(page, name):
    links = page.xpath(f"a:link[@rel='{name}']/@href", namespaces=ATOM)
    return links[0].partition("/changes.atom")[2] if links else None


def test_the_feed_of_a_small_plan_holds_all_its_updates(visitor):
    page = feed(visitor)
    assert (len(page.findall("a:entry", ATOM)), relation(page, "next"), relation(page, "last")) == (65, None, None)


def test_the_pages_of_a_feed_hold_every_update_once(visitor, many):
    seen, query = [], ""
    while query is not None:
        page = feed(visitor, query)
        seen += [entry.text for entry in page.findall("a:entry/a:id", ATOM)]
        query = relation(page, "next")
    assert (len(seen), len(set(seen))) == (170, 170)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["", "", "?page=2", None, "?page=2"]),
        ("?page=2", ["?page=2", "", "?page=2", "", None]),
        ("?line=L1", ["?line=L1", "?line=L1", "?line=L1&page=2", None, "?line=L1&page=2"]),
    ],
)
def test_a_page_of_a_feed_names_the_others(visitor, many, query, expected):
    page = feed(visitor, query)
    assert [relation(page, name) for name in ("self", "first", "last", "previous", "next")] == expected
    etree.RelaxNG(etree.parse(SCHEMA)).assertValid(page)


def test_a_correction_updates_the_entry_that_it_corrects(visitor, sofia):
    mistake = report(deliverable("L1M1D2"), "attained", by=sofia, at=NOON)
    report(deliverable("L1M3D2"), "attained", by=sofia, at=NOON + timedelta(hours=1))
    report(deliverable("L1M1D2"), "in_progress", by=sofia, at=NOON + timedelta(hours=2), corrects=mistake)
    entries = feed(visitor).findall("a:entry", ATOM)[:3]
    found = [
        (entry.findtext("a:id", namespaces=ATOM).partition("#")[2], entry.findtext("a:updated", namespaces=ATOM))
        for entry in entries
    ]
    assert found == [
        ("entry-68", "2026-11-24T14:00:00+00:00"),
        ("entry-66", "2026-11-24T14:00:00+00:00"),
        ("entry-67", "2026-11-24T13:00:00+00:00"),
    ]
    assert feed(visitor).findtext("a:updated", namespaces=ATOM) == "2026-11-24T14:00:00+00:00"
