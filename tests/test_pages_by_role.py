"""Each page by role, on a plan of each visibility: what a visitor may not see is 404, what they may not do is 403."""

import uuid
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from deliverables.models import Deliverable, Proposal, ReportingRound
from deliverables.proposals.rights import Capacity
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from plans.models import Plan, Visibility
from tests.builders import new_plan, publish, report
from tests.conftest import browser_of, person

pytestmark = pytest.mark.django_db

PEOPLE = {
    "Beatriz Soler": Role.BOARD,
    "Rashid Amrani": Role.REGIONAL_SECRETARIES,
    "Sofia Marín": Role.SECRETARIAT,
    "Adam Weiss": Role.ADMINISTRATORS,
}
PAGES = {
    "card": "card.png",
    "overview": "",
    "action_line": "L1/",
    "measure": "L1M1/",
    "deliverable": "L1M1D1/",
    "deliverables": "deliverables/",
    "changes": "changes/",
    "reports": "reports/",
    "summary": "summary.csv",
    "summary_page": "summary/",
    "brief": "brief.pdf",
    "history": "history.json",
    "changes_feed": "changes.atom",
    "comparison_file": "changes.xlsx?from=2021-01-01",
    "amendments": "amendments/",
    "region": "regions/africa/",
    "region_file": "regions/africa/summary.xlsx",
    "calendar": "calendar.ics",
    "region_calendar": "regions/africa/calendar.ics",
}
MEMBERS = {"todo": "todo/", "my_reports": "mine/"}
PROPOSAL = "proposals/00000000-0000-4000-8000-000000000001/"
READING = {
    Visibility.PUBLIC: [200, 200, 200, 200, 200],
    Visibility.MEMBERS: [404, 200, 200, 200, 200],
    Visibility.DRAFT: [404, 404, 404, 200, 200],
}
RECORDING = {
    Visibility.PUBLIC: [302, 403, 403, 422, 422],
    Visibility.MEMBERS: [302, 403, 403, 422, 422],
    Visibility.DRAFT: [302, 404, 404, 422, 422],
}


EDITIONS = {
    "edition": "editions/1/",
    "current_edition": "editions/current/",
    "edition_document": "editions/1/summary.csv",
}
EMBEDDED = {"embed": "embed/"}
PREPARING = {
    "edition_draft": "editions/new/",
    "edition_check": "editions/new/check/",
    "edition_preview": "editions/new/summary.html",
    "bulk_update": "deliverables/bulk/?row=L1M1D1",
    "bulk_recorded": "deliverables/bulk/recorded/?entries=1-2",
    "edit_plan": "edit/",
    "edit_settings": "edit/plan/",
    "edit_themes": "edit/themes/",
    "edit_translations": "edit/translations/es/",
    "add_line": "edit/add/",
    "edit_part": "edit/L1M1/",
    "add_part": "edit/L1/add/",
    "edit_people": "edit/L1/people/",
    "withdraw_part": "edit/L1M1D1/withdraw/",
    "reinstate_part": "edit/L1M1D1/reinstate/",
    "remove_part": "edit/L1M1D1/remove/",
    "import": "import/",
    "import_template": "import/template-plan.csv",
    "plan_to_fill_in": "to-fill-in.xlsx",
    "rounds": "rounds/",
    "open_round": "rounds/new/",
}
RUNNING_A_ROUND = {
    "round": "rounds/1/", "reminder_preview": "rounds/1/reminder/", "remind": "rounds/1/remind/",
    "extend_round": "rounds/1/extend/", "close_round": "rounds/1/close/", "proposal": PROPOSAL,
    "accept_proposal": PROPOSAL + "accept/", "send_back": PROPOSAL + "send-back/",
}  # fmt: skip
REPORTING = {"propose": "L1M1D1/propose/", "withdraw_proposal": PROPOSAL + "withdraw/"}
IMPORT = "import/00000000-0000-4000-8000-000000000000/"  # of nobody
POSTED = {
    "record_status": "L1M1D1/status/",
    "upload_file": "files/",
    "confirm_status": "L1M1D1/confirm/",
    "publish_edition": "editions/new/check/publish/",
    "apply_bulk": "deliverables/bulk/record/",
    "move_part": "edit/L1/move/",
    "apply_import": IMPORT + "apply/",
    "follow": "follow/",
}
FILLED_IN = {"region_to_fill_in": "regions/africa/to-fill-in.xlsx", "round_to_fill_in": "rounds/1/to-fill-in.xlsx"}
ADMINISTERED = {"take_down": "L1M1D1/entries/1/take-down/", "withdraw_edition": "editions/1/withdraw/"}
SHOWN_IN_PLACE = {"status_form": "L1M1D1/form/", "import_preview": IMPORT, "import_columns": IMPORT + "columns/"}


