"""Sessions in the database. Django answers 400 to a session that has ended and to a database that is locked alike."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import InternalError, OperationalError


class SessionStore(db.SessionStore):
    """Django's, for `SESSION_ENGINE`. The name is a part of what signs the sessions: with another, all of them end."""

    def save(self, must_create=False):
        """Save the session. One that was ended while the request ran, such as in another window, stays ended.

        Raise `OperationalError` or `InternalError` where the database takes no writes, which is answered 503.
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, (OperationalError, InternalError)):
                raise error.__context__ from None
