"""Every text of every page is in the page's language, or has a `lang` attribute for its own."""

import re

import lxml.html
import pytest
from django.conf import settings
from django.test import Client

from deliverables.models import StatusUpdate
from metropolis_tracker import translation_files
from metropolis_tracker.accounts.models import User
from plans.models import Organisation, Visibility
from tests.browser.pages import OPEN, SIGNED_IN, in_language
from tests.builders import new_plan, publish
from tests.conftest import browser_of

OTHER_LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
ATTRIBUTES = ["title", "aria-label", "placeholder", "alt"]
NAMES = [
    *("Metropolis Tracker", "https://", "Atom", "CSV", "DOCX", "Europe", "HTML", "JSON Schema", "JSON", "PDF", "PPTX"),
    *("SHA", "StratML", "XLSX", "zeppelin"),  # the last one is what a page searches for
]


def translatable_texts(response):
    """Return the texts in the language of the page: of nodes, of visible or spoken attributes, and its description."""
    page = lxml.html.fromstring(response.content)
    own = [
        element for element in page.iter() if isinstance(element.tag, str) and language_of(element) == page.get("lang")
    ]
    texts = [
        text
        for element in own
        if element.tag not in ("script", "style", "code", "textarea")
        for text in text_nodes(element)
    ]
    texts += [element.get(name) for element in own for name in ATTRIBUTES if element.get(name)]
    texts += page.xpath("//meta[@name='description']/@content")
    return {" ".join(text.split()) for text in texts if re.search(r"[^\W\d_]{3}", text)}


def language_of(element):
    return next((each.get("lang") for each in [element, *element.iterancestors()] if each.get("lang")), None)


def text_nodes(element):
    yield from [element.text or "", *(child.tail or "" for child in element)]


@pytest.fixture(scope="module")
def same_as_english():
    """By language: the messages whose translation is the same as the English."""
    return {
        language: {
            re.sub("%d ?", "", text)
            for message in translation_files.read_catalog(language)
            if message.id == message.string
            for text in ([message.id] if isinstance(message.id, str) else message.id)
        }
        for language in OTHER_LANGUAGES
    }


def typed_by_people():
    """Return the texts in the database that are not translated: names, addresses, notes, titles of evidence."""
    texts = [
        *StatusUpdate.objects.values_list("note", flat=True),
        *StatusUpdate.objects.values_list("evidence_title", flat=True),
    ]
    for organisation in Organisation.objects.all():
        texts += [organisation.name, *organisation.address_lines]
    for user in User.objects.all():
        texts += [user.name, user.email]
    return sorted(filter(None, texts), key=len, reverse=True)


def without(text, known):
    for part in known:
        text = text.replace(part, "")
    return text


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
@pytest.mark.parametrize("who", ["anyone", "sofia"])
def test_no_text_of_a_page_is_left_in_english(translated_plan, sofia, same_as_english, language, who):
    new_plan(visibility=Visibility.DRAFT)
    publish(translated_plan, by=sofia)
    client = browser_of(sofia) if who == "sofia" else Client()
    untranslated = set()
    for path in SIGNED_IN if who == "sofia" else OPEN:
        english, other = (
            translatable_texts(client.get(in_language(path, each), follow=True)) for each in ("en", language)
        )
        assert other
        untranslated |= {(path, text) for text in english & other if is_english(text, same_as_english[language])}
    assert not untranslated, "\n".join(map(str, sorted(untranslated)))


def is_english(text, same):
    rest = without(text, [*NAMES, settings.CONTACT_EMAIL, *typed_by_people(), *sorted(same, key=len, reverse=True)])
    return bool(re.search(r"[^\W\d_]{3}", rest))
