"""Send the messages in the outbox. No transaction is open meanwhile, so a slow mail server never delays recording."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

from reports.mail.models import Message

MAX_FAILURES = 3  # in a row: then the server is down, rather than an address wrong


def send_waiting():
    """Send all messages that are still wanted. Return the number sent and the last error, or None.

    A message that the server refuses is sent again by the next run, after the others, so that one bad address delays
    nobody else. After `MAX_FAILURES` in a row the run ends.
    """
    sent, error, tried, failures = 0, None, [], 0
    connection = get_connection()

    while failures < MAX_FAILURES and (message := Message.objects.claim(timezone.now(), tried=tried)):
        tried.append(message.pk)
        if not message.is_wanted:
            message.delete()
            continue

        try:
            as_email(message, connection).send()
        except Exception as problem:  # mail servers and networks fail in many ways: none may lose the message
            error, failures = problem, failures + 1
            reschedule(message, problem)
        else:
            sent, failures = sent + 1, 0
            Message.objects.filter(pk=message.pk).update(sent_at=timezone.now(), error="")

    return sent, error


def reschedule(message, problem):
    """Release the claim on a message, and store the error for the administrator."""
    text = f"{type(problem).__name__}: {problem}"[:500]
    Message.objects.filter(pk=message.pk).update(claimed_at=None, attempts=message.attempts + 1, error=text)


def as_email(message, connection):
    """Return the message as an e-mail, with the headers for unsubscribing in one click (RFC 8058)."""
    headers = {
        "List-Unsubscribe": f"<{message.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Message-ID": f"<{message.key}@{urlsplit(settings.SITE_URL).hostname}>",  # the same when it is sent again
    }
    email = EmailMultiAlternatives(
        message.subject, message.text, to=[message.person.email], headers=headers, connection=connection
    )
    email.attach_alternative(message.html, "text/html")
    return email
