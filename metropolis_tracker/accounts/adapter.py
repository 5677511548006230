import time
from hashlib import sha256

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context, ratelimit
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from plans.security_log import tell

JUST_NOW = 300  # seconds
KNOWN_FOR = 30 * 24 * 3600  # seconds after signing in


class AccountAdapter(DefaultAccountAdapter):
    """Who may sign in, and how often somebody may try.

    Five failures in five minutes stop one account at one address: neither a colleague beside them nor a stranger
    elsewhere keeps a person out. A stranger who tries from many addresses meets a limit of the account, which does
    not hold where that person signed in before.
    """

    def is_open_for_signup(self, request):
        """Nobody signs up: an administrator adds people."""
        return False

    def _get_login_attempts_cache_key(self, request, **credentials):
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account} {self.get_client_ip(request)}"

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
            self.limit_account(request, **credentials)
        except ValidationError:
            tell("sign-in stopped by a limit", request)
            raise

    def limit_account(self, request, **credentials):
        account = super()._get_login_attempts_cache_key(request, **credentials)
        if cache.get(self.known(request, account)):
            return
        if not ratelimit.consume(request, action="account", key=account):
            raise self.validation_error("too_many_login_attempts")

    def is_reauthentication_required(self, *, app):
        """Whoever signed in a moment ago need not prove who they are again to change how they do."""
        records = get_authentication_records(context.request, context.request.user)
        if any(time.time() - record["at"] < JUST_NOW for record in records):
            return False
        return super().is_reauthentication_required(app=app)

    def known(self, request, account):
        """Where it is noted that an account was used from an address."""
        return "known:" + sha256(f"{account} {self.get_client_ip(request)}".encode()).hexdigest()

    def login(self, request, user):
        """Whoever has not chosen a language keeps that of the page they sign in on."""
        super().login(request, user)
        account = super()._get_login_attempts_cache_key(request, email=user.email)
        cache.set(self.known(request, account), True, KNOWN_FOR)
        if not user.language:
            user.language = get_language()
            user.save(update_fields=["language"])
