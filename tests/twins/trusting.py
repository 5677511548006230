"""A broken twin of the tracker: it does not look whether the files of its database are still there."""

from metropolis_tracker.middleware import database_timeout

database_timeout.has_lost_its_file = lambda connection: False

from metropolis_tracker.wsgi import application  # noqa: E402, F401
