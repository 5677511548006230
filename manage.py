#!/usr/bin/env python
import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError
from django.utils.module_loading import import_string

# Other commands of ours bring the database to this version, or do not read it.
NEED_THIS_VERSION = ("add_person", "backup", "send_reminders", "verify_history", "verify_editions")


def main():
    """Run a command. What an operator can mend is said in a sentence; `--traceback` shows where it happened."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")
    os.environ.setdefault("STATEMENT_TIMEOUT", "0")  # commands, unlike pages, may run for minutes
    try:
        if sys.argv[1:] and sys.argv[1] in NEED_THIS_VERSION:
            django.setup()
            import_string("metropolis_tracker.database_version.require_this_version")()
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError, OSError) as error:
        if "--traceback" in sys.argv:
            raise
        kind = "The database cannot be used: " if isinstance(error, OperationalError) else ""
        sys.exit(f"Error: {kind}{str(error).strip()}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
