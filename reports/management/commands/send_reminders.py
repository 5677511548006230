from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reports.mail.models import Message
from reports.mail.outbox import send_waiting
from reports.mail.reminders import make_digests, make_reminders
from reports.mail.reporting import make_reporting_messages


class Command(BaseCommand):
    help = "Send reminders to people responsible for deliverables and digests to followers of plans. Run once a day."

    def handle(self, **options):
        now = timezone.now()
        make_reminders(now)
        make_digests(now)
        make_reporting_messages(now)
        sent, error = send_waiting()

        self.stdout.write(f"Sent {sent} messages.")
        ended = list(Message.objects.filter(ended_at__gte=now).values_list("refused_address", flat=True))
        if dead := len(set(filter(None, ended))):
            self.stdout.write(f"{dead} addresses do not exist. The list of people in the admin shows which.")
        if refused := ended.count(""):
            self.stdout.write(f"{refused} messages were refused for good, or too often.")
        waiting = Message.objects.waiting().count()
        if error:
            raise CommandError(f"The mail server takes no messages: {error}. {waiting} wait for the next run.")
        if waiting:
            self.stdout.write(f"{waiting} messages were refused for now, and wait for the next run.")
