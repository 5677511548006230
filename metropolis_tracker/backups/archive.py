"""Write and restore the whole database as one file: gzipped JSON lines, the same for SQLite and PostgreSQL.

The first line (the header) names the migrations that the backup needs. Each table follows: an object with its name and
columns, then one array for each row, ordered by primary key. After the tables come the files of evidence: an object
with the SHA-256 of each, then its content in parts, as texts in base64. The last line holds the number of rows and the
SHA-256 of all lines between the header and itself. Sessions and form drafts are left out: people sign in again after a
restore.
"""

import base64
import fcntl
import gzip
import hashlib
import json
import os
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from itertools import islice
from tempfile import TemporaryFile
from uuid import UUID, uuid4

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.files import File
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from deliverables.models import EvidenceFile
from deliverables.verification import BrokenChain, verify_amendments, verify_history
from metropolis_tracker.accounts.models import User
from plans.models import Plan
from reports.models import Edition

FORMAT_VERSION = 2  # version 1 has no files
HALF_WRITTEN = ".half-written"  # the end of the name of a file that is not complete
BATCH_SIZE = 1000  # rows
PART_SIZE = 300_000  # bytes of a file in one line; a multiple of 3, as base64 needs
EXCLUDED_MODELS = ("sessions.Session", "usersessions.UserSession", "plans.FormDraft")


class InvalidBackup(Exception):
    """Raised when a file cannot be restored, or not into this database. The message says why and what to do."""


def models():
    """Return the models whose tables are backed up, the tables of many-to-many fields included."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.label not in EXCLUDED_MODELS]


def migrations():
    """Return the last migration of each app in this version of the tracker."""
    return dict(sorted(MigrationLoader(None).graph.leaf_nodes()))


@contextmanager
def snapshot():
    """Read the database as of one moment, without making anybody who writes wait."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with transaction.atomic():
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield
            return

        cursor.execute("BEGIN")  # deferred: the IMMEDIATE transactions of `settings` would block everyone who writes
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


class LineDigest:
    """Counts the rows and hashes the lines added to it."""

    def __init__(self):
        self.rows, self.hash = 0, hashlib.sha256()

    def add(self, line):
        """Include a line and return it unchanged."""
        self.hash.update(line.encode() + b"\n")
        self.rows += line.startswith("[")
        return line

    @property
    def result(self):
        return {"rows": self.rows, "sha256": self.hash.hexdigest()}


