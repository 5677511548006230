"""The form of the security log; apart from what writes it, since it is wanted before the apps are there."""

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """A line of JSON for an event, with its moment in UTC."""

    def format(self, record):
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"at": at} | getattr(record, "fields", {"event": record.getMessage()}), ensure_ascii=True)
