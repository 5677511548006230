"""Write and restore the whole database as one file: gzipped JSON lines, the same for SQLite and PostgreSQL.

The first line (the header) names the migrations that the backup needs, the second the uploaded files, by the SHA-256 of
each: those that are stored beside the backup, and those that it could not get. Each table follows: an object with its
name and columns, then one array for each row, ordered by primary key. The last line holds the number of rows and the
SHA-256 of all lines between the header and itself. Sessions and form drafts are left out: people sign in again after a
restore.
"""

import base64
import gzip
import hashlib
import json
import zlib
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from uuid import UUID, uuid4

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import BooleanField, CharField, IntegerField, TextField

from deliverables.models import EvidenceFile
from deliverables.verification import BrokenChain, verify_amendments, verify_history
from metropolis_tracker.accounts.models import User
from metropolis_tracker.backups.files import copy_files, restore_files
from plans.models import Plan
from reports.models import Edition

FORMAT_VERSION = 3  # version 1 has no files, version 2 has them inside
BATCH_SIZE = 1000  # rows
COMPRESSION = 6  # of gzip, 1 to 9
SAME_IN_JSON = (CharField, TextField, IntegerField, BooleanField)  # what the database takes as JSON has it
TYPES_OF_JSON = {str, int, bool, type(None)}  # most values: asked first, since `to_json` takes its time
EXCLUDED_MODELS = ("sessions.Session", "usersessions.UserSession", "plans.FormDraft")


class InvalidBackup(Exception):
    """Raised when a file cannot be restored, or not into this database. The message says why and what to do."""


