"""Editing a plan in the browser."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model

from deliverables.models import Amendment, Deliverable
from deliverables.plan_editing import structure
from deliverables.plan_editing.plan_forms import ThemeForm
from plans.models import Measure, Plan, SustainableDevelopmentGoal, Theme, Translation, Visibility
from tests.builders import deliverable, new_plan, report

pytestmark = pytest.mark.django_db
EDIT = "/plans/2021-2023/edit/"
PUBLIC = "/plans/2018-2020/edit/"
DECISION = {"decision": "Board, June 2021", "in_force_on": "2021-06-01", "decision_link": ""}


def page_text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def draft(plan):
    return new_plan(deliverables=2, visibility=Visibility.DRAFT)


def test_the_outline_offers_only_the_permitted_actions(secretariat, draft):
    draft_text, public_text = (page_text(secretariat.get(page)) for page in (EDIT, PUBLIC))
    assert ["Move L1M1D1 up" in text for text in (draft_text, public_text)] == [True, False]
    assert ["/withdraw/" in text for text in (draft_text, public_text)] == [False, True]


def test_the_outline_of_an_empty_plan_says_what_to_do(secretariat):
    new_plan("2024-2026", deliverables=0, visibility=Visibility.DRAFT).action_lines.get().measures.get().delete()
    plan = Plan.objects.get(slug="2024-2026")
    plan.action_lines.get().delete()
    assert "Add its first action line below" in page_text(secretariat.get("/plans/2024-2026/edit/"))


@pytest.mark.parametrize(
    ("path", "fields", "code"),
    [
        ("add/", {"title": "A second line"}, "L2"),
        ("L1/add/", {"statement": "That it is so.", "themes": []}, "L1M2"),
        ("L1M1/add/", {"title": "A third"}, "L1M1D3"),
    ],
)
def test_a_part_is_added_under_the_next_number(secretariat, draft, path, fields, code):
    number = secretariat.get(EDIT + path).context["form"]["number"].value()
    response = secretariat.post(EDIT + path, fields | {"number": number, "was": ""})
    assert response.url == f"{EDIT}?line={code[1]}#{code}"


@pytest.mark.parametrize(("length", "status"), [(1000, 302), (1001, 422)])
def test_a_title_has_at_most_1000_characters(secretariat, draft, length, status):
    response = secretariat.post(EDIT + "L1M1/add/", {"title": "x" * length, "number": 3, "was": ""})
    assert response.status_code == status


def test_a_number_in_use_shows_an_error(secretariat, draft):
    response = secretariat.post(EDIT + "L1M1/add/", {"title": "Another", "number": 1, "was": ""})
    assert response.status_code == 422
    assert "The number 1 is taken. Choose another." in page_text(response)


def test_a_deliverable_of_a_draft_can_be_renumbered(secretariat, draft):
    secretariat.post(EDIT + "L1M1D2/", {"title": "Deliverable 2", "number": 7, "was": "Deliverable 2"})
    assert Deliverable.objects.of_plan("2021-2023").filter(number=7, title="Deliverable 2").exists()


def test_rewording_a_public_plan_without_a_decision_shows_an_error_and_keeps_what_was_typed(secretariat):
    was = deliverable("L2M5D1").title
    response = secretariat.post(PUBLIC + "L2M5D1/", {"title": "Other words", "was": was})
    assert response.status_code == 422
    assert "enter the decision behind the change" in page_text(response)
    assert "> Other words</textarea>" in page_text(response)


def test_a_public_plan_is_reworded_with_a_decision(secretariat):
    fields = {"title": "Other words", "was": deliverable("L2M5D1").title} | DECISION
    assert secretariat.post(PUBLIC + "L2M5D1/", fields).status_code == 302
    assert (deliverable("L2M5D1").title, Amendment.objects.get().after) == ("Other words", "Other words")


def test_people_of_a_public_plan_need_no_decision(secretariat, rashid):
    was = deliverable("L2M5D1").title
    fields = {"title": was, "was": was, "responsible": rashid.pk}
    assert secretariat.post(PUBLIC + "L2M5D1/", fields).status_code == 302
    assert deliverable("L2M5D1").responsible == rashid


def test_a_due_date_of_a_public_plan_needs_a_decision(secretariat):
    was = deliverable("L2M5D1").title
    fields = {"title": was, "was": was, "due_on": "2027-01-31", "target": "6", "target_unit": "plans"}
    response = secretariat.post(PUBLIC + "L2M5D1/", fields)
    assert (response.status_code, "enter the decision behind the change" in page_text(response)) == (422, True)
    assert 'value="2027-01-31"' in page_text(response)
    assert secretariat.post(PUBLIC + "L2M5D1/", fields | DECISION).status_code == 302
    assert (deliverable("L2M5D1").due_on, deliverable("L2M5D1").target) == (date(2027, 1, 31), 6)


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ({"target": "6", "target_unit": ""}, "target_unit"),
        ({"target": "", "target_unit": "plans"}, "target"),
        ({"target": "0", "target_unit": "plans"}, "target"),
        ({"target": "some", "target_unit": "plans"}, "target"),
    ],
)
def test_half_a_target_shows_an_error_at_its_field(secretariat, target, field):
    was = deliverable("L2M5D1").title
    response = secretariat.post(PUBLIC + "L2M5D1/", {"title": was, "was": was} | target | DECISION)
    assert (response.status_code, field in response.context["form"].errors) == (422, True)


def test_due_dates_of_a_public_plan_change_together_by_one_decision(secretariat):
    fields = {f"L1M1D{number}-due_on": "2020-06-30" for number in (1, 2, 3)}
    response = secretariat.post(PUBLIC + "L1M1/people/", fields)
    assert (response.status_code, "enter the decision behind the change" in page_text(response)) == (422, True)
    assert page_text(response).count('value="2020-06-30"') >= 3
    assert secretariat.post(PUBLIC + "L1M1/people/", fields | DECISION).status_code == 302
    decided = Amendment.objects.order_by("sequence").values_list("code", "kind", "after")
    assert list(decided) == [(f"L1M1D{number}", "due_date", "2020-06-30") for number in (1, 2, 3)]


def test_a_concurrent_change_is_shown_and_nothing_typed_is_lost(secretariat, draft):
    fields = {"title": "Mine", "number": 1, "was": "What I saw"}
    response = secretariat.post(EDIT + "L1M1D1/", fields)
    assert "Meanwhile somebody changed this to “Deliverable 1”." in page_text(response)
    assert "> Mine</textarea>" in page_text(response)
    second_try = {"title": "Mine", "number": 1, "was": response.context["form"]["was"].value()}
    assert secretariat.post(EDIT + "L1M1D1/", second_try).status_code == 302


def test_the_themes_of_a_measure_can_be_set(secretariat, draft):
    theme = Theme.objects.get(slug="youth")
    fields = {"statement": "That it is done.", "was": "That it is done.", "number": 1, "themes": [theme.pk]}
    secretariat.post(EDIT + "L1M1/", fields)
    assert list(Measure.objects.get(action_line__plan=draft).themes.all()) == [theme]


def test_people_and_themes_are_sorted_as_the_language_does(secretariat, draft):
    for number, name in enumerate(["Zoe Abad", "Ángel Abad", "álvaro Abad"]):
        get_user_model().objects.create(email=f"{number}@metropolis.example", name=name)
    for name in ("Zoos", "Água"):
        Theme.objects.create(slug=name.lower(), name=name)
    part = secretariat.get(EDIT + "L1M1D1/").context["form"].fields["responsible"].choices
    table = secretariat.get(EDIT + "L1M1/people/").context["forms"][0].fields["responsible"].choices
    themes = secretariat.get(EDIT + "L1M1/").context["form"].fields["themes"].choices
    for choices in (part, table):
        assert [name for _pk, name in choices if "Abad" in name] == ["álvaro Abad", "Ángel Abad", "Zoe Abad"]
    assert [str(name) for _pk, name in themes][:: len(themes) - 1] == ["Água", "Zoos"]


@pytest.mark.parametrize("decision", [{}, DECISION | {"title": "Other words"}])
def test_a_title_from_before_texts_were_normalised_is_no_new_wording(secretariat, sofia, decision):
    """Only the wording that somebody changes is an amendment, and the translations stay with the text they name."""
    row, old = deliverable("L1M1D1"), "Study\u00a0of it"
    Deliverable.objects.filter(pk=row.pk).update(title=old)
    Translation.objects.set_translations(row.plan, "es", {old: "Estudio"}, by=sofia)
    shown = secretariat.get(PUBLIC + "L1M1D1/").context["form"]
    fields = {field.html_name: field.value() or "" for field in shown if field.name != "regions"} | {
        f"initial-{name}": "" for name in shown.fields if name != "regions"
    }
    answer = secretariat.post(PUBLIC + "L1M1D1/", fields | {"responsible": sofia.pk} | decision)
    row.refresh_from_db()
    assert (answer.status_code, row.responsible, row.title) == (302, sofia, decision.get("title", old))
    assert Plan.objects.get(pk=row.plan.pk).translated_texts("es").get(old) == "Estudio"


def test_withdrawing_needs_a_decision(secretariat):
    assert secretariat.post(PUBLIC + "L1M1D2/withdraw/", {}).status_code == 422
    assert secretariat.post(PUBLIC + "L1M1D2/withdraw/", DECISION).url == "/plans/2018-2020/L1M1D2/"
    assert deliverable("L1M1D2").withdrawn_on == date(2021, 6, 1)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"in_force_on": "2999-01-01"}, "in the future"),
        ({"in_force_on": "2017-01-01"}, "The plan starts on"),
        ({"in_force_on": "soon"}, "not a date"),
        ({"decision_link": "nonsense"}, "web address"),
    ],
)
def test_an_invalid_decision_shows_an_error(secretariat, fields, text):
    assert text in page_text(secretariat.post(PUBLIC + "L1M1D2/withdraw/", DECISION | fields))


def test_people_and_dates_of_a_measure_are_saved_on_one_page(secretariat, draft, rashid):
    fields = {
        "L1M1D1-responsible": rashid.pk,
        "L1M1D1-due_on": "2022-01-01",
        "L1M1D2-responsible": "",
        "L1M1D2-due_on": "",
    }
    response = secretariat.post(EDIT + "L1M1/people/", fields, follow=True)
    assert "Saved for 1 deliverable." in page_text(response)
    assert list(Deliverable.objects.of_plan("2021-2023").values_list("responsible", "due_on")) == [
        (rashid.pk, date(2022, 1, 1)),
        (None, None),
    ]


def test_a_due_date_before_the_plan_shows_an_error(secretariat, draft):
    response = secretariat.post(EDIT + "L1M1/people/", {"L1M1D1-due_on": "2001-01-01"})
    assert (response.status_code, "The plan starts on 1 January 2021." in page_text(response)) == (422, True)


def test_one_invalid_date_saves_nothing(secretariat, draft, rashid):
    fields = {"L1M1D1-responsible": rashid.pk, "L1M1D1-due_on": "2022-01-01", "L1M1D2-due_on": "soon"}
    response = secretariat.post(EDIT + "L1M1/people/", fields)
    assert response.status_code == 422
    assert Deliverable.objects.filter(responsible=rashid).count() == 0


def test_removing_asks_for_confirmation_and_says_what_is_removed(secretariat, draft):
    text = page_text(secretariat.get(EDIT + "L1/remove/"))
    assert "2 deliverables below it are removed as well." in text
    assert Deliverable.objects.of_plan("2021-2023").count() == 2


def test_changes_by_a_colleague_on_another_row_are_preserved(secretariat, draft, rashid):
    page = secretariat.get(EDIT + "L1M1/people/").context["forms"]
    data = {}
    for each in page:
        for field in each:
            data |= {field.html_name: field.value() or "", field.html_initial_name: field.value() or ""}
    Deliverable.objects.of_plan("2021-2023").filter(number=2).update(due_on=date(2022, 5, 5), responsible=rashid)
    secretariat.post(EDIT + "L1M1/people/", data | {"L1M1D1-due_on": "2022-01-01"})
    assert list(Deliverable.objects.of_plan("2021-2023").values_list("responsible", "due_on")) == [
        (None, date(2022, 1, 1)),
        (rashid.pk, date(2022, 5, 5)),
    ]


def test_a_deactivated_person_can_remain_responsible(secretariat, draft, rashid):
    Deliverable.objects.of_plan("2021-2023").filter(number=2).update(responsible=rashid)
    rashid.is_active = False
    rashid.save()
    choices = dict(secretariat.get(EDIT + "L1M1/people/").context["forms"][1].fields["responsible"].choices)
    assert str(rashid.pk) in choices


def test_rewording_does_not_overwrite_a_date_set_meanwhile(secretariat):
    title = deliverable("L2M5D1").title
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(due_on=date(2027, 5, 5))
    seen = {"was": title, "initial-due_on": "", "initial-responsible": "", "due_on": "", "responsible": ""}
    secretariat.post(PUBLIC + "L2M5D1/", {"title": "Other words"} | seen | DECISION)
    assert (deliverable("L2M5D1").title, deliverable("L2M5D1").due_on) == ("Other words", date(2027, 5, 5))


def test_a_decision_without_a_new_text_shows_an_error(secretariat):
    title = deliverable("L2M5D1").title
    response = secretariat.post(PUBLIC + "L2M5D1/", {"title": title, "was": title} | DECISION)
    assert (response.status_code, "Nothing that needs a decision" in page_text(response)) == (422, True)


def test_a_decision_without_a_date_shows_an_error_at_the_date(secretariat):
    title = deliverable("L2M5D1").title
    fields = {"title": "Other words", "was": title} | DECISION | {"in_force_on": ""}
    assert secretariat.post(PUBLIC + "L2M5D1/", fields).context["form"].errors == {
        "in_force_on": ["Enter the day of the decision."]
    }


def test_a_form_sent_twice_adds_once(secretariat):
    data = {"title": "Added", "number": "4", "was": ""} | DECISION
    answers = [secretariat.post(PUBLIC + "L1M1/add/", data).status_code for _time in range(2)]
    assert (answers, Deliverable.objects.filter(title="Added").count()) == ([302, 422], 1)


def test_a_form_sent_twice_withdraws_once(secretariat):
    answers = [secretariat.post(PUBLIC + "L1M1D2/withdraw/", DECISION).status_code for _time in range(2)]
    assert (answers, [a.kind for a in Amendment.objects.all()]) == ([302, 422], ["withdrawn"])


def test_saving_does_not_hide_a_plan_made_public_meanwhile(secretariat, draft):
    seen = {f"initial-{name}": value for name, value in settings_of(draft, visibility="members").items()}
    Plan.objects.filter(pk=draft.pk).update(visibility="public", was_public=True)
    data = settings_of(draft, visibility="members", title="A new title") | seen
    assert secretariat.post(EDIT + "plan/", data).status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.visibility) == ("A new title", "public")


def test_parts_of_a_draft_can_be_moved_and_removed(secretariat, draft):
    secretariat.post(EDIT + "L1M1D1/move/", {"step": "1", "was": "Deliverable 1"})
    secretariat.post(EDIT + "L1M1D2/remove/", {"was": "Deliverable 1"})
    assert list(Deliverable.objects.of_plan("2021-2023").values_list("number", "title")) == [(1, "Deliverable 2")]


def test_a_part_that_cannot_be_removed_says_why(secretariat, draft, sofia):
    report(Deliverable.objects.of_plan("2021-2023").first(), "in_progress", by=sofia)
    response = secretariat.post(EDIT + "L1M1D1/remove/", {"was": "Deliverable 1"}, follow=True)
    assert "A status is recorded on L1M1D1" in page_text(response)


def settings_of(plan, **fields):
    start = {name: getattr(plan, name) for name in ("title", "slug", "starts_on", "ends_on", "visibility", "headline")}
    return start | fields


def test_making_a_plan_public_asks_for_confirmation(secretariat, draft):
    unsure = secretariat.post(EDIT + "plan/", settings_of(draft, visibility="public"))
    assert (unsure.status_code, "Tick this box if the plan is ready." in page_text(unsure)) == (422, True)
    assert secretariat.post(EDIT + "plan/", settings_of(draft, visibility="public", is_sure="on")).status_code == 302
    draft.refresh_from_db()
    assert (draft.visibility, draft.is_promised) == ("public", True)


@pytest.mark.parametrize(
    ("path", "fields", "refusal"),
    [
        ("L1M1D2/", {"title": "Other words", "was": "{title}"}, "enter the decision behind the change"),
        ("L1M1D2/move/", {"was": "{title}", "step": "-1"}, "its codes cannot be changed"),
        ("L1M1D2/remove/", {"was": "{title}"}, "withdraw the deliverable instead"),
        ("plan/", {"visibility": "draft"}, "it cannot become a draft again"),
        ("plan/", {"slug": "another"}, "it cannot be changed any more"),
    ],
)
def test_the_shipped_plan_keeps_its_promise_as_a_plan_for_members(secretariat, plan, path, fields, refusal):
    """Its history of being public was a date that the fixture lacked."""
    assert secretariat.post(PUBLIC + "plan/", changed_settings(plan, visibility="members")).status_code == 302
    sent = {name: value.format(title=deliverable("L1M1D2").title) for name, value in fields.items()}
    sent = sent if path != "plan/" else changed_settings(Plan.objects.get(), **fields)
    assert refusal in page_text(secretariat.post(PUBLIC + path, sent, follow=True))


def changed_settings(plan, **fields):
    """What the form of the settings sends where these fields differ from those it showed."""
    shown = settings_of(plan)
    return {f"initial-{name}": value for name, value in shown.items()} | shown | fields


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"slug": "2018-2020"}, "Another plan has this address"),
        ({"ends_on": "2020-01-01"}, "is before the first day"),
        ({"ends_on": "2999-01-01"}, "thirty years at most"),
        ({"slug": "new"}, "taken by the tracker"),
    ],
)
def test_invalid_settings_of_a_plan_show_an_error(secretariat, draft, fields, text):
    response = secretariat.post(EDIT + "plan/", settings_of(draft, **fields))
    assert (response.status_code, text in page_text(response)) == (422, True)


NEW = {"title": "The next plan", "slug": "2027-2029", "starts_on": "2027-01-01", "ends_on": "2029-12-31"}


@pytest.mark.parametrize(
    ("start", "number", "page"), [("nothing", 0, "edit/"), ("plan", 65, "edit/"), ("spreadsheet", 0, "import/")]
)
def test_a_new_plan_starts_empty_from_a_plan_or_from_a_spreadsheet(secretariat, plan, start, number, page):
    fields = NEW | {"organisation": plan.organisation_id, "start": start, "source": plan.pk}
    response = secretariat.post("/plans/new/", fields)
    assert response.url == f"/plans/2027-2029/{page}"
    assert Deliverable.objects.of_plan("2027-2029").count() == number
    assert Plan.objects.get(slug="2027-2029").visibility == "draft"


def test_a_new_plan_based_on_another_needs_that_plan(secretariat, plan):
    response = secretariat.post("/plans/new/", NEW | {"organisation": plan.organisation_id, "start": "plan"})
    assert "Choose the plan to start from." in page_text(response)


def test_only_editors_can_create_plans(visitor, board, regional, secretariat, administrator):
    clients = (visitor, board, regional, secretariat, administrator)
    assert [client.get("/plans/new/").status_code for client in clients] == [302, 403, 403, 200, 200]


def test_themes_can_be_renamed_and_added(secretariat, plan):
    secretariat.post(PUBLIC + "themes/", {"theme": "gender", "gender-name": "Gender equality"})
    secretariat.post(PUBLIC + "themes/", {"theme": "+", "new-name": "Climate"})
    assert set(Theme.objects.values_list("slug", "name")) >= {("gender", "Gender equality"), ("climate", "Climate")}


def test_a_second_theme_with_the_same_name_shows_an_error(secretariat):
    response = secretariat.post(PUBLIC + "themes/", {"theme": "+", "new-name": "GENDER"})
    assert (response.status_code, "There is a theme “GENDER” already" in page_text(response)) == (422, True)


def test_amendments_are_public_without_the_name_of_the_editor(visitor, secretariat):
    secretariat.post(PUBLIC + "L1M1D2/withdraw/", DECISION)
    text = page_text(visitor.get("/plans/2018-2020/amendments/"))
    assert "Board, June 2021" in text
    assert "Sofia" not in text
    assert "Board, June 2021" not in page_text(visitor.get("/plans/2018-2020/amendments/?as_of=2021-05-31"))


# Two people at once, and many rows


def test_two_people_who_choose_goals_at_once_are_told(secretariat, draft):
    goals = list(SustainableDevelopmentGoal.objects.all()[:2])
    first, second = (changed_settings(draft, goals=[goal.pk]) for goal in goals)
    answers = [secretariat.post(EDIT + "plan/", sent) for sent in (first, second)]
    assert [answer.status_code for answer in answers] == [302, 422]
    assert list(draft.goals.all()) == goals[:1]


def test_two_people_who_change_different_dates_of_a_plan_get_an_error_and_not_a_fault(secretariat, draft):
    """Each date goes with those that the page showed; together the last day would be before the first one."""
    first = changed_settings(draft, starts_on="2023-06-01")
    second = changed_settings(draft, ends_on="2022-12-31")
    answers = [secretariat.post(EDIT + "plan/", sent) for sent in (first, second)]
    assert [answer.status_code for answer in answers] == [302, 422]
    assert "The last day is before the first day. Choose a later one." in page_text(answers[1])
    assert 'value="2022-12-31"' in page_text(answers[1])
    draft.refresh_from_db()
    assert (str(draft.starts_on), str(draft.ends_on)) == ("2023-06-01", "2023-12-31")


def test_a_due_date_before_a_start_that_was_moved_meanwhile_is_an_error(secretariat, draft, monkeypatch):
    """The form checked the due date against the plan as it was; the plan is checked again under its lock."""
    original = structure.lock_plan

    def moved_meanwhile(plan, also=()):
        Plan.objects.filter(pk=plan.pk).update(starts_on="2022-06-01")
        return original(plan, also)

    monkeypatch.setattr(structure, "lock_plan", moved_meanwhile)
    response = secretariat.post(EDIT + "L1M1/people/", {"L1M1D1-due_on": "2022-02-01", "L1M1D2-due_on": ""})
    assert (response.status_code, "The plan starts on 1 June 2022." in page_text(response)) == (422, True)
    assert Deliverable.objects.filter(due_on="2022-02-01").count() == 0


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/plans/new/", {"title": "Twice", "slug": "twice", "starts_on": "2024-01-01", "ends_on": "2026-12-31"}),
        (EDIT + "themes/", {"theme": "+", "new-name": "Twice"}),
    ],
)
def test_two_people_who_add_the_same_get_an_error_and_not_a_fault(secretariat, draft, monkeypatch, path, fields):
    organisation = draft.organisation.pk
    # As if the other one came between the check and the save.
    monkeypatch.setattr(Plan, "validate_unique", lambda *args, **kwargs: None)
    monkeypatch.setattr(ThemeForm, "clean_name", lambda form: form.cleaned_data["name"])
    sent = fields | {"organisation": organisation, "start": "nothing"}
    answers = [secretariat.post(path, sent) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 422]
    assert "Meanwhile somebody saved the same." in page_text(answers[1])


@pytest.mark.parametrize("number", [100, 300])
def test_people_and_dates_of_many_deliverables_are_saved_a_page_at_a_time(secretariat, plan, number):
    many = new_plan("2030-2032", deliverables=number, visibility=Visibility.DRAFT)
    page = "/plans/2030-2032/edit/L1M1/people/"
    sent = {}
    for form in secretariat.get(page).context["forms"]:
        sent |= {form.add_prefix(name): "" for name in form.fields}
        sent |= {form.add_initial_prefix(name): "" for name in form.fields}
    assert secretariat.post(page, sent | {"L1M1D100-due_on": "2022-02-01"}).status_code == 302
    assert Deliverable.objects.of_plan(many.slug).get(number=100).due_on == date(2022, 2, 1)
    assert (len(sent), b"?page=2" in secretariat.get(page).content) == (400, number > 100)


def test_the_last_page_of_many_deliverables_is_saved_too(secretariat, plan):
    new_plan("2030-2032", deliverables=300, visibility=Visibility.DRAFT)
    page = "/plans/2030-2032/edit/L1M1/people/?page=3"
    response = secretariat.post(page, {"L1M1D300-due_on": "2022-02-01", "L1M1D300-responsible": ""})
    assert (response.status_code, response.url) == (302, page)
    assert Deliverable.objects.of_plan("2030-2032").get(number=300).due_on == date(2022, 2, 1)


# Short names of measures


def measure_form(client, **fields):
    """What the form of L1M1 sends, changed by `fields`."""
    form = client.get(f"{PUBLIC}L1M1/").context["form"]
    shown = {field.html_name: field.value() or "" for field in form if field.name not in ("themes", "in_force_on")}
    hidden = {f"initial-{name}": value for name, value in shown.items()}
    return hidden | shown | fields


def test_a_short_name_changes_without_a_decision_and_is_the_organisations_from_then_on(secretariat, plan):
    fields = measure_form(secretariat, short_name="  World   events ", name_in_es="Agenda mundial")
    assert secretariat.post(f"{PUBLIC}L1M1/", fields).status_code == 302
    measure = Measure.objects.get(action_line__plan=plan, action_line__number=1, number=1)
    assert (measure.short_name, measure.short_name_by_tracker) == ("World events", False)
    assert plan.translated_texts("es").get("World events") == "Agenda mundial"
    assert not Amendment.objects.exists()


def test_the_translation_goes_along_with_a_new_short_name(secretariat, sofia, plan):
    Translation.objects.set_translations(plan, "es", {"Following global events": "Agenda mundial"}, by=sofia)
    secretariat.post(f"{PUBLIC}L1M1/", measure_form(secretariat, short_name="World events"))
    assert Plan.objects.get(pk=plan.pk).translated_texts("es").get("World events") == "Agenda mundial"


def test_a_translation_alone_leaves_the_name_the_trackers(secretariat, plan):
    secretariat.post(f"{PUBLIC}L1M1/", measure_form(secretariat, name_in_fr="Suivre les événements"))
    assert plan.translated_texts("fr").get("Following global events") == "Suivre les événements"
    assert Measure.objects.filter(short_name_by_tracker=True).count() == 27


def test_a_short_name_of_41_characters_is_refused(secretariat, plan):
    response = secretariat.post(f"{PUBLIC}L1M1/", measure_form(secretariat, short_name="x" * 41))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["short_name"])


def test_a_translation_without_a_short_name_is_refused(secretariat, plan):
    Measure.objects.update(short_name="")
    response = secretariat.post(f"{PUBLIC}L1M1/", measure_form(secretariat, name_in_es="Agenda mundial"))
    assert "Enter the short name in English, too." in page_text(response)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"short_name": "Mine"}, "Meanwhile somebody entered “Theirs”."),
        ({"name_in_es": "Mía"}, "Meanwhile somebody changed this to “Theirs”."),
    ],
)
def test_a_short_name_that_somebody_else_changed_is_told(secretariat, plan, fields, text):
    sent = measure_form(secretariat, **fields)
    Measure.objects.filter(action_line__number=1, number=1).update(short_name="Theirs")
    response = secretariat.post(f"{PUBLIC}L1M1/", sent)
    assert text in page_text(response)
    assert Measure.objects.get(action_line__number=1, number=1).short_name == "Theirs"
