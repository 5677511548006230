"""The pages and documents of an edition that is published, as visitors and members get them."""

from datetime import date

import pytest
from lxml import html

from metropolis_tracker.accounts.roles import Role
from plans.models import Plan, Visibility
from reports.models import Edition
from tests.builders import deliverable, new_plan, publish, report
from tests.conftest import person
from tests.reports.editions.test_views import NEXT, PLAN, texts

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def published(shared_by_module):
    return publish(Plan.objects.get(), by=person("Sofia Marín", Role.SECRETARIAT)).pk


@pytest.fixture
def edition(published, plan):
    return Edition.objects.get(pk=published)


def test_reports_list_editions_newest_first(visitor, plan, sofia, edition):
    publish(plan, by=sofia)
    response = visitor.get(PLAN + "reports/")
    assert [found.number for found in response.context["editions"]] == [2, 1]
    assert "Superseded by edition 2" in texts(response)


def test_the_overview_leads_to_the_current_edition(visitor, edition):
    page = visitor.get(PLAN)
    assert f'<a href="{PLAN}editions/1/">Three-year report 2018–2020</a>' in texts(page)
    (button,) = html.fromstring(page.content).xpath("//a[@class='button'][contains(@href, 'summary.pdf')]/@href")
    assert button == f"{PLAN}editions/1/summary.pdf"


def test_visitors_read_that_the_secretariat_published(visitor, edition):
    page = texts(visitor.get(PLAN + "editions/1/"))
    assert ("by the Secretariat" in page, "Sofia" in page) == (True, False)


def test_a_document_is_its_stored_bytes_with_a_strong_tag(visitor, edition):
    stored = edition.documents.get(kind="summary", extension="pdf")
    response = visitor.get(PLAN + "editions/1/summary.pdf", HTTP_ACCEPT_ENCODING="gzip")
    assert response.content == bytes(stored.content)
    assert (response["ETag"], response["Cache-Control"]) == (
        f'"{stored.sha256}"',
        "public, max-age=0, s-maxage=10, no-transform",
    )
    assert "Content-Encoding" not in response


def test_a_document_is_named_after_plan_and_edition(visitor, edition):
    name = 'attachment; filename="metropolis-2018-2020-summary-edition-1.xlsx"'
    assert visitor.get(PLAN + "editions/1/summary.xlsx")["Content-Disposition"] == name


def test_whoever_has_it_is_told_so(visitor, edition):
    tag = f'"{edition.documents.get(extension="csv").sha256}"'
    response = visitor.get(PLAN + "editions/1/summary.csv", HTTP_IF_NONE_MATCH=tag)
    assert (response.status_code, response.content) == (304, b"")


def test_a_document_for_members_stays_out_of_shared_caches(board, plan, edition):
    Plan.objects.update(visibility=Visibility.MEMBERS)
    assert board.get(PLAN + "editions/1/summary.csv")["Cache-Control"].startswith("private, ")


def test_serving_a_document_takes_one_query(visitor, edition, django_assert_num_queries):
    with django_assert_num_queries(1):
        visitor.get(PLAN + "editions/1/summary.pdf")


@pytest.mark.parametrize(
    "path", ["editions/2/", "editions/0/", "editions/1/summary.exe", "editions/9" + "9" * 30 + "/"]
)
def test_what_was_not_published_is_404(visitor, edition, path):
    assert visitor.get(PLAN + path).status_code == 404


def test_an_edition_is_compared_with_that_of_the_nearest_earlier_day_or_any_other(visitor, plan, sofia, edition):
    report(deliverable("L1M1D2"), "attained", by=sofia)
    publish(plan, by=sofia, as_of=date(2020, 12, 31))
    publish(plan, by=sofia)
    compared = [visitor.get(f"{PLAN}editions/3/{since}").context for since in ("", "?since=1")]
    assert [(page["earlier"].number, len(page["changes"].attained)) for page in compared] == [(2, 1), (1, 1)]


