"""Databases of earlier releases are brought to this version by `prepare`, and hold all that was recorded in them.

The copies that `prepare` makes before: tests/metropolis_tracker/backups/test_before_upgrade.py.
"""

import json
import pickle
import re
import sqlite3
from functools import partial
from types import SimpleNamespace

import psycopg2
import pytest
from django.db import connection

from plans.common.append_only import append_only_models
from tests.server import manage, prepare, shared_folder
from tests.upgrades.databases import (
    PROOFS,
    archive_of,
    connected,
    contents,
    digests,
    environment_of_copy,
    loaded_environment,
    read,
    releases,
    schema,
    tables,
)
from tests.upgrades.store import CONTENT

VENDOR = connection.vendor
RELEASES = releases(VENDOR)
HISTORY = sorted(model._meta.db_table for model in append_only_models())
REFUSED = (sqlite3.IntegrityError, psycopg2.IntegrityError)

# What operators, readers and recorders meet, in a process of this version.
LOOK = """
import io, json
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from deliverables.models import Deliverable
from metropolis_tracker.accounts.models import User
from tests.builders import report
from tests.upgrades.databases import schema

settings.ALLOWED_HOSTS = ["*"]
paths = ["/readyz", "/plans/2018-2020/", "/plans/2021-2023/", "/plans/2021-2023/history.json",
         "/plans/2021-2023/editions/1/", "/plans/2021-2023/editions/1/summary.pdf"]
answers = {path: Client().get(path).status_code for path in paths}
said = io.StringIO()
for command in ("verify_history", "verify_editions"):
    try:
        call_command(command, stdout=said)
    except Exception as error:
        print("Fault:", error, file=said)
first = Deliverable.objects.of_plan("2021-2023").with_current_status().get(number=1)
recorded = report(first, "in_progress", by=User.objects.get(name="Sofia Marín")).sequence
roles = sorted(Group.objects.values_list("name", flat=True))
print(json.dumps({"answers": answers, "said": said.getvalue(), "roles": roles, "recorded": recorded,
                  "schema": schema()}))
"""


@pytest.fixture(scope="module", params=RELEASES)
def upgraded(request):
    """A database of a release after `prepare` of this version, with what was in it before and after."""
    folder = shared_folder(f"upgraded-{request.param}", partial(upgrade, request.param))
    return pickle.loads((folder / "upgraded").read_bytes())


def upgrade(release, folder, meddle=None):
    """Bring the stored database of a release to this version, and write what is found to the file `upgraded`."""
    environment = loaded_environment(release, VENDOR, folder)
    with connected(environment) as opened:
        if meddle:
            meddle(opened)
        before, digests_before = contents(opened), digests(opened)
    prepare(environment)
    with connected(environment) as opened:
        after, digests_after, heads = contents(opened), digests(opened), read(opened, PROOFS["heads"])[1]
        changeable = changeable_tables(opened)
    with connected(environment_of_copy(environment, folder / "back")) as opened:
        copied, copy_is_open = contents(opened), changeable_tables(opened)
    looked = json.loads(manage(environment, "shell", "--verbosity", "0", input=LOOK).splitlines()[-1])

    found = SimpleNamespace(
        release=release,
        before=before,
        digests_before=digests_before,
        after=after,
        digests_after=digests_after,
        heads=heads,
        changeable=changeable,
        copied=copied,
        copy_is_open=copy_is_open,
        **looked,
    )
    (folder / "upgraded").write_bytes(pickle.dumps(found))
    return found


def changeable_tables(opened):
    """Return the tables of the history of which a row can be changed or deleted by SQL. Nothing is."""
    there = [table for table in HISTORY if table in tables(opened)]
    filled = [table for table in there if read(opened, f"SELECT id FROM {table}")[1]]
    assert len(filled) >= 4
    statements = ("UPDATE {} SET id = id + 1000", "DELETE FROM {}")
    return {table for table in filled for text in statements if not is_refused(opened, text.format(table))}


def is_refused(opened, statement):
    try:
        opened.cursor().execute(statement)
    except REFUSED as error:
        return "never changed and never deleted" in str(error)
    finally:
        opened.rollback()
    return False


def test_every_release_has_a_database_of_this_kind():
    """Those of the changelog; `make test` runs this on either kind."""
    with open("CHANGELOG.md", encoding="utf-8") as changelog:
        numbered = re.findall(r"^## (\d+\.\d+\.\d+) ", changelog.read(), re.M)
    assert len(RELEASES) >= 4
    assert set(RELEASES) <= set(numbered)
    assert set(numbered[1:]) <= set(RELEASES)  # the newest is stored after it was released


