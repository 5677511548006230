"""What the code and its templates say, gathered for the translators: no system package is needed for it."""

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
CALLS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"], (1,)),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], IN_CONTEXT),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[\d.]*[a-z]|\{[\w.]*\}")


def gather():
    """Everything to be translated, as a catalog without translations."""
    catalog = Catalog(charset="utf-8")
    folders = [path for name in FOLDERS for path in (settings.BASE_DIR / name).rglob("*.*")]
    for path in sorted([*folders, settings.BASE_DIR / "fixtures" / "goals.json"]):
        for message, context in messages_of(path):
            catalog.add(message, context=context, locations=[(str(path.relative_to(settings.BASE_DIR)), None)])
    return catalog


def messages_of(path):
    """The messages of a file, each a text or a pair of singular and plural, with its context or None."""
    if path.suffix == ".json":
        yield from ((text, None) for text in texts_in(json.loads(path.read_text(encoding="utf-8"))))
    if path.suffix not in (".py", ".html", ".txt"):
        return
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        code = templatize(source, origin=str(path))
        source = "\n".join(line.lstrip() for line in code.splitlines())  # its indents are not Python's
    for _line, function, texts, _comments in extract_python(io.BytesIO(source.encode()), CALLS, [], {}):
        texts = [text for text in (texts if isinstance(texts, tuple) else [texts]) if text]
        if function == "npgettext":
            yield tuple(texts[1:3]), texts[0]
        elif function.startswith("pgettext"):
            yield texts[1], texts[0]
        elif texts:
            yield (tuple(texts[:2]) if function.startswith("ngettext") and len(texts) > 1 else texts[0]), None


def texts_in(part):
    """What pages show of a file of data: the descriptions of a schema, the titles of the goals."""
    if isinstance(part, list):
        for item in part:
            yield from texts_in(item)
    elif isinstance(part, dict):
        if part.get("model") == "plans.sustainabledevelopmentgoal":
            yield part["fields"]["title"]
        elif isinstance(part.get("description"), str):
            yield part["description"]
        for item in part.values():
            yield from texts_in(item)


def file_of(language) -> Path:
    """Where the translations into a language stand."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def translations_into(language):
    """The catalog of a language; an empty one before its file is there."""
    file = file_of(language)
    if not file.exists():
        return Catalog(locale=language, charset="utf-8")
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def write(catalog, language):
    """Write the file of a language: sorted, so that a change of one message is a change of a few lines."""
    file = file_of(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    catalog.header_comment = f"# What the Metropolis Tracker says, in {catalog.locale.english_name}."
    catalog.project, catalog.fuzzy = "Metropolis Tracker", False
    with file.open("wb") as stream:
        write_po(stream, catalog, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)


def faults_in(catalog, wanted):
    """What is wrong with the translations, a sentence each: missing, fuzzy, unused, or with other placeholders."""
    for message in wanted:
        if message.id and catalog.get(message.id, message.context) is None:
            yield f"missing: {message.id}"
    for message in catalog:
        if not message.id:
            continue
        if wanted.get(message.id, message.context) is None:
            yield f"not in the code: {message.id}"
        if message.fuzzy:
            yield f"fuzzy: {message.id}"
        yield from faults_of(message)


def faults_of(message):
    """What is wrong with one translation."""
    sources = message.id if message.pluralizable else (message.id,)
    texts = message.string if message.pluralizable else (message.string,)
    if not all(texts):
        yield f"not translated: {message.id}"
        return
    allowed = [placeholders(source) for source in sources]
    for place, text in enumerate(texts):
        wanted = allowed if place == 0 else allowed[-1:]  # the singular may leave its number out, or say it
        if placeholders(text) not in wanted:
            yield f"other placeholders: {message.id} / {text}"
        if (text[:1].isspace(), text[-1:].isspace()) != (sources[0][:1].isspace(), sources[0][-1:].isspace()):
            yield f"other blanks at its ends: {message.id} / {text}"


def placeholders(text):
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))
