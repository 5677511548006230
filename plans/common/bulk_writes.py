"""Write many rows with few statements. They can be made ready before a lock is taken: then nobody waits for Python."""

from django.db import connection
from django.db.models.sql import InsertQuery


class BulkInsert:
    """Unsaved rows of one model, which `write` inserts. They come after those that they refer to."""

    def __init__(self, rows):
        self.rows, self.statement = list(rows), None

    def prepare(self):
        """Make the statement ready, and give the rows their ids, where the database gives them before: PostgreSQL."""
        if self.rows and connection.vendor == "postgresql":
            reserve_ids(self.rows)
            self.statement = insert_statement(self.rows)

    def write(self):
        if self.statement is None:
            for model in {type(row) for row in self.rows}:
                model._base_manager.bulk_create(self.rows)
            return
        with connection.cursor() as cursor:
            cursor.execute(self.statement)
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


def insert_statement(rows):
    """Return the statement that inserts rows with ids, complete with its values, for PostgreSQL."""
    fields = rows[0]._meta.concrete_fields
    for field in fields:
        for row in rows if field.is_relation else ():
            if field.is_cached(row):
                setattr(row, field.name, getattr(row, field.name))  # it may have got its id since it was assigned
    query = InsertQuery(type(rows[0]))
    query.insert_values(fields, rows)
    ((sql, values),) = query.get_compiler(connection=connection).as_sql()
    return connection.ops.compose_sql(sql, values)


class BulkUpdate:
    """Stored rows of one model, whose fields of these names `write` updates. Much quicker than `bulk_update`."""

    def __init__(self, rows, names):
        self.rows, self.names, self.statements = rows, names, None

    def prepare(self):
        """Make the statements ready: one, or on SQLite one for as many rows as a statement can hold."""
        self.statements = []
        options = self.rows[0]._meta if self.rows else None
        fields = [options.pk, *(options.get_field(name) for name in self.names)] if self.rows else []
        size = connection.ops.bulk_batch_size(fields, self.rows) or 1
        for start in range(0, len(self.rows), size):
            batch = self.rows[start : start + size]
            cells = [(field, getattr(row, field.attname)) for row in batch for field in fields]
            values = [field.get_db_prep_save(value, connection) for field, value in cells]
            statement = update_sql(options.db_table, fields, len(batch)), values
            is_composed = connection.vendor == "postgresql"
            self.statements.append((connection.ops.compose_sql(*statement), None) if is_composed else statement)

    def write(self):
        if self.statements is None:
            self.prepare()
        with connection.cursor() as cursor:
            for sql, values in self.statements:
                cursor.execute(sql, values)


def update_sql(table, fields, number):
    """Return the statement that updates so many rows. The first of the fields is the key."""
    quote, row = connection.ops.quote_name, f"({', '.join(['%s'] * len(fields))})"
    new = [f"new.column{place}" for place in range(1, len(fields) + 1)]
    if connection.vendor == "postgresql":  # it takes the values for texts; by the type without its length, none is cut
        new = [f"{each}::{field.db_type(connection).split('(')[0]}" for each, field in zip(new, fields, strict=True)]
    assigned = ", ".join(f"{quote(field.column)} = {each}" for field, each in list(zip(fields, new, strict=True))[1:])
    values = ", ".join([row] * number)
    key = f"{quote(table)}.{quote(fields[0].column)} = {new[0]}"
    return f"UPDATE {quote(table)} SET {assigned} FROM (VALUES {values}) AS new WHERE {key}"  # noqa: S608 (our own names)
