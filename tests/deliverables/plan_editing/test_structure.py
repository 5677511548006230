import re
from datetime import date
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from deliverables.models import Amendment, Decision, Deliverable, Target
from deliverables.plan_editing import structure
from deliverables.verification import verify_amendments
from plans.codes import Code
from plans.models import ActionLine, Measure, Plan, Visibility
from tests.builders import deliverable, new_plan, publish, report

pytestmark = pytest.mark.django_db
DECISION = Decision("Board of Directors, June 2021", date(2021, 6, 1), "https://example.org/minutes")


@pytest.fixture
def draft(plan):
    return new_plan(deliverables=3, visibility=Visibility.DRAFT)


@pytest.fixture
def public_plan(plan):
    return new_plan(deliverables=3)


def first_deliverable(plan):
    return Deliverable.objects.of_plan(plan.slug).with_update().first()


def remove(plan, code="L1M1D1", was="Deliverable 1"):
    structure.remove(plan, Code.parse(code), was)


def move(plan, step, was="Deliverable 1"):
    return structure.move(plan, Code.parse("L1M1D1"), was, step)


def numbers(plan):
    return list(Deliverable.objects.of_plan(plan.slug).order_by("number").values_list("number", "title"))


def test_rewording_a_draft_needs_no_decision(draft, sofia):
    part = first_deliverable(draft)
    part.title = "Otherwise"
    structure.save_part(part, by=sofia, fields=["title"])
    assert (first_deliverable(draft).title, Amendment.objects.count()) == ("Otherwise", 0)


def test_rewording_a_public_plan_needs_a_decision(public_plan, sofia):
    part = first_deliverable(public_plan)
    part.title = "Otherwise"
    with pytest.raises(ValidationError, match="enter the decision behind"):
        structure.save_part(part, by=sofia, fields=["title"])
    assert first_deliverable(public_plan).title == "Deliverable 1"


def test_an_amendment_stores_both_texts_and_the_decision(public_plan, sofia):
    part = first_deliverable(public_plan)
    part.title = "Otherwise"
    structure.save_part(part, by=sofia, fields=["title"], decision=DECISION)
    amendment = Amendment.objects.get()
    assert (amendment.code, amendment.kind, amendment.before, amendment.after, amendment.decision) == (
        "L1M1D1", "reworded", "Deliverable 1", "Otherwise", "Board of Directors, June 2021"
    )  # fmt: skip


def test_a_members_plan_is_promised_once_it_has_an_edition(plan, sofia):
    members = new_plan(visibility=Visibility.MEMBERS)
    before = members.is_promised
    publish(members, by=sofia)
    assert (before, members.is_promised) == (False, True)


def test_a_plan_that_was_public_once_stays_promised(public_plan):
    Plan.objects.filter(pk=public_plan.pk).update(visibility=Visibility.MEMBERS)
    assert Plan.objects.get(pk=public_plan.pk).is_promised


def test_the_plan_that_comes_with_the_tracker_stays_promised(plan):
    Plan.objects.filter(pk=plan.pk).update(visibility=Visibility.MEMBERS)
    assert Plan.objects.get(pk=plan.pk).is_promised


def test_saving_any_field_of_a_public_plan_remembers_that_it_is_public(plan):
    draft = new_plan(visibility=Visibility.DRAFT)
    draft.visibility = Visibility.PUBLIC
    draft.save(update_fields=["visibility"])
    draft.visibility = Visibility.MEMBERS
    draft.save()
    draft.refresh_from_db()
    assert draft.is_promised


def test_the_database_refuses_a_public_plan_that_does_not_remember_it(plan):
    draft = new_plan(visibility=Visibility.DRAFT)
    with pytest.raises(IntegrityError, match="plan_remembers_being_public"), transaction.atomic():
        Plan.objects.filter(pk=draft.pk).update(visibility=Visibility.PUBLIC)


def test_people_need_no_decision(public_plan, sofia):
    part = first_deliverable(public_plan)
    part.responsible = sofia
    structure.save_part(part, by=sofia, fields=["responsible"])
    assert (first_deliverable(public_plan).responsible, Amendment.objects.count()) == (sofia, 0)


def test_a_due_date_and_a_target_need_a_decision(public_plan, sofia):
    part, fields = first_deliverable(public_plan), ["due_on", "target", "target_unit"]
    part.due_on, part.target, part.target_unit = date(2022, 1, 1), 6, "pilot projects"
    with pytest.raises(ValidationError, match="enter the decision"):
        structure.save_part(part, by=sofia, fields=fields)
    assert first_deliverable(public_plan).due_on is None

    structure.save_part(part, by=sofia, fields=fields, decision=DECISION)
    changes = Amendment.objects.order_by("sequence").values_list("kind", "before", "after")
    assert list(changes) == [("due_date", "", "2022-01-01"), ("target", "", "6 pilot projects")]
    verify_amendments(Plan.objects.get(pk=public_plan.pk))


