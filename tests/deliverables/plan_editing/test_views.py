"""Editing a plan in the browser."""

from datetime import date

import pytest

from deliverables.models import Amendment, Deliverable
from plans.models import Measure, Plan, Theme, Visibility
from tests.builders import deliverable, new_plan, report

pytestmark = pytest.mark.django_db
EDIT = "/plans/2021-2023/edit/"
PUBLIC = "/plans/2018-2020/edit/"
DECISION = {"decision": "Board, June 2021", "in_force_on": "2021-06-01", "decision_link": ""}


def texts(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def draft(plan):
    return new_plan(deliverables=2, visibility=Visibility.DRAFT)


def test_the_outline_offers_what_can_be_done(secretariat, draft):
    draft_text, public_text = (texts(secretariat.get(page)) for page in (EDIT, PUBLIC))
    assert ["Move L1M1D1 up" in text for text in (draft_text, public_text)] == [True, False]
    assert ["/withdraw/" in text for text in (draft_text, public_text)] == [False, True]


def test_the_outline_of_an_empty_plan_says_what_to_do(secretariat):
    new_plan("2024-2026", deliverables=0, visibility=Visibility.DRAFT).action_lines.get().measures.get().delete()
    plan = Plan.objects.get(slug="2024-2026")
    plan.action_lines.get().delete()
    assert "Add its first action line below" in texts(secretariat.get("/plans/2024-2026/edit/"))


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
    assert response.url == f"{EDIT}#{code}"


def test_a_number_that_is_taken_is_told(secretariat, draft):
    response = secretariat.post(EDIT + "L1M1/add/", {"title": "Another", "number": 1, "was": ""})
    assert response.status_code == 422
    assert "The number 1 is taken. Choose another." in texts(response)


def test_a_draft_is_renumbered(secretariat, draft):
    secretariat.post(EDIT + "L1M1D2/", {"title": "Deliverable 2", "number": 7, "was": "Deliverable 2"})
    assert Deliverable.objects.of_plan("2021-2023").filter(number=7, title="Deliverable 2").exists()


def test_rewording_a_public_plan_asks_for_the_decision_and_keeps_what_was_typed(secretariat):
    was = deliverable("L2M5D1").title
    response = secretariat.post(PUBLIC + "L2M5D1/", {"title": "Other words", "was": was})
    assert response.status_code == 422
    assert "say which decision is behind the new words" in texts(response)
    assert "> Other words</textarea>" in texts(response)


def test_a_decision_rewords_a_public_plan(secretariat):
    fields = {"title": "Other words", "was": deliverable("L2M5D1").title} | DECISION
    assert secretariat.post(PUBLIC + "L2M5D1/", fields).status_code == 302
    assert (deliverable("L2M5D1").title, Amendment.objects.get().after) == ("Other words", "Other words")


def test_dates_of_a_public_plan_need_no_decision(secretariat, rashid):
    was = deliverable("L2M5D1").title
    fields = {"title": was, "was": was, "responsible": rashid.pk, "due_on": "2027-01-31"}
    assert secretariat.post(PUBLIC + "L2M5D1/", fields).status_code == 302
    assert (deliverable("L2M5D1").due_on, deliverable("L2M5D1").responsible) == (date(2027, 1, 31), rashid)


def test_somebody_faster_is_told_and_nothing_typed_is_lost(secretariat, draft):
    fields = {"title": "Mine", "number": 1, "was": "What I saw"}
    response = secretariat.post(EDIT + "L1M1D1/", fields)
    assert "Somebody changed it meanwhile to “Deliverable 1”." in texts(response)
    assert "> Mine</textarea>" in texts(response)
    again = {"title": "Mine", "number": 1, "was": response.context["form"]["was"].value()}
    assert secretariat.post(EDIT + "L1M1D1/", again).status_code == 302


def test_themes_of_a_measure_are_set(secretariat, draft):
    theme = Theme.objects.get(slug="youth")
    fields = {"statement": "That it is done.", "was": "That it is done.", "number": 1, "themes": [theme.pk]}
    secretariat.post(EDIT + "L1M1/", fields)
    assert list(Measure.objects.get(action_line__plan=draft).themes.all()) == [theme]


def test_withdrawing_asks_for_a_decision(secretariat):
    assert secretariat.post(PUBLIC + "L1M1D2/withdraw/", {}).status_code == 422
    assert secretariat.post(PUBLIC + "L1M1D2/withdraw/", DECISION).url == "/plans/2018-2020/L1M1D2/"
    assert deliverable("L1M1D2").withdrawn_on == date(2021, 6, 1)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"in_force_on": "2999-01-01"}, "still to come"),
        ({"in_force_on": "2017-01-01"}, "The plan starts on"),
        ({"in_force_on": "soon"}, "not a date"),
        ({"decision_link": "nonsense"}, "web address"),
    ],
)
def test_a_decision_that_cannot_be_is_told(secretariat, fields, text):
    assert text in texts(secretariat.post(PUBLIC + "L1M1D2/withdraw/", DECISION | fields))


