"""Append-only tables: database triggers reject every UPDATE and DELETE, whatever client sends it.

A model with `append_only = True` gets triggers on its table. The columns it names in `erasable` may be emptied, but
not changed in any other way. Those in `erasable_if`, a dict, may be emptied where an SQL condition holds, which names
the row's columns as `OLD.column`.

The triggers are created again after every migrate: to alter a table, Django's SQLite schema editor rebuilds it and
drops its triggers without a warning.
"""

from django.apps import apps
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.db.models import BinaryField, JSONField, UniqueConstraint

REFUSAL = "rows of {table} are never changed and never deleted"

# The names that end in `kept` are in every installed database: renaming them would leave the old triggers in place.

# The function compares whole rows: PostgreSQL refuses to alter a column that a trigger names.
POSTGRESQL = """
CREATE OR REPLACE FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND {only_erases} THEN RETURN NEW; END IF;
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{refusal}';
END $$;
CREATE OR REPLACE TRIGGER {table}_rows_kept BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_kept();
CREATE OR REPLACE TRIGGER {table}_table_kept BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_kept();
"""

# An UPDATE can also set the key under the name rowid, which UPDATE OF does not catch: names_kept compares the value.
# REPLACE deletes conflicting rows without firing the delete trigger: replace_kept rejects it before it inserts.
SQLITE = {
    "update_kept": "BEFORE UPDATE OF {kept} ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    "names_kept": "BEFORE UPDATE ON {table} WHEN NEW.{key} <> OLD.{key} OR {rewritten} "
    "BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    "delete_kept": "BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    "replace_kept": "BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) "
    "BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
}

# How many triggers a protected table has, and a query that returns one row for each that exists and is enabled.
TRIGGERS_PER_TABLE = {"postgresql": 2, "sqlite": 4}
ENABLED_TRIGGERS = {
    "postgresql": """
        SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = current_schema()::regnamespace
        AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgname LIKE '%kept'
    """,
    "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%kept'",
}


def append_only_models():
    return [model for model in apps.get_models() if getattr(model, "append_only", False)]


def erasable(model) -> dict[str, str]:
    """Return the columns of an append-only table that may be emptied, each with the condition for it in SQL."""
    return dict.fromkeys(getattr(model, "erasable", ()), "TRUE") | getattr(model, "erasable_if", {})


def make_triggers(using="default", **kwargs):
    """Create the triggers of every append-only table that exists. Runs after each migrate; safe to repeat."""
    connection = connections[using]
    tables = connection.introspection.table_names()

    with connection.cursor() as cursor:
        for model in append_only_models():
            if model._meta.db_table in tables:
                for statement in trigger_statements(connection.vendor, model):
                    cursor.execute(statement)


def drop_triggers(using="default", plan=(), **kwargs):
    """Drop the triggers on SQLite before it migrates: it refuses to rebuild a table that a trigger elsewhere names.

    `plan` are the migrations that will run: without any, the triggers stay.
    """
    connection = connections[using]
    if connection.vendor != "sqlite" or not plan:
        return
    with connection.cursor() as cursor:
        for model in append_only_models():
            for name in SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {model._meta.db_table}_{name}")


def trigger_statements(vendor, model):
    """Return the SQL statements that create the triggers of a model's table."""
    table = model._meta.db_table
    values = {
        "table": table,
        "refusal": REFUSAL.format(table=table),
        "kept": ", ".join(field.column for field in model._meta.local_fields if field.name not in erasable(model)),
        "rewritten": " OR ".join(f"NOT ({condition})" for condition in erasing_conditions(vendor, model)) or "FALSE",
        "key": model._meta.pk.column,
        "only_erases": only_erases_sql(vendor, model),
        "taken": conflict_sql(model),
    }

    if vendor == "postgresql":
        return [POSTGRESQL.format(**values)]
    return [
        statement.format(name=f"{table}_{name}", body=body.format(**values))
        for name, body in SQLITE.items()
        for statement in ("DROP TRIGGER IF EXISTS {name}", "CREATE TRIGGER {name} {body}")
    ]


def erasing_conditions(vendor, model):
    """Return an SQL condition for each erasable column: true where it stays as it is, or may be and is emptied."""
    return [
        f"(NEW.{name} = OLD.{name} OR (NEW.{name} = {empty_value(vendor, model, name)} AND {condition}))"
        for name, condition in erasable(model).items()
    ]


def empty_value(vendor, model, name):
    """Return an empty value of a column as SQL."""
    field = model._meta.get_field(name)
    if isinstance(field, BinaryField):
        return "X''" if vendor == "sqlite" else "''::bytea"
    if isinstance(field, JSONField):
        return "'{}'" if vendor == "sqlite" else "'{}'::jsonb"
    return "''"


def only_erases_sql(vendor, model):
    """Return an SQL condition: true for an UPDATE that empties erasable columns and changes nothing else."""
    if not erasable(model):
        return "FALSE"

    names = ", ".join(f"'{name}'" for name in erasable(model))
    emptied = " AND ".join(erasing_conditions(vendor, model))
    rest_stays = f"to_jsonb(NEW) - ARRAY[{names}] = to_jsonb(OLD) - ARRAY[{names}]"
    return f"NEW IS DISTINCT FROM OLD AND {emptied} AND {rest_stays}"


def conflict_sql(model):
    """Return an SQL condition: true for a row that REPLACE would delete, equal to the new one in a unique column."""
    options = model._meta
    unique = [[field.name] for field in options.local_fields if field.unique]
    unique += [list(rule.fields) for rule in options.constraints if isinstance(rule, UniqueConstraint)]
    columns = [[options.get_field(name).column for name in names] for names in unique]
    return " OR ".join("(" + " AND ".join(f"{c} = NEW.{c}" for c in names) + ")" for names in columns)


def check_triggers(app_configs, databases, **kwargs):
    """Return a system check error for every append-only table whose triggers are missing or disabled.

    It is a deployment check: as an ordinary check it would stop migrate, which repairs the triggers.
    """
    errors = []
    for using in databases or []:
        try:
            protected = protected_tables(connections[using])
            tables = connections[using].introspection.table_names()
        except DatabaseError:
            continue  # whatever needs this database reports that it is not responding

        for model in append_only_models():
            table = model._meta.db_table
            if table in tables and table not in protected:
                hint = "Run manage.py prepare: it creates the triggers again."
                text = f"The triggers that protect the rows of {table} are missing or disabled."
                errors.append(Error(text, hint=hint, id="plans.E001"))
    return errors


def require_triggers():
    """Raise `ImproperlyConfigured` where an append-only table of the default database lacks its triggers."""
    for error in check_triggers(None, ["default"]):
        raise ImproperlyConfigured(f"{error.msg} {error.hint}")


def protected_tables(connection):
    """Return the names of the tables that have all their triggers, enabled."""
    with connection.cursor() as cursor:
        cursor.execute(ENABLED_TRIGGERS[connection.vendor])
        tables = [table for (table,) in cursor.fetchall()]

    return {table for table in tables if tables.count(table) == TRIGGERS_PER_TABLE[connection.vendor]}
