"""What matters for security, one line of JSON each: who, from where, what. Never a password, code, token or note."""

import logging

from allauth.account.adapter import get_adapter

logger = logging.getLogger("tracker.security")


def log_event(event, request=None, **details):
    """Log an event. `what` are words and numbers; a person is fields by their opaque id, under `person` who did it."""
    fields = {"event": event}
    if request is not None:
        user = getattr(request, "user", None)
        fields["person"] = str(user.pk) if user and user.is_authenticated else None
        fields["address"] = get_adapter().get_client_ip(request) if "REMOTE_ADDR" in request.META else None
    logger.info(event, extra={"fields": fields | {name: str(value) for name, value in details.items()}})
