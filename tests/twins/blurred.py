"""A broken twin of manage.py: its backup reads the tables one by one while others write, not in one snapshot."""

import os
import sys
import time
from contextlib import nullcontext

from django.core.management import execute_from_command_line

os.environ["DJANGO_SETTINGS_MODULE"] = "metropolis_tracker.settings"


def pause_before_plans(to_line):
    def to_line_slowly(value):
        if isinstance(value, dict) and value.get("table") == "plans_plan":
            time.sleep(3)
        return to_line(value)

    return to_line_slowly


if __name__ == "__main__":
    import django

    django.setup()
    from metropolis_tracker.backups import archive

    archive.snapshot, archive.to_line = nullcontext, pause_before_plans(archive.to_line)
    execute_from_command_line(sys.argv)
