from allauth.account.forms import EmailAwarePasswordResetTokenGenerator


class TokenGenerator(EmailAwarePasswordResetTokenGenerator):
    """Makes the keys of one-time links. That of somebody deactivated is like one that was used or has expired."""

    def check_token(self, user, token):
        return user is not None and user.is_active and super().check_token(user, token)