def test_a_page_as_of_an_earlier_day_knows_the_due_date_and_target_of_then(public_plan, sofia):
    fields = ["due_on", "target", "target_unit"]
    for day, due_on, target in ((1, date(2022, 1, 1), 6), (10, date(2023, 1, 1), 4), (20, None, None)):
        part = first_deliverable(public_plan)
        part.due_on, part.target, part.target_unit = due_on, target, "pilot projects" if target else ""
        decision = Decision("Board", date(2021, 6, day))
        structure.save_part(part, by=sofia, fields=fields, decision=decision)

    def promised(as_of):
        row = Deliverable.objects.filter(pk=part.pk).with_current_status(as_of).get()
        return row.due_as_of, row.target_as_of

    assert promised(date(2021, 5, 31)) == (None, None)
    assert promised(date(2021, 6, 1)) == promised(date(2021, 6, 9)) == (date(2022, 1, 1), Target(6, "pilot projects"))
    assert promised(date(2021, 6, 15)) == (date(2023, 1, 1), Target(4, "pilot projects"))
    assert promised(date(2021, 6, 20)) == promised(None) == (None, None)


def test_saving_a_part_does_not_overwrite_a_status_recorded_meanwhile(public_plan, sofia):
    part = first_deliverable(public_plan)
    report(first_deliverable(public_plan), "in_progress", by=sofia, effective_on=date(2021, 5, 1))
    part.responsible = sofia
    structure.save_part(part, by=sofia, fields=["responsible"])
    assert first_deliverable(public_plan).status == "in_progress"


def test_a_future_decision_is_refused(public_plan, sofia):
    later = Decision("Board", date(2999, 1, 1))
    with pytest.raises(ValidationError, match="in the future"):
        structure.withdraw(first_deliverable(public_plan), by=sofia, decision=later)
    assert first_deliverable(public_plan).withdrawn_on is None


def test_recording_on_a_withdrawn_deliverable_is_refused(public_plan, sofia):
    part = first_deliverable(public_plan)
    structure.withdraw(part, by=sofia, decision=DECISION)
    with pytest.raises(ValidationError, match="withdrawn"):
        report(part, "attained", by=sofia, effective_on=date(2021, 7, 1))


def test_a_withdrawn_deliverable_can_be_reinstated_by_a_decision(public_plan, sofia):
    part = first_deliverable(public_plan)
    structure.withdraw(part, by=sofia, decision=DECISION)
    with pytest.raises(ValidationError, match="withdrawn already"):
        structure.withdraw(part, by=sofia, decision=DECISION)
    structure.reinstate(part, by=sofia, decision=DECISION)
    assert [amendment.kind for amendment in Amendment.objects.order_by("sequence")] == ["withdrawn", "reinstated"]
    assert first_deliverable(public_plan).withdrawn_on is None


def test_a_deliverable_of_a_draft_is_removed_instead_of_withdrawn(draft, sofia):
    with pytest.raises(ValidationError, match="remove the deliverable instead"):
        structure.withdraw(first_deliverable(draft), by=sofia, decision=DECISION)
    remove(draft)
    assert numbers(draft) == [(2, "Deliverable 2"), (3, "Deliverable 3")]


@pytest.mark.parametrize("change", ["remove", "move"])
def test_parts_of_a_public_plan_cannot_be_removed_or_moved(public_plan, change):
    with pytest.raises(ValidationError, match="This plan is public"):
        remove(public_plan) if change == "remove" else move(public_plan, 1)
    assert len(numbers(public_plan)) == 3


def test_a_part_with_reports_cannot_be_removed(draft, sofia):
    report(first_deliverable(draft), "in_progress", by=sofia, effective_on=date(2021, 5, 1))
    with pytest.raises(ValidationError, match="cannot be removed"):
        remove(draft, "L1", "A line")
    assert len(numbers(draft)) == 3


def test_removing_a_line_removes_its_measures_and_deliverables(draft):
    remove(draft, "L1", "A line")
    assert (draft.action_lines.count(), numbers(draft)) == (0, [])


def test_moving_down_swaps_a_part_with_the_next(draft):
    move(draft, 1)
    assert numbers(draft) == [(1, "Deliverable 2"), (2, "Deliverable 1"), (3, "Deliverable 3")]


def test_the_first_part_cannot_move_up(draft):
    move(draft, -1)
    assert numbers(draft)[0] == (1, "Deliverable 1")


def test_moving_does_not_break_the_history(draft, sofia):
    report(first_deliverable(draft), "in_progress", by=sofia, effective_on=date(2021, 5, 1))
    move(draft, 1)
    out = StringIO()
    call_command("verify_history", draft.slug, stdout=out)
    assert "1 entries" in out.getvalue()


