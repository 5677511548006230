from allauth.account.auth_backends import AuthenticationBackend


class RoleBackend(AuthenticationBackend):
    """What somebody may do follows from their role alone; nobody has permissions of their own to look for."""

    def get_user_permissions(self, user_obj, obj=None):
        return set()
