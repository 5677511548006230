"""A broken twin of the tracker: it takes no locks, so that others can write between its read and its write.

PostgreSQL locks the plan's row. SQLite's lock is the transaction, and the twin has none: one that locks late is refused
if others have written since it read, and so loses nothing.
"""

import time
from contextlib import ContextDecorator, nullcontext

from django.db import transaction
from django.utils.module_loading import import_string

from metropolis_tracker import settings


class Nothing(nullcontext, ContextDecorator):
    """What does nothing where `transaction.atomic` stands, around a block or a function."""


def no_transaction(using=None, *args, **kwargs):
    return using if callable(using) else Nothing()


if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    transaction.atomic = no_transaction
application = import_string("metropolis_tracker.wsgi.application")
Plan = import_string("plans.models.Plan")
NewUpdates = import_string("deliverables.models.NewUpdates")


def write_slowly(new, plan, write=NewUpdates.write):
    time.sleep(0.1)
    write(new, plan)


type(Plan.objects).select_for_update = lambda self, *args, **kwargs: self.all()
NewUpdates.write = write_slowly
