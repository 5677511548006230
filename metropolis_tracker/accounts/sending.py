"""Mail beside the request: how long an answer takes, or whether it fails, tells nobody that there was a mail."""

import logging
from concurrent.futures import ThreadPoolExecutor

logger = logging.getLogger(__name__)
SENDING = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send_later(message):
    """Send an e-mail soon. A failure is logged, without whom it was for."""
    SENDING.submit(send, message)


def send(message):
    try:
        message.send()
    except OSError:  # of the network, and every SMTPException
        logger.exception("A mail could not be sent: see EMAIL_URL")
