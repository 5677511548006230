"""The addresses that may be asked: public ones alone, judged by the numbers that a look-up of the name returns."""

import contextlib
import queue
import socket
import threading
import time
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

GLOBAL_IPV6 = ip_network("2000::/3")  # so not ::1, ::ffff:127.0.0.1, fe80::, fc00:: or ff00::
NAT64 = ip_network("64:ff9b::/96")  # the last 32 bits are an IPv4 address
# What `is_global` lets pass, or let pass in an older Python: 6to4 (its relays, and addresses with any IPv4 address in
# them), protocols and the metadata of Oracle's cloud, Azure's agent, which answers its virtual machines alone.
NEVER = [ip_network(network) for network in ("2002::/16", "192.88.99.0/24", "192.0.0.0/24", "168.63.129.16/32")]
NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class Refused(Exception):
    """Raised for what is never asked. The message says why."""


class NoSuchName(Exception):
    """Raised where a host name has no address. Without a network, some resolvers say so of every name."""


class Deadline:
    """A moment by which all of something must be done, however many steps it takes."""

    def __init__(self, seconds):
        self.at = time.monotonic() + seconds

    @property
    def remaining(self):
        """Return the seconds that are left. Raise `TimeoutError` if there are none."""
        if (seconds := self.at - time.monotonic()) > 0:
            return seconds
        raise TimeoutError("the deadline has passed")


def is_public(address):
    """Return whether an address, as text, is one on the internet: no private, local, shared or multicast one.

    A NAT64 address is judged by the IPv4 address in it. A network that translates under a prefix of its own cannot be
    recognised.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip.scope_id:
            return False
        if ip in NAT64:
            ip = IPv4Address(int(ip) & 0xFFFFFFFF)
        elif ip not in GLOBAL_IPV6:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in NEVER)


def public_addresses(host, port, deadline, look_up):
    """Return the (family, socket address) pairs of a host, with one look-up. `look_up` is `socket.getaddrinfo`.

    Connections go to these numbers, never to the name: a second look-up may return another address. Raise `Refused` if
    any of them is not public, `NoSuchName` if there are none.
    """
    found = in_time(lambda: look_up(host, port, type=socket.SOCK_STREAM), deadline)
    if not found or not all(is_public(address[0]) for *_kind, address in found):
        raise Refused("an address that is not public")
    return [(family, address) for family, _type, _protocol, _name, address in found]


def in_time(look_up, deadline):
    """Return what `look_up` returns. Its thread is left behind if it takes too long: `getaddrinfo` has no timeout."""
    answers = queue.SimpleQueue()

    def ask():
        try:
            answers.put((look_up(), None))
        except Exception as error:  # whatever it is, it is raised where somebody waits
            answers.put((None, error))

    threading.Thread(target=ask, daemon=True).start()
    with contextlib.suppress(queue.Empty):
        found, error = answers.get(timeout=deadline.remaining)
        if isinstance(error, socket.gaierror) and error.errno in NO_SUCH_NAME:
            raise NoSuchName from error
        if error:
            raise error
        return found
    raise TimeoutError("the name was not looked up in time")
