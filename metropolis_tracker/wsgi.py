"""Start the WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from metropolis_tracker.middleware.database_timeout import limit_waiting
from metropolis_tracker.newer_database import refuse_newer_database
from plans.common.append_only import require_triggers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")

limit_waiting()
application = get_wsgi_application()
refuse_newer_database()
require_triggers()  # refuse to serve a database whose history is unprotected
