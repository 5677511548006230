import re
import time
from hashlib import sha256

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context, ratelimit
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from metropolis_tracker.accounts.links import one_time_link, sign_in_button
from metropolis_tracker.accounts.organisation.session import is_by_organisation, is_of_provider, seconds_since_proof
from metropolis_tracker.accounts.sending import send_later
from plans.common.security_log import log_event, network_of
from reports.mail.rendering import common_context, tidy

LIMIT_ERRORS = ("too_many_login_attempts", "rate_limited")
RECENT_SECONDS = 300
KNOWN_SECONDS = 30 * 24 * 3600  # how long an address counts as one that an account was used from


class AccountAdapter(DefaultAccountAdapter):
    """Decides who may sign in, and how often somebody may try.

    Three limits hold together. `login_failed` stops one account at one address, so that neither a colleague at the
    next desk nor a stranger elsewhere keeps a person out. `address` stops an address that tries many accounts.
    `account` stops a stranger with many addresses; it does not hold where the person has signed in before.
    """

    def is_open_for_signup(self, request):
        """Return False: an administrator adds people."""
        return False

    def pre_authenticate(self, request, **credentials):
        """Count an attempt, or answer 429 where a limit is reached.

        `login_failed` is counted before the password is checked, so that parallel attempts cannot pass it; the two
        wider limits only count failures.
        """
        email = credentials["email"]
        self.check_limit(request, "address", network_of(request), dry_run=True)
        self.check_limit(request, "login_failed", attempt_key(request, email))
        if not cache.get(known_key(request, email)):
            self.check_limit(request, "account", email.lower(), dry_run=True)

    def check_limit(self, request, action, key, *, dry_run=False):
        """Raise the error of a reached limit; count the attempt unless `dry_run`."""
        if not ratelimit.consume(request, action=action, key=key, dry_run=dry_run):
            context.request.retry_after = seconds_left(action, key)
            raise self.validation_error("too_many_login_attempts")
        if not dry_run:
            note_first_failure(action, key)

    def authenticate(self, request, **credentials):
        """Return the person, or None. A success takes back what this account's attempts at this address counted.

        Somebody deactivated is None, too: the answer may not tell their right password from a wrong one.
        """
        user = super().authenticate(request, **credentials)
        if user and not user.is_active:
            self.authentication_failed(request, **credentials)
            return None
        if user:
            forget_failures(request, user)
        return user

    def authentication_failed(self, request, **credentials):
        """Count a failure against the address, and against the account unless it was used from here before."""
        email = credentials["email"]
        keys = {"address": network_of(request)}
        if not cache.get(known_key(request, email)):
            keys["account"] = email.lower()
        for action, key in keys.items():
            ratelimit.consume(request, action=action, key=key)
            note_first_failure(action, key)

    def validation_error(self, code, *args):
        """Answer a reached limit with the page for 429, whichever form it was; else return the error as usual."""
        if code not in LIMIT_ERRORS:
            return super().validation_error(code, *args)
        log_event("sign-in stopped by a limit", context.request)
        raise ImmediateHttpResponse(ratelimit.respond_429(context.request))

    def send_password_reset_mail(self, user, email, context):
        """Send a link to the site's own address: the host name of the request is the requester's choice.

        Who signs in by the organisation alone gets no password by mail, which would be a weaker way in.
        """
        button = {"url": one_time_link(user), "label": _("Choose a new password")}
        if has_only_organisation(user):
            log_event("password reset refused: signs in by the organisation", self.request, account=user.pk)
            button = sign_in_button()
            context |= {"provider": settings.OIDC.name}
        context |= {"subject": button["label"], "person": user, "button": button}
        send_later(self.render_mail("account/email/password_reset_key", email, context))

    def render_mail(self, template_prefix, email, context, headers=None):
        """Return an e-mail as text and as HTML, like the reminders. Replies go to the Secretariat."""
        message = super().render_mail(template_prefix, email, context | common_context(), headers)
        message.body, message.reply_to = tidy(message.body), [settings.CONTACT_EMAIL]
        return message

    def get_login_stages(self):
        """Return what follows the first step: nothing for whom the organisation's provider named just now."""
        is_named = getattr(context.request, "is_named_by_provider", False)
        return [] if is_named else super().get_login_stages()

    def is_reauthentication_required(self, *, app):
        """Return whether to ask for the password again; not from somebody who has just signed in.

        Who signed in by the organisation's provider proves there, not here, who they are. allauth asks nothing of
        somebody without a password, so the answer to that is raised.
        """
        request = context.request
        records = get_authentication_records(request, request.user)
        local = [record for record in records if not is_of_provider(record)]
        if any(time.time() - record["at"] < RECENT_SECONDS for record in local):
            return False
        if is_by_organisation(request, request.user):
            if seconds_since_proof(request) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
                return False
            raise ReauthenticationRequired
        if records and not local:  # opened by a provider that the settings no longer name
            raise ReauthenticationRequired
        return super().is_reauthentication_required(app=app)

    def get_reauthentication_methods(self, user):
        """Return the ways to prove again who one is: the provider, for those who came by it."""
        if not is_by_organisation(context.request, user):
            return super().get_reauthentication_methods(user)
        return [
            {
                "id": "organisation",
                "description": _("Sign in with %s again") % settings.OIDC.name,
                "url": reverse("organisation_reauthenticate"),
            }
        ]

    def login(self, request, user):
        """Sign somebody in. Their language becomes that of the page, unless they have chosen one."""
        super().login(request, user)
        cache.set(known_key(request, user.email), True, KNOWN_SECONDS)
        if not user.language:
            user.language = get_language()
            user.save(update_fields=["language"])


def has_only_organisation(user):
    """Return whether somebody has no password here, but a link to their account of the organisation."""
    is_linked = settings.OIDC and user.socialaccount_set.filter(provider=settings.OIDC.url).exists()
    return bool(is_linked) and not user.has_usable_password()


def attempt_key(request, email):
    """Return the key of an account at an address; without the host name, which the client chooses."""
    return f"{email.lower()} {network_of(request)}"


def known_key(request, email):
    """Return the cache key that says that an account was used from an address."""
    return "known:" + sha256(attempt_key(request, email).encode()).hexdigest()


def forget_failures(request, user):
    """Take back the failed attempts of an account at this address: the person has proved who they are."""
    key = attempt_key(request, user.email)
    ratelimit.clear(request, action="login_failed", key=key)
    cache.delete(failure_key("login_failed", key))


def note_first_failure(action, key):
    """Note when the first of the failures that count now was, for `seconds_left`; allauth does not publish it."""
    cache.add(failure_key(action, key), time.time(), window_of(action))


def seconds_left(action, key):
    """Return the seconds until the first of the counted failures no longer counts."""
    began = cache.get(failure_key(action, key), time.time())
    return max(began + window_of(action) - time.time(), 0)


def failure_key(action, key):
    return f"first-failure:{action}:" + sha256(key.encode()).hexdigest()


def window_of(action):
    """Return the seconds in which failures count, from a rate such as `5/300s/key`."""
    return int(re.search(r"/(\d+)s/", settings.ACCOUNT_RATE_LIMITS[action])[1])
