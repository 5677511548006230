"""Send the messages in the outbox. No transaction is open meanwhile, so a slow mail server never delays recording."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone
from django.utils.translation import override

from plans.translations import ENGLISH
from reports.mail.models import MAX_AGE, MAX_REFUSALS, Message
from reports.mail.reminders import is_outdated, make_reminder

MAX_FAILURES = 3  # of the server, in a row: then it is down
MESSAGE_REFUSED = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, ValueError)  # the server itself works


def send_waiting():
    """Send all messages that are still wanted. Return the number sent and the last error of the server, or None.

    A message that the server refuses delays nobody else: it is sent again by the next run, after the others, unless it
    was refused for good. After `MAX_FAILURES` of the server itself in a row the run ends.
    """
    sent, error, tried, failures = 0, None, [], 0
    connection = get_connection()
    drop_old(timezone.now())

    while failures < MAX_FAILURES and (message := Message.objects.claim(timezone.now(), tried=tried)):
        tried.append(message.pk)
        if not is_to_be_sent(message, timezone.now()):
            continue

        try:
            as_email(message, connection).send()
        except MESSAGE_REFUSED as refusal:
            failures = 0
            if not end_if_final(message, refusal):
                error = refusal
        except Exception as problem:  # servers and networks fail in many ways: none may lose the message
            error, failures = problem, failures + 1
            reschedule(message, problem)
        else:
            sent, failures = sent + 1, 0
            Message.objects.filter(pk=message.pk).update(sent_at=timezone.now(), error="")

    return sent, error


def drop_old(now):
    """Delete the messages that have waited longer than `MAX_AGE`: nobody expects them any more."""
    for message in Message.objects.unclaimed(now).filter(made_at__lt=now - MAX_AGE):
        message.drop()


def is_to_be_sent(message, now):
    """Return whether a message is still wanted and still true. If not, delete it; a true reminder takes its place."""
    if not message.is_wanted:
        message.delete()
        return False
    if is_outdated(message, timezone.localdate(now)):
        message.delete()
        with override(message.person.language or ENGLISH):
            make_reminder(message.person, now)
        return False
    return True


def end_if_final(message, refusal):
    """End a message that was refused for good, or too often; else release it for the next run. Return whether ended."""
    is_permanent = is_for_good(refusal)
    if not is_permanent and message.attempts + 1 < MAX_REFUSALS:
        reschedule(message, refusal)
        return False

    is_dead_address = is_permanent and not isinstance(refusal, smtplib.SMTPDataError)
    Message.objects.filter(pk=message.pk).update(
        ended_at=timezone.now(),
        attempts=message.attempts + 1,
        refused_address=message.person.email if is_dead_address else "",
        error=described(refusal),
    )
    return True


def is_for_good(refusal):
    """Return whether the server will not take this message later either (RFC 5321: codes from 500)."""
    match refusal:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _text in refusal.recipients.values())
        case smtplib.SMTPDataError():
            return refusal.smtp_code >= 500
    return True  # an address that is none


def reschedule(message, problem):
    """Release the claim on a message, and store the error for the administrator."""
    attempts = message.attempts + isinstance(problem, MESSAGE_REFUSED)
    Message.objects.filter(pk=message.pk).update(claimed_at=None, attempts=attempts, error=described(problem))


def described(problem):
    return f"{type(problem).__name__}: {problem}"[:500]


def as_email(message, connection):
    """Return the message as an e-mail, with the headers for unsubscribing in one click (RFC 8058)."""
    headers = {
        "List-Unsubscribe": f"<{message.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Message-ID": f"<{message.key}@{urlsplit(settings.SITE_URL).hostname}>",  # the same when it is sent again
    }
    email = EmailMultiAlternatives(
        message.subject,
        message.text,
        to=[message.person.email],
        reply_to=[settings.CONTACT_EMAIL],
        headers=headers,
        connection=connection,
    )
    email.attach_alternative(message.html, "text/html")
    return email
