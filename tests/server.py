"""The production server in processes of its own, on a fresh database of the kind the tests run on."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from django.db import connection

BIN = Path(sys.executable).parent
PRODUCTION = "metropolis_tracker.wsgi:application"
IS_LONG = "SOAK" in os.environ  # make soak: the crash tests in full length


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def fresh_environment(folder):
    """The environment of a tracker of its own: folder, port, and on PostgreSQL a database."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "PORT": str(free_port())}
    if connection.vendor == "postgresql":
        environment["DATABASE_URL"] = fresh_database(os.environ["DATABASE_URL"])
    return environment | {"DJANGO_SETTINGS_MODULE": "metropolis_tracker.settings"}


def fresh_database(url):
    name = f"served_{uuid.uuid4().hex[:12]}"
    run_sql(url, f"CREATE DATABASE {name}")
    return url.rpartition("/")[0] + "/" + name


def run_sql(url, *statements):
    """Run statements on the server of a database, each in a transaction of its own."""
    server = url.rpartition("/")[0]
    commands = [part for statement in statements for part in ("--command", statement)]
    subprocess.run(["psql", f"{server}/postgres", "--quiet", *commands], check=True, capture_output=True)


def manage(environment, *arguments, **options):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, **options).stdout


def command_of(environment, application=PRODUCTION, workers=2):
    """What starts the server, in two workers as `make run` does."""
    options = f"--interface wsgi --workers {workers} --blocking-threads 1 --respawn-failed-workers --no-ws"
    port = ["--log-level", "critical", "--port", environment["PORT"]]
    return [str(BIN / "granian"), *options.split(), *port, application]


def prepare_copy(environment):
    """Bring a fresh environment to the state after `prepare`, by copying one that was prepared before."""
    prepared = prepared_environment()
    shutil.copytree(prepared["DATA_DIR"], environment["DATA_DIR"], symlinks=True, dirs_exist_ok=True)
    if connection.vendor == "postgresql":
        empty, template = (each["DATABASE_URL"].rpartition("/")[2] for each in (environment, prepared))
        run_sql(environment["DATABASE_URL"], f"DROP DATABASE {empty}", f"CREATE DATABASE {empty} TEMPLATE {template}")


@cache
def prepared_environment():
    folder = Path(mkdtemp(prefix="prepared-"))
    atexit.register(shutil.rmtree, folder)
    environment = fresh_environment(folder)
    prepare(environment)
    return environment


def prepare(environment):
    """What `make run` does before it serves. Static files are collected once, and shared. Gives what it says."""
    Path(environment["DATA_DIR"]).mkdir(exist_ok=True)
    Path(environment["DATA_DIR"], "static").symlink_to(static_files())
    return manage(environment, "prepare")


@cache
def static_files():
    folder = Path(mkdtemp(prefix="static-"))
    atexit.register(shutil.rmtree, folder)
    manage({"PATH": os.environ["PATH"], "DATA_DIR": str(folder)}, "collectstatic", "--no-input", "--verbosity", "0")
    return folder / "static"


@contextmanager
def serving(environment, application=PRODUCTION, workers=2):
    """Serve until the block ends. Gives the address."""
    command = command_of(environment, application, workers)
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{environment['PORT']}"
    try:
        wait_for(address)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def wait_for(address, seconds=20):
    """The page at an address, as soon as somebody answers there."""
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(address).read().decode()
        except OSError:  # nobody listens, or who did was ended just now
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
