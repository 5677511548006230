import pytest
from django.contrib.auth.models import Group

from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import PERMISSIONS, Role, ensure_roles

pytestmark = pytest.mark.django_db


def permissions_of(role):
    permissions = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return {f"{app_label}.{codename}" for app_label, codename in permissions}


@pytest.mark.parametrize("role", Role)
def test_a_role_has_exactly_the_permissions_of_the_table(plan, role):
    assert permissions_of(role) == PERMISSIONS[role]


def test_a_permission_granted_by_hand_is_removed_again(plan):
    board = Group.objects.get(name=Role.BOARD)
    board.permissions.set(Group.objects.get(name=Role.SECRETARIAT).permissions.all())
    ensure_roles()
    assert permissions_of(Role.BOARD) == {"plans.read_member_plan"}


def test_only_the_secretariat_and_administrators_record(beatriz, rashid, sofia, adam):
    assert [user.has_perm("deliverables.record_status") for user in (beatriz, rashid, sofia, adam)] == [
        False,
        False,
        True,
        True,
    ]


def test_only_administrators_may_open_the_admin(beatriz, rashid, sofia, adam):
    assert [user.is_staff for user in (beatriz, rashid, sofia, adam)] == [False, False, False, True]


def test_a_deactivated_administrator_has_no_permissions(adam):
    adam.is_active = False
    assert (adam.is_staff, adam.has_perm("deliverables.record_status")) == (False, False)


def test_no_role_may_delete_people_plans_or_history():
    granted = set().union(*PERMISSIONS.values())
    forbidden = {"accounts.delete_user", "plans.delete_plan", "deliverables.delete_statusupdate"}
    forbidden |= {"deliverables.change_statusupdate", "deliverables.add_statusupdate"}
    assert granted & forbidden == set()


def test_a_superuser_may_open_the_admin(plan):
    assert User.objects.create_superuser("root@metropolis.example", name="Root", password="x").is_staff is True
