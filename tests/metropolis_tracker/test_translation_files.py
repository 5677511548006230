"""The translations are complete: every message is translated into each language, with the same placeholders."""

import gettext

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from metropolis_tracker import translation_files

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]


@pytest.fixture(scope="module")
def messages():
    return translation_files.extract_messages()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(messages, language):
    assert list(translation_files.find_problems(translation_files.read_catalog(language), messages)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_file_matches_its_source(language):
    compiled = gettext.translation("django", settings.LOCALE_PATHS[0], [language])
    source = translation_files.read_catalog(language)
    plain = [message for message in source if message.id and not message.pluralizable]
    assert [message.id for message in plain if translate(compiled, message) != message.string] == []


def translate(compiled, message):
    if message.context:
        return compiled.pgettext(message.context, message.id)
    return compiled.gettext(message.id)


@pytest.mark.parametrize(
    ("string", "problem"),
    [
        ("", "not translated: %(n)d of {x}"),
        ("%(n)d de x", "wrong placeholders: %(n)d of {x} / %(n)d de x"),
        ("%(m)d de {x}", "wrong placeholders: %(n)d of {x} / %(m)d de {x}"),
        (" %(n)d de {x}", "wrong spaces at start or end: %(n)d of {x} /  %(n)d de {x}"),
    ],
)
def test_a_faulty_translation_is_reported(string, problem):
    messages, catalog = Catalog(), Catalog(locale="es")
    messages.add("%(n)d of {x}")
    catalog.add("%(n)d of {x}", string)
    assert list(translation_files.find_problems(catalog, messages)) == [problem]


def test_missing_unused_and_fuzzy_messages_are_reported():
    messages, catalog = Catalog(), Catalog(locale="es")
    messages.add("new")
    messages.add("unsure")
    catalog.add("old", "viejo")
    catalog.add("unsure", "dudoso", flags=["fuzzy"])
    assert set(translation_files.find_problems(catalog, messages)) == {
        "missing: new",
        "unused: old",
        "fuzzy: unsure",
    }


def test_a_plural_must_contain_its_number():
    messages, catalog = Catalog(), Catalog(locale="es")
    messages.add(("One row", "%(n)d rows"))
    catalog.add(("One row", "%(n)d rows"), ("Una fila", "filas"))
    assert list(translation_files.find_problems(catalog, messages)) == [
        "wrong placeholders: ('One row', '%(n)d rows') / filas"
    ]


def test_a_plural_must_have_all_its_forms():
    messages, catalog = Catalog(), Catalog(locale="es")
    messages.add(("%d row", "%d rows"))
    catalog.add(("%d row", "%d rows"), ("%d fila", ""))
    assert list(translation_files.find_problems(catalog, messages)) == ["not translated: ('%d row', '%d rows')"]


@pytest.mark.parametrize(
    "text",
    [
        "Skip to the content",  # a template
        "This plan is public: its codes cannot be changed.",  # Python
        (
            "%(number)s deliverable is withdrawn and not included in the totals",
            "%(number)s deliverables are withdrawn and not included in the totals",
        ),  # a plural of a template
        "No poverty",  # a goal
        "Its title.",  # the schema
    ],
)
def test_messages_are_extracted_from_every_kind_of_file(messages, text):
    assert messages.get(text) is not None
