"""Send the messages in the outbox. No transaction is open meanwhile, so a slow mail server never delays recording."""

import re
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import override

from plans.translations import ENGLISH
from reports.mail.models import MAX_AGE, MAX_REFUSALS, Message
from reports.mail.reminders import is_outdated, make_reminder
from reports.mail.reporting import OpenBoards, is_settled, renew

MAX_FAILURES = 3  # of the server, in a row: then it is down
SHUTTING_DOWN = 421  # an answer about the server, even where it answers a recipient
NO_SUCH_ADDRESS = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}  # RFC 3463, RFC 7505
NO_SUCH_ADDRESS_CODES = {550, 551, 553}  # RFC 5321, of servers without the codes above


def send_waiting():
    """Send all messages that are still wanted. Return the number sent and the last error of the server, or None.

    That an address is refused is no error of the server.

    A message that the server refuses delays nobody else: the next run sends it again, after the others, unless it was
    refused for good. After `MAX_FAILURES` of the server itself in a row the run ends.
    """
    sent, error, tried, failures = 0, None, [], 0
    connection = get_connection()
    drop_old(timezone.now())
    boards = OpenBoards(timezone.localdate())

    while failures < MAX_FAILURES and (message := Message.objects.claim(timezone.now(), tried=tried)):
        tried.append(message.pk)
        if not is_to_be_sent(message, timezone.now(), boards):
            continue

        try:
            validate_email(message.person.email)
            as_email(message, connection).send()
        except Exception as problem:  # servers and networks fail in many ways: none may lose the message
            is_refused = is_about_message(problem)
            failures = 0 if is_refused else failures + 1
            if is_refused and is_final(message, problem):
                end(message, problem)
            else:
                error = error if is_refused else problem
                release(message, problem, attempts=message.attempts + is_refused)
        else:
            sent, failures = sent + 1, 0
            Message.objects.filter(pk=message.pk).update(sent_at=timezone.now(), error="")

    return sent, error


def drop_old(now):
    """Delete the messages that have waited longer than `MAX_AGE`: nobody expects them any more."""
    for message in Message.objects.unclaimed(now).filter(made_at__lt=now - MAX_AGE):
        message.drop()


def is_to_be_sent(message, now, boards):
    """Return whether a message is still wanted and still true. If not, delete it; a true reminder takes its place."""
    if not message.is_wanted:
        message.drop()
        return False
    if is_settled(message, boards):
        message.drop()
        return False
    if renew(message, boards, now):
        return False
    if is_outdated(message, timezone.localdate(now)):
        message.delete()
        with override(message.person.language or ENGLISH):
            make_reminder(message.person, now)
        return False
    return True


def is_about_message(problem):
    """Return whether a problem is with this message or its address. If not, it is with the server or our settings."""
    answers = answers_of(problem)
    return isinstance(problem, ValidationError) or (bool(answers) and all(code != SHUTTING_DOWN for code, _ in answers))


def is_final(message, refusal):
    """Return whether a refused message is not tried again: it was refused for good, or too often."""
    refused_content = isinstance(refusal, smtplib.SMTPDataError) and refusal.smtp_code >= 500
    return is_dead_address(refusal) or refused_content or message.attempts + 1 >= MAX_REFUSALS


def is_dead_address(refusal):
    """Return whether the address does not exist. A server that refuses us, or whose mailbox is full, may change."""
    if isinstance(refusal, ValidationError):
        return True
    return isinstance(refusal, smtplib.SMTPRecipientsRefused) and all(map(names_no_address, answers_of(refusal)))


def names_no_address(answer):
    code, text = answer
    if enhanced := re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", text):
        return enhanced[1] in NO_SUCH_ADDRESS
    return (
        code in NO_SUCH_ADDRESS_CODES and "relay" not in text.lower()
    )  # a server that does not know us relays nothing


def answers_of(problem):
    """Return the (code, text) of each answer of a server to a message or its recipients; none of other problems."""
    match problem:
        case smtplib.SMTPRecipientsRefused():
            answers = problem.recipients.values()
        case smtplib.SMTPDataError():
            answers = [(problem.smtp_code, problem.smtp_error)]
        case _:
            answers = []
    return [(code, text.decode(errors="replace") if isinstance(text, bytes) else text) for code, text in answers]


def end(message, refusal):
    """End a message unsent. What a digest told comes into the next one, in a week."""
    message.put_back()
    Message.objects.filter(pk=message.pk).update(
        ended_at=timezone.now(),
        attempts=message.attempts + 1,
        refused_address=message.person.email if is_dead_address(refusal) else "",
        error=described(refusal),
    )


def release(message, problem, *, attempts):
    """Release the claim on a message for the next run, and store the error for the administrator."""
    Message.objects.filter(pk=message.pk).update(claimed_at=None, attempts=attempts, error=described(problem))


def described(problem):
    return f"{type(problem).__name__}: {problem}"[:500]


def as_email(message, connection):
    """Return the message as an e-mail, with the headers for unsubscribing in one click (RFC 8058)."""
    unsubscribe = {
        "List-Unsubscribe": f"<{message.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    headers = (unsubscribe if message.can_be_unsubscribed else {}) | {
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
