"""Publishing in several languages: what is chosen, what is still missing, what the preview shows."""

import io
import json
import re

import pytest
from django.utils.html import escape
from django.utils.translation import override
from lxml import html
from pypdf import PdfReader

from plans.models import Plan
from reports.figures.summary import summarise
from reports.files.sentences import unofficial_sentence
from reports.models import Edition
from tests.builders import TODAY, publish
from tests.reports.editions.test_drafts import CHECK, write
from tests.reports.editions.test_languages import NEXT, PLAN, TITLES, document, translate_title
from tests.reports.editions.test_publishing import PUBLISH, decision

pytestmark = pytest.mark.django_db
CHOICE = {
    "title": "Three-year report",
    "as_of": "2020-12-31",
    "languages": ["es", "fr"],
    "title_es": TITLES["es"],
    "title_fr": TITLES["fr"],
}


@pytest.fixture
def title(plan, sofia):
    return translate_title(plan, sofia)


def test_an_edition_in_english_alone_holds_no_other_language(plan, sofia, title):
    edition = publish(plan, by=sofia)
    assert {each.language for each in edition.documents.all()} == {"en"}
    assert json.loads(document(edition, "json"))["translations"] == {}


def test_where_there_is_no_such_document_the_english_one_is_given_as_english(visitor, plan, sofia):
    edition = publish(plan, by=sofia)
    response = visitor.get(f"/es{PLAN}editions/1/summary.pdf")
    assert (response.content, response["Content-Language"]) == (document(edition, "pdf"), "en")


def test_publishing_takes_the_languages_chosen(secretariat, plan, title):
    write(secretariat, **CHOICE)
    secretariat.post(PUBLISH, decision(secretariat))
    assert Edition.objects.get().titles == TITLES


def test_what_is_not_translated_stands_on_the_checklist(secretariat, title):
    write(secretariat, **CHOICE)
    text = html.fromstring(secretariat.get(CHECK).content).text_content()
    assert "138 texts not translated into Spanish: they will be shown in English" in " ".join(text.split())
    assert "139 texts not translated into French" in " ".join(text.split())


def test_a_preview_comes_in_each_language(secretariat, plan):
    write(secretariat, **CHOICE)
    page = html.fromstring(secretariat.get(f"/fr{NEXT}summary.html").content)
    assert (page.get("lang"), "Rapport triennal" in page.text_content()) == ("fr", True)


@pytest.mark.parametrize("name", ["summary.pdf", "brief.pdf", "cover.png", "summary.docx", "summary.pptx"])
def test_a_preview_in_a_language_without_a_title_shows_the_english_one(secretariat, plan, name):
    write(secretariat, **CHOICE | {"languages": []})
    response = secretariat.get(f"/es{NEXT}{name}")
    assert (response.status_code, len(response.content) > 1000) == (200, True)
    if name == "summary.pdf":
        pages = PdfReader(io.BytesIO(response.content)).pages
        assert ["Three-year report" in page.extract_text() for page in pages[:2]] == [True, True]


def test_the_page_says_what_is_unofficial_and_so_does_the_edition(secretariat, visitor, translated_plan, sofia):
    write(secretariat, **CHOICE)
    page = html.fromstring(secretariat.get(CHECK).content)
    text = " ".join(page.get_element_by_id("main").text_content().split())
    assert re.search(r"\d{2,3} texts in an unofficial translation into Spanish: the edition will say so", text)
    assert "not translated into" not in text

    edition = publish(translated_plan, by=sofia, titles=TITLES)
    with override("es"):
        notice = escape(unofficial_sentence(summarise(Plan.objects.get(), today=TODAY)))
    assert notice in document(edition, "html", "es").decode()
    assert set(json.loads(document(edition, "json"))["unofficial_translations"]) == {"es", "fr"}
    shown = " ".join(html.fromstring(visitor.get(f"{PLAN}editions/1/").content).text_content().split())
    assert "texts in an unofficial translation into French, not confirmed by the secretariat." in shown


def test_an_unofficial_translation_needs_no_leave_to_publish(secretariat, translated_plan):
    write(secretariat, **CHOICE | {"languages": ["es"]})
    edition = secretariat.get(CHECK).context["edition"]
    assert (edition.untranslated, bool(edition.unofficial)) == ([], True)
