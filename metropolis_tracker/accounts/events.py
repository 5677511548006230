"""Security events that only Django and allauth know of."""

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from metropolis_tracker.accounts.models import User
from plans.common.security_log import log_event


def log_sign_in_events():
    """Write these down from now on."""
    for signal, event in {
        user_logged_in: "sign-in",
        password_changed: "password changed",
        password_reset: "password reset",
        authenticator_added: "second factor added",
        authenticator_removed: "second factor removed",
        authenticator_used: "second factor used",
        authentication_failed: "second factor failed",
    }.items():
        signal.connect(told(event), weak=False)
    user_logged_out.connect(signed_out)
    user_login_failed.connect(sign_in_failed)


def told(event):
    def tell_it(sender, request, user, authenticator=None, **kwargs):
        log_event(event, request, account=user.pk, **({"factor": authenticator.type} if authenticator else {}))

    return tell_it


def signed_out(sender, request, user, **kwargs):
    if user is not None:
        log_event("sign-out", request, account=user.pk)


def sign_in_failed(sender, credentials, request=None, **kwargs):
    """The account by its id: what was typed for one that is not there may be a password in the wrong field."""
    typed = credentials.get("email") or credentials.get("username") or ""
    account = User.objects.filter(email__iexact=typed).values_list("pk", flat=True).first()
    log_event("sign-in failed", request, account=account or "unknown")
