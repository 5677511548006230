"""Every write of anything that a plan shows raises the plan's revision in the same transaction, whichever way it came.

Cached pages, ETags and the preview of an edition depend on it: without it, they would show what is no longer stored.
"""

import re

import pytest
from django.apps import apps
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection

from metropolis_tracker.accounts.models import User
from metropolis_tracker.backups.archive import lines_of
from plans.memory import forget_all
from plans.models import Meeting, Organisation, Plan, Region, SustainableDevelopmentGoal, Theme, Visibility
from tests.builders import answer_columns, deliverable, form, new_plan
from tests.builders import publish as publish_edition
from tests.conftest import browser_of, sign_in

pytestmark = pytest.mark.django_db
APPS = {"plans", "deliverables", "reports", "accounts", "backups"}
NOT_SHOWN = {
    "plans.FormDraft": "what a person has typed and not saved",
    "reports.Follow": "who follows a plan is shown to nobody else",
    "reports.EditionDraft": "what is written for the next edition is shown to those who publish it",
    "reports.Import": "a file that waits for its preview to be applied",
    "reports.ColumnMapping": "what the columns of a table became is offered on the page of the next import",
    "reports.Message": "e-mails",
    "deliverables.Proposal": "what waits for the secretariat is shown to it and to its author alone",
    "deliverables.ProposalItem": "the same",
    "deliverables.ReportingRound": "rounds are shown to those who run them and to those whom they ask",
    "deliverables.ReportingRound_deliverables": "the same",
    "deliverables.EvidenceFile": "the files themselves: what names them are the evidence items",
    "backups.Backup": "shown in the admin only",
    "deliverables.LinkCheck": "shown to people who are signed in, whose pages are kept by the reporting revision",
}
PLAN, DRAFT = "/plans/2018-2020/", "/plans/2021-2023/"
ASSEMBLY = "/meetings/8f276515-8b55-5674-b684-5ad9c8905f02/"
DECISION = {"decision": "Board, June 2021", "in_force_on": "2021-06-01", "decision_link": ""}
SETTINGS = {
    "title": "A plan", "slug": "2021-2023", "starts_on": "2021-01-01", "ends_on": "2023-12-31", "visibility": "draft",
}  # fmt: skip


def changed(**fields):
    """What a form sends that changes some fields: each with the value that it showed, as `initial-`."""
    shown = {f"initial-{name}": SETTINGS.get(name, []) for name in fields}
    return SETTINGS | {f"initial-{name}": value for name, value in SETTINGS.items()} | shown | fields


def record(client, administrator):
    sent = form(deliverable("L1M1D2"), status="in_progress", evidence_title="Minutes of the Board")
    return client.post(f"{PLAN}L1M1D2/status/", sent)


def confirm(client, administrator):
    sent = {"seen": deliverable("L1M1D2").last_sequence}
    return client.post(f"{PLAN}L1M1D2/confirm/", sent)


def record_in_bulk(client, administrator):
    rows = " ".join(f"{code}:{deliverable(code).last_sequence}" for code in ("L1M1D1", "L1M1D2"))
    sent = {"rows": rows, "all-status": "in_progress", "all-effective_on": "2021-01-14"}
    return client.post(f"{PLAN}deliverables/bulk/record/", sent)


def edit(path, **fields):
    return lambda client, administrator: client.post(path, fields)


def upload(kind, *lines):
    """The way of an import of these lines, from the upload on. `{title}` stands for the stored title of L1M1D2."""

    def way(client, administrator):
        text = "\n".join(lines).replace("{title}", deliverable("L1M1D2").title)
        file = SimpleUploadedFile("table.csv", text.encode())
        uploaded = client.post(f"{PLAN}import/", {"file": file})
        preview = answer_columns(client, uploaded, content=kind).url
        seen = client.get(preview).context["plan"].revision
        return client.post(f"{preview}apply/", {"seen": seen} | DECISION)

    return way


def in_admin(model, change, **fields):
    """The way of changing an object in the admin. `change` finds it by its fields."""

    def way(client, administrator):
        found = model.objects.get(**change)
        return administrator.post(f"/admin/{model._meta.app_label}/{model._meta.model_name}/{found.pk}/change/", fields)

    return way


def delete_themes_in_admin(client, administrator):
    chosen = [str(Theme.objects.get(slug="gender").pk)]
    sent = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    return administrator.post("/admin/plans/theme/", sent)


def rename_responsible_person(client, administrator):
    beatriz = User.objects.get(name="Beatriz Soler")
    role = beatriz.groups.get().pk
    sent = {"name": "Beatriz Soler i Mas", "email": beatriz.email, "role": role, "is_active": "on"}
    return administrator.post(f"/admin/accounts/user/{beatriz.pk}/change/", sent)


def take_down(client, administrator):
    sent = {"parts": ["note-0"], "reason": "It named a person who asked for it."}
    return administrator.post(f"{PLAN}L1M1D1/entries/1/take-down/", sent)


