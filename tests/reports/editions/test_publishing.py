"""Checking and publishing the next edition."""

import io
import json
import uuid
from datetime import date

import pytest
from lxml import html
from pypdf import PdfReader

from deliverables.models import Deliverable
from plans.models import Meeting, Visibility
from reports.editions.drafts import EditionDraft
from reports.files import pdf
from reports.models import Edition
from tests.builders import TODAY, deliverable, new_plan, publish, report
from tests.reports.editions.test_drafts import CHECK, WRITTEN, write
from tests.reports.editions.test_views import NEXT, PLAN, texts

pytestmark = pytest.mark.django_db
PUBLISH = CHECK + "publish/"


def decision(client, check=CHECK, **fields):
    """What the form of the page that checks sends, with some of its fields changed."""
    page = html.fromstring(client.get(check).content)
    (form,) = [each for each in page.forms if each.action and each.action.endswith("publish/")]
    hidden = {name: value for name, value in form.fields.items() if isinstance(value, str)}
    return hidden | {"accept_missing": "on"} | fields


def pdf_text(content):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_the_check_shows_all_that_will_be_frozen(secretariat, plan):
    meeting = Meeting.objects.create(organisation=plan.organisation, name="Board", held_on=date(2021, 3, 1))
    write(secretariat, meeting=str(meeting.key), languages=["fr"], title_fr="Rapport", foreword_fr="Presque tout.")
    page = " ".join(html.fromstring(secretariat.get(CHECK).content).text_content().split())
    expected = ["Three-year report", "Rapport", "31 December 2020", "49 attained, 10 in progress, 6 not developed"]
    expected += ["French", "Board, 1 March 2021", "We attained most of it.", "Presque tout."]
    expected += ["Octavi de la Varga", "Keep the youth map", "Advocacy was done."]
    assert [text for text in expected if text not in page] == []


def test_each_text_can_be_changed_from_the_check(secretariat):
    write(secretariat)
    page = html.fromstring(secretariat.get(CHECK).content)
    targets = [link.partition("#")[2] for link in page.xpath("//dl[@class='check-list']//a/@href") if "#" in link]
    form = html.fromstring(secretariat.get(NEXT).content)
    assert {"id_title", "id_as_of", "id_meeting", "id_foreword_en", "id_comment_3_en"} <= set(targets)
    assert [target for target in targets if not form.xpath(f"//*[@id='{target}']")] == []


def test_without_a_draft_the_check_shows_what_is_suggested(secretariat):
    assert secretariat.get(CHECK).context["publication"].title == "Three-year report 2018–2020"


def test_a_draft_that_is_no_longer_valid_leads_back_to_the_form(secretariat, plan, sofia):
    meeting = Meeting.objects.create(organisation=plan.organisation, name="Board", held_on=date(2021, 3, 1))
    write(secretariat, meeting=str(meeting.key))
    meeting.remove()
    assert secretariat.get(CHECK).url == NEXT


def test_missing_information_is_listed_by_name_with_links(secretariat):
    page = secretariat.get(CHECK)
    assert f'<a href="{PLAN}deliverables/?as_of=2020-12-31&amp;attention=no_reason">' in texts(page)
    names = html.fromstring(page.content).xpath("//*[@aria-labelledby='missing']//details//a")
    title = deliverable("L1M4D1").title
    assert [link.get("href") for link in names if link.text_content() == title] == [f"{PLAN}L1M4D1/#record"]


@pytest.mark.parametrize("gap", ["no_status", "no_evidence", "no_reason", "stale", "overdue"])
def test_each_number_of_the_checklist_is_that_of_its_list(secretariat, plan, sofia, gap):
    report(deliverable("L1M1D1"), "attained", by=sofia)
    for day in ("2019-01-01", "2021-01-20", "2026-11-24"):
        write(secretariat, as_of=day)
        found = secretariat.get(CHECK).context["missing"]
        number = {key.value: len(rows) for key, rows in found.items()}.get(gap, 0)
        page = secretariat.get(f"{PLAN}deliverables/?attention={gap}&as_of={day}").context["page"]
        assert (day, len(page)) == (day, number)


@pytest.mark.parametrize("name", ["summary.pdf", "summary.html", "summary.xlsx", "brief.pdf"])
def test_a_preview_is_shown_in_the_browser_and_publishes_nothing(secretariat, name):
    response = secretariat.get(NEXT + name)
    assert (response["Content-Disposition"].startswith("inline"), Edition.objects.count()) == (True, 0)


def test_the_previews_are_marked(secretariat):
    write(secretariat)
    assert "Preview of edition 1. Not published." in texts(secretariat.get(NEXT + "summary.html"))
    for name in ("summary.pdf", "brief.pdf"):
        assert "PREVIEW" in pdf_text(secretariat.get(NEXT + name).content)


