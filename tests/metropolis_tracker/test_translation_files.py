"""The translations are whole: what the code says is said in each language, with the same placeholders."""

import gettext

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from metropolis_tracker import translation_files

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]


@pytest.fixture(scope="module")
def wanted():
    return translation_files.gather()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(wanted, language):
    assert list(translation_files.faults_in(translation_files.translations_into(language), wanted)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    compiled = gettext.translation("django", settings.LOCALE_PATHS[0], [language])
    written = translation_files.translations_into(language)
    plain = [message for message in written if message.id and not message.pluralizable]
    assert [message.id for message in plain if said(compiled, message) != message.string] == []


def said(compiled, message):
    if message.context:
        return compiled.pgettext(message.context, message.id)
    return compiled.gettext(message.id)


@pytest.mark.parametrize(
    ("string", "fault"),
    [
        ("", "not translated: %(n)d of {x}"),
        ("%(n)d de x", "other placeholders: %(n)d of {x} / %(n)d de x"),
        ("%(m)d de {x}", "other placeholders: %(n)d of {x} / %(m)d de {x}"),
        (" %(n)d de {x}", "other blanks at its ends: %(n)d of {x} /  %(n)d de {x}"),
    ],
)
def test_a_faulty_translation_is_found(string, fault):
    wanted, catalog = Catalog(), Catalog(locale="es")
    wanted.add("%(n)d of {x}")
    catalog.add("%(n)d of {x}", string)
    assert list(translation_files.faults_in(catalog, wanted)) == [fault]


def test_what_is_missing_unused_or_fuzzy_is_found():
    wanted, catalog = Catalog(), Catalog(locale="es")
    wanted.add("new")
    wanted.add("unsure")
    catalog.add("old", "viejo")
    catalog.add("unsure", "dudoso", flags=["fuzzy"])
    assert set(translation_files.faults_in(catalog, wanted)) == {
        "missing: new",
        "not in the code: old",
        "fuzzy: unsure",
    }


def test_a_plural_keeps_its_number():
    wanted, catalog = Catalog(), Catalog(locale="es")
    wanted.add(("One row", "%(n)d rows"))
    catalog.add(("One row", "%(n)d rows"), ("Una fila", "filas"))
    assert list(translation_files.faults_in(catalog, wanted)) == [
        "other placeholders: ('One row', '%(n)d rows') / filas"
    ]


def test_plurals_need_all_their_forms():
    wanted, catalog = Catalog(), Catalog(locale="es")
    wanted.add(("%d row", "%d rows"))
    catalog.add(("%d row", "%d rows"), ("%d fila", ""))
    assert list(translation_files.faults_in(catalog, wanted)) == ["not translated: ('%d row', '%d rows')"]


@pytest.mark.parametrize(
    "text",
    [
        "Skip to the content",  # a template
        "This plan is public: its codes stay as they are.",  # Python
        ("%(number)s deliverable is withdrawn", "%(number)s deliverables are withdrawn"),  # a plural of a template
        "No poverty",  # a goal
        "Its title.",  # the schema
    ],
)
def test_messages_are_gathered_wherever_they_stand(wanted, text):
    assert wanted.get(text) is not None
