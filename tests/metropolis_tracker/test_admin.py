import re

import pytest
from django.contrib.auth.models import Group

from deliverables.models import Deliverable, StatusUpdate
from metropolis_tracker.accounts.models import User
from plans.models import Theme
from tests.builders import deliverable

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


def test_a_person_added_in_the_admin_gets_a_one_time_link(administrator):
    role = Group.objects.get(name="Board")
    fields = {"name": "Nadia Fassi", "email": "nadia@metropolis.example", "role": role.pk, "is_active": "on"}
    page = administrator.post("/admin/accounts/user/add/", fields, follow=True)
    nadia = User.objects.get(email="nadia@metropolis.example")
    assert ([group.name for group in nadia.groups.all()], nadia.has_usable_password()) == (["Board"], False)
    assert re.search(r"http://127.0.0.1:8000/accounts/password/reset/key/\S+/", page_text(page))


def test_a_persons_role_can_be_changed_in_the_admin(administrator, beatriz):
    role = Group.objects.get(name="Secretariat")
    fields = {"name": beatriz.name, "email": beatriz.email, "role": role.pk, "is_active": "on"}
    administrator.post(f"/admin/accounts/user/{beatriz.pk}/change/", fields)
    assert [group.name for group in beatriz.groups.all()] == ["Secretariat"]


def test_people_cannot_be_deleted_in_the_admin(administrator, beatriz):
    assert administrator.post(f"/admin/accounts/user/{beatriz.pk}/delete/", {"post": "yes"}).status_code == 403
