"""A database that is full, frozen or gone, under the real server: nobody waits for long, and it comes back."""

import os
import re
import resource
import signal
import sqlite3
import time
from contextlib import closing

import pytest
from django.db import connection

from tests.crashes.load import sessions
from tests.crashes.postgresql import cluster
from tests.server import IS_LONG, fresh_environment, prepare, prepared_environment, serving
from tests.test_no_lost_update import PAGE, Recorder

LONGEST = 10 if connection.vendor == "sqlite" else 15  # seconds; five and ten, and the machine may be busy


class Person(Recorder):
    def write(self, page):
        """Send the form of a page loaded before: the status of the answer and its text; nobody waits for long."""
        began = time.monotonic()
        answer = self.ask("POST", PAGE + "status/", **self.fields_of(page))
        assert time.monotonic() - began < LONGEST
        return answer

    def read(self, path=PAGE):
        began = time.monotonic()
        answer = self.ask("GET", path)
        assert time.monotonic() - began < LONGEST
        return answer

    def fields_of(self, page):
        form = page[page.index('id="record"') :]
        hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|seen)" value="([^"]+)"', form))
        return hidden | {"status": "in_progress", "effective_on": "2021-03-01", "note": "Kept while it was away."}


def is_kept(answer):
    status, text = answer
    return status == 503 and "<p>Kept while it was away.</p>" in text and "Send it again" in text


if connection.vendor == "sqlite":

    @pytest.mark.parametrize("name", ["tracker.sqlite3", "tracker.sqlite3-wal"])
    def test_deleted_nothing_more_is_acknowledged(tmp_path, name):
        """The server still has the file open, and could go on writing what nobody will ever find."""
        environment = prepared_environment(tmp_path)
        session = sessions(environment)[0]
        with serving(environment) as address, closing(Person(address, session)) as person:
            page = person.read()[1]
            (tmp_path / name).unlink()
            answers = [person.write(page)[0] for _time in range(4)]  # of both workers
            assert (302 in answers) == is_written(tmp_path)
            if not name.endswith("wal"):  # without that one, SQLite goes on with what the other file holds
                assert (set(answers), (tmp_path / name).exists()) == ({503}, False)
                person.cookies.clear()
                assert [person.read(path)[0] for path in ("/readyz", "/healthz")] == [503, 200]

    def is_written(folder):
        """Return whether what was sent is in the files that are there."""
        return any(b"Kept while it was away." in path.read_bytes() for path in folder.glob("tracker.sqlite3*"))

    def test_the_harness_catches_a_server_that_trusts_the_files_it_has_opened(tmp_path):
        """A thread that has no connection yet opens an empty file, and fails: another one acknowledges the write."""
        environment = prepared_environment(tmp_path)
        session = sessions(environment)[0]
        with (
            serving(environment, "tests.twins.trusting:application") as address,
            closing(Person(address, session)) as person,
        ):
            page = [person.read()[1] for _time in range(20)][-1]
            for path in tmp_path.glob("tracker.sqlite3*"):
                path.unlink()
            answers = [person.write(page)[0] for _time in range(20)]
            assert (302 in answers, is_written(tmp_path)) == (True, False)

    def test_replaced_the_file_that_is_there_is_used(tmp_path):
        environment = prepared_environment(tmp_path / "old")
        session = sessions(environment)[0]
        copy = tmp_path / "copy.sqlite3"
        with closing(sqlite3.connect(tmp_path / "old" / "tracker.sqlite3")) as database:
            database.execute("VACUUM INTO ?", [str(copy)])
        with serving(environment) as address, closing(Person(address, session)) as person:
            page = person.read()[1]
            for path in (tmp_path / "old").glob("tracker.sqlite3*"):
                path.unlink()
            assert person.write(page)[0] == 503
            copy.rename(tmp_path / "old" / "tracker.sqlite3")
            assert person.write(page)[0] == 302
            with closing(sqlite3.connect(tmp_path / "old" / "tracker.sqlite3")) as database:
                notes = database.execute("SELECT count(*) FROM deliverables_statusupdate WHERE note LIKE 'Kept %'")
                assert notes.fetchone() == (1,)

    def test_full_reads_go_on_and_writes_come_back(tmp_path):
        """The files of the server may grow no more, as on a disk that is full."""
        environment = prepared_environment(tmp_path)
        session = sessions(environment)[0]
        with serving(environment, workers=1) as address, closing(Person(address, session)) as person:
            page = person.read()[1]
            limit_files(address, 4096)
            assert is_kept(person.write(page))
            assert person.read()[0] == 200
            limit_files(address, resource.RLIM_INFINITY)
            assert person.write(page)[0] == 302

    def limit_files(address, most):
        """Let what listens at the address, and its children, write files of so many bytes at most."""
        port = address.rpartition(":")[2]
        for entry in os.scandir("/proc"):
            if entry.name.isdigit() and f"--port\0{port}\0".encode() in command_line(entry.name):
                resource.prlimit(int(entry.name), resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    def command_line(process):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                return file.read()
        except OSError:
            return b""


if connection.vendor == "postgresql":

    @pytest.mark.parametrize("how", ["gone", "frozen"] if IS_LONG else ["gone"])
    def test_away_nobody_waits_for_long_and_it_comes_back(tmp_path, how):
        with cluster() as postgresql:
            environment = fresh_environment(tmp_path) | {"DATABASE_URL": postgresql.url}
            prepare(environment)
            session = sessions(environment)[0]
            with serving(environment, workers=1) as address, closing(Person(address, session)) as person:
                page, visitor = person.read()[1], Person(address, "")
                visitor.cookies.clear()
                visitor.read()
                postgresql.signal(signal.SIGSTOP) if how == "frozen" else postgresql.kill()
                assert is_kept(person.write(page))
                time.sleep(1)  # for so long, the server remembers the state of the plan
                status, text = visitor.read()
                assert (status, "This page was saved at" in text) == (200, True)
                assert visitor.read("/readyz")[0] == 503
                assert visitor.read("/healthz")[0] == 200
                postgresql.signal(signal.SIGCONT) if how == "frozen" else postgresql.start()
                assert person.write(page)[0] == 302
                assert "was saved at" not in visitor.read()[1]
