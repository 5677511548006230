"""Nothing typed is lost: after the session has ended, with an expired form, with an error, or when somebody leaves."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from lxml import html

from deliverables.models import Deliverable, StatusUpdate
from plans.form_drafts import MAX_CHARACTERS, MAX_DRAFTS, FormDraft
from plans.models import ActionLine, Plan, Theme, Translation, Visibility
from tests.builders import NOON, deliverable, form, new_plan, report
from tests.conftest import PASSWORD, browser_of

pytestmark = pytest.mark.django_db
PLAN, DRAFT = "/plans/2018-2020/", "/plans/2021-2023/"
PAGE = f"{PLAN}L2M5D1/"
ASSEMBLY = "/meetings/8f276515-8b55-5674-b684-5ad9c8905f02/"
TYPED = "What Sofia typed, of several words"
DECISION = {"decision": TYPED, "in_force_on": "2021-06-01", "decision_link": ""}

# By form: the page that shows it, the address that it is sent to, and what is typed.
FORMS = {
    "a status": (PAGE, f"{PAGE}status/", lambda: form(deliverable("L2M5D1"), note=TYPED)),
    "a status in bulk": (
        f"{PLAN}deliverables/bulk/", f"{PLAN}deliverables/bulk/record/",
        lambda: {"rows": "L2M5D1:1 L1M1D2:2", "L2M5D1-note": TYPED},
    ),
    "the settings of a plan": (f"{DRAFT}edit/plan/", "", lambda: {"title": TYPED, "slug": "2021-2023"}),
    "a new plan": ("/plans/new/", "", lambda: {"title": TYPED, "slug": "2024-2026"}),
    "a new line": (f"{DRAFT}edit/add/", "", lambda: {"title": TYPED, "number": 2, "was": ""}),
    "a new measure": (f"{DRAFT}edit/L1/add/", "", lambda: {"statement": TYPED, "number": 2, "was": ""}),
    "a new deliverable": (f"{DRAFT}edit/L1M1/add/", "", lambda: {"title": TYPED, "number": 3, "was": ""}),
    "a wording": (f"{PLAN}edit/L2M5D1/", "", lambda: {"title": TYPED, "was": deliverable("L2M5D1").title}),
    "a withdrawal": (f"{PLAN}edit/L1M1D2/withdraw/", "", lambda: DECISION),
    "a new meeting": ("/meetings/add/", "", lambda: {"name": TYPED, "place": "", "held_on": "2021-06-01"}),
    "a meeting": (ASSEMBLY, "", lambda: {"name": TYPED, "place": "online", "held_on": "2020-11-30"}),
    "a theme": (f"{PLAN}edit/themes/", "", lambda: {"theme": "gender", "gender-name": TYPED}),
    "people and dates": (f"{DRAFT}edit/L1M1/people/", "", lambda: {"L1M1D1-due_on": "2022-02-03"}),
    "translations": (f"{PLAN}edit/translations/es/", "", lambda: {translation_field(): TYPED}),
    "an edition": (f"{PLAN}editions/new/", "", lambda: {"title": TYPED, "as_of": "2020-12-31"}),
}  # fmt: skip


def translation_field():
    from reports.translating.forms import field_name

    return field_name(Plan.objects.get(slug="2018-2020").title)


def texts(response):
    return " ".join(response.content.decode().split())


def values(response):
    """The values of all fields that the page shows, visible or hidden."""
    page = html.fromstring(response.content)
    inputs = [each.value for each in page.xpath("//main//input") if each.get("type") != "hidden"]
    return [*inputs, *(each.text_content().strip() for each in page.xpath("//main//textarea"))]


def end_session(client):
    """As it ends by itself, or in another window: the browser still has its other cookies."""
    del client.cookies[settings.SESSION_COOKIE_NAME]


def sign_in(client, someone, page):
    return client.post(page, {"login": someone.email, "password": PASSWORD}, follow=True)


@pytest.fixture
def client_of_sofia(sofia):
    new_plan(deliverables=2, visibility=Visibility.DRAFT)
    client = browser_of(sofia)
    client.get("/plans/")
    return client


# After the session has ended


@pytest.mark.parametrize("name", FORMS)
def test_what_was_typed_in_a_form_survives_a_session_that_has_ended(client_of_sofia, sofia, name):
    page, address, fields = FORMS[name]
    end_session(client_of_sofia)
    sent = client_of_sofia.post(address or page, fields())
    assert sent.status_code == 302
    after = sign_in(client_of_sofia, sofia, sent.url)
    assert (after.status_code, after.redirect_chain[-1][0].partition("#")[0]) == (200, page)
    assert TYPED in values(after) or "2022-02-03" in values(after)
    assert "is in the form again. It is not saved yet." in texts(after)


def test_the_admin_offers_to_send_again_what_was_typed_there(adam):
    client, page = browser_of(adam), f"/admin/plans/theme/{Theme.objects.get(slug='gender').pk}/change/"
    client.get("/plans/")
    end_session(client)
    client.post(page, {"name": "Gender equality in cities", "slug": "gender"})
    after = sign_in(client, adam, f"/accounts/login/?next={page}")
    (again,) = [each for each in html.fromstring(after.content).forms if "Send it again" in each.text_content()]
    client.post(again.action, dict(again.fields))
    assert Theme.objects.get(slug="gender").name == "Gender equality in cities"
    assert "Send it again" not in texts(client.get(page))


def test_a_stranger_stores_nothing_in_the_database(visitor):
    for number in range(3):
        visitor.post(f"{PAGE}status/", form(deliverable("L2M5D1"), note=f"{TYPED} {number}"))
    visitor.post("/drafts/", {"note": TYPED}, headers={"Form-Page": PAGE})
    assert (FormDraft.objects.count(), visitor.session.keys()) == (0, {}.keys())


def test_what_a_stranger_typed_waits_in_a_cookie_of_limited_length(visitor, sofia):
    sent = visitor.post(f"{PAGE}status/", form(deliverable("L2M5D1"), note=TYPED))
    assert TYPED in values(sign_in(visitor, sofia, sent.url))
    assert settings.DRAFT_COOKIE_NAME not in {name for name, each in visitor.cookies.items() if each.value}
    other = Client()
    other.post(f"{PAGE}status/", form(deliverable("L2M5D1"), note=" ".join(str(uuid.uuid4()) for _ in range(300))))
    assert settings.DRAFT_COOKIE_NAME not in other.cookies


def test_signing_in_leaves_what_waits_in_the_cookie(visitor, sofia):
    """With a second factor the sign-in has two pages: the first is answered before anybody is signed in."""
    for page in ("/accounts/login/", "/accounts/password/reset/"):
        answer = visitor.post(page, {"login": sofia.email, "email": sofia.email, "password": "wrong"})
        assert settings.DRAFT_COOKIE_NAME not in answer.cookies


def test_signing_out_forgets_who_was_signed_in_with_the_browser(client_of_sofia):
    assert settings.PERSON_COOKIE_NAME in client_of_sofia.cookies
    client_of_sofia.post("/accounts/logout/")
    assert client_of_sofia.cookies[settings.PERSON_COOKIE_NAME].value == ""


def test_another_person_does_not_see_it(client_of_sofia, adam):
    end_session(client_of_sofia)
    client_of_sofia.post(f"{PAGE}status/", form(deliverable("L2M5D1"), note=TYPED))
    assert TYPED not in values(sign_in(client_of_sofia, adam, f"/accounts/login/?next={PAGE}"))


def test_a_person_who_is_deactivated_stores_nothing(client_of_sofia, sofia):
    end_session(client_of_sofia)
    type(sofia).objects.filter(pk=sofia.pk).update(is_active=False)
    client_of_sofia.post(f"{PAGE}status/", form(deliverable("L2M5D1"), note=TYPED))
    assert not FormDraft.objects.exists()


# An expired form


def strict(someone):
    """A browser whose tokens are checked, and who was signed in again in another window."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(someone)
    return client


