"""Read the stored databases, and what is in any tracker's database, without models: none fits all releases."""

import hashlib
import re
import shutil
import sqlite3
import subprocess
import tarfile
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from django.db import connection as own_connection

from tests.server import fresh_environment

STORED = Path(__file__).with_name("stored")
SQLITE_NAME, POSTGRESQL_NAME = "tracker.sqlite3", "tracker.sql"  # in the archive; with `files`, as in DATA_DIR

# What proves that a history is the one that was recorded, by columns that every release has.
PROOFS = {
    "updates": """SELECT slug, sequence, digest FROM deliverables_statusupdate r
        JOIN plans_plan p ON p.id = r.plan_id ORDER BY slug, sequence""",
    "amendments": """SELECT slug, sequence, digest FROM deliverables_amendment r
        JOIN plans_plan p ON p.id = r.plan_id ORDER BY slug, sequence""",
    "heads": "SELECT slug, history_length, history_head, amendments_length, amendments_head FROM plans_plan ORDER BY 1",
    "editions": """SELECT slug, number, r.history_length, r.history_head FROM reports_edition r
        JOIN plans_plan p ON p.id = r.plan_id ORDER BY slug, number""",
    "documents": """SELECT edition_id, extension, language, sha256 FROM reports_editiondocument
        ORDER BY edition_id, extension, language, sha256""",
}


def releases(vendor):
    """Return the releases of which a database of this kind is stored, the oldest first."""
    end = f".{vendor}.tar.xz"
    names = [path.name.removesuffix(end) for path in STORED.glob(f"*{end}")]
    return sorted(names, key=lambda name: [int(number) for number in name.split(".")])


def archive_of(release, vendor):
    return STORED / f"{release}.{vendor}.tar.xz"


def loaded_environment(release, vendor, folder):
    """Return the environment of a tracker in `folder` whose database is the stored one of a release."""
    with tarfile.open(archive_of(release, vendor)) as archive:
        archive.extractall(folder, filter="data")
    environment = fresh_environment(folder)
    if vendor == "postgresql":
        with connected(environment) as connection:
            connection.cursor().execute((folder / POSTGRESQL_NAME).read_text(encoding="utf-8"))
    return environment


def environment_of_copy(environment, folder):
    """Return the environment of a tracker in `folder` with the copy that `prepare` made, as the guide says."""
    copies = list(Path(environment["DATA_DIR"], "before-upgrades").iterdir())
    assert len(copies) == 1
    folder.mkdir()
    back = fresh_environment(folder)
    if "DATABASE_URL" in back:
        command = ["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={back['DATABASE_URL']}", copies[0]]
        subprocess.run(command, check=True)
    else:
        shutil.copy(copies[0], folder / SQLITE_NAME)
    return back


@contextmanager
def connected(environment):
    """Connect to the database of a tracker, to read and write by SQL. Commits at the end of the block."""
    url = environment.get("DATABASE_URL")
    opened = psycopg2.connect(url) if url else sqlite3.connect(Path(environment["DATA_DIR"], SQLITE_NAME))
    with closing(opened) as connection, connection:
        yield connection


def read(connection, query):
    """Return the names of the columns and the rows, bytes as such."""
    cursor = connection.cursor()
    cursor.execute(query)
    rows = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
    return [column[0] for column in cursor.description], rows


def digests(connection):
    """Return the number of rows and a SHA-256 for each of `PROOFS`."""
    found = {name: read(connection, query)[1] for name, query in PROOFS.items()}
    return {
        name: {"rows": len(rows), "sha256": hashlib.sha256(repr(rows).encode()).hexdigest()}
        for name, rows in found.items()
    }


def tables(connection):
    """Return the names of all tables."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    if not isinstance(connection, sqlite3.Connection):
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name"
    return [name for (name,) in read(connection, query)[1]]


def schema():
    """Return the columns, constraints and indexes of each table of the database that this process is connected to."""
    introspection = own_connection.introspection
    with own_connection.cursor() as cursor:
        return {table: description(introspection, cursor, table) for table in introspection.table_names(cursor)}


def description(introspection, cursor, table):
    """Return the columns and the constraints of a table, sorted, since the order of its columns does not matter.

    What has no name on SQLite gets a numbered one from Django: the number is left out.
    """
    columns = [
        [column.name, introspection.get_field_type(column.type_code, column), column.null_ok, column.display_size]
        for column in introspection.get_table_description(cursor, table)
    ]
    constraints = introspection.get_constraints(cursor, table).items()
    named = [(re.sub(r"^(fk_|__unnamed_constraint_)\d+", r"\1", name), found) for name, found in constraints]
    return sorted(columns), sorted(repr((name, sorted(found.items()))) for name, found in named)


def contents(connection):
    """Return the columns and the sorted rows of each table."""
    found = {table: read(connection, f'SELECT * FROM "{table}"') for table in tables(connection)}
    return {table: (columns, sorted(rows, key=repr)) for table, (columns, rows) in found.items()}
