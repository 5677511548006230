"""The trackers behind nginx: each a `manage.py serve` with a data folder of its own."""

import os
import signal
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.machines.databases import SYNCHRONOUS, Pair, pair
from tests.machines.services import Letters, Redis, mail_server, nginx_before, redis_server
from tests.server import PRODUCTION, command_of, family, free_port, signal_all, static_files, wait_for

WORKERS = 2
NOTICED = 2  # seconds: until nginx asks a machine again that was away


class Node:
    """A machine with a tracker, which can be stopped, killed, reloaded and started again."""

    def __init__(self, environment, application):
        self.environment, self.application = environment, application
        self.port = int(environment["PORT"])
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        options = {"env": self.environment, "stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        with open(f"{self.environment['DATA_DIR']}/log", "ab") as log:
            self.process = subprocess.Popen(command_of(self.application), stderr=log, **options)
        wait_for(f"{self.address}/healthz")

    def reload(self):
        """Replace the workers, as `systemctl reload` does. Return when the new ones serve."""
        before = self.workers()
        self.process.send_signal(signal.SIGHUP)
        while before & self.workers():
            assert self.process.poll() is None
            os.sched_yield()

    def workers(self):
        return set(family(self.process.pid)[2:])  # after `serve` and granian's first process

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def restart(self):
        self.stop()
        self.start()

    def kill(self):
        """End everything of this machine at one moment."""
        signal_all(family(self.process.pid))
        self.process.wait(10)


@dataclass
class Machines:
    """All that runs. `address` is that of nginx."""

    nodes: list[Node]
    database: Pair
    redis: Redis
    letters: Letters
    address: str


@contextmanager
def machines(
    folder, *, application=PRODUCTION, nodes=2, options=SYNCHRONOUS, change_nginx=lambda text: text, **settings
):
    """Run everything. `settings` are further ones of each tracker; `options` those of the primary."""
    with ExitStack() as stack:
        database = stack.enter_context(pair(options))
        redis = stack.enter_context(redis_server(folder))
        mail, letters = stack.enter_context(mail_server())
        shared = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "metropolis_tracker.settings",
            "DATABASE_URL": database.url,
            "CACHE_URL": redis.url,
            "EMAIL_URL": mail,
            "SECRET_KEY": "the same key on all machines, fifty characters long",
            "BEHIND_PROXY": "true",
            "WORKERS": str(WORKERS),
        } | settings

        running = []
        for number in range(nodes):
            environment = shared | {"DATA_DIR": str(folder / f"node-{number}"), "PORT": str(free_port())}
            add_machine(environment)
            running.append(Node(environment, application))
            stack.callback(running[-1].stop)
        ports = [node.port for node in running]
        address = stack.enter_context(nginx_before(ports, folder / "nginx", change_nginx))
        yield Machines(running, database, redis, letters, address)


def add_machine(environment):
    """Make the folder of a machine, with the static files that are collected already."""
    os.mkdir(environment["DATA_DIR"])
    os.symlink(static_files(), f"{environment['DATA_DIR']}/static")