OURS = {"Origin": "http://testserver"}


def test_an_expired_form_can_be_sent_again_with_what_was_typed(sofia, plan):
    client = strict(sofia)
    client.get(PAGE)
    fields = form(deliverable("L2M5D1"), note=TYPED) | {"csrfmiddlewaretoken": "x" * 64}
    refused = client.post(f"{PAGE}status/", fields, headers=OURS)
    assert (refused.status_code, "what you typed is still on this page" in texts(refused)) == (403, True)
    (again,) = [each for each in html.fromstring(refused.content).forms if "Send it again" in each.text_content()]
    assert client.post(again.action, dict(again.fields), headers=OURS).status_code == 302
    assert StatusUpdate.objects.get(note=TYPED)


def test_what_another_site_posts_is_neither_shown_nor_stored(sofia, plan):
    client = strict(sofia)
    fields = form(deliverable("L2M5D1"), note=TYPED)
    refused = client.post(f"{PAGE}status/", fields, headers={"Origin": "https://evil.example"})
    assert (refused.status_code, TYPED in texts(refused), FormDraft.objects.exists()) == (403, False, False)


def test_an_expired_sign_in_form_does_not_show_the_password(plan, sofia):
    client = Client(enforce_csrf_checks=True)
    refused = client.post("/accounts/login/", {"login": sofia.email, "password": PASSWORD}, headers=OURS)
    assert (refused.status_code, PASSWORD in texts(refused)) == (403, False)


