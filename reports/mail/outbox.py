"""Sending what waits. No transaction is open while the mail server is spoken to: recording never waits for it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

from reports.mail.models import Message

MOST_FAILURES = 3  # one after the other: then the server is down, not an address wrong


def send_waiting():
    """Send every message that waits and is still wanted. Returns how many went, and the last error, None for none.

    A message that the server does not take is kept, and the next run tries it again, after the others: one address
    that is refused keeps nobody else waiting. A server that takes nothing at all is left alone soon.
    """
    sent, error, tried, in_a_row = 0, None, [], 0
    connection = get_connection()
    while in_a_row < MOST_FAILURES and (message := Message.objects.claim(timezone.now(), tried=tried)):
        tried.append(message.pk)
        if not message.is_wanted:
            message.delete()
            continue
        try:
            as_email(message, connection).send()
        except Exception as problem:  # whatever a mail server does: the message is kept
            error, in_a_row = problem, in_a_row + 1
            reschedule(message, problem)
        else:
            sent, in_a_row = sent + 1, 0
            Message.objects.filter(pk=message.pk).update(sent_at=timezone.now(), error="")
    return sent, error


def reschedule(message, problem):
    text = f"{type(problem).__name__}: {problem}"[:500]
    Message.objects.filter(pk=message.pk).update(claimed_at=None, attempts=message.attempts + 1, error=text)


def as_email(message, connection):
    """The message as an e-mail, with the headers by which a mail program ends it in one click (RFC 8058)."""
    headers = {
        "List-Unsubscribe": f"<{message.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Message-ID": f"<{message.key}@{urlsplit(settings.SITE_URL).hostname}>",  # sent again, it is the same message
    }
    email = EmailMultiAlternatives(
        message.subject, message.text, to=[message.person.email], headers=headers, connection=connection
    )
    email.attach_alternative(message.html, "text/html")
    return email
