"""What `manage.py serve` refuses, each in one sentence, and what it does when it is killed itself."""

import signal
import socket
import subprocess
import sys
import time

import pytest
from django.db import connection

from tests.server import family, fresh_environment, manage, prepared_environment, serving, signal_all, wait_for

MIGRATE_LATER = """
from django.db.migrations.recorder import MigrationRecorder
from django.db import connection
MigrationRecorder(connection).record_applied("reports", "9999_of_a_later_version")
"""


def serve(environment):
    """Return the exit code, and what it prints for the operator, of a server that should not start."""
    command = [sys.executable, "manage.py", "serve"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


def test_a_second_server_on_the_same_folder_is_refused(tmp_path):
    environment = prepared_environment(tmp_path)
    with serving(environment):
        code, told = serve(environment | {"PORT": fresh_environment(tmp_path)["PORT"]})
    assert (code, len(told.splitlines())) == (1, 1)
    assert f"Another server uses the folder {tmp_path}. Stop it first, or set DATA_DIR to another folder." in told


def test_a_second_server_on_the_same_port_is_refused(tmp_path):
    environment = prepared_environment(tmp_path / "one")
    with serving(environment):
        code, told = serve(fresh_environment(tmp_path / "two") | {"PORT": environment["PORT"]})
    assert (code, len(told.splitlines())) == (1, 1)
    assert f"Cannot listen on 127.0.0.1, port {environment['PORT']}: Address already in use." in told
    assert not (tmp_path / "two" / "tracker.sqlite3").exists()


def test_a_port_that_another_program_uses_is_refused(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, told = serve(fresh_environment(tmp_path) | {"PORT": str(other.getsockname()[1])})
    assert (code, "or choose another: PORT=" in told) == (1, True)


def test_one_port_for_two_things_is_refused(tmp_path):
    environment = fresh_environment(tmp_path)
    code, told = serve(environment | {"METRICS_PORT": environment["PORT"]})
    assert (code, f"PORT and METRICS_PORT are both {environment['PORT']}." in told) == (1, True)


@pytest.mark.parametrize("port", ["70000", "0.5", "http"])
def test_a_port_that_is_none_is_refused(tmp_path, port):
    code, told = serve(fresh_environment(tmp_path) | {"PORT": port})
    assert (code, len(told.splitlines())) == (1, 1)


@pytest.mark.parametrize("command", ["serve", "prepare"])
def test_a_database_of_a_newer_version_is_refused(tmp_path, command):
    environment = prepared_environment(tmp_path)
    manage(environment, "shell", "--verbosity", "0", input=MIGRATE_LATER)
    done = subprocess.run([sys.executable, "manage.py", command], env=environment, capture_output=True, text=True)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "A newer version of the tracker has changed this database (reports.9999_of_a_later_version)." in done.stderr
    assert "Install that version, or restore a backup" in done.stderr


def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path):
    unused = fresh_environment(tmp_path) | {"DATABASE_URL": f"postgres://tracker@127.0.0.1:{closed_port()}/tracker"}
    code, told = serve(unused)
    assert (code, told.startswith("Error: The database cannot be used: connection to server at")) == (1, True)
    assert "Traceback" not in told


def closed_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a_server_whose_starter_is_killed_ends_as_well(tmp_path):
    """Otherwise it would hold the port, and nobody would know what to stop."""
    environment = prepared_environment(tmp_path)
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    starter = subprocess.Popen([sys.executable, "manage.py", "serve"], env=environment, **options)
    wait_for(f"http://127.0.0.1:{environment['PORT']}/healthz")
    everyone = family(starter.pid)
    starter.kill()
    starter.wait()
    end = time.monotonic() + 10
    while any(is_alive(process) for process in everyone) and time.monotonic() < end:
        time.sleep(0.05)
    left = [process for process in everyone if is_alive(process)]
    signal_all(left)
    assert (len(everyone), left) == (4, [])


def is_alive(process):
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_hangup_starts_new_workers(tmp_path):
    environment = prepared_environment(tmp_path)
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([sys.executable, "manage.py", "serve"], env=environment, **options)
    address = f"http://127.0.0.1:{environment['PORT']}/healthz"
    try:
        wait_for(address)
        before = set(family(server.pid)[2:])
        server.send_signal(signal.SIGHUP)
        end = time.monotonic() + 30
        while before & set(family(server.pid)) and time.monotonic() < end:
            assert wait_for(address) == "alive\n"
        assert before & set(family(server.pid)) == set()
    finally:
        server.terminate()
        server.wait(20)


if connection.vendor == "postgresql":

    def test_servers_that_share_a_database_prepare_it_one_after_the_other(tmp_path):
        """Otherwise two that start on an empty database would both load the plan, or trip over each other's tables."""
        environment = fresh_environment(tmp_path)
        command = [sys.executable, "manage.py", "prepare"]
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        starting = [subprocess.Popen(command, env=environment, **quiet) for _server in range(3)]
        told = [server.communicate(timeout=120)[0] for server in starting]
        assert [server.returncode for server in starting] == [0, 0, 0]
        assert sum("Loaded the Action Plan" in text for text in told) == 1
        assert sum("First administrator" in text for text in told) == 1
