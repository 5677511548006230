import re
from datetime import date
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from deliverables.models import Amendment, Decision, Deliverable
from deliverables.plan_editing import structure
from plans.codes import Code
from plans.models import ActionLine, Measure, Plan, Visibility
from tests.builders import TODAY, deliverable, new_plan, publish, report

pytestmark = pytest.mark.django_db
DECISION = Decision("Board of Directors, June 2021", date(2021, 6, 1), "https://example.org/minutes")


@pytest.fixture
def draft(plan):
    return new_plan(deliverables=3, visibility=Visibility.DRAFT)


@pytest.fixture
def promised(plan):
    return new_plan(deliverables=3)


def first(plan):
    return Deliverable.objects.of_plan(plan.slug).with_update().first()


def remove(plan, code="L1M1D1", was="Deliverable 1"):
    structure.remove(plan, Code.parse(code), was)


def move(plan, step, was="Deliverable 1"):
    return structure.move(plan, Code.parse("L1M1D1"), was, step)


def numbers(plan):
    return list(Deliverable.objects.of_plan(plan.slug).order_by("number").values_list("number", "title"))


def test_a_draft_is_reworded_without_a_decision(draft, sofia):
    part = first(draft)
    part.title = "Otherwise"
    structure.save_part(part, by=sofia, fields=["title"])
    assert (first(draft).title, Amendment.objects.count()) == ("Otherwise", 0)


def test_a_public_plan_is_reworded_by_a_decision_alone(promised, sofia):
    part = first(promised)
    part.title = "Otherwise"
    with pytest.raises(ValidationError, match="which decision"):
        structure.save_part(part, by=sofia, fields=["title"])
    assert first(promised).title == "Deliverable 1"


def test_an_amendment_keeps_both_wordings_and_the_decision(promised, sofia):
    part = first(promised)
    part.title = "Otherwise"
    structure.save_part(part, by=sofia, fields=["title"], decision=DECISION)
    amendment = Amendment.objects.get()
    assert (amendment.code, amendment.kind, amendment.before, amendment.after, amendment.decision) == (
        "L1M1D1", "reworded", "Deliverable 1", "Otherwise", "Board of Directors, June 2021"
    )  # fmt: skip


def test_a_member_plan_with_an_edition_is_promised_too(plan, sofia):
    members = new_plan(visibility=Visibility.MEMBERS)
    before = members.is_promised
    publish(members, by=sofia)
    assert (before, members.is_promised) == (False, True)


def test_a_plan_that_was_public_once_stays_promised(promised):
    Plan.objects.filter(pk=promised.pk).update(visibility=Visibility.MEMBERS, public_since=TODAY)
    assert Plan.objects.get(pk=promised.pk).is_promised


def test_people_and_dates_need_no_decision(promised, sofia):
    part = first(promised)
    part.responsible, part.due_on = sofia, date(2022, 1, 1)
    structure.save_part(part, by=sofia, fields=["responsible", "due_on"])
    assert (first(promised).responsible, Amendment.objects.count()) == (sofia, 0)


def test_keeping_a_part_leaves_the_status_that_was_recorded_meanwhile(promised, sofia):
    part = first(promised)
    report(first(promised), "in_progress", by=sofia, effective_on=date(2021, 5, 1))
    part.due_on = date(2022, 1, 1)
    structure.save_part(part, by=sofia, fields=["due_on"])
    assert first(promised).status == "in_progress"


def test_a_decision_is_not_to_come(promised, sofia):
    later = Decision("Board", date(2999, 1, 1))
    with pytest.raises(ValidationError, match="still to come"):
        structure.withdraw(first(promised), by=sofia, decision=later)
    assert first(promised).withdrawn_on is None


def test_nothing_more_is_recorded_on_what_is_withdrawn(promised, sofia):
    part = first(promised)
    structure.withdraw(part, by=sofia, decision=DECISION)
    with pytest.raises(ValidationError, match="withdrawn"):
        report(part, "attained", by=sofia, effective_on=date(2021, 7, 1))


def test_a_withdrawal_can_be_taken_back_by_a_decision(promised, sofia):
    part = first(promised)
    structure.withdraw(part, by=sofia, decision=DECISION)
    with pytest.raises(ValidationError, match="withdrawn already"):
        structure.withdraw(part, by=sofia, decision=DECISION)
    structure.reinstate(part, by=sofia, decision=DECISION)
    assert [amendment.kind for amendment in Amendment.objects.order_by("sequence")] == ["withdrawn", "reinstated"]
    assert first(promised).withdrawn_on is None


def test_a_draft_is_cut_by_removing_and_not_by_withdrawing(draft, sofia):
    with pytest.raises(ValidationError, match="remove the deliverable instead"):
        structure.withdraw(first(draft), by=sofia, decision=DECISION)
    remove(draft)
    assert numbers(draft) == [(2, "Deliverable 2"), (3, "Deliverable 3")]


@pytest.mark.parametrize("act", ["remove", "move"])
def test_a_public_plan_is_neither_cut_nor_moved(promised, act):
    with pytest.raises(ValidationError, match="This plan is public"):
        remove(promised) if act == "remove" else move(promised, 1)
    assert len(numbers(promised)) == 3


def test_what_was_reported_on_is_not_removed(draft, sofia):
    report(first(draft), "in_progress", by=sofia, effective_on=date(2021, 5, 1))
    with pytest.raises(ValidationError, match="cannot be removed"):
        remove(draft, "L1", "A line")
    assert len(numbers(draft)) == 3