# Leaving a form


@pytest.mark.parametrize("name", ["a status", "a wording", "a new plan", "an edition"])
def test_a_form_with_an_error_is_shown_again_after_leaving_it(client_of_sofia, name):
    page, address, fields = FORMS[name]
    wrong = {"effective_on": "soon", "as_of": "soon", "starts_on": "soon"}
    assert client_of_sofia.post(address or page, fields() | wrong).status_code == 422
    after = client_of_sofia.get(page)
    assert (after.status_code, TYPED in values(after)) == (200, True)
    assert "There is a problem" not in texts(after)  # nobody has sent it yet


def test_what_is_typed_is_stored_and_shown_in_every_language(client_of_sofia, sofia):
    fields = form(deliverable("L2M5D1"), note=TYPED)
    assert client_of_sofia.post("/drafts/", fields, headers={"Form-Page": f"/es{PAGE}"}).status_code == 204
    for prefix in ("", "/es", "/fr"):
        assert TYPED in values(client_of_sofia.get(prefix + PAGE))


def test_a_draft_is_shown_in_the_form_under_its_row_too(client_of_sofia):
    client_of_sofia.post("/drafts/", form(deliverable("L2M5D1"), note=TYPED), headers={"Form-Page": PAGE})
    row = client_of_sofia.get(f"{PAGE}form/?status=in_progress", headers={"HX-Request": "true"})
    assert (row.context["form"]["note"].value(), row.context["form"]["status"].value()) == (TYPED, "in_progress")
    assert "This is what you typed earlier." in texts(row)


def test_a_draft_is_discarded_by_its_button(client_of_sofia):
    client_of_sofia.post("/drafts/", form(deliverable("L2M5D1"), note=TYPED), headers={"Form-Page": PAGE})
    (discard,) = [
        each for each in html.fromstring(client_of_sofia.get(PAGE).content).forms if "Discard" in each.text_content()
    ]
    after = client_of_sofia.post(discard.action, dict(discard.fields), follow=True)
    assert (after.redirect_chain[-1][0], TYPED in values(after)) == (PAGE, False)


def test_saving_discards_the_draft_and_what_arrives_late(client_of_sofia):
    fields, where = form(deliverable("L2M5D1"), note=TYPED), {"Form-Page": PAGE}
    client_of_sofia.post("/drafts/", fields, headers=where)
    client_of_sofia.post(f"{PAGE}status/", fields)
    client_of_sofia.post("/drafts/", fields, headers=where | {"Form-Begun": "60000"})
    assert TYPED not in values(client_of_sofia.get(PAGE))


@pytest.mark.parametrize("end", [f"{PAGE}status/", "/drafts/discard/"])
def test_what_is_typed_right_after_saving_or_discarding_is_kept(client_of_sofia, end):
    fields, where = form(deliverable("L2M5D1"), note="Something else, of several words"), {"Form-Page": PAGE}
    client_of_sofia.post("/drafts/", fields, headers=where)
    client_of_sofia.post(end, fields | {"page": PAGE})
    client_of_sofia.post("/drafts/", fields | {"note": TYPED}, headers=where | {"Form-Begun": "0"})
    assert TYPED in values(client_of_sofia.get(PAGE))


def test_what_is_typed_after_the_session_has_ended_is_kept(client_of_sofia, sofia):
    end_session(client_of_sofia)
    client_of_sofia.post("/drafts/", form(deliverable("L2M5D1"), note=TYPED), headers={"Form-Page": PAGE})
    client_of_sofia.force_login(sofia)
    assert TYPED in values(client_of_sofia.get(PAGE))


