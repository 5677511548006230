"""What each role may do. A role is a Django group, and `PERMISSIONS` is the only place that sets its permissions."""

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def on(app_label, models, verbs):
    """Return the permissions for each verb on each model: `on("plans", "plan theme", "add view")`."""
    return {f"{app_label}.{verb}_{model}" for model in models.split() for verb in verbs.split()}


READ = {"plans.read_member_plan"}
RECORD_AND_EDIT = (
    READ
    | {
        "plans.read_draft_plan",
        "deliverables.record_status",
        "deliverables.view_statusupdate",
        "deliverables.view_amendment",
    }
    | {"reports.publish_edition"}
    | on("plans", "plan", "add change view")
    | on("plans", "actionline measure theme meeting", "add change delete view")
    | on("deliverables", "deliverable", "add change delete view")
)
ADMINISTER = (
    on("accounts", "user", "add change view")
    | on("plans", "organisation sustainabledevelopmentgoal", "add change view")
    | on("plans", "region", "add change delete view")
    | {"backups.view_backup", "deliverables.take_down_text", "reports.withdraw_edition"}
)


class Role(models.TextChoices):
    """The four roles. The value is the name of the group."""

    BOARD = "Board", _("Board")
    REGIONAL_SECRETARIES = "Regional secretaries", _("Regional secretaries")
    SECRETARIAT = "Secretariat", _("Secretariat")
    ADMINISTRATORS = "Administrators", _("Administrators")

    @property
    def invitation(self):
        """Return what the role may do, as an invitation tells it in one sentence."""
        return {
            Role.BOARD: _("You can read every plan open to members, and download its reports."),
            Role.REGIONAL_SECRETARIES: _("You can read every plan open to members, and report for your region."),
            Role.SECRETARIAT: _("You can record what has been done, edit plans and publish reports."),
            Role.ADMINISTRATORS: _("You can do everything that the Secretariat can, and manage people."),
        }[self]


PERMISSIONS = {
    Role.BOARD: READ,
    Role.REGIONAL_SECRETARIES: READ | {"deliverables.propose_for_region"},
    Role.SECRETARIAT: RECORD_AND_EDIT,
    Role.ADMINISTRATORS: RECORD_AND_EDIT | ADMINISTER,
}


def ensure_roles():
    """Create the four groups and give each exactly the permissions of this table, taking back any others."""
    for role, names in PERMISSIONS.items():
        wanted = Q()
        for name in names:
            app_label, codename = name.split(".")
            wanted |= Q(content_type__app_label=app_label, codename=codename)
        group, _created = Group.objects.get_or_create(name=role.value)
        group.permissions.set(Permission.objects.filter(wanted))