def test_a_copy_has_the_structure_without_statuses_and_dates(plan, sofia):
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=DECISION)
    copy = new_plan("2024-2026", deliverables=0, visibility=Visibility.DRAFT)
    copy.action_lines.get().measures.get().delete()
    copy.action_lines.get().delete()
    structure.copy_structure(plan, copy)
    rows = Deliverable.objects.of_plan("2024-2026")
    measures = Measure.objects.filter(action_line__plan=copy)
    themes, named = measures.filter(themes__slug="gender").count(), measures.exclude(short_name="").count()
    assert (rows.count(), set(rows.values_list("status", "due_on"))) == (64, {("no_status", None)})
    assert (themes, named) == (5, 27)
    assert ActionLine.objects.filter(plan=copy).count() == 3


def test_a_withdrawal_raises_the_revision(public_plan, sofia):
    before = public_plan.revision
    structure.withdraw(first_deliverable(public_plan), by=sofia, decision=DECISION)
    public_plan.refresh_from_db()
    assert (public_plan.revision, public_plan.amendments_length) == (before + 1, 1)


@pytest.mark.parametrize(
    "statement", ["UPDATE deliverables_amendment SET decision = 'x'", "DELETE FROM deliverables_amendment"]
)
def test_the_database_refuses_to_change_amendments(public_plan, sofia, statement):
    structure.withdraw(first_deliverable(public_plan), by=sofia, decision=DECISION)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_chain_of_amendments_is_verified(public_plan, sofia):
    structure.withdraw(first_deliverable(public_plan), by=sofia, decision=DECISION)
    out = StringIO()
    call_command("verify_history", public_plan.slug, stdout=out)
    assert re.search(r"2021-2023: 1 amendments, head [0-9a-f]{64}", out.getvalue())
    Plan.objects.filter(pk=public_plan.pk).update(amendments_head="0" * 64)
    with pytest.raises(CommandError, match="Broken: "):
        call_command("verify_history", public_plan.slug, stdout=out)


def test_a_failing_amendment_undoes_its_change(public_plan, sofia):
    """A person without a name makes the second write of the transaction fail."""
    sofia.name = ""
    with pytest.raises(ValidationError):
        structure.withdraw(first_deliverable(public_plan), by=sofia, decision=DECISION)
    assert first_deliverable(public_plan).withdrawn_on is None
    assert Plan.objects.get(pk=public_plan.pk).amendments_length == 0


@pytest.mark.parametrize("change", [remove, lambda plan, was: move(plan, 1, was)])
def test_a_part_renumbered_meanwhile_is_neither_removed_nor_moved(draft, change):
    with pytest.raises(ValidationError, match="now refers to a different part"):
        change(draft, was="What I saw")
    assert numbers(draft)[0] == (1, "Deliverable 1")


def test_changes_by_others_in_other_fields_are_preserved(draft, sofia):
    mine = first_deliverable(draft)
    theirs = first_deliverable(draft)
    theirs.title = "Theirs"
    structure.save_part(theirs, by=sofia, fields=["title"])
    mine.due_on = date(2022, 1, 1)
    structure.save_part(mine, by=sofia, fields=["due_on"])
    assert (first_deliverable(draft).title, first_deliverable(draft).due_on) == ("Theirs", date(2022, 1, 1))


def test_a_decision_before_the_last_one_on_a_part_is_refused(public_plan, sofia):
    structure.withdraw(first_deliverable(public_plan), by=sofia, decision=DECISION)
    with pytest.raises(ValidationError, match="A decision on L1M1D1 has been in force since 1 June 2021"):
        structure.reinstate(first_deliverable(public_plan), by=sofia, decision=Decision("Board", date(2021, 5, 31)))
    assert first_deliverable(public_plan).withdrawn_on == DECISION.in_force_on


def test_a_reinstatement_does_not_change_earlier_days(public_plan, sofia):
    structure.withdraw(first_deliverable(public_plan), by=sofia, decision=DECISION)
    structure.reinstate(first_deliverable(public_plan), by=sofia, decision=Decision("Board", date(2021, 9, 1)))
    days = [date(2021, 5, 31), date(2021, 6, 1), date(2021, 8, 31), date(2021, 9, 1), None]
    rows = Deliverable.objects.of_plan(public_plan.slug)
    assert [rows.not_withdrawn(day).count() for day in days] == [3, 2, 2, 3, 3]


def test_a_plan_cannot_start_after_a_decision_on_it(public_plan, sofia):
    structure.withdraw(first_deliverable(public_plan), by=sofia, decision=DECISION)
    public_plan.refresh_from_db()
    public_plan.starts_on = date(2021, 7, 1)
    with pytest.raises(ValidationError, match="A decision has been in force since before this day"):
        public_plan.clean()


@pytest.mark.parametrize("change", [{"slug": "moved"}, {"visibility": Visibility.DRAFT}])
def test_the_slug_and_visibility_of_a_promised_plan_are_fixed(public_plan, change):
    for name, value in change.items():
        setattr(public_plan, name, value)
    with pytest.raises(ValidationError):
        public_plan.clean()
