"""Start the server, and stop it when asked.

granian may miss a signal that comes while it handles another one, and a worker that gets the terminal's Ctrl-C besides
the signal of its master may serve on for ever. Therefore granian runs in a session of its own, which no terminal and no
process group reaches, and gets one signal from this command.
"""

import contextlib
import ctypes
import errno
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, connections

from metropolis_tracker.metrics import serve_metrics
from metropolis_tracker.middleware.database_timeout import never_make_the_file
from metropolis_tracker.service_manager import notify

APPLICATION = "metropolis_tracker.wsgi:application"
WORKER_SECONDS = 7  # for the requests that a worker answers when it is told to stop; then it is killed
STOP_SECONDS = 8.5  # then all that is left is killed
SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}
PAUSE = 0.1  # seconds between two looks whether the server answers yet
LOOPBACK = "127.0.0.1"
GRANIAN_LOGGING = "metropolis_tracker/config/granian_logging.json"
PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


class Command(BaseCommand):
    help = "Prepare the database, then serve on HOST and PORT until Ctrl-C or SIGTERM. SIGHUP reloads the workers."
    requires_system_checks = []  # `prepare` runs them

    def add_arguments(self, parser):
        parser.add_argument("--application", default=APPLICATION, help="the WSGI application; tests serve others")

    def handle(self, *, application, **options):
        lock = lock_folder()
        check_port(settings.HOST, settings.PORT, "PORT")
        if settings.METRICS_PORT == settings.PORT:
            raise CommandError(f"PORT and METRICS_PORT are both {settings.PORT}. Choose another for one of them.")
        if settings.METRICS_PORT:
            check_port(LOOPBACK, settings.METRICS_PORT, "METRICS_PORT")
        call_command("prepare", stdout=self.stdout)
        connections.close_all()
        never_make_the_file()
        if sys.stdin.isatty():
            self.stdout.write("Press Ctrl-C to stop.")
        self.stdout.flush()

        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # from here on, `run` takes each of them as it comes
        granian_metrics = free_port() if settings.METRICS_PORT else None
        server = subprocess.Popen(  # noqa: S603 (a list of arguments from the settings, no shell)
            command_line(application, granian_metrics),
            cwd=settings.BASE_DIR,
            env={"MALLOC_ARENA_MAX": "1"} | os.environ,  # otherwise glibc keeps freed memory for each thread of its own
            start_new_session=True,
            pass_fds=[lock.fileno()],  # the folder stays locked as long as anything serves from it
            preexec_fn=prepare_child,
        )
        if granian_metrics:
            serve_metrics(settings.METRICS_PORT, granian_metrics)
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


def check_port(host, port, setting):
    """Raise `CommandError` unless the server can listen on this host and port, the latter of a setting.

    granian shares its port, so a second server would start in silence and take half of the requests.
    """
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        advice = f"Check HOST and {setting}."
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            advice = f"Stop the program that uses the port, or choose another: {setting}={port + 1}."
        raise CommandError(f"Cannot listen on {host}, port {port}: {str(reason).rstrip('.')}. {advice}") from None


def free_port():
    """Return a port of loopback that nothing uses."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def command_line(application, metrics_port=None):
    """Return the arguments that start granian, which exports its metrics on a port of loopback, if one is given."""
    options = f"""
        --interface wsgi --no-ws --host {settings.HOST} --port {settings.PORT} --workers {settings.WORKERS}
        --blocking-threads {settings.THREADS} --respawn-failed-workers --workers-kill-timeout {WORKER_SECONDS}
        --log-level {settings.LOG_LEVEL.lower()}"""
    if settings.LOG_FORMAT == "json":
        options += f" --log-config {GRANIAN_LOGGING}"
    if metrics_port:
        options += f" --metrics --metrics-address {LOOPBACK} --metrics-port {metrics_port}"
    return [sys.executable, "-m", "granian", *options.split(), application]


def prepare_child():
    """Let granian get signals, and SIGTERM when this command is killed: nothing else would stop it then."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(server, *, reloads):
    """Wait for a signal or the server's end. Return the exit code. SIGHUP stops unless `reloads`: a terminal closed.

    Tell the service manager when the server answers.
    """
    is_ready = False
    while server.poll() is None:
        if not is_ready and (is_ready := answers()):
            notify("READY=1")
        received = signal.sigwaitinfo(SIGNALS) if is_ready else signal.sigtimedwait(SIGNALS, PAUSE)
        if received is None or received.si_signo == signal.SIGCHLD:
            continue
        if received.si_signo == signal.SIGHUP and reloads:
            server.send_signal(signal.SIGHUP)
        else:
            notify("STOPPING=1")
            return stop(server)
    return server.returncode


def answers():
    """Return whether a worker answers."""
    connection = http.client.HTTPConnection(settings.HOST, settings.PORT, timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def stop(server):
    """End the server: it answers the requests that it has, and is killed if that takes too long. Return 0."""
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    return 0
