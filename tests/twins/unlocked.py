"""A broken twin of the tracker: it takes no locks, so that others can write between its read and its write."""

import time

from django.utils.module_loading import import_string

from metropolis_tracker import settings

settings.DATABASES["default"]["OPTIONS"].pop("transaction_mode", None)  # SQLite: read first, lock when writing
application = import_string("metropolis_tracker.wsgi.application")
Plan = import_string("plans.models.Plan")
NewUpdates = import_string("deliverables.models.NewUpdates")


def write_slowly(new, plan, write=NewUpdates.write):
    time.sleep(0.1)
    write(new, plan)


type(Plan.objects).select_for_update = lambda self, *args, **kwargs: self.all()
NewUpdates.write = write_slowly
