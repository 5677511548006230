"""Extract the texts to translate from code and templates, and check the .po files.

It does the work of `makemessages` with Babel, so that no system package (gettext) is needed. It also reads the titles
of the goals from their fixture.
"""

import io
import json
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

FOLDERS = ["metropolis_tracker", "plans", "deliverables", "reports", "templates"]
IN_CONTEXT = ((1, "c"), 2)
# By function: which arguments are messages, in the notation of Babel's keywords; "c" is the context.
CALLS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"], (1,)),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], IN_CONTEXT),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[\d.]*[a-z]|\{[\w.]*\}")


def extract_messages():
    """Return a catalog of everything to translate, without translations."""
    catalog = Catalog(charset="utf-8")
    folders = [path for name in FOLDERS for path in (settings.BASE_DIR / name).rglob("*.*")]
    for path in sorted([*folders, settings.BASE_DIR / "fixtures" / "goals.json"]):
        for message, context in messages_in(path):
            catalog.add(message, context=context, locations=[(str(path.relative_to(settings.BASE_DIR)), None)])
    return catalog


def messages_in(path):
    """Yield the messages of a file with their context or None. A message is a text or a (singular, plural) pair."""
    if path.suffix == ".json":
        yield from ((text, None) for text in texts_in_data(json.loads(path.read_text(encoding="utf-8"))))
    if path.suffix not in (".py", ".html", ".txt"):
        return

    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        code = templatize(source, origin=str(path))
        source = "\n".join(line.lstrip() for line in code.splitlines())  # template indents are not valid Python

    for _line, function, texts, _comments in extract_python(io.BytesIO(source.encode()), CALLS, [], {}):
        texts = [text for text in (texts if isinstance(texts, tuple) else [texts]) if text]
        if function == "npgettext":
            yield tuple(texts[1:3]), texts[0]
        elif function.startswith("pgettext"):
            yield texts[1], texts[0]
        elif texts:
            yield (tuple(texts[:2]) if function.startswith("ngettext") and len(texts) > 1 else texts[0]), None


def texts_in_data(part):
    """Yield the texts of a JSON file that pages show: the descriptions in a schema and the titles of the goals."""
    if isinstance(part, list):
        for item in part:
            yield from texts_in_data(item)
    elif isinstance(part, dict):
        if part.get("model") == "plans.sustainabledevelopmentgoal":
            yield part["fields"]["title"]
        elif isinstance(part.get("description"), str):
            yield part["description"]
        for item in part.values():
            yield from texts_in_data(item)


def catalog_path(language) -> Path:
    """Return the path of the .po file of a language."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def read_catalog(language):
    """Return the catalog of a language, empty if it has no file yet."""
    file = catalog_path(language)
    if not file.exists():
        return Catalog(locale=language, charset="utf-8")
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def write_catalog(catalog, language):
    """Write the .po file of a language, sorted, so that changing one message changes only a few lines."""
    file = catalog_path(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    catalog.header_comment = f"# {catalog.locale.english_name} translations of the Metropolis Tracker."
    catalog.project, catalog.fuzzy = "Metropolis Tracker", False
    with file.open("wb") as stream:
        write_po(stream, catalog, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)


def find_problems(catalog, expected):
    """Yield a line for each problem of the translations: missing, unused, fuzzy, empty or with wrong placeholders."""
    for message in expected:
        if message.id and catalog.get(message.id, message.context) is None:
            yield f"missing: {message.id}"

    for message in catalog:
        if not message.id:
            continue
        if expected.get(message.id, message.context) is None:
            yield f"unused: {message.id}"
        if message.fuzzy:
            yield f"fuzzy: {message.id}"
        yield from problems_of(message)


def problems_of(message):
    """Yield a line for each problem of one translation."""
    sources = message.id if message.pluralizable else (message.id,)
    texts = message.string if message.pluralizable else (message.string,)
    if not all(texts):
        yield f"not translated: {message.id}"
        return

    allowed = [placeholders(source) for source in sources]
    for index, text in enumerate(texts):
        expected = allowed if index == 0 else allowed[-1:]  # the singular may omit its number
        if placeholders(text) not in expected:
            yield f"wrong placeholders: {message.id} / {text}"
        if (text[:1].isspace(), text[-1:].isspace()) != (sources[0][:1].isspace(), sources[0][-1:].isspace()):
            yield f"wrong spaces at start or end: {message.id} / {text}"


def placeholders(text):
    """Return the placeholders of a text in order of name, so that a translation may rearrange them."""
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))
