"""Serve metrics to Prometheus on loopback: granian's own, and the state of the mail and of the backups.

It runs in a thread of `manage.py serve`, so that it answers while all workers are busy. granian's exporter listens on a
port that nobody else is told, and is read from there.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import ProxyHandler, build_opener

from django.db import DatabaseError, connection
from django.utils import timezone

from metropolis_tracker.backups.models import Backup
from reports.mail.models import Message

HOST = "127.0.0.1"
TYPE = "text/plain; version=0.0.4; charset=utf-8"  # Prometheus's format of texts
TIMEOUT = 3  # seconds for granian's own
DIRECT = build_opener(ProxyHandler({}))  # not through the proxy that the environment may name


def serve_metrics(port, granian_port):
    """Start to serve on this port, in a thread that ends with the process. Raise `OSError` if the port is in use."""
    handler = type("Handler", (MetricsHandler,), {"granian_port": granian_port})
    server = ThreadingHTTPServer((HOST, port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


class MetricsHandler(BaseHTTPRequestHandler):
    """Answers `GET /metrics`."""

    def do_GET(self):  # noqa: N802 (the name is given)
        if self.path != "/metrics":
            self.send_error(404)
            return

        body = (granian_metrics(self.granian_port) + tracker_metrics()).encode()
        self.send_response(200)
        self.send_header("Content-Type", TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Log nothing: Prometheus asks several times a minute."""


def granian_metrics(port):
    """Return what granian exports, nothing while it starts."""
    try:
        with DIRECT.open(f"http://{HOST}:{port}/metrics", timeout=TIMEOUT) as response:
            return response.read().decode().rstrip("\n") + "\n"  # its last line has no end
    except OSError:
        return ""


def tracker_metrics():
    """Return the lines about the database, the mail and the backups. Without the database, only the first."""
    try:
        waiting, age = Message.objects.waiting().count(), Backup.objects.age(timezone.now())
        lines = [
            *metric("tracker_mail_waiting", "Messages that no mail server has taken yet.", waiting),
            *metric(
                "tracker_last_backup_age_seconds",
                "Time since the last backup that passed its trial restore.",
                "+Inf" if age is None else round(age),
            ),
        ]
        is_up = 1
    except DatabaseError:
        lines, is_up = [], 0
    finally:
        connection.close()
    return "\n".join([*metric("tracker_database_up", "Whether the database answers.", is_up), *lines]) + "\n"


def metric(name, explanation, value):
    return [f"# HELP {name} {explanation}", f"# TYPE {name} gauge", f"{name} {value}"]