def test_a_line_is_removed_with_all_below_it(draft):
    remove(draft, "L1", "A line")
    assert (draft.action_lines.count(), numbers(draft)) == (0, [])


def test_moving_changes_places_with_the_next(draft):
    move(draft, 1)
    assert numbers(draft) == [(1, "Deliverable 2"), (2, "Deliverable 1"), (3, "Deliverable 3")]


def test_the_first_does_not_move_up(draft):
    move(draft, -1)
    assert numbers(draft)[0] == (1, "Deliverable 1")


def test_moving_keeps_the_history_whole(draft, sofia):
    report(first(draft), "in_progress", by=sofia, effective_on=date(2021, 5, 1))
    move(draft, 1)
    out = StringIO()
    call_command("verify_history", draft.slug, stdout=out)
    assert "1 entries" in out.getvalue()


def test_a_copy_has_the_structure_and_neither_statuses_nor_dates(plan, sofia):
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=DECISION)
    copy = new_plan("2024-2026", deliverables=0, visibility=Visibility.DRAFT)
    copy.action_lines.get().measures.get().delete()
    copy.action_lines.get().delete()
    structure.copy_structure(plan, copy)
    rows = Deliverable.objects.of_plan("2024-2026")
    themes = Measure.objects.filter(action_line__plan=copy, themes__slug="gender").count()
    assert (rows.count(), set(rows.values_list("status", "due_on")), themes) == (64, {("no_status", None)}, 5)
    assert ActionLine.objects.filter(plan=copy).count() == 3


def test_each_change_raises_the_revision(promised, sofia):
    before = promised.revision
    structure.withdraw(first(promised), by=sofia, decision=DECISION)
    promised.refresh_from_db()
    assert (promised.revision, promised.amendments_length) == (before + 1, 1)


@pytest.mark.parametrize(
    "statement", ["UPDATE deliverables_amendment SET decision = 'x'", "DELETE FROM deliverables_amendment"]
)
def test_the_database_keeps_amendments(promised, sofia, statement):
    structure.withdraw(first(promised), by=sofia, decision=DECISION)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_chain_of_amendments_is_verified(promised, sofia):
    structure.withdraw(first(promised), by=sofia, decision=DECISION)
    out = StringIO()
    call_command("verify_history", promised.slug, stdout=out)
    assert re.search(r"2021-2023: 1 amendments, head [0-9a-f]{64}", out.getvalue())
    Plan.objects.filter(pk=promised.pk).update(amendments_head="0" * 64)
    with pytest.raises(CommandError, match="Not whole"):
        call_command("verify_history", promised.slug, stdout=out)


def test_a_failing_amendment_undoes_the_change_it_is_of(promised, sofia):
    """A person of no name breaks the second write of the transaction."""
    sofia.name = ""
    with pytest.raises(ValidationError):
        structure.withdraw(first(promised), by=sofia, decision=DECISION)
    assert (first(promised).withdrawn_on, Plan.objects.get(pk=promised.pk).amendments_length) == (None, 0)


@pytest.mark.parametrize("act", [remove, lambda plan, was: move(plan, 1, was)])
def test_what_came_to_be_called_so_meanwhile_is_left_alone(draft, act):
    with pytest.raises(ValidationError, match="something else meanwhile"):
        act(draft, was="What I saw")
    assert numbers(draft)[0] == (1, "Deliverable 1")


def test_what_others_changed_in_other_fields_stays(draft, sofia):
    mine = first(draft)
    theirs = first(draft)
    theirs.title = "Theirs"
    structure.save_part(theirs, by=sofia, fields=["title"])
    mine.due_on = date(2022, 1, 1)
    structure.save_part(mine, by=sofia, fields=["due_on"])
    assert (first(draft).title, first(draft).due_on) == ("Theirs", date(2022, 1, 1))


def test_decisions_on_a_part_come_in_the_order_of_their_days(promised, sofia):
    structure.withdraw(first(promised), by=sofia, decision=DECISION)
    with pytest.raises(ValidationError, match="a decision is in force since 1 June 2021"):
        structure.reinstate(first(promised), by=sofia, decision=Decision("Board", date(2021, 5, 31)))
    assert first(promised).withdrawn_on == DECISION.in_force_on


def test_a_reinstatement_leaves_the_days_before_it_as_they_were(promised, sofia):
    structure.withdraw(first(promised), by=sofia, decision=DECISION)
    structure.reinstate(first(promised), by=sofia, decision=Decision("Board", date(2021, 9, 1)))
    days = [date(2021, 5, 31), date(2021, 6, 1), date(2021, 8, 31), date(2021, 9, 1), None]
    rows = Deliverable.objects.of_plan(promised.slug)
    assert [rows.not_withdrawn(day).count() for day in days] == [3, 2, 2, 3, 3]


def test_a_plan_cannot_begin_after_a_decision_on_it(promised, sofia):
    structure.withdraw(first(promised), by=sofia, decision=DECISION)
    promised.refresh_from_db()
    promised.starts_on = date(2021, 7, 1)
    with pytest.raises(ValidationError, match="Decisions are in force since earlier days"):
        promised.clean()


@pytest.mark.parametrize("change", [{"slug": "moved"}, {"visibility": Visibility.DRAFT}])
def test_a_promised_plan_neither_moves_nor_hides(promised, change):
    for name, value in change.items():
        setattr(promised, name, value)
    with pytest.raises(ValidationError):
        promised.clean()
