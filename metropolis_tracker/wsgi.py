"""Start the WSGI application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")  # before what reads a setting at import

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402

from metropolis_tracker.database_version import refuse_newer_database  # noqa: E402
from metropolis_tracker.middleware.database_timeout import limit_waiting  # noqa: E402
from plans.common.append_only import require_triggers  # noqa: E402

limit_waiting()
application = get_wsgi_application()
refuse_newer_database()
require_triggers()  # refuse to serve a database whose history is unprotected
connection.close()  # that of this thread, which answers no request
