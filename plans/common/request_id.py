"""The id of the request that a thread answers. Log lines and error pages have it, so that one leads to the other."""

import secrets
from contextvars import ContextVar

current = ContextVar("request_id", default="")


def new_request_id():
    """Give the request that begins an id, and return it. It is short enough to be read out on the telephone."""
    number = secrets.token_hex(5)
    current.set(number)
    return number


def request_id():
    """Return the id of the current request, an empty text outside of any."""
    return current.get()
