"""Every address of the tracker by role by method: `tests/access.tsv` says what each is answered.

An address that is not in the table fails here. `WRITE_ACCESS=1 pytest tests/test_access_table.py` writes the table
anew: read the difference before committing it.
"""

import os
from itertools import groupby
from operator import itemgetter

import pytest

from tests.access_table import HEADER, TABLE, answers, edition_for, everyone, rows_wanted

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def table():
    head, *lines = TABLE.read_text(encoding="utf-8").splitlines()
    assert head == HEADER
    return {tuple(line.split("\t")[:3]): line.split("\t")[3:] for line in lines}


@pytest.fixture(scope="module")
def people(shared_by_module):
    return everyone()


if "WRITE_ACCESS" in os.environ:

    def test_write_the_table(people):
        lines = []
        for route, rows in groupby(rows_wanted(), key=itemgetter(2)):
            with edition_for(route):
                lines += ["\t".join([*row, *answers(people, *row)]) for row in rows]
        TABLE.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")


EXPECTED = table()
BY_ROUTE = {}
for visibility, method, route in EXPECTED:
    BY_ROUTE.setdefault(route, []).append((visibility, method))


def test_the_table_holds_every_address_and_no_other():
    assert set(EXPECTED) == set(rows_wanted())


@pytest.mark.parametrize("route", BY_ROUTE)
def test_an_address_answers_each_role_as_the_table_says(people, route):
    with edition_for(route):
        for visibility, method in BY_ROUTE[route]:
            row = visibility, method, route
            assert answers(people, *row) == EXPECTED[row], row