def test_people_and_dates_of_a_measure_on_one_page(secretariat, draft, rashid):
    fields = {
        "L1M1D1-responsible": rashid.pk,
        "L1M1D1-due_on": "2022-01-01",
        "L1M1D2-responsible": "",
        "L1M1D2-due_on": "",
    }
    response = secretariat.post(EDIT + "L1M1/people/", fields, follow=True)
    assert "Saved for 1 deliverable." in texts(response)
    assert list(Deliverable.objects.of_plan("2021-2023").values_list("responsible", "due_on")) == [
        (rashid.pk, date(2022, 1, 1)),
        (None, None),
    ]


def test_a_due_date_before_the_plan_is_told_beside_its_field(secretariat, draft):
    response = secretariat.post(EDIT + "L1M1/people/", {"L1M1D1-due_on": "2001-01-01"})
    assert (response.status_code, "The plan starts on 1 January 2021." in texts(response)) == (422, True)


def test_one_wrong_date_saves_none_of_them(secretariat, draft, rashid):
    fields = {"L1M1D1-responsible": rashid.pk, "L1M1D1-due_on": "2022-01-01", "L1M1D2-due_on": "soon"}
    response = secretariat.post(EDIT + "L1M1/people/", fields)
    assert response.status_code == 422
    assert Deliverable.objects.filter(responsible=rashid).count() == 0


def test_removing_asks_first_and_says_what_goes(secretariat, draft):
    text = texts(secretariat.get(EDIT + "L1/remove/"))
    assert "It goes with 2 deliverables below it." in text
    assert Deliverable.objects.of_plan("2021-2023").count() == 2


def test_what_a_colleague_set_on_another_row_stays(secretariat, draft, rashid):
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


def test_somebody_who_left_stays_responsible_while_other_rows_are_saved(secretariat, draft, rashid):
    Deliverable.objects.of_plan("2021-2023").filter(number=2).update(responsible=rashid)
    rashid.is_active = False
    rashid.save()
    choices = dict(secretariat.get(EDIT + "L1M1/people/").context["forms"][1].fields["responsible"].choices)
    assert str(rashid.pk) in choices


def test_a_date_set_meanwhile_outlives_new_words(secretariat):
    title = deliverable("L2M5D1").title
    Deliverable.objects.filter(pk=deliverable("L2M5D1").pk).update(due_on=date(2027, 5, 5))
    seen = {"was": title, "initial-due_on": "", "initial-responsible": "", "due_on": "", "responsible": ""}
    secretariat.post(PUBLIC + "L2M5D1/", {"title": "Other words"} | seen | DECISION)
    assert (deliverable("L2M5D1").title, deliverable("L2M5D1").due_on) == ("Other words", date(2027, 5, 5))


def test_a_decision_without_new_words_is_not_dropped_in_silence(secretariat):
    title = deliverable("L2M5D1").title
    response = secretariat.post(PUBLIC + "L2M5D1/", {"title": title, "was": title, "due_on": "2027-01-31"} | DECISION)
    assert (response.status_code, "No words are new" in texts(response)) == (422, True)


def test_a_decision_without_its_day_is_told_beside_the_day(secretariat):
    title = deliverable("L2M5D1").title
    fields = {"title": "Other words", "was": title} | DECISION | {"in_force_on": ""}
    assert secretariat.post(PUBLIC + "L2M5D1/", fields).context["form"].errors == {
        "in_force_on": ["Enter the day of the decision."]
    }


def test_a_double_click_adds_once(secretariat):
    data = {"title": "Added", "number": "4", "was": ""} | DECISION
    answers = [secretariat.post(PUBLIC + "L1M1/add/", data).status_code for _time in range(2)]
    assert (answers, Deliverable.objects.filter(title="Added").count()) == ([302, 422], 1)


def test_a_double_click_withdraws_once(secretariat):
    answers = [secretariat.post(PUBLIC + "L1M1D2/withdraw/", DECISION).status_code for _time in range(2)]
    assert (answers, [a.kind for a in Amendment.objects.all()]) == ([302, 422], ["withdrawn"])


