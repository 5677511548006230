"""Meetings of an organisation: which a plan shows, who may write them and when."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError

from deliverables.models import Decision
from deliverables.plan_editing import structure
from plans.models import Meeting, Organisation, Plan
from tests.builders import deliverable, new_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def assembly(plan):
    return Meeting.objects.get()


def board(day, organisation=None):
    organisation = organisation or Organisation.objects.get(slug="metropolis")
    return Meeting(organisation=organisation, name="Board of Directors", place="Montréal", held_on=day).store()


def withdraw_at(meeting, by):
    structure.withdraw(deliverable("L1M1D2"), by=by, decision=Decision("Point 7", date(2021, 6, 1), meeting=meeting))


def revisions():
    return dict(Plan.objects.values_list("slug", "revision"))


def raised(before):
    return {slug for slug, revision in revisions().items() if revision > before[slug]}


def test_meetings_are_listed_newest_first(assembly):
    later, earlier = board(date(2021, 6, 1)), board(date(2019, 6, 1))
    assert list(Meeting.objects.all()) == [later, assembly, earlier]


def test_a_plan_shows_the_meetings_in_its_period_and_those_that_its_amendments_name(plan, assembly, sofia):
    first, last = board(date(2018, 1, 1)), board(date(2020, 12, 31))
    board(date(2017, 12, 31))
    later = board(date(2021, 1, 1))
    assert Plan.objects.get(pk=plan.pk).meetings == [last, assembly, first]
    withdraw_at(later, sofia)
    assert Plan.objects.get(pk=plan.pk).meetings == [later, last, assembly, first]


def test_the_meetings_of_another_organisation_are_not_shown(plan, assembly):
    board(date(2019, 6, 1), Organisation.objects.create(slug="other", name="Other"))
    assert plan.meetings == [assembly]


@pytest.mark.parametrize(
    ("day", "found"), [(date(2020, 11, 30), None), (date(2020, 12, 1), "General"), (date(2026, 1, 1), "General")]
)
def test_the_last_meeting_before_a_day_is_one_of_the_plans_period(plan, assembly, sofia, day, found):
    board(date(2021, 6, 1))
    assert getattr(plan.meeting_before(day), "name", "None").split()[0] == (found or "None")


def test_a_meeting_is_stored_normalised(plan):
    meeting = Meeting(organisation=plan.organisation, name=" Congress\u200b ", held_on=date(2020, 6, 1)).store()
    assert Meeting.objects.get(pk=meeting.pk).name == "Congress"


def test_a_meeting_cannot_be_stored_twice(assembly):
    again = Meeting(organisation=assembly.organisation, name=assembly.name, held_on=assembly.held_on)
    with pytest.raises(ValidationError, match="There is a meeting with this name on this day already."):
        again.store()
    with pytest.raises(IntegrityError):
        again.save()


def test_storing_a_field_preserves_what_others_have_saved_in_another(assembly):
    theirs = Meeting.objects.get()
    theirs.place = "Guangzhou"
    theirs.store(["place"])
    assembly.name = "Assembly"
    assembly.store(["name"])
    stored = Meeting.objects.get()
    assert (stored.name, stored.place) == ("Assembly", "Guangzhou")


def test_a_meeting_that_was_removed_meanwhile_is_not_stored_again(assembly):
    Meeting.objects.get().remove()
    with pytest.raises(ValidationError, match="Meanwhile somebody removed this meeting."):
        assembly.store(["name"])
    assert not Meeting.objects.exists()


def test_a_write_raises_the_revision_of_the_plans_of_its_organisation_alone(assembly):
    new_plan()
    other = new_plan("other")
    Plan.objects.filter(pk=other.pk).update(organisation=Organisation.objects.create(slug="other", name="Other"))
    before = revisions()
    assembly.remove()
    assert raised(before) == {"2018-2020", "2021-2023"}


def test_a_meeting_that_an_amendment_names_cannot_be_removed(assembly, sofia):
    withdraw_at(assembly, sofia)
    with pytest.raises(ValidationError, match="An amendment names this meeting: it cannot be removed."):
        assembly.remove()
    with pytest.raises(ProtectedError):
        assembly.delete()


def add_known_meeting():
    import_module("plans.migrations.0007_meetings").add_known_meeting(apps, None)


def test_the_migration_adds_the_known_meeting_as_the_fixture_has_it(assembly):
    Meeting.objects.all().delete()
    before = revisions()
    add_known_meeting()
    added = Meeting.objects.get()
    names = ("key", "organisation", "name", "place", "held_on")
    assert [getattr(added, name) for name in names] == [getattr(assembly, name) for name in names]
    assert raised(before) == {"2018-2020"}


def test_the_migration_adds_nothing_twice_and_nothing_to_others(assembly):
    add_known_meeting()
    assert Meeting.objects.count() == 1
    Meeting.objects.all().delete()
    Organisation.objects.update(slug="other")
    add_known_meeting()
    assert not Meeting.objects.exists()