def test_each_form_of_a_page_has_its_own_draft(client_of_sofia):
    page = f"{PLAN}edit/themes/"
    for theme, name, text in (("gender", "gender-name", TYPED), ("+", "new-name", "New words")):
        client_of_sofia.post("/drafts/", {"theme": theme, name: text}, headers={"Form-Page": f"{page}#{theme}"})
    assert [text in values(client_of_sofia.get(page)) for text in (TYPED, "New words")] == [True, True]
    client_of_sofia.post(page, {"theme": "+", "new-name": "New words"})
    assert TYPED in values(client_of_sofia.get(page))


def test_a_correction_in_a_draft_can_be_given_up_and_the_note_stays(client_of_sofia):
    fields = form(deliverable("L1M1D1"), note=TYPED, corrects="1", carries_evidence="on", evidence_title="Minutes")
    client_of_sofia.post("/drafts/", fields, headers={"Form-Page": f"{PLAN}L1M1D1/"})
    shown = [client_of_sofia.get(f"{PLAN}L1M1D1/{query}").context["form"] for query in ("", "?correct=")]
    names = ("note", "corrects", "evidence_title")
    assert [[each[name].value() for name in names] for each in shown] == [[TYPED, "1", "Minutes"], [TYPED, "", ""]]


# Drafts and what others do meanwhile


def typed(client, page, **fields):
    """Type into the form of a page, and leave it."""
    shown = client.get(page).context["form"]
    locks = {f"initial-{name}": shown[name].value() or "" for name, f in shown.fields.items() if f.show_hidden_initial}
    values = {field.html_name: "" if field.value() is None else field.value() for field in shown}
    client.post("/drafts/", values | locks | fields, headers={"Form-Page": page})


def save_restored(client, page):
    """Save the form of a page as it is shown, with the locks that it sends, and return the answer."""
    (shown,) = [each for each in html.fromstring(client.get(page).content).forms if "was" in each.fields]
    return client.post(
        page, {name: list(value) if name == "regions" else value or "" for name, value in shown.fields.items()}
    )


def test_a_restored_form_keeps_the_wording_that_its_author_left_alone(client_of_sofia):
    page = f"{DRAFT}edit/L1M1D1/"
    typed(client_of_sofia, page, due_on="2022-02-03")
    Deliverable.objects.of_plan("2021-2023").filter(number=1).update(title="Words of another")
    assert save_restored(client_of_sofia, page).status_code == 302
    row = Deliverable.objects.of_plan("2021-2023").get(number=1)
    assert (row.title, str(row.due_on)) == ("Words of another", "2022-02-03")


def test_a_restored_translation_of_a_text_that_was_reworded_is_questioned(client_of_sofia):
    page = f"{DRAFT}edit/L1M1D1/"
    typed(client_of_sofia, page, in_fr=TYPED)
    Deliverable.objects.of_plan("2021-2023").filter(number=1).update(title="Words of another")
    answer = save_restored(client_of_sofia, page)
    assert (answer.status_code, answer.context["form"]["title"].value()) == (422, "Words of another")
    assert "If your translation fits it, save again." in texts(answer)


@pytest.mark.parametrize("fields", [{"title": TYPED}, {"in_fr": TYPED}, {"due_on": "2022-02-03"}])
def test_a_restored_form_does_not_overwrite_what_somebody_else_saved(client_of_sofia, adam, fields):
    page = f"{DRAFT}edit/L1M1D1/"
    typed(client_of_sofia, page, **fields)
    rows = Deliverable.objects.of_plan("2021-2023").filter(number=1)
    if "in_fr" in fields:
        Translation.objects.set_translations(rows.get().plan, "fr", {"Deliverable 1": "Livrable"}, by=adam)
    else:
        rows.update(**{name: "Words of another" if name == "title" else "2022-09-09" for name in fields})
    answer = save_restored(client_of_sofia, page)
    assert (answer.status_code, "Meanwhile somebody" in texts(answer)) == (422, True)


