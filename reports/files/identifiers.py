"""Identifiers of a plan and its parts for other programs: the same for as long as the plan exists."""

from uuid import uuid5


def uuid_of(plan, *parts):
    """Return the UUID of a part of a plan, such as a code. Neither a restore nor another address changes it."""
    return uuid5(plan.key, "/".join(map(str, parts)))
