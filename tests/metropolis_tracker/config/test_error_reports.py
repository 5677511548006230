"""SENTRY_DSN: an unexpected error reaches a server, without what was typed and without who it was."""

import gzip
import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli

from tests.server import prepared_environment

DECODERS = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
CODE = """
from io import BytesIO
from wsgiref.util import setup_testing_defaults
import sentry_sdk
from django.conf import settings

def failing(get_response):
    def fail(request):
        secret = request.POST["note"]
        raise ValueError("a fault of ours\\nDETAIL: (email)=(nadia@metropolis.example)")
    return fail

settings.MIDDLEWARE.append("__main__.failing")
from metropolis_tracker.wsgi import application
body = b"note=typed+by+somebody"
request = {"REQUEST_METHOD": "POST", "PATH_INFO": "/report/a-token-of-a-link/", "QUERY_STRING": "q=nadia",
           "HTTP_HOST": "127.0.0.1", "HTTP_COOKIE": "sessionid=a-session-key", "CONTENT_LENGTH": str(len(body)),
           "CONTENT_TYPE": "application/x-www-form-urlencoded", "wsgi.input": BytesIO(body)}
setup_testing_defaults(request)
application(request, lambda status, headers: print(status[:3], dict(headers)["X-Request-ID"])).close()
sentry_sdk.flush(10)
"""


@contextmanager
def receiver():
    """Run a server that takes error reports. Gives its address for a DSN and what it has received."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(DECODERS[self.headers["Content-Encoding"]](body).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://key@127.0.0.1:{server.server_port}/1", received
    finally:
        server.shutdown()
        server.server_close()


def run(environment, code=CODE):
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


def test_an_error_is_reported_with_its_request_and_without_people(tmp_path):
    with receiver() as (dsn, received):
        done = run(prepared_environment(tmp_path) | {"SENTRY_DSN": dsn})
    status, number = done.stdout.split()
    [report] = received
    event = next(json.loads(line) for line in report.splitlines() if '"exception"' in line)
    assert (status, event["tags"]["request"], event["exception"]["values"][0]["value"]) == (
        "500",
        number,
        "a fault of ours",
    )
    assert event["request"]["url"].endswith("/report/.../")
    for secret in ("typed by somebody", "nadia", "a-session-key", "a-token-of-a-link"):
        assert secret not in report


def test_a_dsn_that_is_none_is_refused(tmp_path):
    done = run(prepared_environment(tmp_path) | {"SENTRY_DSN": "sentry.example"}, "import metropolis_tracker.settings")
    assert done.stderr.splitlines()[-1].endswith(
        "SENTRY_DSN is no address that Sentry gives: copy it from its project."
    )


def test_without_a_dsn_its_package_is_not_loaded(tmp_path):
    code = "import sys, metropolis_tracker.wsgi; print('sentry_sdk' in sys.modules)"
    assert run(prepared_environment(tmp_path), code).stdout == "False\n"