def test_a_plan_opened_meanwhile_stays_open(secretariat, draft):
    seen = {f"initial-{name}": value for name, value in settings_of(draft, visibility="members").items()}
    Plan.objects.filter(pk=draft.pk).update(visibility="public", public_since="2026-11-01")
    data = settings_of(draft, visibility="members", title="A new title") | seen
    assert secretariat.post(EDIT + "plan/", data).status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.visibility, str(draft.public_since)) == ("A new title", "public", "2026-11-01")


def test_moving_and_removing(secretariat, draft):
    secretariat.post(EDIT + "L1M1D1/move/", {"step": "1", "was": "Deliverable 1"})
    secretariat.post(EDIT + "L1M1D2/remove/", {"was": "Deliverable 1"})
    assert list(Deliverable.objects.of_plan("2021-2023").values_list("number", "title")) == [(1, "Deliverable 2")]


def test_what_cannot_be_removed_says_why(secretariat, draft, sofia):
    report(Deliverable.objects.of_plan("2021-2023").first(), "in_progress", by=sofia)
    response = secretariat.post(EDIT + "L1M1D1/remove/", {"was": "Deliverable 1"}, follow=True)
    assert "A status is recorded on L1M1D1" in texts(response)


def settings_of(plan, **fields):
    start = {name: getattr(plan, name) for name in ("title", "slug", "starts_on", "ends_on", "visibility", "headline")}
    return start | fields


def test_opening_a_plan_to_everyone_notes_the_day(secretariat, draft):
    unsure = secretariat.post(EDIT + "plan/", settings_of(draft, visibility="public"))
    assert (unsure.status_code, "Tick this if it is ready." in texts(unsure)) == (422, True)
    assert secretariat.post(EDIT + "plan/", settings_of(draft, visibility="public", is_sure="on")).status_code == 302
    draft.refresh_from_db()
    assert (draft.visibility, draft.public_since is not None, draft.is_promised) == ("public", True, True)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"slug": "2018-2020"}, "Another plan has this address"),
        ({"ends_on": "2020-01-01"}, "lies before the first day"),
        ({"ends_on": "2999-01-01"}, "ten years at most"),
        ({"slug": "new"}, "taken by the tracker"),
    ],
)
def test_settings_that_cannot_be_are_told(secretariat, draft, fields, text):
    response = secretariat.post(EDIT + "plan/", settings_of(draft, **fields))
    assert (response.status_code, text in texts(response)) == (422, True)


NEW = {"title": "The next plan", "slug": "2027-2029", "starts_on": "2027-01-01", "ends_on": "2029-12-31"}


@pytest.mark.parametrize(
    ("start", "number", "page"), [("nothing", 0, "edit/"), ("plan", 65, "edit/"), ("spreadsheet", 0, "import/")]
)
def test_a_new_plan_starts_from_what_was_chosen(secretariat, plan, start, number, page):
    fields = NEW | {"organisation": plan.organisation_id, "start": start, "source": plan.pk}
    response = secretariat.post("/plans/new/", fields)
    assert response.url == f"/plans/2027-2029/{page}"
    assert Deliverable.objects.of_plan("2027-2029").count() == number
    assert Plan.objects.get(slug="2027-2029").visibility == "draft"


def test_a_new_plan_like_another_needs_the_other(secretariat, plan):
    response = secretariat.post("/plans/new/", NEW | {"organisation": plan.organisation_id, "start": "plan"})
    assert "Choose the plan to start from." in texts(response)


def test_new_plans_are_made_by_editors_alone(visitor, board, regional, secretariat, administrator):
    clients = (visitor, board, regional, secretariat, administrator)
    assert [client.get("/plans/new/").status_code for client in clients] == [302, 403, 403, 200, 200]


def test_a_theme_is_renamed_and_added(secretariat, plan):
    secretariat.post(PUBLIC + "themes/", {"theme": "gender", "gender-name": "Gender equality"})
    secretariat.post(PUBLIC + "themes/", {"theme": "+", "new-name": "Climate"})
    assert set(Theme.objects.values_list("slug", "name")) >= {("gender", "Gender equality"), ("climate", "Climate")}


def test_two_themes_of_one_name_are_told(secretariat):
    response = secretariat.post(PUBLIC + "themes/", {"theme": "+", "new-name": "GENDER"})
    assert (response.status_code, "There is a theme “GENDER” already" in texts(response)) == (422, True)


def test_amendments_are_read_by_everyone(visitor, secretariat):
    secretariat.post(PUBLIC + "L1M1D2/withdraw/", DECISION)
    text = texts(visitor.get("/plans/2018-2020/amendments/"))
    assert "Board, June 2021" in text
    assert "Sofia" not in text
    assert "Board, June 2021" not in texts(visitor.get("/plans/2018-2020/amendments/?as_of=2021-05-31"))
