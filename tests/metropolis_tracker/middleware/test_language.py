"""The URL sets the language. For members, a URL without one redirects to the language they chose."""

import lxml.html
import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from deliverables.models import Deliverable
from metropolis_tracker.accounts.models import User
from tests.builders import deliverable, form, publish
from tests.conftest import PASSWORD, browser_of, sent_mail

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"


def page(response):
    return lxml.html.fromstring(response.content)


@pytest.mark.parametrize(
    ("address", "language", "heading"),
    [(PLAN, "en", "The whole plan"), (f"/es{PLAN}", "es", "Todo el plan"), (f"/fr{PLAN}", "fr", "Vue d’ensemble")],
)
def test_the_url_sets_the_language(visitor, plan, address, language, heading):
    response = visitor.get(address)
    assert (response["Content-Language"], page(response).get("lang")) == (language, language)
    assert heading in page(response).text_content()


def test_accept_language_changes_no_page(visitor, plan):
    response = visitor.get(PLAN, headers={"Accept-Language": "fr"})
    assert (page(response).get("lang"), "Accept-Language" in response.get("Vary", "")) == ("en", False)


@pytest.mark.parametrize(
    ("headers", "place"),
    [
        ({"Accept-Language": "es-MX,es;q=0.9"}, f"/es{PLAN}"),
        ({"Accept-Language": "ja"}, PLAN),
        ({}, PLAN),
        ({"Accept-Language": "es", "Referer": "http://127.0.0.1:8000/plans/"}, PLAN),
    ],
)
def test_the_home_page_follows_accept_language_on_a_first_visit(visitor, plan, headers, place):
    assert visitor.get("/", headers=headers)["Location"] == place


def test_a_page_links_to_itself_in_every_language(visitor, plan):
    links = page(visitor.get(f"/es{PLAN}?as_of=2020-01-01")).xpath("//link[@rel='alternate'][@hreflang]")
    assert {link.get("hreflang"): link.get("href") for link in links} == {
        "en": "http://127.0.0.1:8000/plans/2018-2020/?as_of=2020-01-01",
        "es": "http://127.0.0.1:8000/es/plans/2018-2020/?as_of=2020-01-01",
        "fr": "http://127.0.0.1:8000/fr/plans/2018-2020/?as_of=2020-01-01",
        "x-default": "http://127.0.0.1:8000/plans/2018-2020/?as_of=2020-01-01",
    }


def test_links_stay_in_the_language(visitor, plan):
    links = page(visitor.get(f"/fr{PLAN}")).xpath("//main//a/@href | //form/@action")
    assert {link for link in links if link.startswith("/") and not link.startswith("/fr/")} == set()


def test_a_chosen_language_is_saved(secretariat, sofia):
    response = secretariat.post("/language/", {"language": "es", "next": f"{PLAN}L1/?as_of=2020-01-01"})
    sofia.refresh_from_db()
    assert (response["Location"], sofia.language) == (f"/es{PLAN}L1/?as_of=2020-01-01", "es")


def test_a_url_without_a_language_redirects_to_the_chosen_one(sofia):
    User.objects.filter(pk=sofia.pk).update(language="es")
    assert browser_of(sofia).get(f"{PLAN}?as_of=2020-01-01")["Location"] == f"/es{PLAN}?as_of=2020-01-01"


def test_a_url_with_a_language_is_shown_in_that_language(sofia):
    User.objects.filter(pk=sofia.pk).update(language="es")
    assert page(browser_of(sofia).get(f"/fr{PLAN}")).get("lang") == "fr"


def test_a_post_is_never_redirected_to_the_chosen_language(sofia):
    User.objects.filter(pk=sofia.pk).update(language="es")
    assert browser_of(sofia).post(f"{PLAN}L1M1D1/status/", {}).status_code == 422


@pytest.mark.parametrize("language", ["", "xx", "en-us"])
def test_an_unknown_language_changes_nothing(secretariat, sofia, language):
    response = secretariat.post("/language/", {"language": language, "next": PLAN})
    sofia.refresh_from_db()
    assert (response["Location"], sofia.language) == (PLAN, "")


