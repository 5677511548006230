from contextlib import contextmanager

from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError, connection


class CountingDatabaseCache(DatabaseCache):
    """The cache that counts sign-in attempts. It raises an error when the database accepts no writes.

    Django's returns False then, as it does for a key that exists: the limits would take that for one too many attempts.
    """

    def set(self, *args, **kwargs):
        with raising_operational_errors():
            super().set(*args, **kwargs)

    def add(self, *args, **kwargs):
        with raising_operational_errors():
            return super().add(*args, **kwargs)


@contextmanager
def raising_operational_errors():
    """Raise the `OperationalError` of a statement in the block, even where somebody has caught it."""
    errors = []

    def execute_and_note(execute, *args):
        try:
            return execute(*args)
        except OperationalError as error:
            errors.append(error)
            raise

    with connection.execute_wrapper(execute_and_note):
        yield
    if errors:
        raise errors[-1]