@pytest.fixture(scope="module")
def everyone(shared_by_module):
    """A browser for each role, and a plan for them to ask for."""
    new_plan()
    browsers = [browser_of(person(name, role)) for name, role in PEOPLE.items()]
    return [Client(), *browsers]


def open_to(visibility):
    Plan.objects.filter(slug="2021-2023").update(visibility=visibility)


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("path", PAGES.values())
def test_reading_by_role(everyone, path, visibility):
    open_to(visibility)
    answers = [client.get(f"/plans/2021-2023/{path}").status_code for client in everyone]
    assert answers == READING[visibility]


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("path", EDITIONS.values())
def test_reading_editions_by_role(everyone, adam, path, visibility):
    publish(Plan.objects.get(slug="2021-2023"), by=adam)
    open_to(visibility)
    answers = [client.get(f"/plans/2021-2023/{path}", follow=True).status_code for client in everyone]
    assert answers == READING[visibility]


@pytest.mark.parametrize("visibility", Visibility)
def test_a_frame_of_another_site_shows_public_plans_alone(everyone, visibility):
    open_to(visibility)
    answers = [client.get("/plans/2021-2023/embed/").status_code for client in everyone]
    assert answers == [200 if visibility == Visibility.PUBLIC else 404] * 5


@pytest.mark.parametrize("visibility", Visibility)
def test_what_is_for_members_sends_a_visitor_to_sign_in(everyone, visibility):
    open_to(visibility)
    answers = [client.get("/plans/2021-2023/todo/").status_code for client in everyone]
    assert answers == [302, *READING[visibility][1:]]


@pytest.mark.parametrize("visibility", Visibility)
def test_the_form_in_place_by_role(everyone, visibility):
    open_to(visibility)
    headers = {"HX-Request": "true"}
    answers = [client.get("/plans/2021-2023/L1M1D1/form/", headers=headers).status_code for client in everyone]
    assert answers == [200, *RECORDING[visibility][1:3], 200, 200]  # htmx is told where to sign in by a header


@pytest.mark.parametrize("path", [IMPORT, IMPORT + "columns/", "L1M1D1/form/"])
def test_what_an_editor_alone_may_see_by_role(everyone, path):
    open_to(Visibility.DRAFT)
    answers = [client.get(f"/plans/2021-2023/{path}").status_code for client in everyone[:3]]
    assert answers == RECORDING[Visibility.DRAFT][:3]


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("path", PREPARING.values())
def test_preparing_and_editing_by_role(everyone, path, visibility):
    open_to(visibility)
    answers = [client.get(f"/plans/2021-2023/{path}").status_code for client in everyone]
    assert answers == [*RECORDING[visibility][:3], 200, 200]


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("path", ADMINISTERED.values())
def test_what_an_administrator_alone_may_do_by_role(everyone, adam, path, visibility):
    plan = Plan.objects.get(slug="2021-2023")
    report(Deliverable.objects.of_plan(plan.slug).get(), "in_progress", by=adam, effective_on=date(2021, 2, 1))
    publish(plan, by=adam)
    open_to(visibility)
    answers = [client.get(f"/plans/2021-2023/{path}").status_code for client in everyone]
    assert answers == [*RECORDING[visibility][:3], 403, 200]


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("name", ["record_status", "publish_edition", "apply_bulk"])
def test_recording_and_publishing_by_role(everyone, visibility, name):
    open_to(visibility)
    answers = [client.post(f"/plans/2021-2023/{POSTED[name]}").status_code for client in everyone]
    assert answers == RECORDING[visibility]


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("name", ["move_part", "apply_import"])
def test_changing_the_plan_by_role(everyone, visibility, name):
    open_to(visibility)
    answers = [client.post(f"/plans/2021-2023/{POSTED[name]}").status_code for client in everyone]
    assert answers == [*RECORDING[visibility][:3], 302, answers[4]]


