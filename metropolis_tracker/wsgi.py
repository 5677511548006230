import os

from django.core.wsgi import get_wsgi_application

from metropolis_tracker.middleware.database_timeout import wait_no_longer
from plans.common.append_only import refuse_to_serve_without_triggers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")
wait_no_longer()
application = get_wsgi_application()
refuse_to_serve_without_triggers()
