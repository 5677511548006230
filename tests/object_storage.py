"""An object storage (S3) on loopback that knows the few requests that the tracker sends."""

import base64
import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


class Handler(BaseHTTPRequestHandler):
    """Stores objects in `server.objects` and their checksums, which it compares and returns. Notes requests."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        self.note()
        if self.headers.get("x-amz-checksum-sha256") != digest:
            return self.answer(400)
        self.server.objects[self.key], self.server.checksums[self.key] = content, digest
        return self.answer(200)

    def do_GET(self):
        self.note()
        query = dict(parse_qsl(urlsplit(self.path).query))
        if self.command == "GET" and self.key.count("/") == 1:
            return self.answer(200, self.listing(query.get("prefix", ""), query.get("delimiter", "")))
        content = self.server.objects.get(self.key)
        return self.answer(404 if content is None else 200, content or b"")

    def listing(self, prefix, delimiter):
        """Return the objects of a bucket as S3 lists them, a page that has them all."""
        names = {key.removeprefix(f"{self.key}/"): key for key in self.server.objects if key.startswith(f"{self.key}/")}
        found = "".join(
            f"<Contents><Key>{escape(name)}</Key><LastModified>{self.server.changed_at}</LastModified>"
            f"<Size>{len(self.server.objects[key])}</Size></Contents>"
            for name, key in sorted(names.items())
            if name.startswith(prefix) and not (delimiter and delimiter in name.removeprefix(prefix))
        )
        text = f"<ListBucketResult xmlns='{NAMESPACE}'><IsTruncated>false</IsTruncated>{found}</ListBucketResult>"
        return text.encode()

    do_HEAD = do_GET

    def do_DELETE(self):
        self.note()
        self.server.objects.pop(self.key, None)
        self.answer(204)

    @property
    def key(self):
        return unquote(urlsplit(self.path).path)

    def note(self):
        self.server.requests.append((self.command, self.key, dict(self.headers)))

    def answer(self, status, content=b""):
        self.send_response(self.server.status or status)
        self.send_header("Content-Length", str(len(content)))
        if self.key in self.server.checksums and self.headers.get("x-amz-checksum-mode") == "ENABLED":
            self.send_header("x-amz-checksum-sha256", self.server.checksums[self.key])
        self.send_header("Last-Modified", "Thu, 26 Nov 2020 10:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *args):
        """Write nothing."""


@contextmanager
def object_storage():
    """Serve until the block ends. `status` is what every request is answered with, unless None."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.objects, server.checksums, server.requests, server.status = {}, {}, [], None
    server.changed_at = "2020-11-26T10:00:00Z"  # of all objects
    server.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
