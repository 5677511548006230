"""A reporting round from its opening to its end, as those who run it and those who report do it."""

import io
import re

import pytest
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import expect

from deliverables.models import Deliverable, EvidenceFile, Proposal, ReportingRound
from deliverables.plan_editing import structure
from metropolis_tracker.accounts.models import User
from plans.models import Region
from tests.builders import deliverable
from tests.deliverables.evidence.files import PDF, hidden_data, picture, saved

PLAN = "/plans/2018-2020/"
CODE = "L1M2D1"
PHOTO = {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": saved(picture(), "jpeg", exif=hidden_data())}


@pytest.fixture
def secretary(running, rashid):
    """The regional secretary for Africa, which has one deliverable that is still open."""
    africa = Region.objects.get(slug="africa")
    User.objects.filter(pk=rashid.pk).update(region=africa)
    structure.set_regions(deliverable(CODE), [africa])
    Deliverable.objects.filter(pk=deliverable(CODE).pk).update(status="in_progress")
    return rashid


def link_in_mail():
    """Send what waits, and return the address that the button of the mail to the regional secretary opens."""
    mail.outbox.clear()
    call_command("send_messages", stdout=io.StringIO())
    [message] = [each for each in mail.outbox if each.to == ["rashid@metropolis.example"]]
    [(content, _kind)] = message.alternatives
    return re.search(r'https?://[^/]+(/[^"]*report/[^"]+/)"', content)[1]


def report_by_link(site, link, note):
    """Report as somebody who is not signed in: choose a status, write a sentence, add a photo, send it."""
    page = site.open(link)
    page.locator(".asks a.button").first.click()
    page.locator(".choice.attained").click()
    page.get_by_label("What happened?").fill(note)
    page.locator("[name=files]").set_input_files(PHOTO)
    expect(page.get_by_label("Title of the file").last).to_have_value("IMG 0001")
    page.get_by_role("button", name="Send to the Secretariat").click()
    expect(page.get_by_role("status").first).to_contain_text("Sent to the Secretariat.")
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_a_whole_round(site, secretary, sofia, width):
    site.page.set_viewport_size({"width": width, "height": 900})

    page = site.sign_in(sofia)
    page.goto(site.address + PLAN + "rounds/new/")
    page.get_by_label("Name").fill("Winter round")
    page.get_by_role("button", name="Open and send the e-mails").click()
    expect(page.get_by_role("status").first).to_contain_text("One e-mail goes out within ten minutes.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter round")
    site.sign_out()

    link = link_in_mail()
    report_by_link(site, link, "The pilot closed in Dakar.")
    expect(page.get_by_text("You have reported on everything. Thank you.")).to_be_visible()

    site.sign_in(sofia)
    page.goto(site.address + PLAN + "todo/")
    page.get_by_text("Send back…").click()
    page.get_by_label("What is missing?").fill("Please add the list of participants.")
    page.get_by_role("button", name="Send back", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Rashid Amrani gets an e-mail with your comment.")
    site.sign_out()

    page = site.open(link_in_mail())
    expect(page.get_by_text("Please add the list of participants.")).to_be_visible()
    report_by_link(site, link, "The pilot closed in Dakar, with 14 cities.")

    site.sign_in(sofia)
    page.goto(site.address + PLAN + "rounds/1/")
    page.get_by_role("button", name=f"Accept: attained {CODE}").click()
    expect(page.get_by_role("status").first).to_contain_text("Attained, reported for")
    expect(page.get_by_role("heading", name="Nothing left to check")).to_be_visible()
    page.goto(site.address + PLAN + CODE + "/")
    expect(page.locator(".timeline li").first).to_contain_text("with 14 cities.")
    expect(page.locator(".timeline li").first).to_contain_text("proposed by Rashid Amrani")

    page.goto(site.address + PLAN + "rounds/1/")
    page.get_by_role("button", name="Close the round").click()
    expect(page.get_by_text("The round was closed on")).to_be_visible()
    page.goto(site.address + link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has ended")
    assert EvidenceFile.objects.get().kind == "jpeg"
    assert ReportingRound.objects.get().closed_by == sofia


def test_a_secretary_reports_from_the_page_of_the_region(site, secretary):
    page = site.sign_in(secretary)
    expect(page.get_by_role("heading", level=1)).to_have_text("Africa")
    page.locator(".asks a.button").first.click()
    page.locator(".choice.attained").click()
    page.get_by_label("What happened?").fill("It was shown in Dakar.")
    page.get_by_role("button", name="Send to the Secretariat").click()
    expect(page.get_by_role("status").first).to_contain_text("Sent to the Secretariat.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Africa")
    expect(page.get_by_text("1 reported")).to_be_visible()


def test_a_file_is_dropped_renamed_and_removed(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + PLAN + CODE + "/")
    transfer = page.evaluate_handle(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], "Board_minutes.pdf", { type: "application/pdf" }));
          return data;
        }""",
        PDF.decode(),
    )
    page.dispatch_event("[data-files]", "drop", {"dataTransfer": transfer})
    title = page.get_by_label("Title of the file")
    expect(title).to_have_value("Board minutes")
    page.get_by_role("button", name="Remove").click()
    expect(title).to_have_count(0)
    expect(page.locator("[name=files]")).to_be_focused()


def test_a_file_that_is_refused_is_explained_and_the_rest_stays(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + PLAN + CODE + "/")
    page.get_by_label("What happened?").fill("Words that must not be lost.")
    page.locator("[name=files]").set_input_files(
        {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"<!doctype html><p>no"}
    )
    expect(page.locator("[data-file-error]")).to_contain_text("This is a web page")
    page.locator("[name=files]").set_input_files(
        {"name": "large.txt", "mimeType": "text/plain", "buffer": b"word " * 4_200_000}
    )
    expect(page.locator("[data-file-error]")).to_contain_text("large.txt is larger than 20 MB.")
    expect(page.get_by_label("What happened?")).to_have_value("Words that must not be lost.")
    assert not EvidenceFile.objects.exists()


PAPER = {"name": "Agenda.pdf", "mimeType": "application/pdf", "buffer": PDF}
WEB_PAGE = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"<!doctype html><p>no"}


def send_while_uploading(page, files):
    """Choose several files and record at once, while the first of them is still on its way."""
    page.locator(".choice.attained").click()
    page.route("**/files/", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.locator("[name=files]").set_input_files(files)
    page.get_by_role("button", name="Record: still attained").click()


def test_a_form_that_is_sent_early_waits_for_all_of_several_files(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + PLAN + CODE + "/")
    send_while_uploading(page, [PHOTO, PAPER])
    entry = page.locator(".timeline li").first
    expect(entry).to_contain_text("IMG 0001")
    expect(entry).to_contain_text("Agenda")


def test_one_of_several_files_that_is_refused_is_not_left_out_without_a_word(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + PLAN + CODE + "/")
    send_while_uploading(page, [WEB_PAGE, PHOTO, PAPER])
    expect(page.get_by_label("Title of the file")).to_have_count(2)
    expect(page.locator("[data-file-error]")).to_contain_text("This is a web page")
    expect(
        page.get_by_role("button", name="Record: still attained")
    ).to_be_visible()  # still the form: nothing was sent


def test_an_upload_that_breaks_off_is_tried_again_and_loses_nothing(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + PLAN + CODE + "/")
    page.locator(".choice.attained").click()
    page.get_by_label("What happened?").fill("Words that must not be lost.")
    page.route("**/files/", lambda route: route.abort())
    page.locator("[name=files]").set_input_files(PHOTO)
    expect(page.locator("[data-file-error]")).to_contain_text("did not arrive. Your other entries are safe.")
    page.unroute("**/files/")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Title of the file")).to_have_value("IMG 0001")
    page.get_by_role("button", name="Record: still attained").click()
    expect(page.locator(".timeline li").first).to_contain_text("IMG 0001")
    assert not Proposal.objects.exists()
    site.errors.remove("Failed to load resource: net::ERR_FAILED")  # the upload that broke off


def test_a_file_survives_the_end_of_a_session_as_the_rest_of_a_draft(site, sofia):
    page = site.sign_in(sofia)
    page.goto(site.address + PLAN + CODE + "/")
    page.locator("[name=files]").set_input_files(PHOTO)
    expect(page.get_by_label("Title of the file")).to_be_visible()
    site.follow("Overview")
    page.wait_for_url(site.address + PLAN)
    page.goto(site.address + PLAN + CODE + "/")
    expect(page.get_by_label("Title of the file")).to_have_value("IMG 0001")


def test_without_a_script_a_file_is_sent_with_the_form(site, sofia, browser):
    page = site.sign_in(sofia)
    cookies = page.context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    plain = context.new_page()
    plain.goto(site.address + PLAN + CODE + "/")
    plain.locator("[name=status][value=attained]").check()
    plain.locator("[name=files]").set_input_files(PHOTO)
    plain.get_by_role("button", name="Record").first.click()
    expect(plain.locator(".timeline li").first).to_contain_text("IMG 0001")
    context.close()
