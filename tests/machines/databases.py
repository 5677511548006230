"""A primary of PostgreSQL and its standby, which takes its place."""

from contextlib import closing, contextmanager

import psycopg2

from tests.crashes.postgresql import Cluster

SYNCHRONOUS = "-c synchronous_standby_names=standby -c synchronous_commit=on"
HERE = "127.0.0.1"


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

    def is_behind(self):
        """Return whether the primary does not have it as a synchronous standby."""
        with closing(psycopg2.connect(self.primary.url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
            return cursor.fetchone()[0] == 0


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
    primary = Cluster(options)
    standby = Standby(primary)
    try:
        primary.make()
        standby.make()
        yield Pair(primary, standby)
    finally:
        for server in (standby, primary):
            server.remove()
