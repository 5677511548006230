"""The open data is what its page and its schema say."""

import json

import pytest
from jsonschema import Draft202012Validator

from deliverables.attention import MISSING_INFORMATION
from deliverables.status import Reason, Status
from reports.files.fields import COLUMNS, ORIGIN
from reports.files.schema import SCHEMA, schema_keys
from tests.builders import new_plan, publish, report

pytestmark = pytest.mark.django_db
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("query", ["", "?as_of=2019-01-01", "?status=in_progress"])
def test_the_json_keeps_its_schema(visitor, query):
    assert [
        error.message for error in VALIDATOR.iter_errors(visitor.get(f"/plans/2018-2020/summary.json{query}").json())
    ] == []


def test_an_editions_json_keeps_its_schema(plan, sofia):
    empty = new_plan(deliverables=0)
    for published in (plan, plan, empty):
        content = json.loads(bytes(publish(published, by=sofia).documents.get(extension="json").content))
        assert [error.message for error in VALIDATOR.iter_errors(content)] == []


def test_the_schema_notices_a_wrong_key(visitor):
    content = visitor.get("/plans/2018-2020/summary.json").json()
    content["deliverables"][0]["state"] = content["deliverables"][0].pop("status")
    assert len(list(VALIDATOR.iter_errors(content))) == 2


def test_the_schema_knows_the_vocabularies():
    vocabularies = {name: SCHEMA["$defs"][name]["enum"] for name in ("status", "reason", "missing")}
    reasons, missing = [*Reason.values, None], [each.value for each in MISSING_INFORMATION]
    assert vocabularies == {"status": Status.values, "reason": reasons, "missing": missing}


def test_every_key_of_the_schema_has_its_meaning_on_the_page(visitor):
    text = visitor.get("/data/").content.decode()
    names = [name for name, _meaning in schema_keys()]
    assert (
        "deliverables[].evidence[].link" in names,
        [name for name in names if f"<code>{name}</code>" not in text],
    ) == (
        True,
        [],
    )


def test_every_column_has_its_meaning_on_the_page(visitor):
    text = visitor.get("/data/").content.decode()
    names = [*(column.name for column in COLUMNS), *ORIGIN]
    assert [name for name in names if f"<code>{name}</code>" not in text] == []


def test_the_json_tells_where_its_schema_is(visitor):
    address = visitor.get("/plans/2018-2020/summary.json").json()["$schema"]
    served = visitor.get(address.removeprefix("http://127.0.0.1:8000"))
    assert (json.loads(served.content), served["Content-Type"]) == (SCHEMA, "application/schema+json")


def test_a_report_stays_valid_whatever_is_written(visitor, plan, sofia):
    odd = new_plan(title='"quotes" {braces} \\ \u2028')
    report(odd.action_lines.get().measures.get().deliverables.get(), "not_developed", by=sofia, reason="given_up")
    assert list(VALIDATOR.iter_errors(visitor.get("/plans/2021-2023/summary.json").json())) == []
