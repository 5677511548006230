"""Ask a link, without reaching anything but public web servers, and within a deadline for all of it.

Written here because no well-kept library does all of it: Advocate is no longer maintained; ssrfguard, drawbridge and
httpx-secure are younger than a year, need requests or httpx, and like these have a timeout for each read only, so that
a server that sends a byte now and then holds the run. The HTTP itself is that of the standard library.
"""

import http.client
import io
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri

from deliverables.link_checks.addresses import Deadline, NoSuchName, Refused, public_addresses
from deliverables.models import LinkState

SECONDS = 10  # for a link, with its look-ups, redirects and both methods
MAX_REDIRECTS = 5
MAX_HEADER_BYTES = 65_536  # of an answer
# Other ports are those of databases, mail and administration far more often than of evidence.
PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
NOT_FOUND = {404, 410}
TOO_MANY_REQUESTS = 429
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Answer:
    """What became of asking a link. `detail` is for operators: the HTTP status, or why there was none."""

    state: LinkState
    detail: str
    has_answered: bool = False


@dataclass(frozen=True)
class Target:
    """A web address in the parts that a request needs. The host is ASCII, the path has its query."""

    scheme: str
    host: str
    port: int
    path: str


def connect(family, address, timeout):
    """Return a socket that is connected to a numeric address."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


@dataclass(frozen=True)
class Network:
    """How names are looked up and connections made. No part of it reads the proxies of the environment."""

    look_up: Callable = socket.getaddrinfo
    connect: Callable = connect
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)


def ask_link(link, network, *, seconds=SECONDS):
    """Return the `Answer` of a link. Whatever its servers do, it takes no longer than these seconds."""
    try:
        status = final_status(link, network, Deadline(seconds))
    except NoSuchName:
        return Answer(LinkState.NOT_FOUND, "no such name")
    except Refused as reason:
        return Answer(LinkState.UNKNOWN, f"never asked: {reason}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(LinkState.UNKNOWN, type(error).__name__)
    return Answer(state_of(status), str(status), has_answered=True)


def state_of(status):
    """Return what an HTTP status says about a page. A refusal or a failing server says nothing about it."""
    if 200 <= status < 300:
        return LinkState.WORKS
    return LinkState.NOT_FOUND if status in NOT_FOUND else LinkState.UNKNOWN


def final_status(link, network, deadline):
    """Return the HTTP status at the end of the redirects. Each address on the way is checked like the first."""
    for _redirect in range(MAX_REDIRECTS + 1):
        status, location = head_or_get(parse(link), network, deadline)
        if status not in REDIRECTS or not location:
            return status
        link = urljoin(link, location)
    raise Refused(f"more than {MAX_REDIRECTS} redirects")


def checked(text):
    """Return a web address. Raise `Refused` for a line end or another control character, which `urlsplit` drops."""
    if CONTROL.search(text):
        raise Refused("a control character")
    return text


def parse(link):
    """Return the `Target` of a link. Raise `Refused` or `ValueError` if it is not a plain address of the web."""
    parts = urlsplit(checked(link))
    if parts.scheme not in PORTS:
        raise Refused("neither http nor https")
    if "@" in parts.netloc:
        raise Refused("a user name or password")

    port = PORTS[parts.scheme] if parts.port is None else parts.port
    if port not in PORTS.values():
        raise Refused("a port other than 80 and 443")

    host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
    if not host or "%" in host:
        raise Refused("no host name")
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, port, iri_to_uri((parts.path or "/") + query))


def head_or_get(target, network, deadline):
    """Return the status and the `Location` of a page. Where HEAD fails, ask by GET: many servers mistreat HEAD."""
    try:
        status, location = request("HEAD", target, network, deadline)
    except (http.client.HTTPException, ConnectionResetError):
        status, location = None, ""
    if status is None or (status >= 400 and status != TOO_MANY_REQUESTS):
        return request("GET", target, network, deadline)
    return status, location


def request(method, target, network, deadline):
    """Return the status and the `Location` of one request. The body is not read."""
    sock = open_connection(target, network, deadline)
    try:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.auto_open = 0  # it must not look up the name itself
        connection.default_port = PORTS[target.scheme]  # what `Host` leaves out
        connection.sock = DeadlineSocket(sock, deadline)
        headers = {"User-Agent": f"MetropolisTracker link check (+{settings.SITE_URL})", "Connection": "close"}
        connection.request(method, target.path, headers=headers | {"Accept": "*/*"})
        response = connection.getresponse()
        location = response.headers.get("Location", "")
    finally:
        sock.close()
    return response.status, iri_to_uri(checked(location.strip()).encode("latin-1"))  # as http.client decoded it


def open_connection(target, network, deadline):
    """Return a socket to one of the public addresses of a target, with TLS that checks the name where it is https."""
    sock = connect_to_first(public_addresses(target.host, target.port, deadline, network.look_up), network, deadline)
    if target.scheme == "http":
        return sock
    try:
        sock.settimeout(deadline.remaining)  # for all of the handshake, whatever its packets
        return network.tls.wrap_socket(sock, server_hostname=target.host)
    except BaseException:
        sock.close()
        raise


def connect_to_first(addresses, network, deadline):
    """Return a socket to the first address that answers. Each gets its share of the time that is left."""
    for number, (family, address) in enumerate(addresses):
        try:
            return network.connect(family, address, deadline.remaining / (len(addresses) - number))
        except OSError as problem:
            error = problem
    raise error


class DeadlineSocket:
    """What `http.client` uses of a socket. No read waits beyond the deadline, where a timeout begins anew each time."""

    def __init__(self, sock, deadline):
        self.sock, self.deadline = sock, deadline

    def sendall(self, data):
        self.sock.settimeout(self.deadline.remaining)
        self.sock.sendall(data)

    def makefile(self, _mode):
        return io.BufferedReader(DeadlineReader(self.sock, self.deadline))

    def close(self):
        self.sock.close()


class DeadlineReader(io.RawIOBase):
    """The bytes of an answer, up to the deadline and to the most that its head may have."""

    def __init__(self, sock, deadline):
        self.sock, self.deadline, self.left = sock, deadline, MAX_HEADER_BYTES

    def readable(self):
        return True

    def readinto(self, buffer):
        if self.left <= 0:
            raise http.client.HTTPException("the head of the answer is too long")
        self.sock.settimeout(self.deadline.remaining)
        count = self.sock.recv_into(buffer)
        self.left -= count
        return count
