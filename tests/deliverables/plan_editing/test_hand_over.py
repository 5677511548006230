from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deliverables.models import Decision, Deliverable
from deliverables.plan_editing import structure
from deliverables.plan_editing.hand_over import hand_over, to_hand_over
from plans.models import Plan
from tests.builders import deliverable, new_plan

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)


def give(person, *codes):
    for code in codes:
        Deliverable.objects.filter(pk=deliverable(code).pk).update(responsible=person)


def those_of(person):
    return sorted(f"{row.plan.slug} {row.code}" for row in Deliverable.objects.filter(responsible=person))


def revisions():
    return dict(Plan.objects.values_list("slug", "revision"))


def test_all_deliverables_in_all_running_plans_change_hands(running, rashid, beatriz):
    new_plan("2026-2027", deliverables=2)
    Plan.objects.filter(slug="2026-2027").update(ends_on=date(2027, 12, 31))
    Deliverable.objects.of_plan("2026-2027").update(responsible=rashid)
    give(rashid, "L1M1D1", "L2M5D1")
    before = revisions()
    assert hand_over(rashid, beatriz, on=DAY) == 4
    assert those_of(rashid) == []
    assert those_of(beatriz) == ["2018-2020 L1M1D1", "2018-2020 L2M5D1", "2026-2027 L1M1D1", "2026-2027 L1M1D2"]
    assert {slug: revision - before[slug] for slug, revision in revisions().items()} == {"2018-2020": 1, "2026-2027": 1}


def test_they_can_be_left_to_nobody(running, rashid):
    give(rashid, "L1M1D1")
    assert (hand_over(rashid, None, on=DAY), deliverable("L1M1D1").responsible) == (1, None)


def test_what_is_withdrawn_or_over_or_somebody_elses_stays(running, rashid, beatriz, sofia):
    new_plan()  # over since 2023
    Deliverable.objects.of_plan("2021-2023").update(responsible=rashid)
    give(rashid, "L1M1D1", "L1M1D2")
    give(sofia, "L2M5D1")
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("The Board", date(2021, 6, 1)))
    before = revisions()["2021-2023"]
    assert hand_over(rashid, beatriz, on=DAY) == 1
    assert those_of(rashid) == ["2018-2020 L1M1D2", "2021-2023 L1M1D1"]
    assert (those_of(sofia), revisions()["2021-2023"]) == (["2018-2020 L2M5D1"], before)


def test_on_its_last_day_a_plan_is_not_over(running, rashid):
    give(rashid, "L1M1D1")
    last = running.ends_on
    assert [to_hand_over(rashid, day).count() for day in (last, date(2028, 1, 1))] == [1, 0]


def test_nothing_is_handed_over_to_somebody_who_is_not_active(running, rashid, beatriz):
    give(rashid, "L1M1D1")
    type(beatriz).objects.filter(pk=beatriz.pk).update(is_active=False)
    before = revisions()
    with pytest.raises(ValidationError, match="can no longer take them over"):
        hand_over(rashid, beatriz, on=DAY)
    assert (those_of(rashid), revisions()) == (["2018-2020 L1M1D1"], before)


def test_without_anything_to_hand_over_no_revision_is_raised(running, rashid, beatriz):
    before = revisions()
    assert (hand_over(rashid, beatriz, on=DAY), revisions()) == (0, before)


def test_many_deliverables_take_as_few_queries_as_one(running, rashid, beatriz):
    asked = []
    for rows in (Deliverable.objects.filter(pk=deliverable("L1M1D1").pk), Deliverable.objects.all()):
        rows.update(responsible=rashid)
        with CaptureQueriesContext(connection) as queries:
            hand_over(rashid, beatriz, on=DAY)
        asked.append(len(queries))
    assert (asked[0], len(those_of(beatriz))) == (asked[1], 65)