def withdraw_edition(client, administrator):
    return administrator.post(f"{PLAN}editions/1/withdraw/", {"reason": "It named a person who asked for it."})


def publish(client, administrator):
    client.post(f"{PLAN}editions/new/", {"title": "A title", "as_of": "2020-12-31"})
    page = client.get(f"{PLAN}editions/new/check/").context["publish"]
    return client.post(f"{PLAN}editions/new/check/publish/", page.initial | {"accept_missing": "on"})


# By the way: the plan it changes, and the models of which it changes something that the plan shows.
WAYS = {
    "a status, by form": (PLAN, record, "deliverables.StatusUpdate deliverables.EvidenceItem"),
    "a confirmation, by form": (PLAN, confirm, "deliverables.StatusUpdate"),
    "statuses, in bulk": (PLAN, record_in_bulk, "deliverables.StatusUpdate"),
    "statuses, by import": (
        PLAN, upload("statuses", "code,status,effective_on", "L1M1D2,in_progress,2021-01-14"),
        "deliverables.StatusUpdate",
    ),
    "a text, taken down": (
        PLAN, take_down, "deliverables.StatusUpdate deliverables.Takedown",
    ),
    "an edition, withdrawn": (PLAN, withdraw_edition, "reports.EditionWithdrawal"),
    "an edition": (PLAN, publish, "reports.Edition reports.EditionDocument"),
    "withdrawing": (PLAN, edit(f"{PLAN}edit/L1M1D2/withdraw/", **DECISION), "deliverables.Amendment"),
    "the plan's texts": (DRAFT, edit(f"{DRAFT}edit/plan/", **changed(subtitle="In short")), "plans.Plan"),
    "the plan's goals": (DRAFT, edit(f"{DRAFT}edit/plan/", **changed(goals=[1])), "plans.Plan_goals"),
    "a line, added": (DRAFT, edit(f"{DRAFT}edit/add/", number=2, title="Another", was=""), "plans.ActionLine"),
    "a measure, added": (DRAFT, edit(f"{DRAFT}edit/L1/add/", number=2, statement="That.", was=""), "plans.Measure"),
    "a measure, its themes": (
        DRAFT, edit(f"{DRAFT}edit/L1M1/", number=1, statement="That it is done.", was="That it is done.", themes=[1]),
        "plans.Measure_themes",
    ),
    "a deliverable, added": (
        DRAFT, edit(f"{DRAFT}edit/L1M1/add/", number=3, title="Another", was=""), "deliverables.Deliverable",
    ),
    "a due date": (
        DRAFT, edit(f"{DRAFT}edit/L1M1/people/", **{"L1M1D1-due_on": "2022-01-01"}), "deliverables.Deliverable",
    ),
    "a deliverable, moved": (
        DRAFT, edit(f"{DRAFT}edit/L1M1D2/move/", was="Deliverable 2", step="-1"), "deliverables.Deliverable",
    ),
    "a deliverable, removed": (
        DRAFT, edit(f"{DRAFT}edit/L1M1D2/remove/", was="Deliverable 2"), "deliverables.Deliverable",
    ),
    "the plan with its statuses, by import": (
        PLAN, upload("all", "code,title,status,effective_on", "L1M1D2,{title},in_progress,2021-01-14",
                     "L1M1D9,New,in_progress,2021-01-14"),
        "deliverables.Deliverable deliverables.StatusUpdate",
    ),
    "the plan, by import": (
        PLAN, upload("plan", "code,title,due_on", "L1M1D2,An observatory,2020-12-31"), "deliverables.Deliverable",
    ),
    "themes alone, by import": (
        PLAN, upload("plan", "code,title,themes", "L1M1D2,{title},Gender"), "plans.Measure_themes",
    ),
    "a new theme, by import": (
        PLAN, upload("plan", "code,title,themes", "L1M1D2,{title},Housing"), "plans.Theme plans.Measure_themes",
    ),
    "a meeting, added": (PLAN, edit("/meetings/add/", name="Congress", held_on="2020-06-01"), "plans.Meeting"),
    "a meeting, renamed": (PLAN, edit(ASSEMBLY, name="Congress", held_on="2020-11-30"), "plans.Meeting"),
    "a meeting, removed": (PLAN, edit(f"{ASSEMBLY}remove/"), "plans.Meeting"),
    "a meeting, renamed in the admin": (
        PLAN, in_admin(Meeting, {"held_on": "2020-11-30"}, name="Congress", held_on="2020-11-30"), "plans.Meeting",
    ),
    "a theme, renamed": (
        PLAN, edit(f"{PLAN}edit/themes/", **{"theme": "gender", "gender-name": "Gender equality"}), "plans.Theme",
    ),
    "a theme, renamed in the admin": (
        PLAN, in_admin(Theme, {"slug": "gender"}, slug="gender", name="Gender equality"), "plans.Theme",
    ),
    "a theme, deleted in the admin": (PLAN, delete_themes_in_admin, "plans.Theme plans.Measure_themes"),
    "the organisation, in the admin": (
        PLAN, in_admin(Organisation, {"slug": "metropolis"}, slug="metropolis", name="Metropolis network"),
        "plans.Organisation",
    ),
    "a goal, in the admin": (
        PLAN, in_admin(SustainableDevelopmentGoal, {"number": 5}, number=5, title="Equality"),
        "plans.SustainableDevelopmentGoal",
    ),
    "a person, renamed in the admin": (PLAN, rename_responsible_person, "accounts.User"),
    "regions, by form": (
        DRAFT, edit(f"{DRAFT}edit/L1M1D1/", number=1, title="Deliverable 1", was="Deliverable 1", regions=[1]),
        "deliverables.Deliverable_regions",
    ),
    "regions alone, by import": (
        PLAN, upload("plan", "code,title,regions", "L1M1D2,{title},Africa"), "deliverables.Deliverable_regions",
    ),
    "a region, renamed in the admin": (
        PLAN, in_admin(Region, {"slug": "africa"}, name="All Africa"), "plans.Region",
    ),
    "a translation": (PLAN, None, "plans.Translation"),
}  # fmt: skip


