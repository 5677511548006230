"""End the sessions of people who can change what others read, when nobody has used them for some hours."""

import time

from django.contrib.auth import logout

from plans.common.security_log import log_event

IDLE_SECONDS = 4 * 3600
NOTE_SECONDS = 300  # between two notes of when a session was used, each a write


class IdleSessionMiddleware:
    """Signs people out whose session was idle. It comes after authentication.

    What they send is not lost: the middleware for form drafts comes later, and takes it for a form whose session has
    ended.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and request.user.has_perm("deliverables.record_status"):
            now, used_at = int(time.time()), request.session.get("used_at", 0)
            if used_at and now - used_at > IDLE_SECONDS:
                log_event("session ended because it was idle", request)
                logout(request)
            elif now - used_at > NOTE_SECONDS:
                request.session["used_at"] = now
        return self.get_response(request)
