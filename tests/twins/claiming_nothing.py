"""A broken twin of manage.py: it sends messages without claiming them, so that two machines send the same."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

os.environ["DJANGO_SETTINGS_MODULE"] = "metropolis_tracker.settings"
sys.path.insert(0, str(Path(__file__).parents[2]))


def first_unsent(messages, now, *, tried):
    return messages.unclaimed(now).exclude(pk__in=tried).select_related("person", "plan").order_by("pk").first()


if __name__ == "__main__":
    import django

    django.setup()
    from reports.mail.models import Message

    type(Message.objects.all()).claim = first_unsent
    type(Message.objects).claim = lambda manager, now, *, tried: first_unsent(manager.all(), now, tried=tried)
    execute_from_command_line(sys.argv)
