import uuid

import pytest
from lxml import html

from deliverables.models import Deliverable
from plans.models import Visibility
from reports.files import pdf
from reports.models import Edition
from tests.builders import TODAY, deliverable, new_plan, publish, report

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
NEXT = PLAN + "editions/new/"


def texts(response):
    return " ".join(response.content.decode().split())


def decision(plan, **fields):
    """What the form to publish sends."""
    plan.refresh_from_db()
    defaults = {
        "title": "Three-year report",
        "as_of": "2020-12-31",
        "seen": plan.revision,
        "submission": uuid.uuid4(),
        "accept_missing": "on",
    }
    return defaults | fields


def test_reports_without_an_edition_say_what_to_do(visitor, secretariat):
    assert "No edition has been published yet. Below is the current summary." in texts(visitor.get(PLAN + "reports/"))
    assert f'href="{NEXT}"' in texts(secretariat.get(PLAN + "reports/"))


def test_the_draft_lists_what_is_missing_with_links_to_the_rows(secretariat):
    response = secretariat.get(NEXT + "?as_of=2020-12-31")
    link = f'<a href="{PLAN}deliverables/?as_of=2020-12-31&amp;attention=no_reason"> <b>6</b>'
    assert link in texts(response)


@pytest.mark.parametrize("gap", ["no_status", "no_evidence", "no_reason", "stale", "overdue"])
def test_each_number_of_the_checklist_is_that_of_its_list(secretariat, plan, sofia, gap):
    report(deliverable("L1M1D1"), "attained", by=sofia)
    for day in ("2019-01-01", "2021-01-20", "2026-11-24"):
        found = secretariat.get(f"{NEXT}?as_of={day}").context["draft"].missing
        number = {key.value: len(codes) for key, codes in found.items()}.get(gap, 0)
        page = secretariat.get(f"{PLAN}deliverables/?attention={gap}&as_of={day}").context["page"]
        assert (day, len(page)) == (day, number)


def test_the_preview_is_marked_and_nothing_is_published(secretariat):
    response = secretariat.get(NEXT + "preview.html?as_of=2020-12-31")
    assert "Preview of edition 1. Not published." in texts(response)
    assert Edition.objects.count() == 0


def test_the_preview_is_shown_in_the_browser(secretariat):
    assert secretariat.get(NEXT + "preview.pdf")["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("as_of=2017-12-31", "The plan starts on 1 January 2018. Choose that day or a later one."),
        ("as_of=2999-01-01", "is in the future."),
        ("as_of=soon", "This is not a date."),
        ("title=", "Enter a title."),
        ("title=" + "x" * 201, "at most 200 characters"),
    ],
)
def test_a_bad_title_or_day_is_told_beside_its_field(secretariat, query, sentence):
    assert sentence in texts(secretariat.get(f"{NEXT}?{query}"))
    assert secretariat.get(f"{NEXT}preview.pdf?{query}").status_code == 400


def test_publishing_leads_to_the_page_of_the_edition(secretariat, plan):
    response = secretariat.post(NEXT + "publish/", decision(plan))
    assert response.url == PLAN + "editions/1/"
    page = texts(secretariat.get(response.url))
    assert "Published: Three-year report, edition 1. Its documents will never change." in page
    assert "by Sofia Marín" in page


def test_gaps_must_be_accepted_and_what_was_typed_is_kept(secretariat, plan):
    response = secretariat.post(NEXT + "publish/", decision(plan, accept_missing="", title="Kept"))
    assert (response.status_code, Edition.objects.count()) == (422, 0)
    assert "Add what is missing, or tick this box to publish without it." in texts(response)
    assert response.context["publish"]["title"].value() == "Kept"


def test_without_gaps_nothing_needs_to_be_accepted(secretariat, sofia):
    plan = new_plan()
    row = plan.action_lines.get().measures.get().deliverables.get()
    report(row, "attained", by=sofia, evidence_link="https://metropolis.org")
    sent = decision(plan, as_of="2021-01-14", accept_missing="")
    assert secretariat.post("/plans/2021-2023/editions/new/publish/", sent).status_code == 302


def test_a_plan_changed_meanwhile_asks_to_look_again(secretariat, plan, adam):
    sent = decision(plan)
    report(deliverable("L1M1D1"), "in_progress", by=adam)
    response = secretariat.post(NEXT + "publish/", sent)
    assert (response.status_code, Edition.objects.count()) == (409, 0)
    assert "Not published: the plan has changed since you opened this page." in texts(response)
    form = response.context["publish"]
    assert (form["seen"].value(), form["title"].value()) == ("2", "Three-year report")


def test_a_form_without_its_marks_is_refused(secretariat, plan):
    response = secretariat.post(NEXT + "publish/", decision(plan, seen="", submission="x"))
    assert (response.status_code, "The form is incomplete." in texts(response)) == (422, True)


def test_a_draft_plan_says_why_it_cannot_be_published(secretariat):
    plan = new_plan(visibility=Visibility.DRAFT)
    assert "Open it to members or to everyone" in texts(secretariat.get("/plans/2021-2023/editions/new/"))
    response = secretariat.post("/plans/2021-2023/editions/new/publish/", decision(plan, as_of="2021-01-14"))
    assert (response.status_code, Edition.objects.count()) == (422, 0)


@pytest.mark.parametrize(("title", "told"), [("Addis Ababa ✅", False), ("አዲስ አበባ", True)])
def test_a_character_that_costs_the_seal_is_told_before_publishing(secretariat, title, told):
    assert ("characters that the PDF has no font for" in texts(secretariat.get(f"{NEXT}?title={title}"))) == told


