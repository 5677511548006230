"""A table as somebody has it becomes a plan: uploaded, explained on one page, previewed, applied."""

import csv
import io

import pytest
from playwright.sync_api import expect

from deliverables.models import Deliverable, StatusUpdate
from plans.models import ActionLine, Measure, Visibility
from tests.browser.look import findings, overflow, own_findings
from tests.builders import new_plan

IMPORT = "/plans/2021-2023/import/"
HEADS = ["Eje", "Programa", "Compromiso", "Plazo", "Estado", "Enlace", "Presupuesto"]
LINES = [
    ["Ciudad a escala humana", "Transporte", "Ocho corredores", "31/12/2022", "Cumplido", "https://a.example", "100"],
    ["", "", "Un metro cada tres minutos", "T4 2023", "Parado", "", "200"],
    ["Creatividad", "Cultura", "Doce bibliotecas nuevas", "2022", "Retrasado", "", ""],
    ["Total", "", "", "", "", "", "300"],
]
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture
def uploaded(site, sofia):
    """Sofia, who has uploaded a table of her own to an empty plan, at a width."""

    def at(width):
        draft = new_plan(deliverables=0, visibility=Visibility.DRAFT)
        Measure.objects.filter(action_line__plan=draft).delete()
        ActionLine.objects.filter(plan=draft).delete()
        site.page.set_viewport_size({"width": width, "height": 900})
        site.be(sofia)
        page = site.open(IMPORT)
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=";").writerows([["Compromisos 2021–2023"], HEADS, *LINES])
        file = {"name": "compromisos.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}
        page.get_by_label("File", exact=True).set_input_files(file)
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_role("heading", name="What the columns become")).to_be_visible()
        return page

    return at


@WIDTHS
def test_a_table_of_ones_own_becomes_a_plan(uploaded, width):
    page = uploaded(width)
    expect(page.get_by_label("Column C Compromiso")).to_have_value("title")
    page.get_by_label("Parado").select_option("Not developed: Postponed")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Columns: Presupuesto.")).to_be_visible()
    page.get_by_role("button", name="Apply all changes").click()
    expect(page.get_by_role("heading", name="The file was applied")).to_be_visible()
    titles = Deliverable.objects.of_plan("2021-2023").values_list("title", flat=True)
    assert [*titles] == [line[2] for line in LINES[:3]]
    assert [update.status.value for update in StatusUpdate.objects.filter(plan__slug="2021-2023").order_by("pk")] == [
        "attained",
        "not_developed",
        "in_progress",
    ]


@WIDTHS
def test_its_pages_are_accessible_and_fit(uploaded, width):
    page = uploaded(width)
    seen = [findings(page) + own_findings(page) + overflow(page)]
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_be_focused()  # nobody has said yet what “Parado” means
    seen.append(findings(page) + overflow(page))
    page.get_by_label("Parado").select_option("No status: report nothing")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What the file would change")).to_be_visible()
    seen.append(findings(page) + own_findings(page) + overflow(page))
    page.get_by_role("button", name="Apply all changes").click()
    expect(page.get_by_role("heading", name="The file was applied")).to_be_visible()
    seen.append(findings(page) + own_findings(page) + overflow(page))
    assert seen == [[], [], [], []]


def test_what_was_chosen_stays_when_something_is_missing(uploaded):
    page = uploaded(1280)
    page.get_by_label("Column G Presupuesto").select_option("Note")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("link", name="Choose what “Parado” means.")).to_be_visible()
    expect(page.get_by_label("Column G Presupuesto")).to_have_value("note")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_the_result_is_listed_and_works_without_javascript(uploaded):
    page = uploaded(1280)
    page.get_by_label("Parado").select_option("Not developed: Postponed")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Apply all changes").click()
    page.get_by_role("link", name="Import a spreadsheet").click()
    page.get_by_role("link", name="compromisos.csv").click()
    expect(page.get_by_role("heading", name="The file was applied")).to_be_visible()
