"""Keep the addresses of reports by link out of the log: each is a key. It may not import any app, as its neighbours."""

import logging
import re

REPORT_LINK = re.compile(r"(/report/)[^/\s]+")


class HideReportLinks(logging.Filter):
    """Replaces the token in the address of a report by link, in the message and in what is filled into it."""

    def filter(self, record):
        record.msg = hide(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(hide, record.args))
        return True


def hide(value):
    return REPORT_LINK.sub(r"\1...", value) if isinstance(value, str) else value