def translate(client, administrator):
    field = next(iter(client.get(f"{PLAN}edit/translations/es/").context["form"].fields))
    return client.post(f"{PLAN}edit/translations/es/", {field: "Un texto", f"initial-{field}": ""})


def try_way(name, client, administrator):
    way = WAYS[name][1] or translate
    return way(client, administrator)


@pytest.fixture
def clients(sofia, adam, beatriz, plan, request):
    if request.node.callspec.params["name"] == "an edition, withdrawn":
        publish_edition(plan, by=sofia)
    new_plan(deliverables=2, visibility=Visibility.DRAFT)
    row = deliverable("L1M1D2")
    row.responsible = beatriz
    row.save(update_fields=["responsible"])
    secretariat, administrator = browser_of(sofia), sign_in(adam)
    secretariat.raise_request_exception = administrator.raise_request_exception = False
    return secretariat, administrator


def shown_content(names):
    """The rows of these models, by which a write is seen. Of people only their names: a visit changes the rest."""
    if names == "accounts.User":
        return sorted(User.objects.values_list("name", flat=True))
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.label in names.split()]
    return [line for model in models for line in lines_of(model)]


def revision_of(path):
    return Plan.objects.get(slug=path.split("/")[2]).revision


@pytest.mark.parametrize("name", WAYS)
def test_every_way_of_writing_raises_the_revision(clients, name):
    path, _way, models = WAYS[name]
    before, content = revision_of(path), shown_content(models)
    response = try_way(name, *clients)
    assert (response.status_code, shown_content(models) != content) == (302, True)
    assert revision_of(path) > before


@pytest.mark.parametrize("name", WAYS)
def test_nothing_is_written_where_the_revision_cannot_be_raised(clients, name):
    _path, _way, models = WAYS[name]
    content = shown_content(models)
    with connection.execute_wrapper(refuse_revisions):
        response = try_way(name, *clients)
    assert (response.status_code, shown_content(models) == content) == (503, True)


@pytest.mark.parametrize("name", WAYS)
def test_after_every_way_of_writing_a_worker_remembers_what_is_stored(clients, name):
    """Pages drawn from memory are those that a worker draws that has just been started."""
    path, pages = WAYS[name][0], ["todo/?who=all", "", "deliverables/", "L1/", "L1M1D2/", "changes/", "reports/"]
    read = [path + page for page in pages] + [f"/es{path}", f"/es{path}deliverables/"]
    for page in read:
        clients[0].get(page)
    try_way(name, *clients)
    clients[0].get(path)  # takes the message
    remembered = [content_of(clients[0].get(page)) for page in read]
    forget_all()
    caches["members"].clear()
    assert remembered == [content_of(clients[0].get(page)) for page in read]


def content_of(response):
    # Without the token of forms and the number of the request.
    own = r'name="csrfmiddlewaretoken" value="\w+"|<code>[0-9a-f]{10}</code>'
    return re.sub(own, "", response.content.decode())


def refuse_revisions(execute, sql, *args):
    columns = sql.partition(" WHERE ")[0]
    if columns.startswith('UPDATE "plans_plan"') and '"revision"' in columns:
        raise OperationalError("disk full")
    return execute(sql, *args)


def test_every_model_is_written_here_or_shown_on_no_page_of_a_plan():
    written = {label for _path, _way, models in WAYS.values() for label in models.split()}
    ours = {model._meta.label for model in apps.get_models(include_auto_created=True) if model._meta.app_label in APPS}
    derived = {label for label in ours if label.startswith("accounts.User_")}
    assert ours - derived == written | set(NOT_SHOWN)
