import gzip
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import OperationalError, connection
from django.utils import timezone

from plans.models import Plan, Visibility
from tests.browser.pages import OPEN
from tests.builders import NOON, deliverable, publish, report

PLAN = "/plans/2018-2020/"
KEPT = [
    path
    for path in OPEN
    if "accounts" not in path and path not in ("/nowhere/", "/verify/?hash=x", PLAN + "?as_of=soon")
]
FILES = ["summary.pdf", "summary.xlsx", "summary.csv", "summary.json", "summary.csv?status=attained", "changes.atom",
         "history.json", "card.png"]  # fmt: skip
FOR_ALL = "public, max-age=0, s-maxage=10, stale-if-error=86400"


@pytest.mark.parametrize("path", [*KEPT, *(PLAN + file for file in FILES), f"/es{PLAN}", "/fr/help/"])
def test_what_has_not_changed_is_told_after_one_query(visitor, django_assert_num_queries, path):
    first = visitor.get(path)
    assert (first.status_code, first["Cache-Control"]) == (200, FOR_ALL)
    with django_assert_num_queries(1):
        second = visitor.get(path, headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, second.content) == (304, b"")
    assert all(second[name] == first[name] for name in ("ETag", "Cache-Control", "Vary"))


@pytest.mark.parametrize("path", [PLAN, PLAN + "deliverables/?status=attained", PLAN + "summary.pdf", "/plans/"])
def test_what_is_kept_takes_one_query_and_is_the_same(visitor, django_assert_num_queries, path):
    first = visitor.get(path)
    with django_assert_num_queries(1):
        second = visitor.get(path)
    assert (second.content, dict(second.headers)) == (first.content, dict(first.headers))


@pytest.mark.parametrize("path", [PLAN, PLAN + "L2M5D1/", PLAN + "deliverables/", PLAN + "changes.atom", "/plans/"])
def test_a_change_is_seen_at_once(visitor, sofia, path):
    first = visitor.get(path)
    report(deliverable("L2M5D1"), "attained", by=sofia, note="A payment system, seen in Montréal.")
    second = visitor.get(path, headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200
    assert second["ETag"] != first["ETag"]


def test_an_edition_is_seen_at_once(visitor, plan, sofia):
    visitor.get(PLAN + "reports/")
    publish(plan, by=sofia)
    assert "Three-year report" in visitor.get(PLAN + "reports/").content.decode()


def test_another_day_is_another_page(visitor):
    with time_machine.travel(NOON, tick=False):
        today = visitor.get(PLAN)["ETag"]
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        assert visitor.get(PLAN)["ETag"] != today


def test_other_filters_and_languages_are_other_pages(visitor):
    paths = [PLAN, f"/es{PLAN}", PLAN + "?as_of=2019-12-31", PLAN + "deliverables/", PLAN + "deliverables/?q=gender"]
    assert len({visitor.get(path)["ETag"] for path in paths}) == len(paths)


@pytest.mark.parametrize("path", [PLAN, PLAN + "deliverables/", PLAN + "L2M5D1/", "/plans/", "/help/"])
def test_a_page_of_somebody_signed_in_is_kept_by_nobody(secretariat, visitor, path):
    visitor.get(path)
    page = secretariat.get(path)
    assert (page["Cache-Control"], page.get("ETag")) == ("private, no-store", None)
    assert "Sofia Marín" in page.content.decode()
    assert "Sofia Marín" not in visitor.get(path).content.decode()


def test_a_plan_taken_back_is_taken_back_at_once(visitor):
    etag = visitor.get(PLAN)["ETag"]
    Plan.objects.update(visibility=Visibility.MEMBERS)
    assert visitor.get(PLAN, headers={"If-None-Match": etag}).status_code == 404


@pytest.mark.parametrize("path", ["/nowhere/", PLAN + "?as_of=soon", PLAN + "L9/", "/accounts/login/", PLAN + "edit/"])
def test_an_error_or_a_form_is_kept_by_nobody(visitor, path):
    response = visitor.get(path)
    assert response.get("ETag") is None
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))


@pytest.mark.parametrize("file", FILES)
def test_a_member_asks_for_a_file_again_only_when_it_changed(board, sofia, file):
    first = board.get(PLAN + file)
    assert first["Cache-Control"] == "private, no-cache"
    assert board.get(PLAN + file, headers={"If-None-Match": first["ETag"]}).status_code == 304
    report(deliverable("L2M5D1"), "attained", by=sofia)
    assert board.get(PLAN + file, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("file", FILES)
def test_a_file_for_members_is_kept_by_nobody(board, file):
    Plan.objects.update(visibility=Visibility.MEMBERS)
    response = board.get(PLAN + file)
    assert (response["Cache-Control"], response.get("ETag")) == ("private, no-store", None)


def test_a_file_of_one_member_is_not_taken_for_that_of_another(board, secretariat):
    etag = board.get(PLAN + "summary.csv?responsible=me")["ETag"]
    assert secretariat.get(PLAN + "summary.csv?responsible=me", headers={"If-None-Match": etag}).status_code == 200


def test_a_compressed_page_is_the_same_page(visitor):
    plain = visitor.get(PLAN)
    for _time in range(2):
        packed = visitor.get(PLAN, headers={"Accept-Encoding": "br, gzip"})
        assert (packed["Content-Encoding"], gzip.decompress(packed.content)) == ("gzip", plain.content)
        assert int(packed.get("Content-Length", len(packed.content))) == len(packed.content)


def test_a_notice_for_one_reader_is_not_kept_for_others(visitor, secretariat):
    secretariat.post("/accounts/logout/")
    told = secretariat.get(PLAN)
    assert "signed out" in told.content.decode()
    assert told["Cache-Control"] == "private, no-store"
    assert "signed out" not in visitor.get(PLAN).content.decode()


@contextmanager
def database_gone():
    def refuse(*args):
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(refuse):
        yield


def test_a_page_stands_in_while_the_database_is_gone_and_says_so(visitor):
    visitor.get(f"/fr{PLAN}")
    with database_gone():
        response = visitor.get(f"/fr{PLAN}")
    assert response.status_code == 200
    assert "La base de données ne répond pas" in response.content.decode()
    assert f"à {timezone.localtime():%H:}" in response.content.decode()
    assert "ETag" not in response


def test_a_page_kept_an_hour_ago_no_longer_stands_in(visitor):
    visitor.raise_request_exception = False
    visitor.get(PLAN)
    with database_gone(), time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert visitor.get(PLAN).status_code == 503


def test_a_long_answer_is_given_and_not_kept(visitor, plan, monkeypatch):
    monkeypatch.setattr("plans.page_cache.MAX_BYTES", 1000)
    assert visitor.get(PLAN).content == visitor.get(PLAN).content
    assert len(caches["pages"]._cache) == 0 or all("progress" in key for key in caches["pages"]._cache)
