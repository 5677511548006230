import fcntl
import os
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

NUMBER = 5_412_022  # of the lock in PostgreSQL: any number that nothing else takes


@contextmanager
def only_backup():
    """Wait until no other process makes a backup of this database, and keep others waiting until the block ends.

    With PostgreSQL that includes the processes of other machines. A process that is killed leaves no lock.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Those who record wait for a lock for seconds only: see `settings`. A backup may take minutes.
            cursor.execute("SELECT set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false)")
            cursor.execute("SELECT pg_advisory_lock(%s)", [NUMBER])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [NUMBER])
        return

    with open(os.open(settings.DATA_DIR / "backup.lock", os.O_RDWR | os.O_CREAT, 0o600), "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
