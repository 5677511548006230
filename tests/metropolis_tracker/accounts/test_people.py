import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from metropolis_tracker.accounts.links import one_time_link
from metropolis_tracker.accounts.models import User
from tests.conftest import PASSWORD, browser_of, sent_mail

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "purple monkey dishwasher"


def page_text(response):
    return " ".join(response.content.decode().split())


def sign_in(client, email, password=PASSWORD, **query):
    return client.post("/accounts/login/", {"login": email, "password": password}, query_params=query)


def choose_password(client, link, password=NEW_PASSWORD):
    page = client.get(link.replace("http://127.0.0.1:8000", ""), follow=True)
    form_url = page.redirect_chain[-1][0] if page.redirect_chain else page.request["PATH_INFO"]
    return client.post(form_url, {"password1": password, "password2": password})


def test_people_sign_in_by_e_mail_and_come_back_to_the_page(visitor, sofia):
    response = sign_in(visitor, "SOFIA@metropolis.example", next="/plans/2018-2020/L1M3D2/")
    assert response.url == "/plans/2018-2020/L1M3D2/"
    assert "Sofia Marín" in page_text(visitor.get(response.url))


def test_a_wrong_password_shows_an_error_and_keeps_the_e_mail(visitor, sofia):
    response = sign_in(visitor, sofia.email, "wrong")
    assert "The email address and/or password you specified are not correct." in page_text(response)
    assert f'value="{sofia.email}"' in page_text(response)


def test_a_deactivated_person_cannot_sign_in_and_is_told_what_a_wrong_password_is_told(visitor, sofia):
    User.objects.filter(pk=sofia.pk).update(is_active=False)
    answers = [sign_in(visitor, sofia.email, password) for password in (PASSWORD, "wrong")]
    assert "_auth_user_id" not in visitor.session
    right, wrong = ((answer.status_code, answer.context["form"].errors) for answer in answers)
    assert right == wrong


def test_a_removed_role_takes_effect_on_the_next_request(secretariat, sofia):
    sofia.groups.clear()
    assert secretariat.get("/plans/2018-2020/L1M3D2/").context["form"] is None


def test_signing_up_is_not_possible(visitor):
    visitor.post("/accounts/signup/", {"email": "eve@evil.example", "password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.filter(email="eve@evil.example").exists() is False


def test_signing_out_requires_a_post(secretariat):
    secretariat.get("/accounts/logout/")
    assert "_auth_user_id" in secretariat.session
    secretariat.post("/accounts/logout/")
    assert "_auth_user_id" not in secretariat.session


def test_a_forgotten_password_is_reset_by_e_mail(visitor, sofia):
    visitor.post("/accounts/password/reset/", {"email": sofia.email})
    link = re.search(r"http\S+", sent_mail()[0].body)[0]
    choose_password(visitor, re.sub(r"^https?://[^/]+", "", link))
    sofia.refresh_from_db()
    assert sofia.check_password(NEW_PASSWORD)


def test_an_e_mail_is_unique_whatever_its_case(sofia):
    with pytest.raises(ValidationError, match="There is already a person with this e-mail"):
        User.objects.create_user("Sofia@Metropolis.example", name="Another Sofia")


def test_the_database_refuses_a_second_person_with_an_e_mail_in_another_case(sofia):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="SOFIA@metropolis.example", name="Another Sofia")


def add_person(capsys, *arguments):
    call_command("add_person", *arguments)
    return capsys.readouterr().out.split("\n")


def test_a_person_is_added_with_a_role_and_chooses_a_password_once(visitor, capsys):
    message, link, _ = add_person(capsys, "nadia@metropolis.example", "Nadia Fassi", "--role", "secretariat")
    assert message == "Added Nadia Fassi as Secretariat. Send them this link. It works once:"
    choose_password(visitor, link)
    nadia = User.objects.get(email="nadia@metropolis.example")
    assert (nadia.check_password(NEW_PASSWORD), [group.name for group in nadia.groups.all()]) == (True, ["Secretariat"])


def test_a_one_time_link_works_once(visitor, sofia):
    link = one_time_link(sofia)
    choose_password(visitor, link)
    visitor.logout()
    choose_password(visitor, link, "another password altogether")
    sofia.refresh_from_db()
    assert sofia.check_password(NEW_PASSWORD)


def test_the_link_of_a_deactivated_person_is_like_one_that_was_used(visitor, sofia):
    link = one_time_link(sofia)
    User.objects.filter(pk=sofia.pk).update(is_active=False)
    inactive = visitor.get(link.replace("http://127.0.0.1:8000", ""), follow=True)
    forged = visitor.get(link.replace("http://127.0.0.1:8000", "").replace(link[-8:], "0000000/"), follow=True)
    assert (inactive.status_code, inactive.context.get("token_fail")) == (forged.status_code, True)
    assert "_auth_user_id" not in visitor.session


def test_a_weak_password_is_refused_with_the_reason(visitor, sofia):
    response = choose_password(visitor, one_time_link(sofia), "password")
    assert "This password is too short. It must contain at least 12 characters." in page_text(response)


def test_an_existing_person_is_not_added_again(sofia):
    with pytest.raises(CommandError, match="There is already a person with this e-mail. Nothing was added."):
        call_command("add_person", sofia.email, "Sofia Again", "--role", "board")


def test_a_person_is_not_added_with_an_unknown_role(plan):
    with pytest.raises(CommandError, match="invalid choice: 'king'"):
        call_command("add_person", "k@metropolis.example", "K", "--role", "king")


def test_a_person_is_not_added_without_an_e_mail(plan):
    with pytest.raises(CommandError, match="Enter a valid email address. Nothing was added."):
        call_command("add_person", "nadia", "Nadia Fassi", "--role", "board")


def test_changing_a_password_needs_the_old_one(sofia):
    client = browser_of(sofia)
    fields = {"oldpassword": "wrong", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert "Please type your current password." in page_text(client.post("/accounts/password/change/", fields))
