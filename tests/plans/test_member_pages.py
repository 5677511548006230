"""A page that a member has read is kept for them alone, and only for as long as it is what would be drawn."""

import re
from datetime import date

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from deliverables.models import Deliverable
from metropolis_tracker.accounts.models import User
from plans.models import FormDraft, Plan, Visibility
from tests.builders import deliverable, new_plan, report
from tests.conftest import browser_of, sign_in

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
READ_MOST = ["", "deliverables/", "L1M1D1/", "todo/", "changes/", "reports/"]
PAGES = [*READ_MOST, "deliverables/?status=attained", "L1/", "L1M1/", "amendments/"]


@pytest.fixture
def reader(secretariat):
    secretariat.get(PLAN + "reports/")  # gives the browser its cookies, and notes the visit
    return secretariat


@pytest.mark.parametrize("page", PAGES)
def test_a_page_read_again_is_the_same_and_takes_three_queries(reader, django_assert_num_queries, page):
    first = reader.get(PLAN + page)
    with django_assert_num_queries(3):  # session, person, plan
        again = reader.get(PLAN + page)
    assert (again.content, again["ETag"]) == (first.content, first["ETag"])
    assert again["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "Accept-Encoding"} <= set(again["Vary"].split(", "))


@pytest.mark.parametrize("page", PAGES)
def test_an_unchanged_page_is_304_until_a_status_is_recorded(reader, sofia, page):
    etag = {"If-None-Match": reader.get(PLAN + page)["ETag"]}
    assert reader.get(PLAN + page, headers=etag).status_code == 304
    report(deliverable("L1M1D1"), "in_progress", by=sofia, effective_on=date(2020, 12, 31))
    assert reader.get(PLAN + page, headers=etag).status_code == 200


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("page", READ_MOST)
def test_after_a_record_a_page_takes_six_queries_at_most(reader, sofia, django_assert_max_num_queries, rows, page):
    new_plan(deliverables=rows)
    User.objects.filter(pk=sofia.pk).update(last_visit_at=timezone.now())
    for row in Deliverable.objects.of_plan("2021-2023"):
        report(row, "in_progress", by=sofia, evidence_title="Minutes")
    reader.get(f"/plans/2021-2023/{page}")
    report(Deliverable.objects.of_plan("2021-2023").first(), "attained", by=sofia, evidence_title="Minutes")
    with django_assert_max_num_queries(6):
        assert reader.get(f"/plans/2021-2023/{page}").status_code == 200


def test_a_deliverable_that_nobody_has_read_takes_six_queries_at_most(reader, sofia, django_assert_max_num_queries):
    new_plan(deliverables=2)
    for row in Deliverable.objects.of_plan("2021-2023"):
        report(row, "in_progress", by=sofia, evidence_title="Minutes")
    reader.get("/plans/2021-2023/L1M1D1/")
    with django_assert_max_num_queries(6):
        assert reader.get("/plans/2021-2023/L1M1D2/").status_code == 200


def test_a_page_is_kept_for_one_member(reader, board):
    board.get(PLAN)
    etag = reader.get(PLAN)["ETag"]
    page = board.get(PLAN, headers={"If-None-Match": etag})
    assert (page.status_code, "Sofia Marín" in page.content.decode()) == (200, False)


def test_no_shared_cache_has_a_page_of_a_member(reader):
    reader.get(PLAN)
    assert (len(caches["pages"]._cache), len(caches["members"]._cache) > 0) == (0, True)


def test_a_message_is_shown_once_and_not_kept(reader):
    row = deliverable("L1M1D2")
    sent = {"status": "in_progress", "effective_on": "2020-12-31", "note": "Work goes on.", "seen": row.last_sequence}
    reader.post(f"{PLAN}L1M1D2/status/", sent)
    first, second = (reader.get(f"{PLAN}L1M1D2/") for _time in range(2))
    assert ("Correct this</a></div>" in first.content.decode(), first["Cache-Control"]) == (True, "private, no-store")
    assert ("Correct this</a></div>" in second.content.decode(), second["Cache-Control"]) == (
        False,
        "private, no-cache",
    )


def test_a_page_shows_a_draft_at_once(reader, sofia):
    page = f"{PLAN}L1M1D1/"
    assert "What I typed" not in reader.get(page).content.decode()
    FormDraft.objects.store(sofia, page, {"note": ["What I typed"]}.items(), timezone.now())
    assert "What I typed" in reader.get(page).content.decode()
    FormDraft.objects.discard(sofia, page, timezone.now())
    assert "What I typed" not in reader.get(page).content.decode()


def test_a_page_follows_the_rights_of_the_person(reader, sofia):
    assert "Edit the plan" in reader.get(PLAN).content.decode()
    sofia.groups.set([])
    assert "Edit the plan" not in reader.get(PLAN).content.decode()


def test_a_page_follows_the_name_of_the_person(reader, sofia):
    reader.get(PLAN)
    User.objects.filter(pk=sofia.pk).update(name="Sofia Ruiz")
    assert "Sofia Ruiz" in reader.get(PLAN).content.decode()


def test_a_kept_page_has_a_token_that_is_accepted(sofia):
    client = Client(enforce_csrf_checks=True)
    client.force_login(sofia)
    for _time in range(3):
        page = client.get(PLAN).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert client.post("/language/", {"language": "es", "next": PLAN, "csrfmiddlewaretoken": token}).status_code == 302


def test_another_browser_of_the_same_person_gets_a_token_of_its_own(sofia):
    first, second = (browser_of(sofia) for _time in range(2))
    pages = []
    for client in (first, second):
        client.get(PLAN)
        pages.append(client.get(PLAN))
    assert pages[0]["ETag"] != pages[1]["ETag"]


def test_a_browser_keeps_no_page_of_a_plan_that_is_not_public(reader, django_assert_num_queries):
    Plan.objects.update(visibility=Visibility.MEMBERS)
    page = reader.get(PLAN)
    assert (page["Cache-Control"], page.get("ETag")) == ("private, no-store", None)
    with django_assert_num_queries(3):
        assert reader.get(PLAN).content == page.content


def test_part_of_a_page_is_never_kept(reader):
    page = reader.get(PLAN, headers={"HX-Request": "true"})
    assert (page["Cache-Control"], page.get("ETag")) == ("private, no-store", None)


def test_signing_out_empties_the_cache_of_the_browser(reader):
    reader.get(PLAN)
    assert reader.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in reader.get(PLAN)


@pytest.mark.parametrize("page", ["/plans/", "/help/"])
def test_a_page_of_no_plan_may_be_gone_back_to(reader, page):
    assert reader.get(page)["Cache-Control"] == "private, no-cache"


def test_a_change_of_a_person_reaches_the_pages_that_name_them(adam, beatriz, plan):
    sent = {"name": beatriz.name, "email": beatriz.email, "role": beatriz.groups.get().pk, "reminders": "on"}
    assert sign_in(adam).post(f"/admin/accounts/user/{beatriz.pk}/change/", sent).status_code == 302
    assert Plan.objects.get(pk=plan.pk).reporting_revision > plan.reporting_revision
