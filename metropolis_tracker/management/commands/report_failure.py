import socket
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Tell ADMIN_EMAIL by e-mail that a systemd unit has failed. tracker-failure@.service runs this."

    def add_arguments(self, parser):
        parser.add_argument("unit", help="the name of the unit, such as tracker-backup.service")

    def handle(self, *, unit, **options):
        host = socket.gethostname()
        text = (
            f"{unit} of the Metropolis Tracker ({settings.SITE_URL}) has failed on {host}. To see why, run there:\n\n"
            f"    journalctl --unit {unit} --since -1d\n\n"
            "Until it has run again, what it does is not done: see “Every day” in docs/operating.md.\n"
        )
        message = EmailMessage(f"Metropolis Tracker: {unit} has failed", text, to=[settings.ADMIN_EMAIL])
        try:
            message.send()
        except (OSError, SMTPException) as error:
            raise CommandError(
                f"{settings.ADMIN_EMAIL} was not told that {unit} has failed. The mail server {settings.EMAIL_HOST}"
                f" does not take the message: {error}. Check EMAIL_URL."
            ) from None
        self.stdout.write(f"Told {settings.ADMIN_EMAIL} that {unit} has failed.")
