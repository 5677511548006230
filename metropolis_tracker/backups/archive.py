"""All that the tracker keeps as one file: lines of JSON, compressed. It is the same whichever database it is from.

The first line says which migrations it needs. Each table follows: a line with its name and columns, then its rows,
by key. The last line holds the number of rows and the SHA-256 of all lines between the first and itself. Sessions are
left out: whoever was signed in signs in again.
"""

import base64
import gzip
import hashlib
import json
import os
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from uuid import UUID

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from deliverables.verification import BrokenChain, verify_amendments, verify_history
from metropolis_tracker.accounts.models import User
from plans.models import Plan
from reports.models import Edition

FORM = 1
AT_ONCE = 1000  # rows
LEFT_OUT = ("sessions.Session", "usersessions.UserSession")


class Unusable(Exception):
    """A file that cannot be restored, or not here. The message says why, and what to do."""


def models():
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.label not in LEFT_OUT]


def migrations():
    """The last migration of each app, as this version of the tracker has them."""
    return dict(sorted(MigrationLoader(None).graph.leaf_nodes()))


@contextmanager
def snapshot():
    """Everything read in it is of one moment, and nobody who writes has to wait."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with transaction.atomic():
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield
            return
        cursor.execute("BEGIN")  # deferred: Django's own would lock out whoever writes
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


class LineDigest:
    """The rows and the digest of the lines that went by."""

    def __init__(self):
        self.rows, self.hash = 0, hashlib.sha256()

    def add(self, line):
        self.hash.update(line.encode() + b"\n")
        self.rows += line.startswith("[")
        return line

    @property
    def result(self):
        return {"rows": self.rows, "sha256": self.hash.hexdigest()}


def write(path, made_at):
    """Write the backup of this moment to a path where nothing is yet. Returns its rows and SHA-256."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    tally = LineDigest()
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with gzip.open(file, "wt", encoding="utf-8", compresslevel=6) as text, snapshot():
            head = {"form": FORM, "made_at": made_at.isoformat(), "migrations": migrations()}
            print(to_line(head), file=text)
            for line in lines():
                print(tally.add(line), file=text)
            print(to_line(tally.result), file=text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return tally.result


def lines():
    """The lines of every table, as the database holds it."""
    for model in models():
        yield from lines_of(model)


def lines_of(model):
    """The line that heads a table, an object, and those of its rows, each an array: `load` tells them apart by that."""
    columns = [field.attname for field in model._meta.concrete_fields]
    yield to_line({"table": model._meta.db_table, "columns": columns})
    for row in model._base_manager.order_by("pk").values_list(*columns).iterator(AT_ONCE):
        yield to_line([to_json(value) for value in row])


def to_line(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_json(value):
    """A value of a column as JSON has it."""
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
            return str(value)  # a status is its text
    return value


def read(path):
    """The lines of a file between its first and its last, once its form and its digest are seen to be right."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as text:
            head, tally, end = json.loads(next(text)), LineDigest(), None
            if head["form"] != FORM:
                raise Unusable(f"This backup has form {head['form']}; this version reads form {FORM}.")
            refuse_other_version(head["migrations"])
            for line in map(str.rstrip, text):
                if end is not None:
                    tally.add(end)
                end = line
            if json.loads(end) != tally.result:
                raise Unusable("This file is not as it was written: its digest is another. Take another backup.")
    except (OSError, EOFError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise Unusable(f"{path} is not a whole backup of the tracker: {error or 'it ends early'}.") from None
    return tally.result


def refuse_other_version(needed):
    here = migrations()
    if differing := sorted({app for app, _name in needed.items() ^ here.items()}):
        told = ", ".join(f"{app} {needed.get(app, 'none')} there, {here.get(app, 'none')} here" for app in differing)
        raise Unusable(
            f"This backup was made by another version of the tracker ({told})."
            " Install that version, restore there, and upgrade then."
        )


def restore(path):
    """Fill an empty, migrated database from a file: whole and equal to what was backed up, or not at all."""
    result = read(path)
    refuse_full_database()
    with transaction.atomic():
        for model in models():
            model._base_manager.all().delete()  # what migrating made: it comes back with the keys it had
        with gzip.open(path, "rt", encoding="utf-8") as text:
            load(islice(map(str.rstrip, text), 1, None))
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models()):
                cursor.execute(statement)
        ContentType.objects.clear_cache()
        refuse_unless_equal(result)
        if faults := list(content_faults()):
            raise Unusable(f"What was backed up is not whole: {' '.join(faults)}")
    return result


def refuse_full_database():
    if Plan.objects.exists() or User.objects.exists():
        raise Unusable(
            f"The database is not empty: it holds {Plan.objects.count()} plans and {User.objects.count()} people."
            " Name an empty one in DATABASE_URL."
        )


def load(lines):
    """Insert the rows that lines describe."""
    tables = {model._meta.db_table: model for model in models()}
    model, fields, waiting = None, [], []
    for value in map(json.loads, lines):
        is_row = isinstance(value, list)  # by its shape alone: a row may hold any text, the words of a head included
        if is_row:
            waiting.append(model(**{f.attname: f.to_python(v) for f, v in zip(fields, value, strict=True)}))
        if not is_row or len(waiting) == AT_ONCE:
            insert(waiting)
            waiting = []
        if not is_row and "table" in value:
            model = tables[value["table"]]
            fields = [model._meta.get_field(name) for name in value["columns"]]
    insert(waiting)


def insert(rows):
    """Insert rows, all of one model, with the keys they have."""
    if rows:
        type(rows[0])._base_manager.bulk_create(rows)


def refuse_unless_equal(result):
    tally = LineDigest()
    for line in lines():
        tally.add(line)
    if tally.result != result:
        raise Unusable(f"The database does not hold what the file does: {tally.result} instead of {result}.")


def content_faults():
    """What is not whole of the histories and editions in the database, a sentence each."""
    for plan in Plan.objects.order_by("slug"):
        try:
            verify_history(plan), verify_amendments(plan)
        except BrokenChain as reason:
            yield f"{plan.slug}: {reason}"
    for edition in Edition.objects.for_list():
        for fault in edition.faults():
            yield f"{edition.plan.slug}, edition {edition.number}: {fault}."
