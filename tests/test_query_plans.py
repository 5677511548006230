"""The main queries go by an index on either database. PostgreSQL may not read 65 rows as a whole, as it would."""

import re

import pytest
from django.db import connection

from tests.query_plans import explained, main_queries

pytestmark = pytest.mark.django_db
NAMES = [
    "whether a page has changed", "the list", "the list as of a day", "how each stands, for the overview",
    "the measures", "the feed", "the chart", "the history of a deliverable", "the last update seen", "the chain",
    "the amendments",
]  # fmt: skip
LARGE = "deliverables_statusupdate|deliverables_deliverable|U0|V0"
WHOLE = {
    "sqlite": re.compile(rf"SCAN ({LARGE})\b(?! USING)"),
    "postgresql": re.compile(rf"Seq Scan on ({LARGE})\b"),
}


@pytest.fixture
def no_reading_all(plan):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")


@pytest.mark.parametrize("name", NAMES)
def test_a_main_query_reads_no_large_table_as_a_whole(no_reading_all, name):
    told = explained(main_queries()[name])
    assert WHOLE[connection.vendor].findall(told) == [], told


def test_all_of_them_are_tested(plan):
    assert list(main_queries()) == NAMES