def test_a_restored_new_part_is_not_added_a_second_time(client_of_sofia):
    page = f"{PLAN}edit/L1M1/add/"
    typed(client_of_sofia, page, title=TYPED, decision="Board", in_force_on="2021-06-01")
    Deliverable.objects.create(measure=deliverable("L1M1D1").measure, number=4, title=TYPED)
    answer = save_restored(client_of_sofia, page)
    assert (answer.status_code, "Meanwhile somebody added L1M1D4" in texts(answer)) == (422, True)


def test_a_list_action_of_the_admin_is_no_draft(adam):
    client = browser_of(adam)
    theme = Theme.objects.get(slug="gender")
    client.post("/admin/plans/theme/", {"action": "delete_selected", "_selected_action": [theme.pk], "index": "0"})
    assert not FormDraft.objects.exists()


def test_confirming_does_not_discard_what_is_typed_on_the_same_page(client_of_sofia):
    client_of_sofia.post("/drafts/", form(deliverable("L2M5D1"), note=TYPED), headers={"Form-Page": PAGE})
    client_of_sofia.post(f"{PAGE}confirm/", {"seen": deliverable("L2M5D1").last_sequence})
    assert TYPED in values(client_of_sofia.get(PAGE))


def test_a_draft_does_not_overwrite_what_was_recorded_meanwhile(client_of_sofia, adam):
    client_of_sofia.post("/drafts/", form(deliverable("L2M5D1"), note=TYPED), headers={"Form-Page": PAGE})
    report(deliverable("L2M5D1"), "attained", by=adam, note="Adam was faster.")
    (status,) = [
        each for each in html.fromstring(client_of_sofia.get(PAGE).content).forms if each.action == f"{PAGE}status/"
    ]
    fields = {name: value or "" for name, value in status.fields.items()}
    response = client_of_sofia.post(status.action, fields)
    assert (response.status_code, "Adam was faster." in texts(response)) == (409, True)


def test_a_page_of_translations_shows_what_is_stored_beside_a_draft(client_of_sofia, plan):
    page = f"{PLAN}edit/translations/es/"
    client_of_sofia.post("/drafts/", {translation_field(): TYPED}, headers={"Form-Page": page})
    fields = client_of_sofia.get(page).context["form"]
    assert [field.value() for field in fields if field.value()] == [TYPED]


# Bounds


def store(person, number=0, text=TYPED, now=NOON):
    return FormDraft.objects.store(person, f"{PLAN}L1M1D{number}/", [("note", [text])], now)


def test_a_draft_is_bounded_in_size(sofia, plan):
    assert store(sofia, text="x" * MAX_CHARACTERS) is None
    assert store(sofia, text="x" * (MAX_CHARACTERS - 100))


def test_a_person_has_so_many_drafts_and_the_oldest_goes(sofia, plan):
    for number in range(MAX_DRAFTS + 2):
        store(sofia, number, now=NOON + timedelta(minutes=number))
    assert (FormDraft.objects.count(), FormDraft.objects.filter(page__endswith="D1/").exists()) == (MAX_DRAFTS, False)


def test_a_draft_is_shown_for_a_week_and_then_deleted(sofia, plan):
    draft = store(sofia)
    assert FormDraft.objects.find(sofia, draft.page, NOON + timedelta(days=6)) == draft
    assert FormDraft.objects.find(sofia, draft.page, NOON + timedelta(days=8)) is None
    store(sofia, 7, now=NOON + timedelta(days=8))
    assert FormDraft.objects.count() == 1


def test_no_password_is_stored(client_of_sofia):
    client_of_sofia.post("/drafts/", {"password": "x", "oldpassword": "y"}, headers={"Form-Page": "/x/"})
    client_of_sofia.post("/drafts/", {"note": TYPED}, headers={"Form-Page": "/es/accounts/password/change/"})
    assert not FormDraft.objects.exists()


@time_machine.travel(NOON, tick=False)
def test_the_notice_says_when_it_was_typed(client_of_sofia):
    client_of_sofia.post("/drafts/", form(deliverable("L2M5D1"), note=TYPED), headers={"Form-Page": PAGE})
    assert "What you typed here on 24 November 2026 at 13:00 is in the form again." in texts(client_of_sofia.get(PAGE))


def test_an_outline_has_no_draft_of_its_buttons(client_of_sofia):
    line = ActionLine.objects.get(plan__slug="2021-2023")
    client_of_sofia.post(f"{DRAFT}edit/L1/move/", {"was": line.title, "step": "1"})
    assert not FormDraft.objects.exists()
