from allauth.account.adapter import DefaultAccountAdapter
from django.utils.translation import get_language


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """Nobody signs up: an administrator adds people."""
        return False

    def login(self, request, user):
        """Whoever has not chosen a language keeps that of the page they sign in on."""
        super().login(request, user)
        if not user.language:
            user.language = get_language()
            user.save(update_fields=["language"])