def test_choosing_a_language_never_redirects_to_another_site(visitor, plan):
    assert visitor.post("/language/", {"language": "es", "next": "https://evil.example/"})["Location"] == "/es/"


def test_the_first_sign_in_saves_the_language_of_its_page(sofia):
    Client().post("/fr/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    sofia.refresh_from_db()
    assert sofia.language == "fr"


def test_signing_in_does_not_change_a_chosen_language(sofia):
    User.objects.filter(pk=sofia.pk).update(language="es")
    Client().post("/fr/accounts/login/", {"login": sofia.email, "password": PASSWORD})
    sofia.refresh_from_db()
    assert sofia.language == "es"


def test_field_errors_are_translated(secretariat):
    on = deliverable("L1M1D1")
    sent = form(on, effective_on="", note="")
    errors = page(secretariat.post(f"/es{PLAN}L1M1D1/status/", sent)).find_class("errorlist")
    assert [error.text_content().strip()[:53] for error in errors] == [
        "«Alcanzado» requiere evidencia: indique un documento ",
        "Introduzca la fecha desde la que el estado es efectiv",
    ]


def test_the_404_page_is_translated(visitor, plan):
    response = visitor.get(f"/es{PLAN}L9/")
    assert (response.status_code, page(response).get("lang")) == (404, "es")


def test_a_reminder_is_in_the_language_of_its_recipient(sofia, running):
    User.objects.filter(pk=sofia.pk).update(language="es")
    on = deliverable("L1M1D2")
    on.responsible = sofia
    on.save()
    call_command("send_reminders")
    message = mail.outbox[0]
    assert message.subject == "Metropolis Tracker: Actualice un entregable"
    assert "/es/plans/2018-2020/L1M1D2/" in message.body
    assert '<html lang="es">' in message.alternatives[0].content
    assert '<span lang="en">' in message.alternatives[0].content


def test_the_password_reset_mail_is_in_the_language_of_the_page(sofia):
    Client().post("/fr/accounts/password/reset/", {"email": sofia.email})
    assert "/fr/accounts/password/reset/key/" in sent_mail()[0].body
    assert "Choisissez un nouveau mot de passe\xa0:\n" in sent_mail()[0].body


def test_the_admin_is_translated(administrator):
    assert "Personas" in page(administrator.get("/es/admin/")).text_content()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", ["/plans/2018-2020/summary.a=b", "/accounts/password/reset/key/a-b=c/", "/nowhere/;x"])
def test_no_url_redirects_to_itself(sofia, language, path):
    User.objects.filter(pk=sofia.pk).update(language=language)
    assert browser_of(sofia).get(path).get("Location") != path


def test_a_file_is_in_the_language_of_its_url_whatever_the_chosen_one(sofia, plan):
    edition = publish(plan, by=sofia, titles={"es": "Informe trienal", "fr": "Rapport triennal"})
    User.objects.filter(pk=sofia.pk).update(language="es")
    client = browser_of(sofia)
    for document in edition.documents.all():
        assert client.get(document.get_absolute_url()).content == bytes(document.content)


@pytest.mark.parametrize("path", ["summary.json", "history.json"])
def test_json_is_the_same_in_every_language_and_marked_as_english(visitor, plan, path):
    answers = [visitor.get(f"{at}{PLAN}{path}") for at in ("", "/es")]
    assert [answer["Content-Language"] for answer in answers] == ["en", "en"]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_of_reminders_is_constant(sofia, running, django_assert_max_num_queries, rows):
    User.objects.filter(pk=sofia.pk).update(language="es")
    open_rows = Deliverable.objects.of_plan("2018-2020").exclude(status="attained")[:rows]
    Deliverable.objects.filter(pk__in=[row.pk for row in open_rows]).update(responsible=sofia)
    with django_assert_max_num_queries(30):
        call_command("send_reminders")
    assert len(mail.outbox) == 1
