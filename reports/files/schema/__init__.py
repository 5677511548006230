"""The JSON Schema of the summary: what a program checks a file against, and what the data page shows."""

import json
from pathlib import Path

from django.utils.translation import gettext as _

SCHEMA_FILE = Path(__file__).parent / "summary.schema.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def keys(part=SCHEMA, path=""):
    """Each key of the JSON as (path, description), `[]` for every item of a list; `counts` once, not in its parts."""
    for name, value in part.get("properties", {}).items():
        yield path + name, _(value["description"])
        yield from keys(value, f"{path}{name}.")
        yield from keys(value.get("items", {}), f"{path}{name}[].")
