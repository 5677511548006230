"""Publishing an edition, and checking a file, as people do it."""

import pytest
from playwright.sync_api import expect

from reports.models import Edition, EditionDocument
from tests.browser.look import findings, overflow, own_findings
from tests.builders import deliverable, publish, report

PLAN = "/plans/2018-2020/"
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture
def pdf(plan, sofia):
    return publish(plan, by=sofia).documents.get(kind="summary", extension="pdf")


@WIDTHS
def test_the_secretariat_writes_checks_and_publishes_with_gaps(site, sofia, width):
    site.page.set_viewport_size({"width": width, "height": 900})
    site.be(sofia)
    page = site.page
    page.goto(site.address + PLAN + "reports/")
    page.get_by_role("link", name="Prepare the next edition").click()
    page.get_by_label("Foreword").first.fill("We attained most of it.")
    page.get_by_role("checkbox", name="French").check()
    page.locator("#id_foreword_fr").fill("Presque tout est atteint.")  # its section has opened
    page.get_by_role("button", name="Save and check").click()
    expect(page.locator(".check-list")).to_contain_text("Presque tout est atteint.")
    expect(page.get_by_text("Not developed, reason not stated")).to_be_visible()
    page.get_by_role("button", name="Publish edition 1").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Add what is missing, or tick this box to publish without it.")
    page.get_by_label("Publish although this is missing").check()
    page.get_by_role("button", name="Publish edition 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Three-year report 2018–2020")
    expect(page.get_by_text("Edition 1, status as of 31 December 2020")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report").click()
    assert download.value.suggested_filename == "metropolis-2018-2020-summary-edition-1.pdf"


def test_what_is_typed_is_kept_without_saving(site, sofia):
    site.be(sofia)
    page = site.page
    page.goto(site.address + PLAN + "editions/new/")
    page.get_by_label("Foreword").first.fill("Typed and not saved.")
    page.get_by_role("link", name="Deliverables").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deliverables")
    page.goto(site.address + PLAN + "editions/new/")
    expect(page.get_by_label("Foreword").first).to_have_value("Typed and not saved.")


@WIDTHS
def test_the_pages_that_prepare_an_edition_are_accessible(site, sofia, width):
    site.page.set_viewport_size({"width": width, "height": 900})
    site.be(sofia)
    for path in (PLAN + "editions/new/", PLAN + "editions/new/check/"):
        page = site.page
        page.goto(site.address + path)
        assert (path, findings(page), own_findings(page), overflow(page)) == (path, [], [], [])


def test_the_preview_opens_and_is_marked(site, sofia):
    site.be(sofia)
    page = site.page
    page.goto(site.address + PLAN + "editions/new/check/")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Web page").click()
    expect(opened.value.get_by_text("Preview of edition 1. Not published.")).to_be_visible()
    expect(opened.value.locator(".watermark")).to_have_css("font-weight", "700")  # its sheet is let through


def test_a_plan_changed_meanwhile_is_looked_at_again(site, sofia, adam):
    site.be(sofia)
    page = site.page
    page.goto(site.address + PLAN + "editions/new/")
    page.get_by_label("Title of the report").first.fill("My title")
    page.get_by_role("button", name="Save and check").click()
    report(deliverable("L1M1D1"), "in_progress", by=adam)
    page.get_by_label("Publish although this is missing").check()
    page.get_by_role("button", name="Publish edition 1").click()
    expect(page.get_by_role("alert")).to_contain_text("Not published: the plan or the draft has changed")
    page.get_by_label("Publish although this is missing").check()
    page.get_by_role("button", name="Publish edition 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My title")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_board_takes_the_edition_with_one_click(site, pdf, beatriz, width):
    site.page.set_viewport_size({"width": width, "height": 900})
    site.be(beatriz)
    page = site.page
    page.goto(site.address + PLAN)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report").click()
    assert download.value.suggested_filename == "metropolis-2018-2020-summary-edition-1.pdf"


@WIDTHS
def test_a_chosen_file_is_named_without_being_sent(site, pdf, tmp_path, width):
    site.page.set_viewport_size({"width": width, "height": 900})
    page = site.open("/verify/")
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    file = tmp_path / "from the board.pdf"
    file.write_bytes(bytes(pdf.content))
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict")).to_contain_text("This is edition 1 of “Three-year report 2018–2020”")
    expect(page.locator(".verdict")).to_be_focused()
    assert posts == []


DROP = """async ([text]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], "report.pdf"));
  const place = document.querySelector("[data-field=file]");
  place.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def test_a_dropped_file_of_others_is_called_unpublished(site):
    page = site.open("/verify/")
    page.evaluate(DROP, ["not a report"])
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status").last).to_contain_text("Not a published document")


def test_a_file_over_the_limit_is_refused_before_it_is_read(site, tmp_path):
    page = site.open("/verify/")
    file = tmp_path / "large.pdf"
    file.write_bytes(b"0" * 20_000_001)
    page.get_by_label("File").set_input_files(file)
    sentence = page.get_by_label("File").evaluate("field => field.validationMessage")
    assert sentence.startswith("This file is larger than 20 MB")
    page.get_by_label("File").set_input_files([])
    page.get_by_label("Or a hash or link from the report").fill("a" * 64)
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict")).to_contain_text("Not a published document")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_a_file_is_checked_without_javascript(site, pdf, tmp_path):
    page = site.open("/verify/")
    file = tmp_path / "report.pdf"
    file.write_bytes(bytes(pdf.content))
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status").last).to_contain_text("This is edition 1")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_pages_of_editions_are_accessible(site, plan, sofia, pdf, width, scheme):
    site.page.set_viewport_size({"width": width, "height": 900})
    site.page.emulate_media(color_scheme=scheme)
    report(deliverable("L1M1D2"), "attained", by=sofia)
    publish(plan, by=sofia, titles={"es": "Informe trienal", "fr": "Rapport triennal"})
    paths = [PLAN + "editions/1/", PLAN + "editions/2/", PLAN + "editions/2/summary.html", PLAN + "reports/", PLAN]
    for path in [*paths, f"/verify/?hash={pdf.sha256}"]:
        page = site.open(path)
        assert (path, findings(page), own_findings(page), overflow(page)) == (path, [], [], [])
    assert (Edition.objects.count(), EditionDocument.objects.count()) == (2, 10 + 9 * 3 + 1)
