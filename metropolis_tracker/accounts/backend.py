from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef

from metropolis_tracker.accounts.roles import PERMISSIONS
from plans.common.prepared import prepared
from plans.form_drafts import FormDraft


@prepared
def person_with_roles(user_id):
    """Return a person once for each role, with their region, and whether they have any form draft."""
    drafts = FormDraft.objects.filter(person=OuterRef("pk")).exclude(fields={})
    people = get_user_model().objects.filter(pk=user_id).select_related("region")
    return people.annotate(role=F("groups__name"), has_drafts=Exists(drafts))


class RoleBackend(AuthenticationBackend):
    """The authentication backend. Permissions come from roles (groups) alone, as `PERMISSIONS` says."""

    def get_user(self, user_id):
        """Return the person with their region and roles, None without an active one. One query, run by each request."""
        rows = person_with_roles(user_id)  # one for each role
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        rows[0].roles = [row.role for row in rows]
        return rows[0]

    def get_user_permissions(self, user_obj, obj=None):
        """Return no permissions, which saves a query on every request."""
        return set()

    def get_group_permissions(self, user_obj, obj=None):
        """Return the permissions of the person's roles. A superuser has those of every role, and all others."""
        if user_obj.is_superuser or not user_obj.is_active or obj is not None:
            return super().get_group_permissions(user_obj, obj)
        return set().union(*(PERMISSIONS.get(role, ()) for role in user_obj.roles))
