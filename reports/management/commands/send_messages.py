from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reports.mail.outbox import send_waiting
from reports.mail.reporting import make_reporting_messages


class Command(BaseCommand):
    help = "Send what reporting rounds ask, reports to check, and the answers to them. Run every ten minutes."

    def handle(self, **options):
        make_reporting_messages(timezone.now())
        sent, error = send_waiting()
        self.stdout.write(f"Sent {sent} messages.")
        if error:
            raise CommandError(f"The mail server takes no messages: {error}. They wait for the next run.")
