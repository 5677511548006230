"""Send account mail outside the request.

Otherwise the response time, or an error of the mail server, would reveal whether an e-mail address has an account.
"""

import logging
from concurrent.futures import ThreadPoolExecutor

logger = logging.getLogger(__name__)
MAIL_EXECUTOR = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send_later(message):
    """Queue an e-mail. A failure is logged without the recipient."""
    MAIL_EXECUTOR.submit(send, message)


def send(message):
    try:
        message.send()
    except OSError:  # network errors, and every SMTPException
        logger.exception("An e-mail could not be sent. Check EMAIL_URL.")
