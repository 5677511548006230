import re
import time
from html import unescape

import pytest
import time_machine
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.urls import reverse

from deliverables.models import Deliverable, StatusUpdate
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from plans.models import Theme
from tests.builders import deliverable
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def page_text(response):
    return " ".join(response.content.decode().split())


def test_the_admin_signs_in_through_the_trackers_own_page(visitor):
    response = visitor.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/")


@pytest.mark.parametrize("client", ["board", "regional", "secretariat"])
def test_only_administrators_may_open_the_admin(request, client):
    response = request.getfixturevalue(client).get("/admin/", follow=True)
    assert response.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "",
        "plans/plan/",
        "plans/actionline/",
        "plans/measure/",
        "plans/theme/",
        "plans/organisation/",
        "plans/sustainabledevelopmentgoal/",
        "deliverables/deliverable/",
        "deliverables/statusupdate/",
        "accounts/user/",
    ],
)
def test_every_list_of_the_admin_opens(administrator, path):
    assert administrator.get(f"/admin/{path}").status_code == 200


@pytest.mark.parametrize("model", ["plans/plan", "plans/actionline", "plans/measure", "deliverables/deliverable"])
def test_plan_structure_is_read_only_in_the_admin(administrator, model):
    answers = [administrator.post(f"/admin/{model}/{page}/").status_code for page in ("add", "1/change", "1/delete")]
    assert answers == [403, 403, 403]


def test_the_history_is_read_only_in_the_admin(administrator):
    update = StatusUpdate.objects.first()
    page = f"/admin/deliverables/statusupdate/{update.pk}"
    assert administrator.post(f"{page}/change/", {"note": "changed later"}).status_code == 403
    assert administrator.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert administrator.get("/admin/deliverables/statusupdate/add/").status_code == 403


def test_a_deliverable_with_a_history_cannot_be_deleted_in_the_admin(administrator):
    row = deliverable("L1M1D2")
    administrator.post(f"/admin/deliverables/deliverable/{row.pk}/delete/", {"post": "yes"})
    assert Deliverable.objects.filter(pk=row.pk).exists()


def test_renaming_a_theme_raises_the_plans_revision_once(administrator, plan):
    theme = Theme.objects.get(slug="gender")
    administrator.post(f"/admin/plans/theme/{theme.pk}/change/", {"slug": "gender", "name": "Gender equality"})
    before = plan.revision
    plan.refresh_from_db()
    assert plan.revision == before + 1


def test_a_person_added_in_the_admin_has_a_role_and_no_password(administrator):
    role = Group.objects.get(name="Board")
    fields = {"name": "Nadia Fassi", "email": "nadia@metropolis.example", "role": role.pk, "is_active": "on"}
    administrator.post("/admin/accounts/user/add/", fields)
    nadia = User.objects.get(email="nadia@metropolis.example")
    assert ([group.name for group in nadia.groups.all()], nadia.has_usable_password()) == (["Board"], False)


def test_a_person_with_the_e_mail_of_another_is_not_added(administrator, beatriz):
    fields = {"name": "Nadia Fassi", "email": beatriz.email, "role": beatriz.groups.get().pk, "is_active": "on"}
    page = administrator.post("/admin/accounts/user/add/", fields)
    assert ("There is already a person with this e-mail." in page_text(page), User.objects.count()) == (True, 2)


def test_a_persons_role_can_be_changed_in_the_admin(administrator, beatriz):
    role = Group.objects.get(name="Secretariat")
    fields = {"name": beatriz.name, "email": beatriz.email, "role": role.pk, "is_active": "on"}
    administrator.post(f"/admin/accounts/user/{beatriz.pk}/change/", fields)
    assert [group.name for group in beatriz.groups.all()] == ["Secretariat"]


def test_people_cannot_be_deleted_in_the_admin(administrator, beatriz):
    assert administrator.post(f"/admin/accounts/user/{beatriz.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("accounts/user", "password__startswith=pbkdf2"),
        ("accounts/user", "password__gt=m"),
        ("accounts/user", "emailaddress__email__startswith=a"),
        ("accounts/user", "groups__permissions__codename=x"),
        ("deliverables/deliverable", "responsible__password__startswith=p"),
        ("deliverables/statusupdate", "recorded_by__password__regex=^p"),
        ("plans/theme", "name__startswith=a"),
    ],
)
def test_a_list_is_filtered_by_what_it_offers_alone(administrator, path, query):
    assert administrator.get(f"/admin/{path}/?{query}").status_code == 400


def links_of(page):
    return set(re.findall(r'href="(\?[^"]+)"', page.content.decode()))


def test_every_filter_that_a_list_offers_works(administrator):
    tried = 0
    for model, model_admin in site._registry.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        page = administrator.get(address)
        for link in links_of(page) if page.status_code == 200 else ():
            assert administrator.get(address + unescape(link)).status_code == 200, link
            tried += 1
        if model_admin.list_filter and page.status_code == 200:
            assert links_of(page) != set(), model
    assert tried > 40


@pytest.mark.parametrize(
    "path",
    ["r/1/1/", "accounts/user/?is_active__exact=%00", "plans/theme/?q=a%00b", "accounts/user/%00/change/",
     "accounts/user/?role=%00", "accounts/user/?o=%00", "plans/measure/?p=%00", "?%00=1"],
)  # fmt: skip
def test_no_address_of_the_admin_is_an_error_of_the_server(administrator, path):
    assert administrator.get(f"/admin/{path}").status_code in (302, 400, 404)


def test_an_object_of_the_admin_leads_to_its_page(administrator, plan):
    page = page_text(administrator.get(f"/admin/plans/plan/{plan.pk}/change/"))
    assert 'href="/plans/2018-2020/"' in page


# Fresh sign-in: whoever sits down at a browser that somebody has left cannot give roles or one-time links.


@pytest.fixture
def left_alone(administrator):
    """The browser of an administrator who signed in an hour ago."""
    with time_machine.travel(time.time() + 3600):
        yield administrator


@pytest.mark.parametrize("page", ["add/", "{}/change/"])
def test_before_a_role_is_given_an_administrator_signs_in_again(left_alone, beatriz, page):
    response = left_alone.get(f"/admin/accounts/user/{page.format(beatriz.pk)}")
    assert (response.status_code, response["Location"].startswith("/accounts/reauthenticate/")) == (302, True)


@pytest.mark.parametrize(
    "action", ["send_invitations", "show_one_time_links", "remove_second_factors", "end_sessions", "write_again"]
)
def test_before_an_action_on_people_an_administrator_signs_in_again(left_alone, beatriz, action):
    page = "/admin/accounts/user/"
    assert left_alone.get(page).status_code == 200
    response = left_alone.post(page, {"action": action, "_selected_action": [str(beatriz.pk)]})
    assert (response.status_code, response["Location"].startswith("/accounts/reauthenticate/")) == (302, True)


def test_what_was_sent_before_the_password_is_carried_out_after_it(left_alone, beatriz):
    page = f"/admin/accounts/user/{beatriz.pk}/change/"
    role = Group.objects.get(name=Role.SECRETARIAT).pk
    fields = {"name": "Beatriz Soler", "email": beatriz.email, "language": "", "is_active": "on", "role": role}
    asked = left_alone.post(page, fields)
    assert list(beatriz.groups.values_list("name", flat=True)) == [Role.BOARD]
    done = left_alone.post(asked["Location"], {"password": PASSWORD})
    assert (done.status_code, list(beatriz.groups.values_list("name", flat=True))) == (302, [Role.SECRETARIAT])
