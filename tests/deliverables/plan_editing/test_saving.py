"""Many parts saved at once, as an import saves them, by the rules of one."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deliverables.models import Amendment, Decision, Deliverable
from deliverables.plan_editing import structure
from deliverables.plan_editing.structure import SavePart
from deliverables.verification import verify_amendments
from plans.models import ActionLine, Measure, Organisation, Plan, Region, Theme, Visibility
from tests.builders import deliverable, new_plan

pytestmark = pytest.mark.django_db
DECISION = Decision("Board of Directors, June 2021", date(2021, 6, 1))


@pytest.fixture
def draft(plan):
    return new_plan(deliverables=3, visibility=Visibility.DRAFT)


@pytest.fixture
def public_plan(plan):
    return new_plan(deliverables=3)


def parts_of(plan):
    return list(Deliverable.objects.of_plan(plan.slug).with_update())


def new_line(plan, number=2, deliverables=2):
    """The steps of a new line with a measure and its deliverables, none of them stored."""
    line = ActionLine(plan=plan, number=number, title=f"Line {number}")
    measure = Measure(action_line=line, number=1, statement="That it is done.")
    parts = [Deliverable(measure=measure, number=each, title=f"New {each}") for each in range(1, deliverables + 1)]
    return [SavePart(part) for part in (line, measure, *parts)]


def codes(plan):
    return [str(part.code) for part in parts_of(plan)]


def test_new_parts_are_saved_below_new_parts(draft, sofia):
    saved = structure.save_parts(draft, new_line(draft), by=sofia)
    assert codes(draft) == ["L1M1D1", "L1M1D2", "L1M1D3", "L2M1D1", "L2M1D2"]
    assert [str(part.code) for part in saved] == ["L2", "L2M1", "L2M1D1", "L2M1D2"]


def test_changed_parts_keep_what_others_changed_meanwhile(draft, sofia):
    mine, theirs = parts_of(draft), parts_of(draft)
    for number, part in enumerate(theirs):
        part.due_on = date(2022, 1, 1 + number)
        structure.save_part(part, by=sofia, fields=["due_on"])
    for part in mine:
        part.title += " in other words"
    structure.save_parts(draft, [SavePart(part, ("title",)) for part in mine], by=sofia)
    assert [(part.title, part.due_on.day) for part in parts_of(draft)] == [
        (f"Deliverable {number} in other words", number) for number in (1, 2, 3)
    ]


def test_the_steps_of_one_part_are_joined(draft, sofia):
    measure = Measure.objects.get(action_line__plan=draft)
    measure.statement, measure.short_name, measure.short_name_by_tracker = "That it is.", "In short", True
    housing = Theme(name="Housing", slug="housing")
    steps = [SavePart(measure, ("statement",)), SavePart(measure, ("short_name",)), SavePart(measure, themes=[housing])]
    structure.save_parts(draft, steps, by=sofia)
    measure = Measure.objects.get(action_line__plan=draft)
    assert (measure.statement, measure.short_name, measure.short_name_by_tracker) == ("That it is.", "In short", False)
    assert [theme.name for theme in measure.themes.all()] == ["Housing"]


def test_themes_and_regions_replace_those_before(draft, sofia):
    measure, parts = Measure.objects.get(action_line__plan=draft), parts_of(draft)
    regions = list(Region.objects.filter(organisation=draft.organisation)[:2])
    old, kept = Theme.objects.all()[:2]
    structure.set_themes(measure, [old, kept])
    structure.set_regions(parts[0], regions)
    new = [Theme(name="Housing", slug="housing"), kept]
    structure.save_parts(draft, [SavePart(measure, themes=new), SavePart(parts[0], regions=regions[1:])], by=sofia)
    assert {theme.slug for theme in measure.themes.all()} == {"housing", kept.slug}
    assert list(parts[0].regions.all()) == regions[1:]


def test_a_region_of_another_organisation_is_refused(draft, sofia):
    other = Region.objects.create(
        organisation=Organisation.objects.create(slug="other", name="Other"), slug="north", name="North"
    )
    with pytest.raises(ValidationError, match="own organisation"):
        structure.save_parts(draft, [SavePart(part, regions=[other]) for part in parts_of(draft)], by=sofia)


def test_one_wrong_part_keeps_all_from_being_saved(draft, sofia):
    steps = new_line(draft)
    steps[-1].part.title = ""
    with pytest.raises(ValidationError):
        structure.save_parts(draft, steps, by=sofia)
    assert (codes(draft), draft.action_lines.count()) == (["L1M1D1", "L1M1D2", "L1M1D3"], 1)


def test_a_number_that_is_taken_is_refused(draft, sofia):
    measure = Measure.objects.get(action_line__plan=draft)
    steps = [SavePart(Deliverable(measure=measure, number=number, title="New")) for number in (4, 3)]
    with pytest.raises(ValidationError, match="already exists"):
        structure.save_parts(draft, steps, by=sofia)
    assert len(codes(draft)) == 3


def test_many_changes_of_a_public_plan_are_amendments_of_one_chain(public_plan, sofia):
    parts = parts_of(public_plan)
    for part in parts:
        part.title, part.due_on = f"{part.title} in other words", date(2022, 5, 31)
    steps = [SavePart(part, ("title", "due_on")) for part in parts] + new_line(public_plan)
    structure.save_parts(public_plan, steps, by=sofia, decision=DECISION)
    kinds = [amendment.kind for amendment in Amendment.objects.filter(plan=public_plan).order_by("sequence")]
    assert kinds == ["reworded", "due_date"] * 3 + ["added"] * 4
    assert verify_amendments(Plan.objects.get(pk=public_plan.pk)).length == 10
    assert {part.added_on for part in parts_of(public_plan)} == {None, DECISION.in_force_on}


def test_many_changes_of_a_public_plan_need_a_decision(public_plan, sofia):
    with pytest.raises(ValidationError, match="enter the decision behind"):
        structure.save_parts(public_plan, new_line(public_plan), by=sofia)
    assert public_plan.action_lines.count() == 1


def test_a_decision_before_the_last_one_on_one_of_many_is_refused(public_plan, sofia):
    structure.withdraw(parts_of(public_plan)[1], by=sofia, decision=DECISION)
    parts = parts_of(public_plan)
    for part in parts:
        part.due_on = date(2022, 5, 31)
    earlier = Decision("Board", date(2021, 5, 31))
    with pytest.raises(ValidationError, match="A decision on L1M1D2 has been in force since 1 June 2021"):
        structure.save_parts(public_plan, [SavePart(each, ("due_on",)) for each in parts], by=sofia, decision=earlier)
    assert Amendment.objects.filter(plan=public_plan).count() == 1


def test_a_new_part_that_continues_another_raises_the_revision_of_its_plan(draft, sofia, plan):
    steps = new_line(draft)
    steps[-1].part.continues = deliverable("L1M1D2")
    structure.save_parts(draft, steps, by=sofia)
    assert Plan.objects.get(pk=plan.pk).revision > plan.revision


@pytest.mark.parametrize("visibility", [Visibility.DRAFT, Visibility.PUBLIC])
def test_the_number_of_queries_does_not_grow(plan, sofia, visibility):
    counts = []
    for slug, number in (("2021-2023", 2), ("2024-2026", 20)):
        other = new_plan(slug, deliverables=number, visibility=visibility)
        parts = parts_of(other)
        for part in parts:
            part.title, part.continues = f"{part.title} in other words", None
        steps = [SavePart(part, ("title", "continues"), regions=[]) for part in parts]
        with CaptureQueriesContext(connection) as counted:
            structure.save_parts(other, steps + new_line(other, deliverables=number), by=sofia, decision=DECISION)
        counts.append(len(counted))
    assert counts[0] == counts[1]
