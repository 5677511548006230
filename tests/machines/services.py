"""The programs beside the tracker that several machines share: Redis, nginx, a mail server."""

import re
import shutil
import signal
import subprocess
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import redis
from aiosmtpd.controller import Controller

from tests.server import free_port, wait_for

NGINX_CONF = Path(__file__).parents[2] / "docs/operating/nginx.conf"
MAIN = """
daemon off; error_log {folder}/error.log; pid {folder}/nginx.pid; user root;
worker_rlimit_nofile 4096;
events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {tracker}
}}
"""


class Redis:
    """A Redis that can be killed, frozen and started again. It holds nothing after that."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/1"
        self.start()

    def start(self):
        options = f"--port {self.port} --bind 127.0.0.1 --save --appendonly no --dir {self.folder}".split()
        options.insert(options.index("--save") + 1, "")
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        with redis.Redis.from_url(
            self.url, retry=redis.retry.Retry(redis.backoff.ConstantBackoff(0.05), 100)
        ) as client:
            client.ping()

    def signal(self, what):
        self.process.send_signal(what)

    def kill(self):
        self.process.kill()
        self.process.wait(10)


@contextmanager
def redis_server(folder):
    server = Redis(folder)
    try:
        yield server
    finally:
        server.kill()


def nginx_configuration(folder, port, trackers, change=lambda text: text):
    """Return docs/operating/nginx.conf for these trackers, without TLS, and with what `change` makes of it."""
    text = NGINX_CONF.read_text(encoding="utf-8")
    assert text.count("    server 127.0.0.1:8000") == 2, "a line for each upstream"
    for_each = "".join(rf"    server 127.0.0.1:{tracker}\1\n" for tracker in trackers)
    text = re.sub(r"    server 127\.0\.0\.1:8000(.*)\n", for_each, text)
    text = text.replace("/var/lib/nginx/tracker", f"{folder}/cache").replace("/var/log/nginx", str(folder))
    text = text.partition("\nserver {\n    listen 80;")[0]
    text = re.sub(r"^ +(ssl_|listen \[::\]).*\n", "", text, flags=re.M)
    text = re.sub(r"listen 443 ssl.*", f"listen 127.0.0.1:{port};", text)
    return MAIN.format(folder=folder, tracker=change(text))


@contextmanager
def nginx_before(trackers, folder, change=lambda text: text):
    """Run nginx before the trackers on these ports. Gives its address."""
    folder.mkdir()
    port, path = free_port(), folder / "nginx.conf"
    path.write_text(nginx_configuration(folder, port, trackers, change))
    server = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(path), "-p", str(folder)])
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


class Letters:
    """Takes every message, and remembers to whom it was sent and its id."""

    def __init__(self):
        self.sent = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (a name of aiosmtpd)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.sent.append((*envelope.rcpt_tos, message["Subject"]))
        return "250 OK"


@contextmanager
def mail_server():
    """Run a mail server. Gives its EMAIL_URL and what it has taken."""
    letters = Letters()
    controller = Controller(letters, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}", letters
    finally:
        controller.stop()
