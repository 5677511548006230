"""The production server in processes of its own, on a fresh database of the kind the tests run on."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from contextlib import closing, contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import psycopg2
from django.db import connection

PRODUCTION = "metropolis_tracker.wsgi:application"
IS_LONG = "SOAK" in os.environ  # make soak: the crash tests in full length


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def fresh_environment(folder, template="template1"):
    """Return the environment of a tracker of its own: folder, port, and on PostgreSQL a copy of a database."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "PORT": str(free_port())}
    if connection.vendor == "postgresql":
        environment["DATABASE_URL"] = fresh_database(os.environ["DATABASE_URL"], template)
    return environment | {"DJANGO_SETTINGS_MODULE": "metropolis_tracker.settings"}


def fresh_database(url, template):
    server, _, _name = url.rpartition("/")
    name = f"served_{uuid.uuid4().hex[:12]}"
    with closing(psycopg2.connect(f"{server}/postgres")) as maintenance:
        maintenance.autocommit = True
        maintenance.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{server}/{name}"


def prepared_environment(folder):
    """Return the environment of a tracker that is prepared: a copy, so that `prepare` runs once for all."""
    template = shared_folder("prepared", prepare_template)
    shutil.copytree(template, folder, symlinks=True, dirs_exist_ok=True)
    return fresh_environment(folder, (template / "database").read_text())


def prepare_template(folder):
    environment = fresh_environment(folder)
    prepare(environment)
    (folder / "database").write_text(environment.get("DATABASE_URL", "").rpartition("/")[2])


def shared_folder(name, fill):
    """Return a folder that is filled once in a run, by the worker that needs it first."""
    folder = Path(os.environ["TEST_FOLDER"], name)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = folder.with_name(f"{name}.draft")
            draft.mkdir()
            fill(draft)
            draft.rename(folder)
    return folder


def manage(environment, *arguments, **options):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, **options).stdout


def command_of(application=PRODUCTION):
    """Return the command that starts the server, as `make run` does, with an application of the tests if given."""
    return [sys.executable, "manage.py", "serve", "--application", application]


def prepare(environment):
    """What `make run` does before it serves. Static files are collected once, and shared. Gives what it says."""
    Path(environment["DATA_DIR"]).mkdir(exist_ok=True)
    Path(environment["DATA_DIR"], "static").symlink_to(static_files())
    return manage(environment, "prepare")


def static_files():
    return shared_folder("collected", collect_static) / "static"


def collect_static(folder):
    manage({"PATH": os.environ["PATH"], "DATA_DIR": str(folder)}, "collectstatic", "--no-input", "--verbosity", "0")


@contextmanager
def serving(environment, application=PRODUCTION, workers=2, log=subprocess.DEVNULL):
    """Serve until the block ends. Gives the address. `log` is the file for standard error."""
    options = {
        "env": environment | {"WORKERS": str(workers)},
        "stdout": subprocess.DEVNULL,
        "stderr": log,
    }
    server = subprocess.Popen(command_of(application), **options)
    address = f"http://127.0.0.1:{environment['PORT']}"
    try:
        wait_for(address)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def sign_in(address, email, password):
    """Sign in, and return the value of the `Cookie` header."""
    cookies = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    page = browser.open(f"{address}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = {"csrfmiddlewaretoken": token, "login": email, "password": password}
    browser.open(f"{address}/accounts/login/", urlencode(form).encode())
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)


def children(process):
    """Return the ids of the processes that a process has started."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(FileNotFoundError):  # the thread has ended meanwhile
            found += map(int, task.read_text().split())
    return found


def family(process):
    """Return the id of a process and those of all that it and its children have started."""
    return [process, *(member for child in children(process) for member in family(child))]


def signal_all(processes, what=signal.SIGKILL):
    """Signal processes by their ids. Some may have ended since these were listed."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, what)


def wait_for(address, seconds=60):
    """The page at an address, as soon as somebody answers there."""
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(address).read().decode()
        except OSError:  # nobody listens, or who did was ended just now
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
