from datetime import date

import pytest
from django.db import connection

from deliverables.models import Deliverable
from plans.common.bulk_writes import BulkInsert, BulkUpdate
from plans.models import ActionLine, Measure, Visibility
from tests.builders import new_plan

pytestmark = pytest.mark.django_db
ODD = "100 % of 'it', \"%s\", \\ and\nanother line, 日本"


@pytest.fixture
def rows(plan):
    new_plan(deliverables=300, visibility=Visibility.DRAFT)
    return list(Deliverable.objects.of_plan("2021-2023").order_by("number"))


@pytest.mark.parametrize("is_prepared", [True, False])
def test_an_update_writes_the_named_fields_of_each_row(rows, is_prepared):
    for row in rows:
        row.title, row.due_on, row.target = f"{row.number} {ODD}", date(2022, 1, 1 + row.number % 28), row.number
        row.target_unit = "pilots"
    rows[7].due_on = None
    update = BulkUpdate(rows, ["title", "due_on"])
    if is_prepared:
        update.prepare()
    update.write()
    stored = list(Deliverable.objects.of_plan("2021-2023").order_by("number"))
    assert [(row.title, row.due_on) for row in stored] == [(row.title, row.due_on) for row in rows]
    assert {(row.target, row.target_unit) for row in stored} == {(None, "")}


def test_an_update_leaves_other_rows_as_they_are(rows):
    for row in rows:
        row.title = "Otherwise"
    BulkUpdate(rows[:2], ["title"]).write()
    assert Deliverable.objects.filter(title="Otherwise").count() == 2


def test_a_text_longer_than_its_column_is_refused_by_postgresql_and_not_cut_off(rows):
    rows[0].title = "x" * 5000
    if connection.vendor == "postgresql":
        with pytest.raises(Exception, match="too long"):
            BulkUpdate(rows[:1], ["title"]).write()
    else:
        BulkUpdate(rows[:1], ["title"]).write()
        assert len(Deliverable.objects.get(pk=rows[0].pk).title) == 5000


@pytest.mark.parametrize("is_prepared", [True, False])
def test_new_rows_may_refer_to_new_rows(plan, is_prepared):
    line = ActionLine(plan=new_plan(visibility=Visibility.DRAFT), number=2, title=ODD)
    measures = [Measure(action_line=line, number=number, statement=ODD) for number in range(1, 60)]
    deliverables = [Deliverable(measure=each, number=1, title=ODD, due_on=date(2022, 1, 1)) for each in measures]
    inserts = [BulkInsert([line]), BulkInsert(measures), BulkInsert(deliverables)]
    for insert in inserts if is_prepared else ():
        insert.prepare()
    for insert in inserts:
        insert.write()
    stored = list(Deliverable.objects.of_plan("2021-2023").exclude(measure__action_line__number=1).with_update())
    assert [(row.pk, row.measure.number, row.title, row.due_on) for row in stored] == [
        (row.pk, row.measure.number, ODD, date(2022, 1, 1)) for row in deliverables
    ]
    assert not any(row._state.adding for row in [line, *measures, *deliverables])


def test_nothing_to_write_takes_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        for write in (BulkInsert([]), BulkUpdate([], ["title"])):
            write.prepare()
            write.write()
