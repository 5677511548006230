"""They run servers of PostgreSQL of their own, so the run on PostgreSQL is where they belong.

What measures whether anybody notices a failure needs a machine of its own: `make soak` alone runs that.
"""

from django.db import connection

from tests.server import IS_LONG

collect_ignore_glob = [] if connection.vendor == "postgresql" else ["test_*.py"]
if not IS_LONG:
    collect_ignore_glob += ["test_broken_twins.py", "test_failures.py", "test_restarts.py"]
