"""Start the WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from metropolis_tracker.middleware.database_timeout import limit_waiting
from plans.common.append_only import require_triggers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")

limit_waiting()
application = get_wsgi_application()
require_triggers()  # refuse to serve a database whose history is unprotected
