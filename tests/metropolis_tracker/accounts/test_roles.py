import pytest
from django.contrib.auth.models import Group

from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import PERMISSIONS, Role, ensure_roles

pytestmark = pytest.mark.django_db


def held_by(role):
    permissions = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return {f"{app_label}.{codename}" for app_label, codename in permissions}


@pytest.mark.parametrize("role", Role)
def test_a_role_holds_exactly_the_permissions_of_the_table(plan, role):
    assert held_by(role) == PERMISSIONS[role]


def test_a_permission_given_by_hand_is_taken_back(plan):
    board = Group.objects.get(name=Role.BOARD)
    board.permissions.set(Group.objects.get(name=Role.SECRETARIAT).permissions.all())
    ensure_roles()
    assert held_by(Role.BOARD) == {"plans.read_member_plan"}


def test_only_the_secretariat_and_administrators_record(beatriz, rashid, sofia, adam):
    assert [user.has_perm("deliverables.record_status") for user in (beatriz, rashid, sofia, adam)] == [
        False,
        False,
        True,
        True,
    ]


def test_only_administrators_come_into_the_admin(beatriz, rashid, sofia, adam):
    assert [user.is_staff for user in (beatriz, rashid, sofia, adam)] == [False, False, False, True]


def test_somebody_deactivated_may_do_nothing(adam):
    adam.is_active = False
    assert (adam.is_staff, adam.has_perm("deliverables.record_status")) == (False, False)


def test_no_role_deletes_people_plans_or_history():
    everything = set().union(*PERMISSIONS.values())
    forbidden = {"accounts.delete_user", "plans.delete_plan", "deliverables.delete_statusupdate"}
    forbidden |= {"deliverables.change_statusupdate", "deliverables.add_statusupdate"}
    assert everything & forbidden == set()


def test_a_superuser_made_by_djangos_command_is_an_administrator_too(plan):
    assert User.objects.create_superuser("root@metropolis.example", name="Root", password="x").is_staff is True
