"""The tracker with the patience of a minute: who waits for a lock still waits when a test looks, however busy it is."""

from metropolis_tracker import settings
from metropolis_tracker.middleware import database_timeout

database_timeout.LOCK_SECONDS = database_timeout.QUERY_TIMEOUT = 60
if "options" in settings.DATABASES["default"]["OPTIONS"]:  # PostgreSQL
    settings.DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=60000"

from metropolis_tracker.wsgi import application  # noqa: E402, F401
