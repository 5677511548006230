"""Rows that are written once: the database itself refuses to change or delete them, whoever asks.

A model with `append_only = True` gets triggers on its table. The columns it names in `erasable` may be emptied, no
more. The triggers are made anew after every migrate, since Django's SQLite schema editor rebuilds a table to alter it
and drops its triggers without a word.
"""

from django.apps import apps
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.db.models import UniqueConstraint

REFUSAL = "rows of {table} are never changed and never deleted"

# The function reads the row as a whole: a trigger that named columns would forbid altering them later.
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

# A key can be set under the name rowid too, which no list of columns holds: names_kept looks at its value.
# REPLACE deletes the rows in its way without firing a delete trigger: it is met before it inserts.
SQLITE = {
    "update_kept": "BEFORE UPDATE OF {kept} ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    "names_kept": "BEFORE UPDATE ON {table} WHEN NEW.{key} <> OLD.{key} OR {rewritten} "
    "BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    "delete_kept": "BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    "replace_kept": "BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) "
    "BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
}

# How many triggers a table has, and which tables have one that stands and is switched on.
TRIGGERS = {"postgresql": 2, "sqlite": 4}
FIND_TRIGGERS = {
    "postgresql": """
        SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = current_schema()::regnamespace
        AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgname LIKE '%kept'
    """,
    "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%kept'",
}


def append_only_models():
    return [model for model in apps.get_models() if getattr(model, "append_only", False)]


def erasable(model):
    """The columns of an append-only table that may be emptied."""
    return getattr(model, "erasable", ())


def make_triggers(using="default", **kwargs):
    """Make the triggers of every append-only table that is there. Runs after each migrate; safe to repeat."""
    connection = connections[using]
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for model in append_only_models():
            if model._meta.db_table in tables:
                for statement in statements(connection.vendor, model):
                    cursor.execute(statement)


def statements(vendor, model):
    table = model._meta.db_table
    values = {
        "table": table,
        "refusal": REFUSAL.format(table=table),
        "kept": ", ".join(field.column for field in model._meta.local_fields if field.name not in erasable(model)),
        "rewritten": " OR ".join(f"(NEW.{name} <> '' AND NEW.{name} <> OLD.{name})" for name in erasable(model))
        or "FALSE",
        "key": model._meta.pk.column,
        "only_erases": only_erases(model),
        "taken": taken(model),
    }
    if vendor == "postgresql":
        return [POSTGRESQL.format(**values)]
    return [
        statement.format(name=f"{table}_{name}", body=body.format(**values))
        for name, body in SQLITE.items()
        for statement in ("DROP TRIGGER IF EXISTS {name}", "CREATE TRIGGER {name} {body}")
    ]


def only_erases(model):
    """SQL that holds for an update which empties columns that may be, and changes nothing else."""
    if not erasable(model):
        return "FALSE"
    names = ", ".join(f"'{name}'" for name in erasable(model))
    emptied = " AND ".join(f"(NEW.{name} = '' OR NEW.{name} = OLD.{name})" for name in erasable(model))
    rest_stays = f"to_jsonb(NEW) - ARRAY[{names}] = to_jsonb(OLD) - ARRAY[{names}]"
    return f"NEW IS DISTINCT FROM OLD AND {emptied} AND {rest_stays}"


def taken(model):
    """SQL that finds a row which a new one would replace: one equal to it in what must be unique."""
    options = model._meta
    unique = [[field.name] for field in options.local_fields if field.unique]
    unique += [list(rule.fields) for rule in options.constraints if isinstance(rule, UniqueConstraint)]
    columns = [[options.get_field(name).column for name in names] for names in unique]
    return " OR ".join("(" + " AND ".join(f"{c} = NEW.{c}" for c in names) + ")" for names in columns)


def check_triggers(app_configs, databases, **kwargs):
    """A system check: every table that must keep its rows has the triggers that keep them.

    It is a deployment check, since migrate, which mends what it finds, must not be stopped by it.
    """
    errors = []
    for using in databases or []:
        try:
            found = triggers_in(connections[using])
            tables = connections[using].introspection.table_names()
        except DatabaseError:
            continue  # a database that does not answer is told by whatever needs it
        for model in append_only_models():
            table = model._meta.db_table
            if table in tables and table not in found:
                hint = "Run manage.py migrate: it makes the triggers again."
                errors.append(
                    Error(f"Nothing keeps the rows of {table} from being changed.", hint=hint, id="plans.E001")
                )
    return errors


def require_triggers():
    for error in check_triggers(None, ["default"]):
        raise ImproperlyConfigured(f"{error.msg} {error.hint}")


def triggers_in(connection):
    """The tables on which every trigger of theirs stands and is switched on."""
    with connection.cursor() as cursor:
        cursor.execute(FIND_TRIGGERS[connection.vendor])
        tables = [table for (table,) in cursor.fetchall()]
    return {table for table in tables if tables.count(table) == TRIGGERS[connection.vendor]}
