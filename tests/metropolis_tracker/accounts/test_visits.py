from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches

from tests.builders import NOON, deliverable, report
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db
OVERVIEW = "/plans/2018-2020/"


def visit(client, after, path=OVERVIEW):
    with time_machine.travel(NOON + after, tick=False):
        caches["members"].clear()  # a page that is kept has no context
        return client.get(path).context["since_last_visit"]


def test_a_first_visit_has_no_previous_visit(rashid):
    assert visit(browser_of(rashid), timedelta()) is None


def test_a_returning_member_sees_the_number_of_changes(rashid, sofia):
    client = browser_of(rashid)
    visit(client, timedelta())
    report(deliverable("L1M1D2"), "attained", by=sofia, at=NOON + timedelta(hours=3))
    assert visit(client, timedelta(days=7)) == {"moment": NOON, "number": 1}


def test_changes_since_the_last_visit_are_highlighted(rashid, sofia):
    client = browser_of(rashid)
    visit(client, timedelta())
    report(deliverable("L1M1D2"), "attained", by=sofia, at=NOON + timedelta(hours=3))
    with time_machine.travel(NOON + timedelta(days=7), tick=False):
        assert client.get(OVERVIEW + "changes/").content.decode().count('"kind new"') == 1


def test_continued_reading_is_not_a_new_visit(rashid):
    client = browser_of(rashid)
    visit(client, timedelta())
    visit(client, timedelta(days=7))
    for minutes in (4, 20, 40):
        assert visit(client, timedelta(days=7, minutes=minutes))["moment"] == NOON


def test_the_page_of_changes_counts_them_since_the_last_visit(rashid):
    client = browser_of(rashid)
    visit(client, timedelta())
    with time_machine.travel(NOON + timedelta(days=7), tick=False):
        text = client.get(OVERVIEW + "changes/").content.decode()
    assert "0 changes since your last visit on 24 November 2026, 13:00." in text


def test_a_visitor_has_no_last_visit(visitor):
    assert visitor.get(OVERVIEW).context["since_last_visit"] is None


def test_continued_reading_writes_nothing(rashid, django_assert_num_queries):
    client = browser_of(rashid)
    visit(client, timedelta())
    with django_assert_num_queries(5), time_machine.travel(NOON + timedelta(minutes=4), tick=False):
        client.get("/plans/")
