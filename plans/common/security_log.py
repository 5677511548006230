"""What matters for security, one line of JSON each: who, from where, what. Never a password, code, token or note."""

import logging

from allauth.account.adapter import get_adapter

logger = logging.getLogger("tracker.security")


def tell(event, request=None, **what):
    """Log an event. `what` are words and numbers; a person is told by their opaque id, under `person` who did it."""
    told = {"event": event}
    if request is not None:
        user = getattr(request, "user", None)
        told["person"] = str(user.pk) if user and user.is_authenticated else None
        told["address"] = get_adapter().get_client_ip(request) if "REMOTE_ADDR" in request.META else None
    logger.info(event, extra={"told": told | {name: str(value) for name, value in what.items()}})
