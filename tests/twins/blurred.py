"""A broken twin of the tracker's commands: its backup reads one table after the other while others write."""

import os
import sys
import time
from contextlib import nullcontext

from django.core.management import execute_from_command_line

os.environ["DJANGO_SETTINGS_MODULE"] = "metropolis_tracker.settings"


def read_slowly(said):
    def slowly(value):
        if isinstance(value, dict) and value.get("table") == "plans_plan":
            time.sleep(3)
        return said(value)

    return slowly


if __name__ == "__main__":
    import django

    django.setup()
    from metropolis_tracker.backups import archive

    archive.snapshot, archive.to_line = nullcontext, read_slowly(archive.to_line)
    execute_from_command_line(sys.argv)
