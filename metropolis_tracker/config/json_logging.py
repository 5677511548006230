"""Format the security log. `settings.LOGGING` loads this before the apps, so it must not import any of them."""

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """Formats each event as one line of JSON, with its time in UTC."""

    def format(self, record):
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"at": at} | getattr(record, "fields", {"event": record.getMessage()}), ensure_ascii=True)
