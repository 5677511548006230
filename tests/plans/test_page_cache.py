import gzip
import uuid
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from deliverables.models import Deliverable
from plans import file_limits, page_cache
from plans.models import Plan, Visibility
from reports.figures.progress import progress_of
from reports.files import pdf
from tests.browser.pages import OPEN
from tests.builders import NOON, TODAY, deliverable, publish, report

PLAN = "/plans/2018-2020/"
CACHED_PAGES = [
    path
    for path in OPEN
    if "accounts" not in path and path not in ("/nowhere/", "/verify/?hash=x", PLAN + "?as_of=soon")
]
FILES = ["summary.pdf", "summary.xlsx", "summary.csv", "summary.json", "summary.csv?status=attained", "changes.atom",
         "history.json", "card.png", "summary.stratml.xml", "calendar.ics"]  # fmt: skip
PUBLIC = "public, max-age=0, s-maxage=10"


@pytest.mark.parametrize("path", [*CACHED_PAGES, *(PLAN + file for file in FILES), f"/es{PLAN}", "/fr/help/"])
def test_an_unchanged_page_is_304_after_one_query(visitor, django_assert_num_queries, path):
    first = visitor.get(path)
    assert (first.status_code, first["Cache-Control"]) == (200, PUBLIC)
    with django_assert_num_queries(1):
        second = visitor.get(path, headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, second.content) == (304, b"")
    assert all(second[name] == first[name] for name in ("ETag", "Cache-Control", "Vary"))


@pytest.mark.parametrize("path", [PLAN, PLAN + "deliverables/?status=attained", PLAN + "summary.pdf", "/plans/"])
def test_a_cached_page_takes_one_query_and_is_identical(visitor, django_assert_num_queries, path):
    first = visitor.get(path)
    with django_assert_num_queries(1):
        second = visitor.get(path)
    assert (second.content, dict(second.headers)) == (first.content, dict(first.headers))


@pytest.mark.parametrize("path", [PLAN, PLAN + "L2M5D1/", PLAN + "deliverables/", PLAN + "changes.atom", "/plans/"])
def test_a_status_update_invalidates_the_page(visitor, sofia, path):
    first = visitor.get(path)
    report(deliverable("L2M5D1"), "attained", by=sofia, note="A payment system, seen in Montréal.")
    second = visitor.get(path, headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200
    assert second["ETag"] != first["ETag"]


def test_a_new_edition_invalidates_the_page(visitor, plan, sofia):
    visitor.get(PLAN + "reports/")
    publish(plan, by=sofia)
    assert "Three-year report" in visitor.get(PLAN + "reports/").content.decode()


def test_another_day_has_another_etag(visitor):
    with time_machine.travel(NOON, tick=False):
        today = visitor.get(PLAN)["ETag"]
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        assert visitor.get(PLAN)["ETag"] != today


def test_each_filter_and_language_has_its_own_etag(visitor):
    paths = [PLAN, f"/es{PLAN}", PLAN + "?as_of=2019-12-31", PLAN + "deliverables/", PLAN + "deliverables/?q=gender"]
    assert len({visitor.get(path)["ETag"] for path in paths}) == len(paths)


@pytest.mark.parametrize("path", [PLAN, PLAN + "deliverables/", PLAN + "L2M5D1/", "/plans/", "/help/"])
def test_a_page_of_a_member_is_never_shown_to_visitors(secretariat, visitor, path):
    visitor.get(path)
    page = secretariat.get(path)
    assert page["Cache-Control"].startswith("private")
    assert "Sofia Marín" in page.content.decode()
    assert "Sofia Marín" not in visitor.get(path).content.decode()


def test_a_plan_that_is_no_longer_public_is_404_at_once(visitor):
    etag = visitor.get(PLAN)["ETag"]
    Plan.objects.update(visibility=Visibility.MEMBERS)
    assert visitor.get(PLAN, headers={"If-None-Match": etag}).status_code == 404


@pytest.mark.parametrize("path", ["/nowhere/", PLAN + "?as_of=soon", PLAN + "L9/", "/accounts/login/", PLAN + "edit/"])
def test_errors_and_forms_are_never_cached(visitor, path):
    response = visitor.get(path)
    assert response.get("ETag") is None
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))