def test_there_is_no_preview_for_programs_that_could_take_it_for_the_edition(secretariat):
    paths = ["summary.csv", "summary.json", "summary.exe", "brief.html"]
    assert [secretariat.get(NEXT + path).status_code for path in paths] == [404] * 4


def test_publishing_leads_to_the_page_of_the_edition(secretariat, plan):
    write(secretariat)
    response = secretariat.post(PUBLISH, decision(secretariat))
    assert response.url == PLAN + "editions/1/"
    page = texts(secretariat.get(response.url))
    assert "Published: Three-year report, edition 1. Its documents will never change." in page
    assert "by Sofia Marín" in page
    assert EditionDraft.objects.count() == 0


def test_what_was_written_stands_in_every_document_and_on_the_page(secretariat, visitor):
    write(secretariat)
    secretariat.post(PUBLISH, decision(secretariat))
    edition = Edition.objects.get()
    stored = {f"{d.kind}.{d.extension}": bytes(d.content) for d in edition.documents.all()}
    texts_of = {
        "summary.pdf": pdf_text(stored["summary.pdf"]),
        "summary.html": " ".join(html.fromstring(stored["summary.html"]).text_content().split()),
        "page": " ".join(html.fromstring(visitor.get(PLAN + "editions/1/").content).text_content().split()),
    }
    parts = ["We attained most of it.", "Secretary General", "Partnerships: all six attained", "Advocacy was done."]
    parts.append("Keep the youth map")
    assert [(name, part) for name, text in texts_of.items() for part in parts if part not in text] == []
    assert "Keep the youth map" in pdf_text(stored["brief.pdf"])
    assert json.loads(stored["summary.json"])["edition"]["texts"]["en"]["comments"] == {"L1": "Advocacy was done."}


def test_a_text_that_is_not_written_in_a_language_is_shown_in_english_and_told(secretariat, visitor):
    write(secretariat, languages=["fr"], title_fr="Rapport")
    page = html.fromstring(secretariat.get(CHECK).content)
    assert "5 texts of this edition not written in French" in " ".join(page.text_content().split())
    secretariat.post(PUBLISH, decision(secretariat))
    page = html.fromstring(visitor.get("/fr" + PLAN + "editions/1/").content)
    (foreword,) = page.xpath("//section[@aria-labelledby='written-1']/div")
    assert foreword.get("lang") == "en"


def test_the_meeting_is_named_by_the_edition(secretariat, plan):
    meeting = Meeting.objects.create(organisation=plan.organisation, name="Board", held_on=date(2021, 3, 1))
    write(secretariat, meeting=str(meeting.key))
    secretariat.post(PUBLISH, decision(secretariat))
    edition = Edition.objects.get()
    assert edition.summary["edition"]["meeting"] == {"name": "Board", "place": "", "held_on": "2021-03-01"}
    brief = bytes(edition.documents.get(kind="brief").content)
    assert "Board, 1 March 2021 · Brief" in pdf_text(brief)


def test_gaps_must_be_accepted_and_the_draft_is_kept(secretariat, plan):
    write(secretariat)
    response = secretariat.post(PUBLISH, decision(secretariat, accept_missing=""))
    assert (response.status_code, Edition.objects.count()) == (422, 0)
    assert "Add what is missing, or tick this box to publish without it." in texts(response)
    assert EditionDraft.objects.of(plan).fields["title"] == "Three-year report"


def test_without_gaps_nothing_needs_to_be_accepted(secretariat, sofia):
    plan = new_plan()
    row = plan.action_lines.get().measures.get().deliverables.get()
    report(row, "attained", by=sofia, evidence_link="https://metropolis.org")
    check = "/plans/2021-2023/editions/new/check/"
    write(secretariat, "/plans/2021-2023/editions/new/", as_of="2021-01-14")
    sent = decision(secretariat, check, accept_missing="")
    assert secretariat.post(check + "publish/", sent).status_code == 302


def test_a_plan_changed_meanwhile_asks_to_look_again(secretariat, plan, adam):
    write(secretariat)
    sent = decision(secretariat)
    report(deliverable("L1M1D1"), "in_progress", by=adam)
    response = secretariat.post(PUBLISH, sent)
    assert (response.status_code, Edition.objects.count()) == (409, 0)
    assert "Not published: the plan or the draft has changed since you opened this page." in texts(response)
    form = response.context["publish"]
    assert (form["seen"].value(), form["accept_missing"].value()) == ("2", False)


def test_a_draft_changed_meanwhile_asks_to_look_again(secretariat, administrator):
    write(secretariat)
    sent = decision(secretariat)
    write(administrator, foreword_en="Nobody has checked this.")
    response = secretariat.post(PUBLISH, sent)
    assert (response.status_code, Edition.objects.count()) == (409, 0)
    assert secretariat.post(PUBLISH, decision(secretariat)).status_code == 302
    assert Edition.objects.get().text("foreword") == "Nobody has checked this."


