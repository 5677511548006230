"""Compare the time of one request with Django's own admin list and with Datasette, on the same 65 deliverables.

    python -m tests.benchmarks.comparison

Datasette is installed from PyPI into `DATA_DIR/comparison`, so this needs a network: `make bench` does not run it. One
connection to each asks all pages in turn, so that other load on the machine affects all alike; what counts are the
ratios to the plain template of tests/benchmarks/served. The processor time is that of the server: unlike the time of
the answer, it hardly depends on what else runs. Datasette and its server are as they come, the tracker has one worker.
"""

import csv
import http.client
import io
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")

from django.conf import settings  # noqa: E402

from tests.server import family, free_port, fresh_environment, prepare, serving, sign_in, wait_for  # noqa: E402

PLAN = "/plans/2018-2020/"
ROUNDS, WARM_UP = 60, 5
COLUMNS = ("code", "title", "status", "effective_on")  # what the plain template shows
ADMINISTRATOR = "administrator@metropolis.example"


def main():
    datasette = install_datasette(settings.DATA_DIR / "comparison")
    with TemporaryDirectory() as folder:
        os.environ["TEST_FOLDER"] = folder
        environment = fresh_environment(Path(folder, "tracker"))
        password = re.search(r"password (\S+)", prepare(environment))[1]
        with serving(environment, "tests.benchmarks.served:application", workers=1) as tracker:
            cookie = {"Cookie": sign_in(tracker, ADMINISTRATOR, password)}
            rows = write_rows(get(tracker + PLAN + "summary.csv"), Path(folder, "rows.sqlite3"))
            with serving_datasette(datasette, rows) as other:
                show(
                    measure_in_turn({
                        "plain template": (tracker + "/plain/", {}),
                        "Django admin": (tracker + "/admin/deliverables/deliverable/", cookie),
                        "Datasette": (other + "/rows/deliverables?_size=100", {}),
                        "Datasette, all columns": (other + "/rows/summary?_size=100", {}),
                        "list, signed in": (tracker + PLAN + "deliverables/", cookie),
                        "overview, signed in": (tracker + PLAN, cookie),
                    })
                )  # fmt: skip


def install_datasette(folder):
    """Return the path of Datasette in an environment of its own, made when it is not there yet."""
    program = folder / "bin" / "datasette"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "datasette"], check=True)
    return program


def write_rows(text, path):
    """Write a CSV into a database: a table with the columns of the plain template, one with all. Return its path."""
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert len(rows) == 65
    with closing(sqlite3.connect(path)) as database, database:
        for table, columns in [("deliverables", COLUMNS), ("summary", list(rows[0]))]:
            marks = ", ".join("?" * len(columns))
            database.execute(f"CREATE TABLE {table} ({', '.join(columns)}, PRIMARY KEY (code))")
            values = [[row[name] for name in columns] for row in rows]
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
    return path


@contextmanager
def serving_datasette(program, database):
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([program, "serve", database, "--port", str(port)], **quiet)
    try:
        wait_for(f"http://127.0.0.1:{port}/rows/deliverables")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def measure_in_turn(targets):
    """Return by name the seconds of each request, until the answer and of the processor, and the bytes of the page."""
    servers = family(os.getpid())[1:]
    connections = {name: http.client.HTTPConnection(urlsplit(url).netloc) for name, (url, _headers) in targets.items()}
    times, sizes = {name: [] for name in targets}, {}
    for _round in range(WARM_UP + ROUNDS):
        for name, (url, headers) in targets.items():
            start, used = time.perf_counter(), processor_seconds(servers)
            content = ask(connections[name], url, headers)
            taken = time.perf_counter() - start, processor_seconds(servers) - used
            times[name].append(taken)
            sizes[name] = len(content)
    return {name: (each[WARM_UP:], sizes[name]) for name, each in times.items()}


def processor_seconds(processes):
    """Return the processor time that these processes have used, by the clock that Linux has for each."""
    return sum(time.clock_gettime(~process << 3 | 2) for process in processes)


def ask(connection, url, headers):
    connection.request("GET", url.removeprefix(f"http://{connection.host}:{connection.port}"), headers=headers)
    response = connection.getresponse()
    content = response.read()
    assert response.status == 200, (url, response.status)
    return content


def get(url):
    with closing(http.client.HTTPConnection(urlsplit(url).netloc)) as connection:
        return ask(connection, url, {})


def show(measured):
    medians = {
        name: [1000 * statistics.median(each) for each in zip(*times, strict=True)]
        for name, (times, _size) in measured.items()
    }
    plain = medians["plain template"]
    for name, (answer, processor) in medians.items():
        print(
            f"{name}: processor {processor:.1f} ms, {processor / plain[1]:.2f} of the plain template;"
            f" answer {answer:.1f} ms, {answer / plain[0]:.2f}; {measured[name][1] / 1000:.0f} kB"
        )


if __name__ == "__main__":
    main()