def models():
    """Return the models whose tables are backed up, the tables of many-to-many fields included."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.label not in EXCLUDED_MODELS]


def migrations():
    """Return the last migration of each app in this version of the tracker. A squashed one has the name of the last one
    that it replaces: a backup from before it was squashed has the same tables.
    """
    graph = MigrationLoader(None).graph
    last = [graph.nodes[name] for name in sorted(graph.leaf_nodes())]
    return dict(each.replaces[-1] if each.replaces else (each.app_label, each.name) for each in last)


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


def write(file, made_at, destination):
    """Write a backup of this moment to an open file, and copy the uploaded files that the destination does not have.

    Return the number of rows and the SHA-256 of the backup, and its `FilesOfBackup`.
    """
    digest = LineDigest()
    with gzip.open(file, "wt", encoding="utf-8", compresslevel=COMPRESSION) as text, snapshot():
        files = copy_files(destination)
        header = {"form": FORMAT_VERSION, "made_at": made_at.isoformat(), "migrations": migrations()}
        print(to_line(header), file=text)
        for line in lines(files.line):
            print(digest.add(line), file=text)
        print(to_line(digest.result), file=text)
    return digest.result, files


def lines(files):
    """Yield the line of the uploaded files, as `FilesOfBackup.line` has them, and the lines of every table."""
    yield to_line(files)
    for model in models():
        yield from lines_of(model)


def lines_of(model):
    """Yield the lines of a table: an object with its name and columns, then one array for each row.

    `load` distinguishes them by this JSON type alone, because a row may contain any text.
    """
    columns = [field.attname for field in model._meta.concrete_fields]
    yield to_line({"table": model._meta.db_table, "columns": columns})
    for row in model._base_manager.order_by("pk").values_list(*columns).iterator(BATCH_SIZE):
        yield to_line([value if type(value) in TYPES_OF_JSON else to_json(value) for value in row])


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


def read(file):
    """Check the format, version and digest of a file. Return its number of rows and its SHA-256.

    Raise `InvalidBackup` if anything is wrong.
    """
    with reading(file) as text:
        header, digest, last = json.loads(next(text)), LineDigest(), None
        check_format(header)
        check_version(header["migrations"])

        for line in map(str.rstrip, text):
            if last is not None:
                digest.add(last)
            last = line
        if json.loads(last) != digest.result:
            raise InvalidBackup("This file has changed since it was written: its digest differs. Use another.")

    return digest.result


def read_files(file, name):
    """Return the SHA-256 of each uploaded file beside a backup that it needs. Raise `InvalidBackup` where it says none.

    Unlike `read`, this takes the backups of all versions, since their files are to be kept as well.
    """
    with reading(file, name) as text:
        header = json.loads(next(text))
        return json.loads(next(text))["files"] if header["form"] >= FORMAT_VERSION else []


@contextmanager
def reading(file, name="The file"):
    """Open the lines of a backup, a path or an open file. Raise `InvalidBackup` for what is none."""
    try:
        with gzip.open(file, "rt", encoding="utf-8") as text:
            yield text
    except (OSError, EOFError, ValueError, KeyError, TypeError, StopIteration, zlib.error) as error:
        if isinstance(error, OSError) and error.strerror:
            raise InvalidBackup(f"{name} cannot be read: {error.strerror}.") from None
        raise InvalidBackup(f"{name} is not a complete backup of the tracker: {error or 'it ends early'}.") from None


def check_format(header):
    """Raise `InvalidBackup` unless the backup has the format of this version."""
    if header["form"] != FORMAT_VERSION:
        raise InvalidBackup(
            f"This backup has format {header['form']}, and this version of the tracker makes format {FORMAT_VERSION}."
            " Install the version that made it, restore there, then upgrade."
        )


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


def restore(file, result, destination, *, trial=False, accept_damaged=False):
    """Fill an empty, migrated database from an open file for which `read` gave the result, and store the uploaded files
    that lie in the destination. Return the hashes of those that are damaged there, or that the backup never had.

    On `trial`, these are read, but stored nowhere. Raise `InvalidBackup` and leave the database empty unless its
    content is identical to the backup afterwards, and the files are intact or `accept_damaged`.
    """
    check_database_is_empty()

    with transaction.atomic():
        for model in models():
            model._base_manager.all().delete()  # rows made by `migrate`, which the backup has under other keys
        file.seek(0)
        with gzip.open(file, "rt", encoding="utf-8") as text:
            files = load(islice(map(str.rstrip, text), 1, None))

        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models()):
                cursor.execute(statement)
        ContentType.objects.clear_cache()  # it remembers the keys from before the restore

        check_identical(result, files)
        if problems := list(content_problems()):
            raise InvalidBackup(f"The backup contains damaged data: {' '.join(problems)}")
        damaged = restore_files(destination, files["files"], trial=trial)
        if damaged and not accept_damaged:
            raise InvalidBackup(damaged_files_sentence(damaged, destination))
        # Revisions are used again after a restore: a new timeline invalidates what was cached of the lost changes.
        Plan.objects.update(timeline=uuid4())

    return [*damaged, *files["missing"]]


def damaged_files_sentence(damaged, destination):
    """Return what is wrong with the uploaded files beside a backup, and what to do."""
    return (
        f"{len(damaged)} uploaded files are missing or damaged beside the backups in {destination}:"
        f" {', '.join(damaged[:20])}. Delete those that are damaged there, from the folder “files”: the next backup"
        " copies them again. To restore all the same, without them, add --accept-damaged-files."
    )


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
    """Insert the rows of the tables whose lines these are, in batches. Return the line of the uploaded files."""
    tables = {model._meta.db_table: model for model in models()}
    model, fields, batch, files = None, [], [], None

    for value in map(json.loads, lines):
        is_row = isinstance(value, list)  # judged by type alone: a row may contain any text, even “table”
        if is_row:
            batch.append(value)
        if batch and (not is_row or len(batch) == BATCH_SIZE):
            insert(model, fields, batch)
            batch = []
        if not is_row and "files" in value:
            files = value
        if not is_row and "table" in value:
            model = tables[value["table"]]
            fields = [model._meta.get_field(name) for name in value["columns"]]
    if batch:
        insert(model, fields, batch)
    return files


def insert(model, fields, rows):
    """Insert rows, lists of values as JSON has them, under the keys they already have.

    Without an instance of the model for each: that takes a third of the time.
    """
    columns = [to_column(*each) for each in zip(fields, zip(*rows, strict=True), strict=True)]
    values = list(zip(*columns, strict=True))
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES "  # noqa: S608 (our own names)

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # whose driver sends a request for each row of `executemany`
            cursor.execute(statement + ", ".join([row] * len(values)), [each for row in values for each in row])
        else:
            cursor.executemany(statement + row, values)


def to_column(field, values):
    """Return the values of a column as the database takes them: the inverse of `to_json`."""
    if isinstance(field, SAME_IN_JSON):
        return values
    return [field.get_db_prep_save(field.to_python(value), connection) for value in values]


def check_identical(result, files):
    """Raise `InvalidBackup` unless the database has these rows and this digest, and the backup all uploaded files."""
    digest = LineDigest()
    for line in lines(files):
        digest.add(line)

    if digest.result != result:
        raise InvalidBackup(f"The database differs from the file: it has {digest.result} instead of {result}.")
    if sorted(files["files"] + files["missing"]) != list(
        EvidenceFile.objects.order_by("pk").values_list("pk", flat=True)
    ):
        raise InvalidBackup("The backup lists other uploaded files than its database has.")


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
