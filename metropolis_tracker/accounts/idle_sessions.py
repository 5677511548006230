"""End the sessions of people who can change what others read, when nobody has used them for some hours."""

import time
from contextlib import suppress
from http import HTTPStatus

from django import db
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.utils.translation import gettext as _

from plans.common.security_log import log_event

IDLE_SECONDS = 4 * 3600
NOTE_SECONDS = 300  # between two notes of when a session was used, each a write


@receiver(user_logged_in)
def note_sign_in(request, **kwargs):
    """Note the first use of a session, which is written anyway."""
    request.session["used_at"] = int(time.time())


def note_use(session, now):
    """Note when a session was used. A failed write of nothing but the note is ignored: what the request did is done."""
    is_saved_later = session.modified
    session["used_at"] = now
    if not is_saved_later:
        with suppress(db.Error):
            session.save()
        session.modified = False


class IdleSessionMiddleware:
    """Signs people out whose session was idle. It comes after authentication.

    What they send is not lost: the middleware for form drafts comes later, and takes it for a form whose session has
    ended.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        note_at = None
        if request.user.is_authenticated and request.user.has_perm("deliverables.record_status"):
            now = int(time.time())
            used_at = request.session.get("used_at", now)  # without a note, it was made before there were any
            if now - used_at > IDLE_SECONDS:
                log_event("session ended because it was idle", request)
                logout(request)
                request.was_idle = True
            elif "used_at" not in request.session or not 0 <= now - used_at <= NOTE_SECONDS:
                note_at = now
        response = self.get_response(request)
        if note_at and request.user.is_authenticated and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            note_use(request.session, note_at)
        return response

    def process_view(self, request, *args):
        """Say why somebody is signed out: only here, since the middleware for messages comes later than this one."""
        if getattr(request, "was_idle", False):
            text = _("You have been signed out, because this browser was not used for %d hours.")
            messages.info(request, text % (IDLE_SECONDS // 3600))
