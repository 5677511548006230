"""The security log: one line of JSON an event, with who did it and from where.

It never holds a password, code, token or note.
"""

import logging

from allauth.account.adapter import get_adapter

logger = logging.getLogger("tracker.security")


def log_event(event, request=None, **details):
    """Log a security event with its details, which are written as strings.

    The signed-in user of the request is logged as `person`, by their opaque id: a name would be personal data.
    """
    fields = {"event": event}

    if request is not None:
        user = getattr(request, "user", None)
        fields["person"] = str(user.pk) if user and user.is_authenticated else None
        fields["address"] = get_adapter().get_client_ip(request) if "REMOTE_ADDR" in request.META else None

    logger.info(event, extra={"fields": fields | {name: str(value) for name, value in details.items()}})
