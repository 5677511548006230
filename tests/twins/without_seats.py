"""A broken twin of the tracker: any number of its threads may wait for the database, each a minute long."""

from plans.common import waiting

waiting.room.seats = 1000

from tests.twins.enduring import application  # noqa: E402, F401
