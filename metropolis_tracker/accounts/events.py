"""Write the sign-in signals of Django and allauth to the security log."""

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from metropolis_tracker.accounts.adapter import forget_failures
from metropolis_tracker.accounts.models import User
from plans.common.security_log import log_event


def log_sign_in_events():
    """Connect the signals to the security log. Call this once, when the app is ready."""
    for signal, event in {
        user_logged_in: "sign-in",
        password_changed: "password changed",
        password_reset: "password reset",
        authenticator_added: "second factor added",
        authenticator_removed: "second factor removed",
        authenticator_used: "second factor used",
        authentication_failed: "second factor failed",
    }.items():
        signal.connect(event_logger(event), weak=False)

    password_reset.connect(reset_failures)
    user_logged_out.connect(log_sign_out)
    user_login_failed.connect(log_failed_sign_in)


def event_logger(event):
    """Return a signal receiver that logs this event with the account, and the kind of second factor if any."""

    def log_signal(sender, request, user, authenticator=None, **kwargs):
        log_event(event, request, account=user.pk, **({"factor": authenticator.type} if authenticator else {}))

    return log_signal


def log_sign_out(sender, request, user, **kwargs):
    if user is not None:
        log_event("sign-out", request, account=user.pk)


def log_failed_sign_in(sender, credentials, request=None, **kwargs):
    """Log a failed sign-in with the id of the account, or `unknown`.

    What was typed is never logged: it may be a password in the wrong field.
    """
    typed = credentials.get("email") or credentials.get("username") or ""
    account = User.objects.filter(email__iexact=typed).values_list("pk", flat=True).first()
    log_event("sign-in failed", request, account=account or "unknown")


def reset_failures(sender, request, user, **kwargs):
    """Lift the limit on failed attempts for somebody who has just chosen a new password by e-mail."""
    forget_failures(request, user)