@pytest.fixture
def asked(everyone):
    """A round of the plan, and a proposal of the person who has the role of the regional secretaries."""
    plan = Plan.objects.get(slug="2021-2023")
    Plan.objects.filter(pk=plan.pk).update(ends_on=date(2099, 12, 31))
    plan.refresh_from_db()
    rashid, sofia = (User.objects.get(name=name) for name in ("Rashid Amrani", "Sofia Marín"))
    row = Deliverable.objects.of_plan(plan.slug).with_current_status().get()
    row.responsible = rashid
    row.save(update_fields=["responsible"])
    tomorrow = timezone.localdate() + timedelta(days=1)
    ReportingRound.objects.begin(plan, name="Round", closes_on=tomorrow, deliverables=[row], by=sofia)
    content = {"status": "in_progress", "reason": "", "effective_on": date(2021, 2, 1), "note": "", "next_step": ""}
    report = content | {"expected_on": None, "achieved": None, "evidence": ()}
    options = {"by": rashid, "capacity": Capacity(person=rashid), "seen": 0, "submission": uuid.uuid4()}
    proposal = Proposal.objects.propose(row, report, **options)
    Proposal.objects.filter(pk=proposal.pk).update(key=PROPOSAL.split("/")[1])


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("name", RUNNING_A_ROUND)
def test_running_a_round_by_role(everyone, asked, visibility, name):
    open_to(visibility)
    send = "get" if name in ("round", "reminder_preview", "proposal") else "post"
    answers = [getattr(client, send)(f"/plans/2021-2023/{RUNNING_A_ROUND[name]}").status_code for client in everyone]
    assert answers[:3] == RECORDING[visibility][:3]
    assert set(answers[3:]) <= {200, 302, 422}


@pytest.mark.parametrize("visibility", Visibility)
def test_reporting_by_role(everyone, asked, visibility):
    open_to(visibility)
    answers = {
        name: [client.post(f"/plans/2021-2023/{path}").status_code for client in everyone]
        for name, path in REPORTING.items()
    }
    readable = visibility != Visibility.DRAFT
    assert answers["propose"] == [302, *([403, 422] if readable else [404, 404]), 403, 403]
    assert answers["withdraw_proposal"] == [302, 404, 302 if readable else 404, 404, 404]


@pytest.mark.parametrize("visibility", Visibility)
def test_what_is_to_be_filled_in_by_role(everyone, asked, visibility):
    """The person who has the role of the regional secretaries is responsible for what the round asks, of no region."""
    open_to(visibility)
    answers = {
        name: [client.get(f"/plans/2021-2023/{path}").status_code for client in everyone]
        for name, path in FILLED_IN.items()
    }
    readable = visibility != Visibility.DRAFT
    assert answers["region_to_fill_in"] == [302, *([403, 403] if readable else [404, 404]), 200, 200]
    assert answers["round_to_fill_in"] == [302, *([403, 200] if readable else [404, 404]), 200, 200]


@pytest.mark.parametrize("visibility", Visibility)
def test_following_by_role(everyone, visibility):
    open_to(visibility)
    answers = [client.post("/plans/2021-2023/follow/", {"on": "1"}).status_code for client in everyone]
    assert answers == [302, *(302 if status == 200 else status for status in READING[visibility][1:])]


@pytest.mark.parametrize("path", [*PAGES.values(), "L1M1D1/status/"])
def test_a_plan_that_does_not_exist_answers_as_one_that_is_not_yours(visitor, board, path):
    new_plan(slug="secret", visibility=Visibility.DRAFT)
    send = "post" if path.endswith("status/") else "get"
    for client in (visitor, board):
        answers = [getattr(client, send)(f"/plans/{slug}/{path}").status_code for slug in ("secret", "nowhere")]
        assert answers[0] == answers[1]


@pytest.mark.parametrize("path", PAGES.values())
def test_reading_takes_a_get(secretariat, path):
    assert secretariat.post(f"/plans/2018-2020/{path}").status_code == 405


def test_every_page_of_a_plan_is_in_this_table():
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    plans = {
        name for name in names if get_resolver().reverse_dict.getlist(name)[0][0][0][0].startswith("plans/%(slug)s/")
    }
    reading = {*PAGES, *MEMBERS, *EDITIONS, *EMBEDDED, *PREPARING, *SHOWN_IN_PLACE}
    assert plans == reading | {*POSTED, *ADMINISTERED, *RUNNING_A_ROUND, *REPORTING, *FILLED_IN}