def write(path, made_at):
    """Write a backup of this moment to `path`, which must not exist. Return its number of rows and its SHA-256.

    The file gets its name only when it is complete and on the disk. It is readable for its owner alone. What an earlier
    backup has left half-written in the folder is removed.
    """
    remove_half_written(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}{HALF_WRITTEN}")
    digest = LineDigest()

    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            with gzip.open(file, "wt", encoding="utf-8", compresslevel=6) as text, snapshot():
                header = {"form": FORMAT_VERSION, "made_at": made_at.isoformat(), "migrations": migrations()}
                print(to_line(header), file=text)
                for line in lines():
                    print(digest.add(line), file=text)
                print(to_line(digest.result), file=text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return digest.result


def remove_half_written(folder):
    """Remove the drafts of backups whose process was killed. Who is still writing one holds its lock."""
    for draft in folder.glob(f"*{HALF_WRITTEN}"):
        with suppress(OSError), open(draft, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.unlink(missing_ok=True)


def lines():
    """Yield the lines of every table, from the database, and of every file, from the storage."""
    for model in models():
        yield from lines_of(model)
    for file in EvidenceFile.objects.order_by("pk").iterator(BATCH_SIZE):
        yield from lines_of_file(file)


def lines_of(model):
    """Yield the lines of a table: an object with its name and columns, then one array for each row.

    `load` distinguishes them by this JSON type alone, because a row may contain any text.
    """
    columns = [field.attname for field in model._meta.concrete_fields]
    yield to_line({"table": model._meta.db_table, "columns": columns})
    for row in model._base_manager.order_by("pk").values_list(*columns).iterator(BATCH_SIZE):
        yield to_line([to_json(value) for value in row])


def lines_of_file(file):
    """Yield the lines of a file of evidence: of one that is missing or damaged only the first, which says so.

    A damaged file is no reason to have no backup of everything else: see `damaged_files`.
    """
    if not file.is_intact:
        yield to_line({"file": file.sha256, "is_intact": False})
        return
    yield to_line({"file": file.sha256, "is_intact": True})
    with file.open() as content:
        while part := content.read(PART_SIZE):
            yield to_line(base64.b64encode(part).decode())


def damaged_files():
    """Return the SHA-256 of each file of evidence that is missing from the storage, or has changed there."""
    return [file.sha256 for file in EvidenceFile.objects.order_by("pk").iterator(BATCH_SIZE) if not file.is_intact]


def to_line(value):
    """Return compact JSON with sorted keys, so that equal values give equal digests."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_json(value):
    """Return the value of a column in a type that JSON has."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes() | memoryview():
            return base64.b64encode(value).decode()
        case str():
            return str(value)  # an enum member, such as a status, becomes a plain text
    return value


def read(path):
    """Check the format, version and digest of a file. Return its number of rows and its SHA-256.

    Raise `InvalidBackup` if anything is wrong.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as text:
            header, digest, last = json.loads(next(text)), LineDigest(), None
            if header["form"] != FORMAT_VERSION:
                raise InvalidBackup(f"This backup has format {header['form']}, not {FORMAT_VERSION} as this version.")
            check_version(header["migrations"])

            for line in map(str.rstrip, text):
                if last is not None:
                    digest.add(last)
                last = line
            if json.loads(last) != digest.result:
                raise InvalidBackup("This file has changed since it was written: its digest differs. Use another.")
    except (OSError, EOFError, ValueError, KeyError, TypeError, StopIteration) as error:
        if isinstance(error, OSError) and error.strerror:
            raise InvalidBackup(f"{path} cannot be read: {error.strerror}.") from None
        raise InvalidBackup(f"{path} is not a complete backup of the tracker: {error or 'it ends early'}.") from None

    return digest.result


def check_version(needed):
    """Raise `InvalidBackup` unless the backup needs exactly the migrations of this version."""
    here = migrations()
    if differing := sorted({app for app, _name in needed.items() ^ here.items()}):
        if differing == ["socialaccount"] and (needed.keys() ^ here.keys()):
            raise InvalidBackup(
                "This backup was made with the sign-in of the organisation on, and here it is off, or the other way"
                " round. Set OIDC_URL as it was there, restore, then change it."
            )
        details = ", ".join(f"{app} {needed.get(app, 'none')} there, {here.get(app, 'none')} here" for app in differing)
        raise InvalidBackup(
            f"This backup was made by another version of the tracker ({details})."
            " Install that version, restore there, then upgrade."
        )


def restore(path):
    """Fill an empty, migrated database from a file. Return the number of rows and the SHA-256.

    Raise `InvalidBackup` and leave the database empty unless its content is identical to the backup afterwards.
    """
    result = read(path)
    check_database_is_empty()

    with transaction.atomic():
        for model in models():
            model._base_manager.all().delete()  # rows made by `migrate`, which the backup has under other keys
        with gzip.open(path, "rt", encoding="utf-8") as text:
            load(islice(map(str.rstrip, text), 1, None))

        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models()):
                cursor.execute(statement)
        ContentType.objects.clear_cache()  # it remembers the keys from before the restore

        check_identical(result)
        if problems := list(content_problems()):
            raise InvalidBackup(f"The backup contains damaged data: {' '.join(problems)}")
        # Revisions are used again after a restore: a new timeline invalidates what was cached of the lost changes.
        Plan.objects.update(timeline=uuid4())

    return result


def check_database_is_empty():
    """Raise `InvalidBackup` if there are plans or people. The tables may be those of another version, or missing."""
    tables = set(connection.introspection.table_names())
    counts = {}
    for name, model in {"plans": Plan, "people": User}.items():
        if model._meta.db_table in tables:
            counts[name] = model._base_manager.count()
    if any(counts.values()):
        found = " and ".join(f"{count} {name}" for name, count in counts.items())
        raise InvalidBackup(f"The database is not empty: it has {found}. Name an empty one in DATABASE_URL.")


def load(lines):
    """Insert the rows of the tables whose lines these are, in batches, and store the files."""
    tables = {model._meta.db_table: model for model in models()}
    model, fields, batch = None, [], []
    values = map(json.loads, lines)

    for value in values:
        if isinstance(value, dict) and "file" in value:
            insert(batch)
            load_files(value, values)
            return
        is_row = isinstance(value, list)  # judged by type alone: a row may contain any text, even “table”
        if is_row:
            batch.append(model(**{f.attname: f.to_python(v) for f, v in zip(fields, value, strict=True)}))
        if not is_row or len(batch) == BATCH_SIZE:
            insert(batch)
            batch = []
        if not is_row and "table" in value:
            model = tables[value["table"]]
            fields = [model._meta.get_field(name) for name in value["columns"]]
    insert(batch)


def load_files(head, values):
    """Store the files, with the parts of each in `values`. `head` is the line before those of the first."""
    while "file" in head:
        with TemporaryFile() as content:
            following = {}
            for value in values:
                if isinstance(value, dict):
                    following = value
                    break
                content.write(base64.b64decode(value))
            if head["is_intact"]:
                store_file(head["file"], content)
        head = following


def store_file(sha256, content):
    """Store a file in the storage. Raise `InvalidBackup` unless its content has this SHA-256."""
    file = EvidenceFile(sha256=sha256, size=content.tell())
    content.seek(0)
    if hashlib.file_digest(content, "sha256").hexdigest() != sha256:
        raise InvalidBackup(f"The file of evidence {sha256} is damaged in the backup.")
    file.write(File(content))


def insert(rows):
    """Insert rows of one model under the keys they already have."""
    if rows:
        type(rows[0])._base_manager.bulk_create(rows)


def check_identical(result):
    """Raise `InvalidBackup` unless the database has these rows and this digest."""
    digest = LineDigest()
    for line in lines():
        digest.add(line)

    if digest.result != result:
        raise InvalidBackup(f"The database differs from the file: it has {digest.result} instead of {result}.")


def content_problems():
    """Yield a sentence for each history whose hash chain is broken, and for each edition whose files have changed."""
    for plan in Plan.objects.order_by("slug"):
        try:
            verify_history(plan), verify_amendments(plan)
        except BrokenChain as reason:
            yield f"{plan.slug}: {reason}"

    for edition in Edition.objects.for_list():
        for fault in edition.faults():
            yield f"{edition.plan.slug}, edition {edition.number}: {fault}."