def test_an_edition_is_not_compared_with_a_later_day(visitor, plan, sofia, edition):
    """What was attained would be shown as a step back, or the other way round as progress."""
    report(deliverable("L1M1D2"), "attained", by=sofia)
    publish(plan, by=sofia, as_of=date(2020, 12, 31))
    assert visitor.get(PLAN + "editions/2/").context["changes"] is None
    assert visitor.get(PLAN + "editions/2/?since=1").status_code == 400


def test_a_document_is_not_compared_with_a_later_day(plan, sofia, edition):
    early = publish(plan, by=sofia, as_of=date(2020, 12, 31))
    page = bytes(early.documents.get(extension="html").content).decode()
    assert ("What changed since edition" in page, "It supersedes edition" in page) == (False, False)


def test_a_superseded_edition_leads_to_the_current_one(visitor, plan, sofia, edition):
    for _edition in range(2):
        publish(plan, by=sofia)
    assert "Superseded by edition 3." in texts(visitor.get(PLAN + "editions/1/"))


def test_an_edition_for_an_earlier_day_is_not_the_current_one(visitor, plan, sofia, edition):
    publish(plan, by=sofia, as_of=date(2020, 12, 31))
    assert "Superseded by edition 1." in texts(visitor.get(PLAN + "editions/2/"))
    assert [each.is_current for each in visitor.get(PLAN + "reports/").context["editions"]] == [False, True]
    assert visitor.get(PLAN).context["edition"].number == 1
    assert "It is the current edition." in texts(visitor.get(f"/verify/?hash={edition.documents.first().sha256}"))


def test_two_deliverables_that_changed_places_are_noticed(visitor, plan, sofia, edition):
    report(deliverable("L1M1D1"), "in_progress", by=sofia, effective_on=edition.as_of)
    report(deliverable("L1M3D2"), "attained", by=sofia, effective_on=edition.as_of)
    assert "It is now: 49 attained, 10 in progress, 6 not developed." in texts(visitor.get(PLAN + "editions/1/"))


def test_an_earlier_day_than_that_of_the_edition_before_is_told(secretariat, edition):
    assert "Edition 1 has a later date, 24 November 2026. It stays the current edition." in texts(
        secretariat.get(NEXT + "check/")
    )


@pytest.mark.parametrize("since", ["7", "1", "x", "-1", "9" * 5000])
def test_an_edition_that_is_not_there_cannot_be_compared_with(visitor, edition, since):
    response = visitor.get(f"{PLAN}editions/1/?since={since}")
    assert (response.status_code, f"no earlier edition “{since[:40]}”" in texts(response)) == (400, True)


def test_the_address_to_share_leads_to_the_current_edition(visitor, plan, sofia, edition):
    publish(plan, by=sofia, as_of=date(2020, 12, 31))
    share = PLAN + "editions/current/"
    assert [visitor.get(path).url for path in (share, "/fr" + share)] == [
        PLAN + "editions/1/",
        "/fr" + PLAN + "editions/1/",
    ]
    assert f"http://127.0.0.1:8000{share}" in texts(visitor.get(PLAN + "reports/"))


def test_without_an_edition_the_address_to_share_leads_to_the_reports(visitor):
    new_plan()
    assert visitor.get("/plans/2021-2023/editions/current/").url == "/plans/2021-2023/reports/"


def test_the_address_to_share_tells_nobody_of_a_plan_that_is_not_theirs(visitor, plan):
    Plan.objects.update(visibility=Visibility.MEMBERS)
    assert visitor.get(PLAN + "editions/current/").status_code == 404


@pytest.mark.parametrize("name", ["brief.pdf", "cover.png", "summary.docx"])
def test_every_kind_of_document_has_the_tag_of_its_bytes(visitor, edition, name):
    kind, extension = name.split(".")
    stored = edition.documents.get(kind=kind, extension=extension)
    assert visitor.get(f"{PLAN}editions/1/{name}")["ETag"] == f'"{stored.sha256}"'


def test_a_reader_of_another_language_is_told_the_language_of_the_files(visitor, edition):
    assert "In English: it was not published in this language." not in texts(visitor.get(PLAN))
    page = html.fromstring(visitor.get("/es" + PLAN).content)
    (panel,) = page.xpath("//aside[contains(@class, 'edition')]")
    assert "En inglés: no se publicó en este idioma." in " ".join(panel.text_content().split())
