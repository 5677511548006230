#!/usr/bin/env python
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError


def main():
    """Run a command. What an operator can mend is said in a sentence; `--traceback` shows where it happened."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")
    os.environ.setdefault("STATEMENT_TIMEOUT", "0")  # commands, unlike pages, may run for minutes
    try:
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
