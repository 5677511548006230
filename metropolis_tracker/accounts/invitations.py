"""Invitations: the e-mail with the one-time link where a new person chooses a password.

With the sign-in of the organisation, they need none: the link leads to the sign-in page.
"""

from contextlib import suppress
from functools import partial

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from metropolis_tracker.accounts.links import one_time_link, sign_in_button
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from metropolis_tracker.accounts.sending import send, send_later
from plans.common.security_log import log_event


def invite_later(user, *, by):
    """Send a person an invitation once the transaction is committed: before that, its link leads nowhere.

    `by` is the person who invites them. A failure is stored, so that the list of people can show it.
    """
    message = invitation(user, by=by)
    note_sent(user)
    transaction.on_commit(partial(send_later, message, on_failure=partial(note_failure_in_thread, user.pk)))


def invite_now(user):
    """Send a person an invitation from nobody in particular, and return whether a mail server took it."""
    note_sent(user)
    return send(invitation(user, by=None), on_failure=partial(note_failure, user.pk))


def invitation(user, *, by):
    """Return the e-mail, in the language of the person or else in that of the page."""
    with override(user.language or get_language()):
        group = user.groups.first()
        subject = _("%s invites you") % by.name if by else _("You are invited")
        context = {
            "subject": subject,
            "person": user,
            "by": by,
            "role": Role(group.name) if group else None,
            "button": {"url": one_time_link(user), "label": _("Choose a password")},
        }
        if settings.OIDC:
            context |= {"provider": settings.OIDC.name, "button": sign_in_button()}
        return get_adapter().render_mail("account/email/invitation", user.email, context)


def note_sent(user):
    user.invited_at, user.invitation_failed = timezone.now(), False
    user.save(update_fields=["invited_at", "invitation_failed"])


def note_failure(pk):
    log_event("invitation not sent", account=pk)
    User.objects.filter(pk=pk).update(invitation_failed=True)


def note_failure_in_thread(pk):
    """Do so in a thread that has a connection of its own to the database, and closes it."""
    try:
        with suppress(DatabaseError):  # the log says it
            note_failure(pk)
    finally:
        connection.close()
