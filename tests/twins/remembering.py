"""A broken twin of the tracker: each worker remembers for ten seconds how a plan is, instead of for one."""

from plans import memory

memory.SECONDS = 10

from metropolis_tracker.wsgi import application  # noqa: E402, F401
