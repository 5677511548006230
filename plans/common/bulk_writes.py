"""Write many rows with few statements. They can be made ready before a lock is taken: then nobody waits for Python."""

import json
from io import StringIO

from django.db import connection

COPY_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class BulkInsert:
    """Unsaved rows of one model, which `write` inserts. They come after those that they refer to."""

    def __init__(self, rows):
        self.rows, self.copied = list(rows), None

    def prepare(self):
        """Give the rows their ids, and make the text to copy into the table ready. PostgreSQL alone can do both."""
        if self.rows and connection.vendor == "postgresql":
            reserve_ids(self.rows)
            self.copied = copied_text(self.rows)

    def write(self):
        if self.copied is None:
            for model in {type(row) for row in self.rows}:
                model._base_manager.bulk_create(self.rows)
            return
        options, quote = self.rows[0]._meta, connection.ops.quote_name
        columns = ", ".join(quote(field.column) for field in options.concrete_fields)
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.copy_expert(f"COPY {quote(options.db_table)} ({columns}) FROM STDIN", StringIO(self.copied))
        for row in self.rows:
            row._state.adding, row._state.db = False, connection.alias


def reserve_ids(rows):
    """Give unsaved rows the next ids of their table. One query."""
    options = rows[0]._meta
    sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(sequence, [options.db_table, options.pk.column, len(rows)])
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk


def copied_text(rows):
    """Return rows that have ids as text for COPY: a line for each, with tabs between the columns."""
    fields, lines = rows[0]._meta.concrete_fields, []
    for row in rows:
        for field in fields:
            if field.is_relation and field.is_cached(row):
                setattr(row, field.name, getattr(row, field.name))  # it may have got its id since it was assigned
        values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
        lines.append("\t".join(r"\N" if value is None else str(value).translate(COPY_ESCAPES) for value in values))
    return "\n".join(lines)


class BulkUpdate:
    """Stored rows of one model, whose fields of these names `write` updates. Much quicker than `bulk_update`."""

    def __init__(self, rows, names):
        self.rows, self.names, self.statement = rows, names, None

    def prepare(self):
        """Make the statement ready."""
        if self.rows:
            options = self.rows[0]._meta
            fields = [options.pk, *(options.get_field(name) for name in self.names)]
            values = [
                {each.column: each.get_db_prep_save(getattr(row, each.attname), connection) for each in fields}
                for row in self.rows
            ]
            self.statement = update_sql(options.db_table, fields), [json.dumps(values, default=str)]

    def write(self):
        if self.statement is None:
            self.prepare()
        if self.statement:
            with connection.cursor() as cursor:
                cursor.execute(*self.statement)


def update_sql(table, fields):
    """Return the statement that updates rows from a list of objects in JSON. The first of the fields is the key."""
    quote = connection.ops.quote_name
    new = {quote(field.column): f"json_extract(new.value, '$.{field.column}')" for field in fields}
    source = "json_each(%s) AS new"
    if connection.vendor == "postgresql":
        new = {column: f"new.{column}" for column in new}
        # Without its length, which would cut a text off: too long a one is to be refused.
        types = [field.db_type(connection).partition("(")[0] for field in fields]
        columns = ", ".join(f"{column} {type_}" for column, type_ in zip(new, types, strict=True))
        source = f"json_to_recordset(%s) AS new({columns})"
    key, *changed = new.items()
    assigned = ", ".join(f"{column} = {value}" for column, value in changed)
    return f"UPDATE {quote(table)} SET {assigned} FROM {source} WHERE {quote(table)}.{key[0]} = {key[1]}"  # noqa: S608 (our own names)
