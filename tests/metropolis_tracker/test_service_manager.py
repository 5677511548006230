"""What systemd is told: that the server is ready once it answers, and that it stops."""

import signal
import socket
import subprocess
import urllib.request
from contextlib import contextmanager

import pytest

from metropolis_tracker.service_manager import notify
from tests.server import command_of, prepared_environment


@contextmanager
def manager(address):
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(60)
        yield listening


def test_it_is_ready_when_it_answers_and_says_that_it_stops(tmp_path):
    environment = prepared_environment(tmp_path) | {"NOTIFY_SOCKET": str(tmp_path / "notify")}
    with manager(environment["NOTIFY_SOCKET"]) as listening:
        server = subprocess.Popen(command_of(), env=environment, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        assert listening.recv(100) == b"READY=1"
        assert urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}/healthz").status == 200
        server.send_signal(signal.SIGTERM)
        assert listening.recv(100) == b"STOPPING=1"
        assert server.wait(20) == 0


@pytest.mark.parametrize(("name", "address"), [("@tracker-test", "\0tracker-test")])
def test_an_abstract_socket_is_told(monkeypatch, name, address):
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    with manager(address) as listening:
        notify("READY=1")
        assert listening.recv(100) == b"READY=1"


def test_without_a_manager_nothing_is_told(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert notify("READY=1") is None
