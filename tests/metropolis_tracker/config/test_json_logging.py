"""Every line of the log is JSON, whoever writes it."""

import json
import logging
import os
import re
import signal
import subprocess
import sys

from metropolis_tracker.config.json_logging import JsonFormatter
from plans.common.request_id import current
from tests.server import children, command_of, prepared_environment, wait_for


def logged(message, *args, **attributes):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, attributes.pop("error", None))
    vars(record).update(attributes)
    return JsonFormatter().format(record)


def test_a_message_becomes_a_line():
    current.set("")
    line = json.loads(logged("%s: %s", "Not Found", "/plans/none/"))
    assert (line["event"], line["level"], line["logger"]) == ("Not Found: /plans/none/", "WARNING", "django.request")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["at"])
    assert "request" not in line


def test_nothing_that_is_logged_can_begin_another_line():
    try:
        raise ValueError("one\n{}")
    except ValueError:
        text = logged("a\r\n\u2028b", error=sys.exc_info())
    assert len(text.splitlines()) == 1
    assert json.loads(text)["error"].endswith("ValueError: one\n{}")


def test_the_server_writes_json_alone(tmp_path):
    """From its start over a refused request, a killed worker and a reload to its end, granian's own lines included."""
    environment = prepared_environment(tmp_path) | {"LOG_LEVEL": "INFO"}
    server = subprocess.Popen(
        command_of(), env=environment, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
    )
    wait_for(f"http://127.0.0.1:{environment['PORT']}/healthz")
    [master] = children(server.pid)
    os.kill(master, signal.SIGHUP)
    server.send_signal(signal.SIGTERM)
    lines = server.communicate(timeout=30)[1].splitlines()
    assert {json.loads(line)["logger"] for line in lines} >= {"_granian"}
