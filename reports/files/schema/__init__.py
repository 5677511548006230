"""The JSON Schema of the summary. Programs validate files with it, and the data page lists its keys."""

import json
from pathlib import Path

from django.utils.translation import gettext as _

from deliverables.attention import MISSING_INFORMATION
from deliverables.status import Reason, Status

SCHEMA_FILE = Path(__file__).parent / "summary.schema.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
# The values come from the enums, so that a new reason or status needs no change here.
SCHEMA["$defs"]["status"]["enum"] = Status.values
SCHEMA["$defs"]["reason"]["enum"] = [*Reason.values, None]
SCHEMA["$defs"]["missing"]["enum"] = [each.value for each in MISSING_INFORMATION]


def schema_keys(schema=SCHEMA, path=""):
    """Yield (path, description) for each key of the JSON. `[]` stands for every item of a list; `counts` is one key."""
    for name, value in schema.get("properties", {}).items():
        yield path + name, _(value["description"])
        yield from schema_keys(value, f"{path}{name}.")
        yield from schema_keys(value.get("items", {}), f"{path}{name}[].")