def test_the_histories_are_those_that_the_release_recorded(upgraded):
    stored = json.loads(archive_of(upgraded.release, VENDOR).with_name(f"{upgraded.release}.{VENDOR}.json").read_text())
    assert upgraded.digests_before == stored
    assert upgraded.digests_after == stored
    assert (stored["updates"]["rows"] > 70, stored["documents"]["rows"] > 5) == (True, True)


def test_no_row_of_the_history_has_changed(upgraded):
    """In no column that is still there; columns are added."""
    for table in set(HISTORY) & upgraded.before.keys():
        columns, rows = upgraded.before[table]
        shared = [name for name in columns if name in upgraded.after[table][0]]
        assert only(shared, columns, rows) == only(shared, *upgraded.after[table])
        assert set(columns) - set(shared) == set()


def only(names, columns, rows):
    places = [columns.index(name) for name in names]
    return sorted((tuple(row[place] for place in places) for row in rows), key=repr)


def test_it_verifies_as_an_operator_does_it(upgraded):
    editions = len(upgraded.after["reports_edition"][1])
    assert ("Fault" in upgraded.said, upgraded.said.count("as published")) == (False, editions)
    assert f"2021-2023: {entries(upgraded)} entries" in upgraded.said


def entries(upgraded):
    """Return how many updates the small plan has."""
    return next(row[1] for row in upgraded.heads if row[0] == "2021-2023")


def test_nothing_of_the_history_can_be_changed_or_deleted(upgraded):
    assert upgraded.changeable == set()


@pytest.mark.django_db
def test_its_tables_are_those_of_a_new_installation(upgraded):
    """A new one is made by the squashed migrations, an old one goes through each of those that they replace."""
    new = json.loads(json.dumps(schema()))
    assert upgraded.schema.keys() == new.keys()
    assert {name: both(table, new[name]) for name, table in upgraded.schema.items() if table != new[name]} == {}


def both(*tables):
    """Return what only one of two tables has, to be read in a failure."""
    there, here = ({repr(row) for rows in table for row in rows} for table in tables)
    return sorted(there ^ here)


def test_the_pages_answer_and_the_roles_are_there(upgraded):
    assert set(upgraded.answers.values()) == {200}
    assert upgraded.roles == ["Administrators", "Board", "Regional secretaries", "Secretariat"]


def test_the_copy_from_before_has_every_row_and_trigger_that_was_there(upgraded):
    assert upgraded.copied == upgraded.before
    assert upgraded.copy_is_open == set()


def test_it_goes_on_where_it_was(upgraded):
    assert upgraded.recorded == entries(upgraded) + 1


def test_the_newest_release_fills_every_table_of_the_history():
    """Else nothing here would show that a table without rows is protected. A new table needs rows in content/."""
    scripts = "".join(path.read_text(encoding="utf-8") for path in CONTENT.glob("*.py"))
    assert {"Takedown", "EditionWithdrawal", "Evidence", "Decision"} <= set(re.findall(r"\w+", scripts))


# The broken twins: what the tests above would find.


def meddled_with(opened):
    for table, name in (("deliverables_statusupdate", "update"), ("deliverables_statusupdate", "names")):
        drop_trigger(opened, table, name)
    opened.cursor().execute("UPDATE deliverables_statusupdate SET note = 'Nothing to see' WHERE sequence = 7")


def drop_trigger(opened, table, name):
    if VENDOR == "postgresql":
        opened.cursor().execute(f"DROP TRIGGER IF EXISTS {table}_rows_kept ON {table}")
    else:
        opened.cursor().execute(f"DROP TRIGGER {table}_{name}_kept")


def test_a_history_that_was_meddled_with_before_the_upgrade_is_found(tmp_path):
    twin = upgrade(RELEASES[-1], tmp_path, meddle=meddled_with)
    assert re.search("2018-2020: BROKEN. Entry 7 (is not what was recorded|has another note)", twin.said)
    assert twin.changeable == set()  # the upgrade has made the triggers again


def test_a_trigger_that_is_gone_is_found(tmp_path):
    environment = loaded_environment(RELEASES[-1], VENDOR, tmp_path)
    with connected(environment) as opened:
        drop_trigger(opened, "reports_edition", "delete")
        opened.commit()
        assert "reports_edition" in changeable_tables(opened)
