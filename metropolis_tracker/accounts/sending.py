"""Send account mail outside the request.

Otherwise the response time, or an error of the mail server, would reveal whether an e-mail address has an account.
"""

import logging
import smtplib
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

logger = logging.getLogger(__name__)
MAIL_EXECUTOR = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
NOT_DELIVERING = {f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy", "filebased")}


def delivers_mail():
    """Return whether e-mails leave this machine. By default they are only printed: see `EMAIL_URL`."""
    return settings.EMAIL_BACKEND not in NOT_DELIVERING


def send_later(message, on_failure=None):
    """Queue an e-mail. If it cannot be sent, `on_failure` is called, in the thread that sends."""
    MAIL_EXECUTOR.submit(send, message, on_failure)


def send(message, on_failure=None):
    """Send an e-mail and return whether a mail server took it. A failure is logged without the recipient."""
    try:
        message.send()
    except Exception as problem:  # servers and networks fail in many ways: none may pass without a line in the log
        logger.error("An e-mail could not be sent: %s. Check EMAIL_URL.", reason_of(problem))
        if on_failure:
            on_failure()
        return False
    return True


def reason_of(problem):
    """Return why an e-mail was not sent. The answer of a mail server is left out: it repeats the recipient."""
    name = type(problem).__name__
    if isinstance(problem, OSError) and not isinstance(problem, smtplib.SMTPException):
        return f"{name}: {problem}"
    return f"{name} {getattr(problem, 'smtp_code', '')}".strip()
