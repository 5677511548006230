from contextlib import nullcontext
from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import Http404

from plans.models import ActionLine, Measure, Plan, SustainableDevelopmentGoal, Visibility
from tests.builders import new_plan

pytestmark = pytest.mark.django_db


def test_the_period_is_the_plans_years(plan):
    assert plan.period == "2018–2020"


def test_the_period_of_one_year_is_that_year():
    assert Plan(starts_on=date(2021, 1, 1), ends_on=date(2021, 12, 31)).period == "2021"


def test_the_headline_contains_the_number_of_deliverables(plan):
    assert plan.headline_for(65) == "Between 2018 and 2020, Metropolis had 65 outcomes to deliver. In short,"


def test_a_plan_that_ends_before_it_starts_is_refused_by_validation(plan):
    plan.ends_on = date(2017, 12, 31)
    with pytest.raises(ValidationError, match="The last day is before the first day"):
        plan.full_clean()


def test_a_plan_that_ends_before_it_starts_is_refused_by_the_database(plan):
    plan.ends_on = date(2017, 12, 31)
    with pytest.raises(IntegrityError):
        plan.save()


@pytest.mark.parametrize(("last_day", "is_valid"), [(date(2047, 12, 31), True), (date(2048, 1, 31), False)])
def test_a_plan_runs_for_thirty_years_at_most(plan, last_day, is_valid):
    plan.ends_on = last_day
    with nullcontext() if is_valid else pytest.raises(ValidationError, match="thirty years"):
        plan.full_clean()


def test_a_line_number_is_unique_within_its_plan(plan):
    with pytest.raises(IntegrityError):
        ActionLine.objects.create(plan=plan, number=1, title="Another first line")


def test_a_measure_number_is_unique_within_its_line(plan):
    with pytest.raises(IntegrityError):
        Measure.objects.create(action_line=plan.action_lines.first(), number=1, statement="Another first")


def test_another_plan_may_use_the_same_numbers(plan):
    other = new_plan()
    assert [str(line.code) for line in other.action_lines.all()] == ["L1"]


def test_the_database_refuses_an_eighteenth_goal(plan):
    with pytest.raises(IntegrityError):
        SustainableDevelopmentGoal.objects.create(number=18, title="One more")


@pytest.mark.parametrize(
    ("visibility", "readers"),
    [
        (Visibility.PUBLIC, ["nobody", "beatriz", "rashid", "sofia", "adam"]),
        (Visibility.MEMBERS, ["beatriz", "rashid", "sofia", "adam"]),
        (Visibility.DRAFT, ["sofia", "adam"]),
    ],
)
def test_visibility_decides_who_can_read_a_plan(visibility, readers, beatriz, rashid, sofia, adam):
    plan = new_plan(visibility=visibility)
    everyone = {"nobody": AnonymousUser(), "beatriz": beatriz, "rashid": rashid, "sofia": sofia, "adam": adam}
    assert [name for name, user in everyone.items() if plan in Plan.objects.visible_to(user)] == readers


def test_a_plan_hidden_from_the_reader_raises_404(beatriz):
    new_plan(slug="secret", visibility=Visibility.DRAFT)
    with pytest.raises(Http404):
        Plan.objects.get_for(beatriz, "secret")


def test_bump_raises_the_revision_of_the_selected_plans_only(plan):
    other = new_plan()
    Plan.objects.raise_revision(pk=plan.pk)
    before = plan.revision, other.revision
    plan.refresh_from_db()
    other.refresh_from_db()
    assert (plan.revision, other.revision) == (before[0] + 1, before[1])
