"""The invented plan of `make demo`: it is complete, and is added only where nobody works with real data."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from deliverables.attention import Attention, needing_attention
from deliverables.models import Amendment, AmendmentKind, Deliverable, StatusUpdate, Takedown
from deliverables.rounds.board import board_of
from deliverables.status import Status
from deliverables.verification import verify_amendments, verify_history
from plans.models import Plan, Visibility
from reports.figures.comparison import compare
from reports.figures.progress import progress_of
from tests import demo
from tests.builders import TODAY

CATEGORIES = [
    "attained",
    "moved_on",
    "moved_back",
    "first_reported",
    "newly_evidenced",
    "reworded",
    "added",
    "withdrawn",
]


@pytest.fixture(scope="module")
def deliverables(example):
    return Deliverable.objects.of_plan(example.slug).not_withdrawn().with_current_status()


def updates(plan):
    return StatusUpdate.objects.filter(plan=plan)


def test_the_plan_runs_today_is_public_and_says_that_it_is_an_example(example):
    assert example.starts_on <= TODAY <= example.ends_on
    assert example.visibility == Visibility.PUBLIC
    assert example.title.startswith("Example")


def test_it_has_the_parts_of_the_plan_of_2018_one_added_and_one_withdrawn(example):
    assert sum(line.measures.count() for line in example.action_lines.all()) == 27
    assert Deliverable.objects.of_plan(example.slug).count() == 66
    assert Deliverable.objects.of_plan(example.slug).withdrawn().count() == 1


def test_every_deliverable_has_a_due_date_in_the_plan_and_somebody_responsible(example):
    all_there = Deliverable.objects.of_plan(example.slug)
    in_the_plan = all_there.filter(due_on__range=(example.starts_on, example.ends_on), responsible__isnull=False)
    assert in_the_plan.count() == all_there.count()


def test_it_continues_what_the_plan_of_2018_left_open(example):
    continued = Deliverable.objects.of_plan(example.slug).exclude(continues=None)
    assert continued.count() == 16
    assert {str(line.code) for line in continued} == {str(line.continues.code) for line in continued}


def test_its_people_cannot_sign_in(example):
    responsible = Deliverable.objects.of_plan(example.slug).values_list("responsible__email", flat=True).distinct()
    assert all(email.endswith("@metropolis.example.org") for email in responsible)
    assert not any(line.responsible.has_usable_password() for line in Deliverable.objects.of_plan(example.slug))


def test_three_regions_report_in_a_round_that_is_open(example):
    [opened] = example.rounds.all()
    assert opened.is_open
    assert {each.party.name: each.total for each in board_of(opened).parties if each.party.region} == {
        "Africa": 8, "Asia and the Pacific": 8, "Latin America and the Caribbean": 6,
    }  # fmt: skip
    states = example.proposals.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["waiting", "waiting", "sent_back"]


def test_history_and_amendments_are_intact(example):
    assert verify_history(example).length == 150
    assert verify_amendments(example).length == 6


def test_the_history_is_in_the_order_of_recording(example):
    moments = list(updates(example).order_by("sequence").values_list("recorded_at", flat=True))
    assert moments == sorted(moments)
    assert (moments[0].date(), moments[-1].date()) == (date(2025, 1, 29), date(2026, 11, 6))


def test_the_history_has_corrections_late_entries_and_a_text_that_was_taken_down(example):
    assert updates(example).exclude(corrects=None).count() == 2
    assert updates(example).with_is_late().filter(is_late=True).count() == 3
    assert Takedown.objects.filter(update__plan=example).count() == 1


def test_every_amendment_names_the_meeting_that_decided_it(example):
    amendments = Amendment.objects.filter(plan=example)
    kinds = ["added", "due_date", "reworded", "reworded", "target", "withdrawn"]
    assert sorted(amendments.values_list("kind", flat=True)) == kinds
    assert not amendments.filter(meeting=None).exists()


def test_one_target_was_changed_by_amendment(example):
    changed = Amendment.objects.get(plan=example, kind=AmendmentKind.TARGET)
    assert (changed.before, changed.after) == ("6 position papers", "4 position papers")


def test_the_comparison_of_two_boards_has_moves_of_every_category(example):
    first, last = demo.MEETINGS["June 2025"][2], demo.MEETINGS["June 2026"][2]
    compared = compare(example, first, last)
    assert [name for name in CATEGORIES if not getattr(compared["comparison"], name)] == []
    assert compared["confirmed"]
    assert compared["corrected"]


def test_the_chart_has_movement_and_what_was_due(example):
    progress = progress_of(example, TODAY)
    assert progress.has_movement
    assert progress.latest.due > progress.latest.counts.by_status[Status.ATTAINED] > 20
    assert progress.early
    assert progress.overdue


@pytest.mark.parametrize("attention", [Attention.OVERDUE, Attention.EXPECTED_PASSED, Attention.NO_STATUS])
def test_there_is_something_to_do(deliverables, attention):
    assert needing_attention(attention, deliverables, TODAY).exists()


def test_quantities_grow_towards_the_target(example):
    pilots = updates(example).filter(deliverable__target_unit="pilot projects", achieved__isnull=False)
    assert list(pilots.order_by("sequence").values_list("achieved", flat=True)) == [1, 2, 3, 4]


def test_the_edition_shows_the_middle_of_2026(example):
    edition = example.editions.get()
    assert (edition.as_of, edition.published_on) == (date(2026, 6, 30), date(2026, 7, 9))
    assert list(edition.faults()) == []


@pytest.mark.parametrize("name", ["overview", "deliverables", "changes", "reports"])
def test_its_pages_open(example, name):
    assert Client().get(reverse(name, args=[example.slug])).status_code == 200


def test_it_is_not_added_twice(example):
    assert demo.refusal() == "There is a plan 2025-2027 already. Nothing was added."


def test_it_is_not_added_where_others_use_the_tracker(plan, settings):
    settings.SITE_URL = "https://tracker.example"
    assert "other people use https://tracker.example" in demo.refusal()


def test_it_can_be_added_to_a_database_that_was_just_prepared(plan):
    assert demo.refusal() is None


def test_the_command_says_why_it_refuses(plan, settings):
    settings.SITE_URL = "https://tracker.example"
    with pytest.raises(SystemExit, match="Nothing was added"):
        demo.main()
    assert not Plan.objects.filter(slug=demo.SLUG).exists()


def test_a_misspelt_name_in_the_story_is_an_error():
    with pytest.raises(ValueError, match="“sea” is unknown"):
        demo.read_report("2025-01-28 progress A note. | sea: A title")
