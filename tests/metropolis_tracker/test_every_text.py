"""Every word of every page is in the page's language, or marked with its own."""

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
NAMES = ["Metropolis Tracker", "https://", "Atom", "CSV", "HTML", "JSON Schema", "JSON", "PDF", "SHA", "XLSX"]


def said(response):
    """The texts of a page that stand in its language: of nodes, of attributes that are shown or spoken, its meta."""
    page = lxml.html.fromstring(response.content)
    own = [
        element for element in page.iter() if isinstance(element.tag, str) and language_of(element) == page.get("lang")
    ]
    texts = [
        text
        for element in own
        if element.tag not in ("script", "style", "code", "textarea")
        for text in nodes_of(element)
    ]
    texts += [element.get(name) for element in own for name in ATTRIBUTES if element.get(name)]
    texts += page.xpath("//meta[@name='description']/@content")
    return {" ".join(text.split()) for text in texts if re.search(r"[^\W\d_]{3}", text)}


def language_of(element):
    return next((each.get("lang") for each in [element, *element.iterancestors()] if each.get("lang")), None)


def nodes_of(element):
    yield from [element.text or "", *(child.tail or "" for child in element)]


@pytest.fixture(scope="module")
def same_in():
    """By language, what is written there as in English."""
    return {
        language: {
            message.id for message in translation_files.translations_into(language) if message.id == message.string
        }
        for language in OTHER_LANGUAGES
    }


def typed_by_people():
    """What stands in the database and is nobody's to translate: names, addresses, notes, titles of evidence."""
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
def test_no_word_of_a_page_is_left_in_english(plan, sofia, same_in, language, who):
    new_plan(visibility=Visibility.DRAFT)
    publish(plan, by=sofia)
    client = browser_of(sofia) if who == "sofia" else Client()
    left = set()
    for path in SIGNED_IN if who == "sofia" else OPEN:
        english, other = (said(client.get(in_language(path, each), follow=True)) for each in ("en", language))
        assert other
        left |= {(path, text) for text in english & other if is_english(text, same_in[language])}
    assert not left, "\n".join(map(str, sorted(left)))


def is_english(text, same):
    rest = without(text, [*NAMES, settings.CONTACT_EMAIL, *typed_by_people(), *sorted(same, key=len, reverse=True)])
    return bool(re.search(r"[^\W\d_]{3}", rest))
