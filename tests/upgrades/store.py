"""Store a small database of a release, which the tests of all later releases upgrade. Run it once for each kind:

    .ci/services .venv/bin/python -m tests.upgrades.store 1.4.0 v1.4.0
    .ci/services --postgresql .venv/bin/python -m tests.upgrades.store 1.4.0 v1.4.0

It takes the code of the commit, prepares a database with it and runs the scripts in content/ in its shell, up to the
one of the release. What a release has for the first time belongs into a new script there; where a method has changed,
change the script, since what is stored is never made again. `--python` names an interpreter that has the packages of
the release, if those of today do not do.

Of the releases before there were tags, these are the last commits: 1.0.0 1fbdc50, 1.1.0 243ca5c, 1.2.0 67d50f2,
1.3.0 bd2ca94.
"""

import argparse
import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.server import fresh_environment
from tests.upgrades.databases import POSTGRESQL_NAME, SQLITE_NAME, archive_of, connected, digests

CONTENT = Path(__file__).with_name("content")
NOT_SQL = ("\\restrict", "\\unrestrict", "SET transaction_timeout")  # of psql alone, or of PostgreSQL 17 and later


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", help="its version, such as 1.3.0")
    parser.add_argument("commit", help="the commit, or its tag")
    parser.add_argument("--python", default=sys.executable, help="an interpreter with the packages of the release")
    options = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")
    vendor = "postgresql" if os.environ.get("DATABASE_URL") else "sqlite"
    archive = archive_of(options.release, vendor)
    if archive.exists():
        sys.exit(f"{archive} is stored already. The database of a release is made once: nothing was changed.")

    with TemporaryDirectory() as folder:
        environment = filled(options, Path(folder))
        store(environment, archive, Path(folder))
    print(f"{archive}: {archive.stat().st_size // 1000} kB")


def filled(options, folder):
    """Return the environment of a tracker that the release itself has prepared and filled."""
    code, data = folder / "code", folder / "data"
    code.mkdir()
    data.mkdir()
    packed = subprocess.run(["git", "archive", options.commit], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(code, filter="data")

    environment = fresh_environment(data)
    python = [Path(options.python).absolute()]
    compiling = ["-m", "babel.messages.frontend", "-q", "compile", "--domain", "django", "--directory"]
    subprocess.run([*python, *compiling, "metropolis_tracker/locale"], cwd=code, check=True)
    subprocess.run([*python, "manage.py", "prepare"], cwd=code, env=environment, check=True)
    for script in scripts_of(options.release):
        shell = [*python, "manage.py", "shell", "--verbosity", "0"]
        subprocess.run(shell, cwd=code, env=environment, input=script.read_bytes(), check=True)
    return environment


def scripts_of(release):
    """Return the scripts of content/ for what this release or an earlier one had first, the oldest first."""
    version = [int(number) for number in release.split(".")]
    since = {path: [int(number) for number in path.stem.split("_")[1:]] for path in CONTENT.glob("since_*.py")}
    return sorted((path for path in since if since[path] <= version), key=since.get)


def store(environment, archive, folder):
    """Write the database with its uploaded files, and beside it the digests of its history."""
    archive.parent.mkdir(exist_ok=True)
    with tarfile.open(archive, "x:xz", preset=9) as packed:
        packed.add(database_of(environment, folder), arcname=SQLITE_NAME if is_sqlite(environment) else POSTGRESQL_NAME)
        if (files := Path(environment["DATA_DIR"], "files")).exists():
            packed.add(files, arcname="files")

    with connected(environment) as connection:
        text = json.dumps(digests(connection), indent=1)
    archive.with_name(archive.name.replace(".tar.xz", ".json")).write_text(text + "\n", encoding="utf-8")


def is_sqlite(environment):
    return "DATABASE_URL" not in environment


def database_of(environment, folder):
    """Return a file with the whole database: triggers and functions, too, but no owners and no rights."""
    path = folder / "database"
    if is_sqlite(environment):
        with closing(sqlite3.connect(Path(environment["DATA_DIR"], SQLITE_NAME))) as connection:
            connection.execute("VACUUM INTO ?", [str(path)])
        return path

    command = ["pg_dump", "--no-owner", "--no-privileges", "--rows-per-insert=100", environment["DATABASE_URL"]]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    path.write_text("".join(line for line in text.splitlines(True) if not line.startswith(NOT_SQL)), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
