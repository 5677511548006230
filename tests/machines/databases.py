"""A primary of PostgreSQL and its standby, which takes its place."""

import signal
import subprocess
from contextlib import contextmanager

from tests.crashes.postgresql import Cluster, cluster
from tests.server import fresh_environment, prepare, shared_folder

SYNCHRONOUS = "-c synchronous_standby_names=standby -c synchronous_commit=on"
HERE = "127.0.0.1"


class Primary(Cluster):
    """A primary with a database that is prepared: a copy, so that `prepare` runs once for all."""

    def make(self):
        copy_with_owner(shared_folder("cluster", prepare_cluster) / "data", self.folder)
        self.start()


def prepare_cluster(folder):
    with cluster() as made:
        environment = fresh_environment(folder / "tracker") | {"DATABASE_URL": made.url}
        prepare(environment)
        made.server.send_signal(signal.SIGINT)  # a fast shutdown, which leaves everything in its files
        made.server.wait(30)
        copy_with_owner(made.folder / "data", folder)


def copy_with_owner(source, folder):
    subprocess.run(["cp", "--archive", source, folder], check=True)


class Standby(Cluster):
    """Repeats what the primary writes, as `pg_basebackup` sets it up: docs/operating.md has the same command."""

    def __init__(self, primary):
        super().__init__()
        self.primary = primary

    def make(self):
        source = f"host={HERE} port={self.primary.port} user=tracker application_name=standby"
        arguments = ["--pgdata", str(self.folder / "data"), "--write-recovery-conf", "--wal-method", "stream"]
        assert self.begin("pg_basebackup", "--dbname", source, *arguments, "--checkpoint", "fast").wait(60) == 0
        self.start()

    def promote(self):
        """Make it the primary, as `pg_ctl promote` does."""
        assert self.begin("pg_ctl", "promote", "-D", str(self.folder / "data")).wait(60) == 0


class Pair:
    """A primary with a standby. `url` is the DATABASE_URL of trackers: it names both, and means who takes writes."""

    def __init__(self, primary, standby):
        self.primary, self.standby = primary, standby
        hosts = f"{HERE}:{primary.port},{HERE}:{standby.port}"
        self.url = f"postgres://tracker@{hosts}/postgres?target_session_attrs=read-write"

    def fail_over(self):
        """Kill the primary, and let the standby take its place."""
        self.primary.kill()
        self.standby.promote()


@contextmanager
def pair(options=SYNCHRONOUS):
    """A primary, whose options may be other ones, and its standby."""
    primary = Primary(options)
    standby = Standby(primary)
    try:
        primary.make()
        standby.make()
        yield Pair(primary, standby)
    finally:
        for server in (standby, primary):
            server.remove()
