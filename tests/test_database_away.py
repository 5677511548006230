"""A database that is locked, full, frozen or gone, under the real server: nobody waits for long, and it comes back."""

import os
import re
import resource
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest
from django.db import connection

from tests.crashes.load import sessions
from tests.crashes.postgresql import cluster
from tests.server import IS_LONG, fresh_environment, prepare, prepared_environment, serving
from tests.test_no_lost_update import PAGE, Recorder

LONGEST = 5 if connection.vendor == "sqlite" else 15  # seconds; a PostgreSQL that is gone takes longer to notice


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
        hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|seen|submission)" value="([^"]+)"', form))
        return hidden | {"status": "in_progress", "effective_on": "2021-03-01", "note": "Kept while it was away."}


def is_kept(answer):
    status, text = answer
    return status == 503 and "<p>Kept while it was away.</p>" in text and "Send it again" in text


if connection.vendor == "sqlite":

    def test_locked_reads_go_on_and_writes_come_back(tmp_path):
        environment = prepared_environment(tmp_path)
        session = sessions(environment)[0]
        with serving(environment) as address, closing(Person(address, session)) as person:
            page = person.read()[1]
            with closing(sqlite3.connect(tmp_path / "tracker.sqlite3", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                assert is_kept(person.write(page))
                assert person.read()[0] == 200
                other.execute("ROLLBACK")
            assert person.write(page)[0] == 302

    WAITING = 12  # people: more than the server has threads

    def test_locked_nobody_else_waits_for_those_who_write(tmp_path):
        """While all of them wait, a visitor reads a page from the cache and a new one, and the server is healthy."""
        environment = prepared_environment(tmp_path)
        session = sessions(environment)[0]
        with serving(environment) as address, ExitStack() as stack:
            visitor = stack.enter_context(closing(Person(address, "")))
            visitor.cookies.clear()
            visitor.read()
            people = [stack.enter_context(closing(Person(address, session))) for _number in range(WAITING)]
            pages = [person.read()[1] for person in people]
            with closing(sqlite3.connect(tmp_path / "tracker.sqlite3", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                pool = stack.enter_context(ThreadPoolExecutor(WAITING))
                answers = [pool.submit(person.write, page) for person, page in zip(people, pages, strict=True)]
                time.sleep(1)
                paths = [PAGE, "/healthz", f"{PAGE}?as_of=2020-01-01", "/plans/2018-2020/"] * 5
                assert [visitor.read(path)[0] for path in paths] == [200] * len(paths)
                assert [answer for answer in answers if not answer.done()] != []
                assert [answer.result()[0] for answer in answers if not is_kept(answer.result())] == []
                other.execute("ROLLBACK")

    def test_locked_sign_in_says_that_the_database_is_not_responding(tmp_path):
        """The limits cannot count an attempt then, and must not take that for too many."""
        environment = prepared_environment(tmp_path)
        with serving(environment) as address, closing(Person(address, "")) as person:
            page = person.read("/accounts/login/")[1]
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
            fields = {"csrfmiddlewaretoken": token, "login": "somebody@example.org", "password": "not this one"}
            with closing(sqlite3.connect(tmp_path / "tracker.sqlite3", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                began = time.monotonic()
                status, text = person.ask("POST", "/accounts/login/", **fields)
                assert time.monotonic() - began < LONGEST
                assert (status, "The database is not responding" in text, "not this one" in text) == (503, True, False)
                other.execute("ROLLBACK")
            assert person.ask("POST", "/accounts/login/", **fields)[0] == 200

    @pytest.mark.parametrize("name", ["tracker.sqlite3", "tracker.sqlite3-wal"])
    def test_deleted_nothing_more_is_acknowledged(tmp_path, name):
        """The server still has the file open, and could go on writing what nobody will ever find."""
        environment = prepared_environment(tmp_path)
        session = sessions(environment)[0]
        with serving(environment) as address, closing(Person(address, session)) as person:
            page, note = person.read()[1], b"Kept while it was away."
            (tmp_path / name).unlink()
            answers = [person.write(page) for _time in range(4)]  # of both workers
            assert sorted({answer[0] for answer in answers} - {302, 409}) in ([], [503])
            if name.endswith("wal"):  # what is acknowledged then is in the file that is there
                assert (302 in [answer[0] for answer in answers]) == any(map(holds(note), tmp_path.glob("tracker.*")))
            else:
                assert {answer[0] for answer in answers} == {503}
                assert not (tmp_path / name).exists()
                person.cookies.clear()
                assert [person.read(path)[0] for path in ("/readyz", "/healthz")] == [503, 200]

    def holds(text):
        return lambda path: text in path.read_bytes()

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
                status, text = visitor.read()
                assert (status, "This page was saved at" in text) == (200, True)
                assert visitor.read("/readyz")[0] == 503
                assert visitor.read("/healthz")[0] == 200
                postgresql.signal(signal.SIGCONT) if how == "frozen" else postgresql.start()
                assert person.write(page)[0] == 302
                assert "was saved at" not in visitor.read()[1]
