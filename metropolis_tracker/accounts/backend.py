from allauth.account.auth_backends import AuthenticationBackend


class RoleBackend(AuthenticationBackend):
    """The authentication backend. Permissions come from roles (groups) alone."""

    def get_user_permissions(self, user_obj, obj=None):
        """Return no permissions, which saves a query on every request."""
        return set()
