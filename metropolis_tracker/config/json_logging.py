"""Format the log. `settings.LOGGING` loads this before the apps, and granian without them: it may import none."""

import json
import logging
from datetime import UTC, datetime

from metropolis_tracker.config.log_filter import hide
from plans.common.request_id import request_id


class JsonFormatter(logging.Formatter):
    """Formats each event as one line of JSON, with its time in UTC and the id of its request, if it has one.

    Events of the security log have `fields`. All others have a message, and the traceback of their error.
    """

    def format(self, record):
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "logger": record.name}
        if number := request_id():
            line["request"] = number
        line |= getattr(record, "fields", None) or {"event": record.getMessage()}
        if record.exc_info:
            line["error"] = hide(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=True)
