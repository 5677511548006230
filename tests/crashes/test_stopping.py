"""However the server is told to stop, it ends soon, and answers what it has begun."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.server import IS_LONG, PRODUCTION, children, family, prepared_environment, signal_all, wait_for

ROUNDS = 50 if IS_LONG else 1
LONGEST = 10  # seconds
ESTABLISHED, NOT_ACCEPTED = "01", "0"  # the state and the inode in /proc/net/tcp
DAYS = iter(range(1, 1000))  # for each request a day of its own, so that its document is not in the cache


def ctrl_c(server):
    """The terminal signals its whole foreground group: make, and what make started."""
    os.killpg(server.pid, signal.SIGINT)


def term_to_the_group(server):
    os.killpg(server.pid, signal.SIGTERM)


def term_to_make(server):
    server.terminate()


def term_to_the_master(server):
    os.kill(master_of(server), signal.SIGTERM)


def master_of(server):
    """Return the id of granian's first process: the child of `manage.py serve`."""
    (serve,) = children(server.pid) if "make" in server.args[0] else [server.pid]
    (master,) = children(serve)
    return master


class Reader(threading.Thread):
    """Somebody who asks for a document: `status` is None while there is no answer, and if none comes."""

    def __init__(self, environment, path):
        super().__init__(daemon=True)
        self.port, self.path, self.status, self.is_sent = int(environment["PORT"]), path, None, threading.Event()

    def run(self):
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", self.path)
            self.is_sent.set()
            with suppress(OSError, http.client.HTTPException):  # the server was killed
                answer = connection.getresponse()
                answer.read()
                self.status = answer.status


def stop(environment, command, way, *, half_sent=False):
    """Start the server, let somebody ask for a document, stop it in this way. Return the seconds and the answer.

    With `half_sent`, somebody sends half of a form, too. What does not end in time is killed: its seconds are infinite.
    """
    options = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, start_new_session=True, **options)
    address = f"http://127.0.0.1:{environment['PORT']}"
    wait_for(f"{address}/plans/2018-2020/")
    everyone = family(server.pid)
    number = next(DAYS)
    day = f"{2018 + number // 336}-{number % 336 // 28 + 1:02}-{number % 28 + 1:02}"
    reader = Reader(environment, f"/plans/2018-2020/summary.pdf?as_of={day}")
    reader.start()
    reader.is_sent.wait(10)
    form = socket.create_connection(("127.0.0.1", reader.port)) if half_sent else None
    if form:
        form.sendall(b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nlogin=")
    wait_until_read(reader.port)

    began = time.monotonic()
    way(server)
    seconds = float("inf")
    while time.monotonic() - began < LONGEST:
        server.poll()
        if not any(Path(f"/proc/{process}").exists() for process in everyone):
            seconds = time.monotonic() - began
            break
        time.sleep(0.02)
    signal_all(everyone)
    server.wait()
    reader.join(10)
    if form:
        form.close()
    return seconds, reader.status


def wait_until_read(port, seconds=10):
    """Wait until the server has accepted every connection and read all it was sent. What it has not is in no request.

    A sleep is not enough: on a busy machine, a connection that waits in the kernel is reset when the server stops.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        connections = [row for row in rows if row[1].endswith(f":{port:04X}") and row[3] == ESTABLISHED]
        if connections and all(row[4].endswith(":00000000") and row[9] != NOT_ACCEPTED for row in connections):
            return
        time.sleep(0.002)


WAYS = [ctrl_c, term_to_the_group, term_to_make, term_to_the_master]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_it_ends_in_time_and_answers_what_it_has_begun(tmp_path, way):
    environment = prepared_environment(tmp_path / "data folder") | {"LC_ALL": "C.UTF-8"}
    results = [stop(environment, ["make", "run"], way) for _round in range(ROUNDS)]
    print(f"{ROUNDS} times {way.__name__}: longest {max(seconds for seconds, _status in results):.1f} s")
    assert [seconds for seconds, _status in results if seconds > LONGEST] == []
    assert [status for _seconds, status in results if status != 200] == []


def test_a_form_that_never_arrives_does_not_keep_it(tmp_path):
    seconds, status = stop(prepared_environment(tmp_path), ["make", "run"], ctrl_c, half_sent=True)
    assert (seconds < LONGEST, status) == (True, 200)


@pytest.mark.once  # make soak runs this on PostgreSQL, too
def test_the_harness_catches_a_server_that_does_not_end(tmp_path):
    """The server as it was started before: granian alone, which waits for each of its requests."""
    environment = prepared_environment(tmp_path)
    options = "--interface wsgi --workers 2 --blocking-threads 4 --no-ws --log-level critical --port"
    command = [sys.executable, "-m", "granian", *options.split(), environment["PORT"], PRODUCTION]
    assert stop(environment, command, ctrl_c, half_sent=True)[0] == float("inf")
