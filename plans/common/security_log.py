"""The security log: one line of JSON an event, with who did it and from where.

It never holds a password, code, token or note.
"""

import ipaddress
import logging

from allauth.account.adapter import get_adapter

IPV6_NETWORK = 64  # bits: what one household or office is given
logger = logging.getLogger("tracker.security")


def log_event(event, request=None, **details):
    """Log a security event with its details, which are written as strings.

    The signed-in user of the request is logged as `person`, by their opaque id: a name would be personal data.
    """
    fields = {"event": event}

    if request is not None:
        user = getattr(request, "user", None)
        fields["person"] = str(user.pk) if user and user.is_authenticated else None
        fields["address"] = address_of(request)

    logger.info(event, extra={"fields": fields | {name: str(value) for name, value in details.items()}})


def network_of(request):
    """Return what limits count a client by: its address, of an IPv6 address the network, all of which its owner has."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network(f"{address}/{IPV6_NETWORK}", strict=False))


def address_of(request):
    """Return the address of the client, behind a proxy as the proxy says it; None where there is no connection."""
    return get_adapter().get_client_ip(request) if "REMOTE_ADDR" in request.META else None
