"""A PostgreSQL of the test's own, which syncs as one in production does, and can be killed."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg2

from tests.server import free_port, signal_all

IS_ROOT = os.getuid() == 0  # PostgreSQL runs as anyone but root


def folder_of_programs():
    """Where initdb and pg_ctl are: on the path, or where Debian puts them."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent  # its neighbours may not be on the path
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


class Cluster:
    def __init__(self, options=""):
        self.folder, self.port = Path(mkdtemp(prefix="crash-", dir="/tmp")), free_port()
        if IS_ROOT:
            shutil.chown(self.folder, "postgres", "postgres")
        listening = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        self.options = [*listening.split(), *options.split()]
        self.url = f"postgres://tracker@127.0.0.1:{self.port}/postgres"
        self.server = None

    def make(self):
        options = ["-U", "tracker", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        assert self.begin("initdb", "-D", str(self.folder / "data"), *options).wait(60) == 0
        self.start()

    def begin(self, program, *arguments):
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if IS_ROOT else {}
        with open(self.folder / "log", "ab") as log:
            command = [folder_of_programs() / program, *arguments]
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **owner)

    def start(self):
        """The server as a child of this process, which takes it away once it is dead; back once it answers."""
        self.server = self.begin("postgres", "-D", str(self.folder / "data"), *self.options)
        while not self.answers():
            assert self.server.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.02)

    def answers(self):
        try:
            psycopg2.connect(self.url, connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    def processes(self):
        """The ids of the server and all that it started."""
        stats = Path("/proc").glob("[0-9]*/stat")
        return [self.server.pid, *(int(stat.parent.name) for stat in stats if parent_of(stat) == self.server.pid)]

    def keep_log_in_memory(self):
        """Stop the process that writes the log out: what nobody waits for stays in memory."""
        for process in self.processes():
            if b"walwriter" in Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(process, signal.SIGSTOP)

    def signal(self, what):
        signal_all(self.processes(), what)

    def kill(self):
        processes = self.processes()
        self.signal(signal.SIGKILL)
        self.server.wait(10)
        while any(is_running(process) for process in processes):
            time.sleep(0.01)

    def remove(self):
        if self.server and self.server.poll() is None:
            self.kill()
        shutil.rmtree(self.folder)


def parent_of(stat):
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None  # it has ended meanwhile


def is_running(process):
    """Whether it is more than an entry that nobody has taken away yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def cluster(options=""):
    made = Cluster(options)
    try:
        made.make()
        yield made
    finally:
        made.remove()
