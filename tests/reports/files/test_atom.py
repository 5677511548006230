from pathlib import Path

import pytest
from lxml import etree

from tests.builders import deliverable, report

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
    report(deliverable("L1M1D2"), "attained", by=sofia, note="Adopted.")
    entry = feed(visitor).find("a:entry", ATOM)
    assert entry.findtext("a:title", namespaces=ATOM).startswith("L1M1D2 Attained: Publications")
    assert entry.find("a:link", ATOM).get("href") == "http://127.0.0.1:8000/plans/2018-2020/L1M1D2/#entry-66"


def test_the_feed_names_the_role_and_never_the_person(visitor, secretariat, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    for client in (visitor, secretariat):
        assert "Sofia" not in etree.tostring(feed(client), encoding="unicode")


def test_the_feed_is_filtered_like_the_page(visitor):
    titles = [title.text[:7] for title in feed(visitor, "?theme=youth").findall("a:entry/a:title", ATOM)]
    assert titles == ["L2M10D3", "L2M10D2", "L2M10D1", "L1M4D1 "]


def test_a_filtered_feed_knows_its_own_address(visitor):
    links = feed(visitor, "?theme=youth").findall("a:link", ATOM)
    assert "http://127.0.0.1:8000/plans/2018-2020/changes.atom?theme=youth" in [link.get("href") for link in links]


def test_a_bad_filter_is_refused_with_a_sentence(visitor):
    response = visitor.get("/plans/2018-2020/changes.atom?theme=sport")
    assert (response.status_code, "This plan has no theme “sport”." in response.content.decode()) == (400, True)
