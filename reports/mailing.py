"""Sending what waits. No transaction is open while the mail server is spoken to: recording never waits for it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

from reports.mail_models import Message


def send_waiting(now):
    """Send every message that waits. Returns how many went, and the error at which it stopped, None for none.

    A message that the server does not take is kept, and the next run tries it again.
    """
    sent = 0
    connection = get_connection()
    while message := Message.objects.claim(now):
        try:
            as_email(message, connection).send()
        except Exception as error:  # whatever a mail server does: the message is kept, and the run ends
            keep_for_later(message, error)
            return sent, error
        Message.objects.filter(pk=message.pk).update(sent_at=timezone.now(), error="")
        sent += 1
    return sent, None


def keep_for_later(message, error):
    text = f"{type(error).__name__}: {error}"[:500]
    Message.objects.filter(pk=message.pk).update(claimed_at=None, attempts=message.attempts + 1, error=text)


def as_email(message, connection):
    """The message as an e-mail, with the headers by which a mail program ends it in one click (RFC 8058)."""
    headers = {
        "List-Unsubscribe": f"<{message.stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Message-ID": f"<{message.key}@{urlsplit(settings.SITE_URL).hostname}>",  # sent again, it is the same message
    }
    email = EmailMultiAlternatives(
        message.subject, message.text, to=[message.person.email], headers=headers, connection=connection
    )
    email.attach_alternative(message.html, "text/html")
    return email
