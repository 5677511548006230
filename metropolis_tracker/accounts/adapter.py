import time
from hashlib import sha256

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.utils.translation import get_language

from metropolis_tracker.accounts.links import one_time_link
from metropolis_tracker.accounts.sending import send_later
from plans.common.security_log import log_event

APP = "allauth.account"  # whose limits these are
STOPPED = ("too_many_login_attempts", "rate_limited")
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
        return here(request, credentials["email"])

    def pre_authenticate(self, request, **credentials):
        """Spend a try, which signing in gives back.

        An account that is stopped spends no more of what its address has for all; an address that is stopped
        leaves no more traces in the cache.
        """
        email = credentials["email"]
        self._login_failed_rl_usage = ratelimit.RateLimitUsage([])
        self.spend(request, "address", dry_run=True)
        self.spend(request, "login_failed", key=here(request, email))
        self.spend(request, "address")
        if not cache.get(known(request, email)):
            self.spend(request, "account", key=email.lower())

    def spend(self, request, action, *, dry_run=False, key=None):
        spent = ratelimit.consume(request, app=APP, action=action, dry_run=dry_run, key=key)
        if not spent:
            context.request.again_in = seconds_left(request, action, key)
            raise self.validation_error("too_many_login_attempts")
        if not dry_run:
            self._login_failed_rl_usage.usage += spent.usage

    def validation_error(self, code, *args):
        """Whoever tried too often is told so on a page of its own, whichever form it was."""
        if code not in STOPPED:
            return super().validation_error(code, *args)
        log_event("sign-in stopped by a limit", context.request)
        raise ImmediateHttpResponse(ratelimit.respond_429(context.request))

    def send_password_reset_mail(self, user, email, context):
        """With a link to the site's own address, not to the host name that was asked for."""
        context["password_reset_url"] = one_time_link(user)
        send_later(self.render_mail("account/email/password_reset_key", email, context))

    def is_reauthentication_required(self, *, app):
        """Whoever signed in a moment ago need not prove who they are again to change how they do."""
        records = get_authentication_records(context.request, context.request.user)
        if any(time.time() - record["at"] < JUST_NOW for record in records):
            return False
        return super().is_reauthentication_required(app=app)

    def login(self, request, user):
        """Whoever has not chosen a language keeps that of the page they sign in on."""
        super().login(request, user)
        cache.set(known(request, user.email), True, KNOWN_FOR)
        if not user.language:
            user.language = get_language()
            user.save(update_fields=["language"])


def here(request, email):
    """An account at an address. Without the host name that was asked for, which whoever asks can choose."""
    return f"{email.lower()} {ratelimit.get_ip(request)}"


def known(request, email):
    """Where it is noted that an account was used from an address."""
    return "known:" + sha256(here(request, email).encode()).hexdigest()


def seconds_left(request, action, key):
    """Until a try is let through again: the oldest of those that fill a limit is forgotten then."""
    now, left = time.time(), [0]
    for rate in ratelimit.get_rates(app=APP, action=action):
        tries = cache.get(ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key), [])
        if len(tries) >= rate.amount:
            left.append(tries[-1] + rate.duration - now)
    return max(left)
