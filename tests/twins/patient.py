"""A broken twin of the tracker: any number of its threads may wait for the rest of a form."""

from plans.common import waiting

waiting.bodies.seats = 1000

from metropolis_tracker.wsgi import application  # noqa: E402, F401