@pytest.mark.parametrize("file", FILES)
def test_a_file_for_a_member_is_304_until_it_changes(board, sofia, file):
    first = board.get(PLAN + file)
    assert first["Cache-Control"] == "private, no-cache"
    assert board.get(PLAN + file, headers={"If-None-Match": first["ETag"]}).status_code == 304
    report(deliverable("L2M5D1"), "attained", by=sofia)
    assert board.get(PLAN + file, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_a_members_plan_is_never_cached(board, file):
    Plan.objects.update(visibility=Visibility.MEMBERS)
    response = board.get(PLAN + file)
    assert (response["Cache-Control"], response.get("ETag")) == ("private, no-store", None)


def test_members_do_not_share_etags(board, secretariat):
    etag = board.get(PLAN + "summary.csv?responsible=me")["ETag"]
    assert secretariat.get(PLAN + "summary.csv?responsible=me", headers={"If-None-Match": etag}).status_code == 200


def test_a_compressed_page_has_the_same_content(visitor):
    plain = visitor.get(PLAN)
    for _time in range(2):
        compressed = visitor.get(PLAN, headers={"Accept-Encoding": "br, gzip"})
        assert (compressed["Content-Encoding"], gzip.decompress(compressed.content)) == ("gzip", plain.content)
        assert int(compressed.get("Content-Length", len(compressed.content))) == len(compressed.content)


def test_a_page_with_a_message_for_one_reader_is_not_cached(visitor, secretariat):
    secretariat.post("/accounts/logout/")
    response = secretariat.get(PLAN)
    assert "signed out" in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"
    assert "signed out" not in visitor.get(PLAN).content.decode()


@contextmanager
def database_down():
    def refuse(*args):
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(refuse):
        yield


def test_a_stale_copy_is_shown_and_labelled_while_the_database_is_down(visitor):
    visitor.get(f"/fr{PLAN}")
    with database_down():
        response = visitor.get(f"/fr{PLAN}")
    assert response.status_code == 200
    assert "La base de données ne répond pas" in response.content.decode()
    assert f"à {timezone.localtime():%H:}" in response.content.decode()
    assert "ETag" not in response


def test_a_stale_copy_over_an_hour_old_is_not_shown(visitor):
    visitor.raise_request_exception = False
    visitor.get(PLAN)
    with database_down(), time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert visitor.get(PLAN).status_code == 503


def make_private(client, visibility):
    """Change who may read the plan, in the form of its settings, which shows what is stored."""
    fields = client.get(PLAN + "edit/plan/").context["form"].initial
    sent = {name: value for name, value in fields.items() if isinstance(value, str)}
    sent |= {"starts_on": "2018-01-01", "ends_on": "2020-12-31"}
    shown = {f"initial-{name}": value for name, value in sent.items()}
    assert client.post(PLAN + "edit/plan/", shown | sent | {"visibility": visibility}).status_code == 302


@pytest.mark.parametrize("path", [PLAN, f"/es{PLAN}", PLAN + "summary.csv", "/plans/"])
def test_no_stale_copy_of_a_plan_that_was_made_private_is_shown(visitor, secretariat, path):
    """Not by any worker: each has copies of its own, here in a cache that is not emptied."""
    visitor.raise_request_exception = False
    visitor.get(path)
    make_private(secretariat, Visibility.MEMBERS)
    with database_down():
        assert visitor.get(path).status_code == 503


def test_no_stale_copy_is_shown_of_a_plan_that_a_worker_has_seen_withdrawn(visitor):
    visitor.raise_request_exception = False
    visitor.get(PLAN + "L2M5D1/")
    Plan.objects.update(visibility=Visibility.MEMBERS)  # by whatever other way
    assert visitor.get(PLAN).status_code == 404
    with database_down():
        assert visitor.get(PLAN + "L2M5D1/").status_code == 503


def test_a_plan_that_is_public_again_has_stale_copies_again(visitor, secretariat):
    visitor.get(PLAN)
    make_private(secretariat, Visibility.MEMBERS)
    make_private(secretariat, Visibility.PUBLIC)
    visitor.get(PLAN)
    with database_down():
        assert visitor.get(PLAN).status_code == 200


def test_withdrawals_are_seen_by_all_workers():
    """In memory, each worker would have its own."""
    assert "locmem" not in settings.CACHES["withdrawals"]["BACKEND"]


@pytest.mark.parametrize("path", [PLAN, PLAN + "deliverables/", PLAN + "summary.csv", "/plans/"])
def test_a_restore_invalidates_what_was_cached_of_the_lost_changes(visitor, path):
    """A restore takes the plan back to an earlier revision, and the next change makes the lost number again."""
    old = visitor.get(path)
    Plan.objects.update(timeline=uuid.uuid4())
    new = visitor.get(path, headers={"If-None-Match": old["ETag"]})
    assert (new.status_code, new["ETag"] != old["ETag"]) == (200, True)


def test_a_restore_invalidates_the_file_that_a_member_has(board):
    old = board.get(PLAN + "summary.csv")
    Plan.objects.update(timeline=uuid.uuid4())
    assert board.get(PLAN + "summary.csv", headers={"If-None-Match": old["ETag"]}).status_code == 200


def test_a_restore_invalidates_the_chart(plan):
    before = progress_of(plan, TODAY)
    Plan.objects.update(timeline=uuid.uuid4())
    Deliverable.objects.filter(number=1).update(added_on="2019-01-01")  # as the other timeline has it
    plan.refresh_from_db()
    assert progress_of(plan, TODAY) != before


def test_a_response_over_the_size_limit_is_not_cached(visitor, plan, monkeypatch):
    monkeypatch.setattr("plans.cache_entries.MAX_BYTES", 1000)
    assert visitor.get(PLAN).content == visitor.get(PLAN).content
    assert len(caches["pages"]._cache) == 0


# What is not the reader's choice is not part of the key.


@pytest.mark.parametrize(
    ("path", "query", "same"),
    [
        (PLAN, "utm_source=mail&x=1", ""),
        (PLAN, "page=7", ""),
        (PLAN + "summary.csv", "page=2&x=3&from=2018-01-01", ""),
        (PLAN + "summary.csv", "x=1&status=attained", "status=attained"),
        (PLAN + "summary.csv", "status=in_progress&status=attained", "status=attained"),
        (PLAN + "deliverables/", "status=attained&line=L1", "line=L1&status=attained"),
        (PLAN + "history.json", "q=gender", ""),
        (PLAN + "summary.csv", "q=&line=&as_of=", ""),
        (PLAN + "summary.csv", "q=%20&status=+attained%C2%A0", "status=attained"),
        ("/help/", "a=b", ""),
        ("/es" + PLAN + "L1/", "z=1&as_of=2019-12-31", "as_of=2019-12-31"),
    ],
)
def test_a_query_that_says_the_same_is_the_same_page(visitor, django_assert_num_queries, path, query, same):
    first = visitor.get(f"{path}?{same}")
    assert first.status_code == 200
    with django_assert_num_queries(1):
        again = visitor.get(f"{path}?{query}")
    assert (again["ETag"], again.content) == (first["ETag"], first.content)


@pytest.mark.parametrize("path", [PLAN, PLAN + "deliverables/", "/verify/"])
def test_a_head_caches_what_a_get_is_answered(visitor, path):
    expected = visitor.get(path).content
    caches["pages"].clear()
    visitor.head(path)
    assert visitor.get(path).content == expected


def test_a_page_does_not_repeat_what_somebody_put_into_its_address(visitor):
    assert "evil" not in visitor.get(f"{PLAN}deliverables/?evil=evil&status=attained").content.decode()


@pytest.mark.parametrize(
    ("path", "query", "other"),
    [
        (PLAN + "deliverables/", "q=gender", "q=housing"),
        (PLAN + "deliverables/", "sort=title", "sort=-title"),
        (PLAN + "changes/", "from=2018-01-01&to=2019-01-01", "from=2018-01-01&to=2020-01-01"),
        (PLAN + "changes/", "page=1", "page=2"),
        (PLAN + "changes.atom", "line=L1", "line=L2"),
        (PLAN + "summary.csv", "theme=gender", "theme=housing"),
        (PLAN + "card.png", "as_of=2018-12-31", "as_of=2019-12-31"),
        ("/verify/", "hash=x", "hash=y"),
    ],
)
def test_what_a_view_reads_is_kept(visitor, path, query, other):
    assert visitor.get(f"{path}?{query}").content != visitor.get(f"{path}?{other}").content


def test_a_cached_page_is_not_given_to_another_host(visitor):
    assert visitor.get(PLAN).status_code == 200
    assert visitor.get(PLAN, headers={"Host": "evil.example"}).status_code == 400
    etag = visitor.get(PLAN)["ETag"]
    assert visitor.get(PLAN, headers={"Host": "evil.example", "If-None-Match": etag}).status_code == 400


# Files


def days(number):
    return [f"{PLAN}summary.csv?as_of={date(2018, 1, 1) + timedelta(days=day)}" for day in range(number)]


@pytest.mark.parametrize("reader", ["visitor", "board"])
def test_an_address_has_so_many_files_made_and_no_more(request, reader, django_assert_max_num_queries):
    client = request.getfixturevalue(reader)
    with time_machine.travel(NOON, tick=False):
        answers = [client.get(path) for path in days(file_limits.FILES_A_MINUTE + 2)]
        assert [answer.status_code for answer in answers] == [200] * file_limits.FILES_A_MINUTE + [429, 429]
        assert (answers[-1]["Retry-After"], answers[-1].get("ETag")) == ("60", None)
        with django_assert_max_num_queries(6 if reader == "board" else 1):  # a flood of them costs next to nothing
            client.get(days(1 + file_limits.FILES_A_MINUTE)[-1])
        assert "at most 30 new documents a minute" in answers[-1].content.decode()
        assert client.get(PLAN).status_code == 200
        assert client.get(days(1)[0], REMOTE_ADDR="192.0.2.7").status_code == 200
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        assert client.get(days(40)[-1]).status_code == 200


def test_files_from_the_cache_are_not_counted(visitor):
    with time_machine.travel(NOON, tick=False):
        answers = [visitor.get(PLAN + "summary.csv").status_code for _time in range(file_limits.FILES_A_MINUTE * 2)]
    assert set(answers) == {200}


def test_a_file_waits_for_its_turn_and_not_for_ever(visitor, monkeypatch):
    monkeypatch.setattr(file_limits, "MAKING_SECONDS", 0.1)
    with file_limits.turn_to_make_a_file():
        answer = visitor.get(PLAN + "summary.csv")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "Too many people are waiting" in answer.content.decode()
    assert visitor.get(PLAN + "summary.csv").status_code == 200


def test_what_somebody_else_has_made_meanwhile_is_not_made_again(visitor, monkeypatch):
    """Two ask for the same file at once: the second waits for its turn, and finds the file of the first."""
    turn = file_limits.turn_to_make_a_file

    @contextmanager
    def turn_after_somebody_else():
        monkeypatch.setattr(page_cache, "turn_to_make_a_file", turn)
        made.append(Client().get(PLAN + "summary.pdf"))
        with turn():
            yield

    made = []
    monkeypatch.setattr(page_cache, "turn_to_make_a_file", turn_after_somebody_else)
    written = []
    typeset = pdf.typeset
    monkeypatch.setattr(pdf, "typeset", lambda *args, **kwargs: written.append(1) or typeset(*args, **kwargs))
    second = visitor.get(PLAN + "summary.pdf")
    assert (second.content, second["ETag"], written) == (made[0].content, made[0]["ETag"], [1])
