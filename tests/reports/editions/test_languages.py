"""An edition in several languages: one number, the same figures, each document in its own words."""

import io
import json
import re
from datetime import date

import pytest
from lxml import html
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from metropolis_tracker.accounts.roles import Role
from plans.models import Plan, Translation
from reports.models import Edition
from tests.builders import deliverable, publish
from tests.conftest import person

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
NEXT = PLAN + "editions/new/"
LANGUAGES = ["en", "es", "fr"]
TITLES = {"es": "Informe trienal", "fr": "Rapport triennal"}
OWN = "Voz de las alcaldías"  # a test's own words, no official translation


def translate_title(plan, by):
    """Translate the title of L1M1D2 into Spanish. Return the title."""
    title = deliverable("L1M1D2").title
    Translation.objects.set_translations(plan, "es", {title: OWN}, by=by)
    return title


@pytest.fixture(scope="module")
def published(shared_by_module):
    plan, sofia = Plan.objects.get(), person("Sofia Marín", Role.SECRETARIAT)
    title = translate_title(plan, sofia)
    edition = publish(plan, by=sofia, title="Three-year report", as_of=date(2020, 12, 31), titles=TITLES)
    return edition.pk, title


@pytest.fixture
def edition(published, plan):
    return Edition.objects.get(pk=published[0])


@pytest.fixture
def title(published):
    return published[1]


def document(edition, extension, language="en"):
    return bytes(edition.documents.get(kind="summary", extension=extension, language=language).content)


def figures_of_html(content):
    return [int(figure.text) for figure in html.fromstring(content).xpath("//dl[@class='figures']//dd")]


def figures_of_pdf(content):
    results = PdfReader(io.BytesIO(content)).pages[1].extract_text()
    return [int(number) for number in re.search(r"\b(\d+)\s+(\d+)\s+(\d+)\s+[A-Z]", results).groups()]


def figures_of_xlsx(content):
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    total = next(row for row in rows if row[6] == 65.0)
    return [int(number) for number in total[2:5]]


def figures_of_csv(content):
    lines = content.decode().splitlines()
    return [sum(f",{status}," in line for line in lines) for status in ("attained", "in_progress", "not_developed")]


FIGURES = {"html": figures_of_html, "pdf": figures_of_pdf, "xlsx": figures_of_xlsx, "csv": figures_of_csv}


def test_an_edition_has_its_documents_in_each_language_under_one_number(edition):
    found = [(each.language, f"{each.kind}.{each.extension}") for each in edition.documents.for_list()]
    names = [f"summary.{extension}" for extension in ("pdf", "html", "xlsx", "csv", "docx", "pptx", "stratml.xml")] + [
        "brief.pdf"
    ]
    for_people = [(language, name) for language in LANGUAGES for name in names]
    assert (edition.number, sorted(found)) == (1, sorted([*for_people, ("en", "summary.json")]))


@pytest.mark.parametrize("extension", FIGURES)
def test_the_figures_are_the_same_in_every_language(edition, extension):
    found = [FIGURES[extension](document(edition, extension, language)) for language in LANGUAGES]
    assert found == [[49, 10, 6]] * 3


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Outcomes and deliverables"), ("es", "Resultados y entregables"), ("fr", "Résultats et livrables")],
)
def test_a_document_speaks_its_language(edition, language, words):
    page = html.fromstring(document(edition, "html", language))
    pdf = PdfReader(io.BytesIO(document(edition, "pdf", language)))
    assert (page.get("lang"), pdf.trailer["/Root"]["/Lang"]) == (language, language)
    assert words in page.text_content()
    assert words in " ".join("".join(sheet.extract_text() for sheet in pdf.pages).split())


def test_a_document_carries_its_own_title_and_link(edition):
    texts = {language: html.fromstring(document(edition, "html", language)).text_content() for language in LANGUAGES}
    assert "Three-year report" in texts["en"]
    assert "Informe trienal" in texts["es"]
    assert "http://127.0.0.1:8000/es/plans/2018-2020/editions/1/" in texts["es"]
    assert "http://127.0.0.1:8000/fr/plans/2018-2020/editions/1/" in texts["fr"]


def test_what_is_translated_is_said_so_and_the_rest_is_marked(edition, title):
    page = html.fromstring(document(edition, "html", "es"))
    assert OWN in page.text_content()
    assert title not in page.text_content()
    assert page.xpath("//h1/span/@lang") == ["en"]
    assert "138 de los 139 textos del plan están en inglés" in page.text_content()


def test_the_pdf_marks_english_for_a_screen_reader(edition):
    content = document(edition, "pdf", "es")
    assert "/UA" in content.decode("latin-1") or b"pdfuaid" in content
    tags = [
        element.get_object().get("/Lang")
        for element in every(PdfReader(io.BytesIO(content)).trailer["/Root"]["/StructTreeRoot"])
    ]
    assert "en" in tags


def every(element):
    """Each element of a tree of tags."""
    yield element
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if hasattr(kid, "get"):
            yield from every(kid)


def test_the_json_holds_all_languages(edition, title):
    content = json.loads(document(edition, "json"))
    assert content["edition"]["titles"] == {"en": "Three-year report"} | TITLES
    assert content["translations"] == {"es": {title: OWN}, "fr": {}}


def test_a_translation_that_is_changed_later_changes_no_edition(edition, plan, sofia, title, visitor):
    before = [bytes(each.content) for each in edition.documents.all()]
    Translation.objects.set_translations(plan, "es", {title: "Otra"}, by=sofia)
    assert [bytes(each.content) for each in Edition.objects.get().documents.all()] == before


@pytest.mark.parametrize(("address", "language"), [(PLAN, "en"), (f"/es{PLAN}", "es"), (f"/fr{PLAN}", "fr")])
def test_the_address_chooses_the_document(visitor, edition, address, language):
    response = visitor.get(f"{address}editions/1/summary.pdf")
    assert (response.content, response["Content-Language"]) == (document(edition, "pdf", language), language)


def test_the_page_of_an_edition_lists_every_document(visitor, edition):
    links = html.fromstring(visitor.get(f"/es{PLAN}editions/1/").content).xpath(
        "//ul[contains(@class, 'documents')]//a/@href"
    )
    assert len(links) == 8 * 3 + 1  # the JSON is in all languages
    assert {
        f"{PLAN}editions/1/summary.pdf",
        f"/es{PLAN}editions/1/summary.pdf",
        f"/fr{PLAN}editions/1/summary.pdf",
    } <= set(links)


def test_a_document_in_spanish_is_verified(visitor, edition):
    sha256 = edition.documents.get(kind="summary", extension="pdf", language="es").sha256
    text = html.fromstring(visitor.get(f"/verify/?hash={sha256}").content).text_content()
    assert "This is edition 1" in text
