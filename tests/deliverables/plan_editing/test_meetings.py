"""Meetings in the browser, and the meeting of a decision."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission

from deliverables.models import Amendment
from plans.models import Meeting, Organisation, Translation
from tests.builders import deliverable, new_plan

pytestmark = pytest.mark.django_db
ASSEMBLY = "/meetings/8f276515-8b55-5674-b684-5ad9c8905f02/"
CONGRESS = {"name": "Congress", "place": "Montréal", "held_on": "2020-06-19"}
SHOWN = {
    "initial-name": "General Assembly of Members", "initial-place": "online", "initial-held_on": "2020-11-30"
}  # fmt: skip
WITHDRAW = "/plans/2018-2020/edit/L1M1D2/withdraw/"
DECISION = {"decision": "Point 7", "in_force_on": "2021-06-01", "decision_link": ""}


def page_text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def assembly(plan):
    return Meeting.objects.get()


def labels(form, name):
    return [str(label) for _value, label in form.fields[name].choices]


# The pages


def test_without_an_organisation_the_form_asks_for_one(secretariat, monkeypatch):
    """As on a tracker that nothing has been loaded into."""
    monkeypatch.setattr(Organisation.objects, "all", Organisation.objects.none)
    assert secretariat.get("/meetings/add/").status_code == 200
    response = secretariat.post("/meetings/add/", CONGRESS)
    assert (response.status_code, "organisation" in response.context["form"].errors) == (422, True)


def test_only_editors_open_the_meetings(visitor, board, regional, secretariat, administrator):
    clients = (visitor, board, regional, secretariat, administrator)
    for path in ("/meetings/", "/meetings/add/", ASSEMBLY, f"{ASSEMBLY}remove/"):
        assert [client.get(path).status_code for client in clients] == [302, 403, 403, 200, 200]


@pytest.mark.parametrize("path", ["/plans/", "/plans/2018-2020/edit/"])
def test_the_meetings_are_linked_for_editors(secretariat, path):
    assert 'href="/meetings/"' in page_text(secretariat.get(path))


def test_readers_see_no_link_to_the_meetings(visitor, board):
    assert [b"/meetings/" in client.get("/plans/").content for client in (visitor, board)] == [False, False]


def test_the_list_has_name_day_and_place(secretariat, assembly):
    text = page_text(secretariat.get("/meetings/"))
    assert "<b>General Assembly of Members</b>" in text
    assert "30 November 2020</time> · online" in text


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_takes_the_same_queries_however_many(secretariat, assembly, django_assert_num_queries, number):
    for year in range(1, number):
        Meeting(organisation=assembly.organisation, name="Board", held_on=date(1990 + year, 1, 1)).store()
    secretariat.get("/plans/")  # which remembers the visit
    with django_assert_num_queries(4):
        secretariat.get("/meetings/")


def test_a_meeting_is_added(secretariat, plan):
    assert secretariat.post("/meetings/add/", CONGRESS).url == "/meetings/"
    added = Meeting.objects.get(name="Congress")
    assert (added.organisation, added.place, added.held_on) == (plan.organisation, "Montréal", date(2020, 6, 19))


def test_the_organisation_is_chosen_where_there_are_several(secretariat, assembly):
    assert "organisation" not in secretariat.get("/meetings/add/").context["form"].fields
    other = Organisation.objects.create(slug="other", name="Other")
    secretariat.post("/meetings/add/", CONGRESS | {"organisation": other.pk})
    assert Meeting.objects.get(name="Congress").organisation == other
    assert "organisation" not in secretariat.get(ASSEMBLY).context["form"].fields
    assert "· Metropolis" in page_text(secretariat.get("/meetings/"))


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": " "}, "Enter the name of the meeting."),
        ({"held_on": ""}, "Enter the day of the meeting."),
        ({"held_on": "soon"}, "This is not a date. Write it as year-month-day"),
        (
            {"name": "General Assembly of Members", "held_on": "2020-11-30"},
            "There is a meeting with this name on this day already.",
        ),
    ],
)
def test_an_invalid_meeting_shows_an_error(secretariat, assembly, fields, text):
    response = secretariat.post("/meetings/add/", CONGRESS | fields)
    assert (response.status_code, text in page_text(response)) == (422, True)
    assert "Montréal" in page_text(response)


def test_a_meeting_is_edited(secretariat, assembly):
    assert secretariat.post(ASSEMBLY, SHOWN | {"name": "Assembly", "place": "", "held_on": "2020-12-01"}).url
    assembly.refresh_from_db()
    assert (assembly.name, assembly.place, str(assembly.held_on)) == ("Assembly", "", "2020-12-01")


def test_two_people_who_edit_one_meeting_overwrite_nothing_unseen(secretariat, assembly):
    Meeting.objects.update(place="Guangzhou")
    same = SHOWN | {"name": "Assembly", "place": "online", "held_on": "2020-11-30"}
    assert secretariat.post(ASSEMBLY, same).status_code == 302
    assert Meeting.objects.get().place == "Guangzhou"
    response = secretariat.post(ASSEMBLY, SHOWN | {"name": "Congress", "place": "Montréal", "held_on": "2020-11-30"})
    assert (response.status_code, "Meanwhile somebody entered “Guangzhou”." in page_text(response)) == (422, True)
    assert Meeting.objects.get().place == "Guangzhou"


def test_a_meeting_is_removed_after_a_confirmation(secretariat, assembly):
    assert "General Assembly of Members, 30 November 2020" in page_text(secretariat.get(f"{ASSEMBLY}remove/"))
    assert Meeting.objects.exists()
    response = secretariat.post(f"{ASSEMBLY}remove/", follow=True)
    assert ("There are no meetings yet." in page_text(response), Meeting.objects.exists()) == (True, False)


def test_a_meeting_that_an_amendment_names_is_not_removed(secretariat, assembly):
    secretariat.post(WITHDRAW, DECISION | {"meeting": assembly.pk})
    assert f"{ASSEMBLY}remove/" not in page_text(secretariat.get("/meetings/"))
    response = secretariat.post(f"{ASSEMBLY}remove/", follow=True)
    assert "An amendment names this meeting: it cannot be removed." in page_text(response)
    assert Meeting.objects.exists()


def test_a_meeting_that_is_not_there_is_404(secretariat):
    path = "/meetings/00000000-0000-4000-8000-000000000000/"
    assert [secretariat.get(page).status_code for page in (path, f"{path}remove/")] == [404, 404]


def test_the_admin_does_not_move_a_meeting_to_another_organisation(administrator, assembly):
    other = Organisation.objects.create(slug="other", name="Other")
    page = f"/admin/plans/meeting/{assembly.pk}/change/"
    administrator.post(page, {"name": "Assembly", "held_on": "2020-11-30", "organisation": other.pk})
    stored = Meeting.objects.get()
    assert (stored.name, stored.organisation) == ("Assembly", assembly.organisation)


def test_both_roles_that_edit_plans_have_the_permissions_of_meetings():
    wanted = {"add_meeting", "change_meeting", "delete_meeting", "view_meeting"}
    for role in ("Secretariat", "Administrators"):
        granted = Permission.objects.filter(group__name=role, content_type__model="meeting")
        assert {permission.codename for permission in granted} == wanted


# The meeting of a decision


def test_a_decision_offers_the_meetings_of_the_organisation_until_today(secretariat, assembly):
    Meeting(organisation=assembly.organisation, name="To come", held_on=date(2999, 1, 1)).store()
    other = Organisation.objects.create(slug="other", name="Other")
    Meeting(organisation=other, name="Elsewhere", held_on=date(2020, 1, 1)).store()
    form = secretariat.get(WITHDRAW).context["form"]
    assert labels(form, "meeting") == [
        "No meeting, or one that is not listed", "General Assembly of Members, 30 November 2020"
    ]  # fmt: skip


def test_an_amendment_names_its_meeting_on_both_pages(visitor, secretariat, assembly):
    secretariat.post(WITHDRAW, DECISION | {"meeting": assembly.pk})
    assert Amendment.objects.get().meeting == assembly
    for page in ("/plans/2018-2020/amendments/", "/plans/2018-2020/L1M1D2/"):
        assert "Decided at the meeting on 30 November 2020 (General Assembly of Members)" in page_text(
            visitor.get(page)
        )


def test_an_amendment_without_a_meeting_names_none(visitor, secretariat, assembly):
    secretariat.post(WITHDRAW, DECISION | {"meeting": ""})
    assert Amendment.objects.get().meeting is None
    assert "Decided at" not in page_text(visitor.get("/plans/2018-2020/amendments/"))


def test_the_name_of_a_meeting_is_translated_with_the_plan(visitor, secretariat, sofia, plan, assembly):
    secretariat.post(WITHDRAW, DECISION | {"meeting": assembly.pk})
    page = "/es/plans/2018-2020/amendments/"
    assert '<span lang="en">General Assembly of Members</span>' in page_text(visitor.get(page))
    Translation.objects.set_translations(plan, "es", {assembly.name: "Asamblea General"}, by=sofia)
    assert "Asamblea General" in page_text(visitor.get(page))


@pytest.mark.parametrize("meeting", ["1000000", "x"])
def test_a_meeting_that_is_not_offered_shows_an_error(secretariat, plan, meeting):
    response = secretariat.post(WITHDRAW, DECISION | {"meeting": meeting})
    assert (response.status_code, "This meeting is not on the list." in page_text(response)) == (422, True)
    assert not Amendment.objects.exists()


def test_a_new_wording_names_its_meeting(secretariat, assembly):
    title = deliverable("L1M1D2").title
    fields = {"title": f"{title}, reworded", "was": title, "meeting": assembly.pk}
    assert secretariat.post("/plans/2018-2020/edit/L1M1D2/", DECISION | fields).status_code == 302
    assert Amendment.objects.get().meeting == assembly


def test_a_meeting_without_a_new_wording_shows_an_error(secretariat, assembly):
    title = deliverable("L1M1D2").title
    fields = {"title": title, "was": title, "meeting": assembly.pk, "in_force_on": "2021-06-01"}
    response = secretariat.post("/plans/2018-2020/edit/L1M1D2/", fields)
    assert "Nothing that needs a decision has changed, so this would not be saved. Remove it." in page_text(response)


def test_a_draft_asks_for_no_meeting(secretariat, plan):
    new_plan("2030-2032", visibility="draft")
    assert "meeting" not in secretariat.get("/plans/2030-2032/edit/L1M1D1/").context["form"].fields


@pytest.mark.parametrize("number", [1, 20])
def test_the_amendments_take_the_same_queries_however_many(
    visitor, secretariat, assembly, django_assert_num_queries, number
):
    new_plan(deliverables=20)
    for row in range(1, number + 1):
        page = f"/plans/2021-2023/edit/L1M1D{row}/withdraw/"
        assert secretariat.post(page, DECISION | {"meeting": assembly.pk}).status_code == 302
    with django_assert_num_queries(3):
        visitor.get("/plans/2021-2023/amendments/")