def test_what_nobody_has_saved_is_not_published(secretariat, plan):
    write(secretariat)
    secretariat.post(PUBLISH, decision(secretariat))
    page = secretariat.get(CHECK)  # as after the browser's Back
    assert ("Nothing is saved for edition 2 yet." in texts(page), "Publish edition 2" in texts(page)) == (True, False)
    plan.refresh_from_db()
    marks = {"seen": plan.revision, "version": 0, "submission": uuid.uuid4(), "accept_missing": "on"}
    assert secretariat.post(PUBLISH, marks).status_code == 409
    assert Edition.objects.count() == 1


def test_an_edition_of_the_same_day_as_the_current_one_is_told(secretariat, plan, sofia):
    publish(plan, by=sofia, as_of=date(2020, 12, 31))
    write(secretariat)
    assert "Edition 1 shows the same day." in texts(secretariat.get(CHECK))
    write(secretariat, as_of="2020-12-30")
    assert "Edition 1 shows the same day." not in texts(secretariat.get(CHECK))


def test_each_text_says_its_language_where_there_are_several(secretariat):
    write(secretariat, languages=["fr"], title_fr="Rapport", foreword_fr="Presque tout.")
    page = html.fromstring(secretariat.get(CHECK).content)
    labels = page.xpath("//p[contains(., 'Presque tout.')]/small/text()")
    assert labels == ["Français"]


def test_sent_twice_it_is_published_once(secretariat):
    write(secretariat)
    sent = decision(secretariat)
    answers = [secretariat.post(PUBLISH, sent) for _time in range(2)]
    assert [answer.url for answer in answers] == [PLAN + "editions/1/"] * 2


def test_a_form_without_its_marks_is_refused(secretariat):
    response = secretariat.post(PUBLISH, {"accept_missing": "on", "seen": "", "submission": "x"})
    assert (response.status_code, "The form is incomplete." in texts(response)) == (422, True)


def test_a_draft_plan_says_why_it_cannot_be_published(secretariat):
    plan = new_plan(visibility=Visibility.DRAFT)
    check = "/plans/2021-2023/editions/new/check/"
    write(secretariat, "/plans/2021-2023/editions/new/", as_of="2021-01-14")
    assert "Open it to members or to everyone" in texts(secretariat.get(check))
    marks = {"seen": plan.revision, "version": 1, "submission": uuid.uuid4(), "accept_missing": "on"}
    response = secretariat.post(check + "publish/", marks)
    assert (response.status_code, Edition.objects.count()) == (422, 0)


@pytest.mark.parametrize(("title", "told"), [("Addis Ababa ✅", False), ("አዲስ አበባ", True)])
def test_a_character_that_costs_the_seal_is_told_before_publishing(secretariat, title, told):
    write(secretariat, title=title)
    assert ("characters that the PDF has no font for" in texts(secretariat.get(CHECK))) == told


def test_characters_without_a_font_are_named_and_lead_to_their_rows(secretariat, plan):
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(title="አ")
    page = html.fromstring(secretariat.get(CHECK).content)
    (item,) = page.xpath("//li[contains(., '(ethiopic')]")
    assert " ".join(item.text_content().split()) == "አ (ethiopic syllable glottal a)"
    found = secretariat.get(item.find("a").get("href")).context["page"]
    assert [str(row.code) for row in found] == ["L2M5D1"]


def test_an_empty_plan_is_told_to_be_empty(secretariat):
    new_plan(deliverables=0)
    assert "This plan has no deliverables yet." in texts(secretariat.get("/plans/2021-2023/editions/new/check/"))


@pytest.fixture
def typeset(monkeypatch):
    """The templates of the PDFs that are typeset in a test, in order."""
    made, real = [], pdf.typeset

    def counted(template, content, day, **options):
        made.append((template, day))
        return real(template, content, day, **options)

    monkeypatch.setattr(pdf, "typeset", counted)
    return made


def test_checking_an_edition_typesets_no_pdf(secretariat, typeset):
    write(secretariat, languages=["es", "fr"], title_es="Informe", title_fr="Rapport")
    assert secretariat.get(CHECK).status_code == 200
    assert typeset == []


def test_publishing_typesets_each_pdf_once(plan, sofia, typeset):
    publish(plan, by=sofia, titles={"es": "Informe", "fr": "Rapport"})
    assert typeset == [("summary", TODAY), ("brief", TODAY)] * 3


def test_the_pages_of_each_document_are_counted(secretariat):
    write(secretariat, **WRITTEN)
    secretariat.post(PUBLISH, decision(secretariat))
    pages = {f"{d.kind}.{d.extension}": d.pages for d in Edition.objects.get().documents.all()}
    assert (pages["brief.pdf"], pages["summary.csv"], 9 <= pages["summary.pdf"] <= 14) == (1, None, True)