def test_characters_without_a_font_are_named_and_lead_to_their_rows(secretariat, plan):
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(title="አ")
    page = html.fromstring(secretariat.get(NEXT).content)
    (item,) = page.xpath("//li[contains(., 'ethiopic')]")
    assert " ".join(item.text_content().split()) == "አ (ethiopic syllable glottal a)"
    found = secretariat.get(item.find("a").get("href")).context["page"]
    assert [str(row.code) for row in found] == ["L2M5D1"]


def test_an_empty_plan_is_told_to_be_empty(secretariat):
    new_plan(deliverables=0)
    assert "This plan has no deliverables yet." in texts(secretariat.get("/plans/2021-2023/editions/new/"))


def test_there_is_no_preview_for_programs_that_could_take_it_for_the_edition(secretariat):
    assert [secretariat.get(f"{NEXT}preview.{kind}").status_code for kind in ("csv", "json", "exe")] == [404] * 3


def test_the_page_says_when_the_record_of_its_day_has_changed(visitor, plan, sofia):
    publish(plan, by=sofia, as_of=deliverable("L1M1D1").status_on)
    assert "has changed since this edition was published" not in texts(visitor.get(PLAN + "editions/1/"))
    report(deliverable("L1M1D1"), "in_progress", by=sofia, effective_on=deliverable("L1M1D1").status_on)
    page = texts(visitor.get(PLAN + "editions/1/"))
    assert "It is now: 48 attained, 11 in progress, 6 not developed." in page
    assert "One entry has been added since." in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_editions(visitor, plan, sofia, django_assert_num_queries, number):
    for _edition in range(number):
        publish(plan, by=sofia)
    with django_assert_num_queries(10):
        visitor.get(PLAN + "reports/")
    with django_assert_num_queries(8):
        visitor.get(f"{PLAN}editions/{number}/")


@pytest.fixture
def typeset(monkeypatch):
    """The days of the PDFs that are typeset in a test, in order."""
    days, real = [], pdf.typeset

    def counted(template, content, day, **options):
        days.append(day)
        return real(template, content, day, **options)

    monkeypatch.setattr(pdf, "typeset", counted)
    return days


def test_preparing_an_edition_typesets_no_pdf(secretariat, typeset):
    assert secretariat.get(NEXT, {"languages": ["es", "fr"]}).status_code == 200
    assert typeset == []


def test_publishing_typesets_each_pdf_once(plan, sofia, typeset):
    publish(plan, by=sofia, titles={"es": "Informe", "fr": "Rapport"})
    assert typeset == [TODAY] * 3


# One form


def publishing(client, **fields):
    """What the form of the page sends, with some of its fields changed."""
    page = client.get(NEXT + "?as_of=2020-12-31")
    (form,) = [each for each in html.fromstring(page.content).forms if each.action.endswith("publish/")]
    shown = {name: value for name, value in form.fields.items() if isinstance(value, str)}
    return shown | {"accept_missing": "on"} | fields


def test_publishing_takes_the_title_that_was_typed_on_the_same_page(secretariat):
    changed = secretariat.post(NEXT + "publish/", publishing(secretariat, title="Typed last"))
    assert (changed.status_code, Edition.objects.count()) == (422, 0)
    assert "You changed the title, the languages or the date." in texts(changed)
    (form,) = [each for each in html.fromstring(changed.content).forms if each.action.endswith("publish/")]
    again = {name: value for name, value in form.fields.items() if isinstance(value, str)}
    assert secretariat.post(NEXT + "publish/", again | {"accept_missing": "on"}).status_code == 302
    assert Edition.objects.get().title == "Typed last"


@pytest.mark.parametrize(
    "fields", [{"as_of": "2019-12-31"}, {"languages": ["es"], "title_es": "Informe"}, {"title": "Other"}]
)
def test_what_was_not_checked_is_not_published_and_nothing_typed_is_lost(secretariat, fields):
    response = secretariat.post(NEXT + "publish/", publishing(secretariat, **fields))
    assert (response.status_code, Edition.objects.count()) == (422, 0)
    shown = {name: response.context["publish"][name].value() for name in fields}
    assert {name: value if isinstance(value, list) else str(value) for name, value in shown.items()} == fields
    assert response.context["draft"].query in html.fromstring(response.content).xpath("//input[@name='checked']/@value")


@pytest.mark.parametrize("fields", [{"accept_missing": ""}, {"as_of": "soon"}, {"title": ""}, {"seen": "999"}])
def test_no_error_loses_what_was_typed(secretariat, fields):
    typed = {"title_es": "Informe trienal", "languages": ["es"]}
    response = secretariat.post(NEXT + "publish/", publishing(secretariat, checked="", **(typed | fields)))
    assert response.status_code in (422, 409)
    form = response.context["publish"]
    assert (form["title_es"].value(), form["languages"].value()) == ("Informe trienal", ["es"])


def test_showing_the_edition_keeps_what_was_typed_and_publishes_nothing(secretariat):
    typed = publishing(secretariat, title="Typed", languages=["fr"], title_fr="Rapport")
    response = secretariat.post(NEXT, typed)
    assert (response.status_code, Edition.objects.count()) == (200, 0)
    assert response.context["publish"]["title"].value() == "Typed"
    assert [code for code, _name in response.context["draft"].languages_published] == ["en", "fr"]


def test_the_last_day_of_the_plan_is_chosen_by_a_button_that_keeps_the_title(secretariat):
    typed = publishing(secretariat, title="Typed") | {"as_of": ["2026-11-24", "2020-12-31"]}
    form = secretariat.post(NEXT, typed).context["publish"]
    assert (form["title"].value(), str(form["as_of"].value())) == ("Typed", "2020-12-31")
