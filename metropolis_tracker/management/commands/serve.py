"""Start the server, and stop it when asked.

granian may miss a signal that comes while it handles another one, and a worker that gets the terminal's Ctrl-C besides
the signal of its master may serve on for ever. Therefore granian runs in a session of its own, which no terminal and no
process group reaches, and gets one signal from this command.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, connections

APPLICATION = "metropolis_tracker.wsgi:application"
WORKER_SECONDS = 7  # for the requests that a worker answers when it is told to stop; then it is killed
STOP_SECONDS = 8.5  # then all that is left is killed
SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}
PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


class Command(BaseCommand):
    help = "Prepare the database, then serve on HOST and PORT until Ctrl-C or SIGTERM. SIGHUP reloads the workers."
    requires_system_checks = []  # `prepare` runs them

    def add_arguments(self, parser):
        parser.add_argument("--application", default=APPLICATION, help="the WSGI application; tests serve others")

    def handle(self, *, application, **options):
        lock = lock_folder()
        check_port()
        call_command("prepare", stdout=self.stdout)
        connections.close_all()
        if sys.stdin.isatty():
            self.stdout.write("Press Ctrl-C to stop.")
        self.stdout.flush()

        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # from here on, `run` takes each of them as it comes
        server = subprocess.Popen(  # noqa: S603 (a list of arguments from the settings, no shell)
            command_line(application),
            cwd=settings.BASE_DIR,
            env={"MALLOC_ARENA_MAX": "1"} | os.environ,  # otherwise glibc keeps freed memory for each thread of its own
            start_new_session=True,
            pass_fds=[lock.fileno()],  # the folder stays locked as long as anything serves from it
            preexec_fn=prepare_child,
        )
        try:
            code = run(server, reloads=not sys.stdin.isatty())
        finally:
            with contextlib.suppress(ProcessLookupError):  # workers whose master has crashed
                os.killpg(server.pid, signal.SIGKILL)
            put_all_into_one_file()
        sys.exit(code)


def put_all_into_one_file():
    """Write what SQLite has in its second file (`-wal`) into the first, for people who copy only that one."""
    if connection.vendor == "sqlite":
        with contextlib.suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def lock_folder():
    """Return the open lock file of the data folder. Raise `CommandError` if another server has locked it."""
    lock = open(settings.DATA_DIR / "server.lock", "w")  # noqa: SIM115 (open until the process ends)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CommandError(
            f"Another server uses the folder {settings.DATA_DIR}. Stop it first, or set DATA_DIR to another folder."
        ) from None
    return lock


def check_port():
    """Raise `CommandError` unless the server can listen on HOST and PORT.

    granian shares its port, so a second server would start in silence and take half of the requests.
    """
    host, port = settings.HOST, settings.PORT
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        advice = "Check HOST and PORT."
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            advice = f"Stop the program that uses the port, or choose another: PORT={port + 1}."
        raise CommandError(f"Cannot listen on {host}, port {port}: {str(reason).rstrip('.')}. {advice}") from None


def command_line(application):
    """Return the arguments that start granian."""
    options = f"""
        --interface wsgi --no-ws --host {settings.HOST} --port {settings.PORT} --workers {settings.WORKERS}
        --blocking-threads {settings.THREADS} --respawn-failed-workers --workers-kill-timeout {WORKER_SECONDS}
        --log-level {settings.LOG_LEVEL.lower()}"""
    return [sys.executable, "-m", "granian", *options.split(), application]


def prepare_child():
    """Let granian get signals, and SIGTERM when this command is killed: nothing else would stop it then."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(server, *, reloads):
    """Wait for a signal or the server's end. Return the exit code. SIGHUP stops unless `reloads`: a terminal closed."""
    while server.poll() is None:
        received = signal.sigwait(SIGNALS)
        if received == signal.SIGHUP and reloads:
            server.send_signal(signal.SIGHUP)
        elif received != signal.SIGCHLD:
            return stop(server)
    return server.returncode


def stop(server):
    """End the server: it answers the requests that it has, and is killed if that takes too long. Return 0."""
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    return 0
