"""Writing the next edition: what is typed is stored as the draft of the plan, whoever types it."""

from datetime import date

import pytest
from django.utils import timezone
from lxml import html

from plans.form_drafts import FormDraft
from plans.models import Meeting, Plan
from reports.editions.draft_forms import LONGEST_FOREWORD
from reports.editions.drafts import EditionDraft
from reports.models import Edition
from tests.builders import new_plan
from tests.reports.editions.test_views import NEXT, texts

pytestmark = pytest.mark.django_db
CHECK = NEXT + "check/"
WRITTEN = {
    "title": "Three-year report",
    "as_of": "2020-12-31",
    "foreword_en": "We attained most of it.\nYouth comes next.",
    "signed_by_en": "Octavi de la Varga\nSecretary General",
    "key_results_en": "Partnerships: all six attained",
    "decisions_en": "Keep the youth map",
    "comment_1_en": "Advocacy was done.",
}


def write(client, page=NEXT, **fields):
    """Send the form that writes an edition."""
    return client.post(page, WRITTEN | fields)


def draft(plan):
    return EditionDraft.objects.of(plan)


def test_the_form_suggests_a_title_and_the_last_day_of_a_plan_that_is_over(secretariat, plan):
    form = secretariat.get(NEXT).context["form"]
    assert (form["title"].value(), form["title_fr"].value()) == (
        "Three-year report 2018–2020",
        "Rapport triennal 2018–2020",
    )
    assert form["as_of"].value() == date(2020, 12, 31)


def test_a_plan_that_runs_is_reported_as_of_today(secretariat):
    plan = new_plan("2026-2028")
    Plan.objects.filter(pk=plan.pk).update(starts_on=date(2026, 1, 1), ends_on=date(2028, 12, 31))
    assert str(secretariat.get("/plans/2026-2028/editions/new/").context["form"]["as_of"].value()) == str(
        timezone.localdate()
    )


def test_what_is_written_is_stored_and_leads_to_the_check(secretariat, plan, sofia):
    assert write(secretariat).url == CHECK
    stored = draft(plan)
    assert {name: stored.fields[name] for name in WRITTEN} == WRITTEN
    assert (stored.saved_by, Edition.objects.count()) == (sofia, 0)


def test_a_draft_changes_nothing_that_visitors_read(secretariat, plan):
    write(secretariat)
    assert Plan.objects.get(pk=plan.pk).revision == plan.revision


def test_another_person_goes_on_with_the_draft(secretariat, administrator):
    write(secretariat)
    page = administrator.get(NEXT)
    assert page.context["form"]["foreword_en"].value() == WRITTEN["foreword_en"]
    assert "Last saved by Sofia Marín on" in texts(page)


def shown(client):
    """What the browser sends of the form as it is shown, with the hidden copies of each value."""
    form = client.get(NEXT).context["form"]
    fields = {field.name: field.value() for field in form} | {field.html_initial_name: field.value() for field in form}
    return {name: "" if value is None else value for name, value in fields.items()}


def test_two_people_who_write_different_texts_at_once_lose_none(secretariat, administrator, plan):
    write(secretariat)
    hers, his = shown(secretariat), shown(administrator)
    secretariat.post(NEXT, hers | {"foreword_en": "Hers."})
    administrator.post(NEXT, his | {"decisions_en": "His."})
    assert (draft(plan).fields["foreword_en"], draft(plan).fields["decisions_en"]) == ("Hers.", "His.")


def test_two_people_who_write_the_same_text_are_told(secretariat, administrator, plan):
    write(secretariat)
    hers, his = shown(secretariat), shown(administrator)
    secretariat.post(NEXT, hers | {"foreword_en": "Hers."})
    answer = administrator.post(NEXT, his | {"foreword_en": "His."})
    assert (answer.status_code, draft(plan).fields["foreword_en"]) == (422, "Hers.")
    assert "Meanwhile somebody entered “Hers.”." in texts(answer)
    assert answer.context["form"]["foreword_en"].value() == "His."


def test_two_people_who_choose_languages_at_once_are_told(secretariat, administrator, plan):
    write(secretariat, languages=[])
    hers, his = shown(secretariat), shown(administrator)
    for fields in (hers, his):
        del fields["initial-languages"]  # an empty list has no hidden input
    secretariat.post(NEXT, hers | {"languages": ["es"], "title_es": "Informe"})
    answer = administrator.post(NEXT, his | {"languages": ["fr"], "title_fr": "Rapport"})
    assert (answer.status_code, draft(plan).fields["languages"]) == (422, ["es"])


def test_a_language_ticked_before_an_error_is_saved_after_it(secretariat, plan):
    page = secretariat.get(NEXT)
    wrong = secretariat.post(NEXT, sent_by(page, languages=["fr"], title_fr=""))
    assert wrong.status_code == 422
    assert secretariat.post(NEXT, sent_by(wrong, languages=["fr"], title_fr="Rapport")).url == CHECK
    assert draft(plan).fields["languages"] == ["fr"]


def sent_by(page, **fields):
    """What a browser sends of the form, with the hidden copies that are on its page, and some fields changed."""
    (form,) = [each for each in html.fromstring(page.content).forms if "foreword_en" in each.fields]
    values = {name: value for name, value in form.form_values() if name != "csrfmiddlewaretoken"}
    return values | fields


def test_a_draft_that_is_no_longer_valid_shows_what_to_mend(secretariat, plan):
    meeting = Meeting.objects.create(organisation=plan.organisation, name="Board", held_on=date(2021, 3, 1))
    write(secretariat, meeting=str(meeting.key))
    meeting.remove()
    assert "This meeting was removed. Choose another one." in texts(secretariat.get(NEXT))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"as_of": "2017-12-31"}, "The plan starts on 1 January 2018. Choose that day or a later one."),
        ({"as_of": "2999-01-01"}, "is in the future."),
        ({"as_of": "soon"}, "This is not a date."),
        ({"title": ""}, "Enter a title."),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"languages": ["es"], "title_es": ""}, "Enter the title in Spanish, or publish without that language."),
        ({"languages": ["de"]}, "is not an available language"),
        ({"meeting": "5a2c9f57-0000-0000-0000-000000000000"}, "This meeting was removed. Choose another one."),
        ({"foreword_en": "x" * (LONGEST_FOREWORD + 1)}, f"at most {LONGEST_FOREWORD} characters"),
    ],
)
def test_an_error_is_told_beside_its_field_and_nothing_typed_is_lost(secretariat, plan, fields, sentence):
    answer = write(secretariat, decisions_en="Kept", **fields)
    assert (answer.status_code, sentence in texts(answer)) == (422, True)
    assert answer.context["form"]["decisions_en"].value() == "Kept"
    assert draft(plan).fields == {}


def test_what_was_sent_in_vain_is_in_the_form_again(secretariat, plan):
    write(secretariat, as_of="soon")
    again = secretariat.get(NEXT)
    assert again.context["form"]["foreword_en"].value() == WRITTEN["foreword_en"]
    write(secretariat)
    assert FormDraft.objects.exclude(fields={}).count() == 0


def test_the_meetings_since_the_plan_began_are_offered(secretariat, plan):
    Meeting.objects.create(organisation=plan.organisation, name="Board of Directors", held_on=date(2021, 3, 1))
    Meeting.objects.create(organisation=plan.organisation, name="Long ago", held_on=date(2011, 3, 1))
    choices = [str(label) for _key, label in secretariat.get(NEXT).context["form"].fields["meeting"].choices]
    assert choices == ["None", "Board of Directors, 1 March 2021", "General Assembly of Members, 30 November 2020"]


@pytest.mark.parametrize("path", [NEXT, CHECK, NEXT + "summary.pdf", NEXT + "cover.png"])
def test_only_who_may_publish_sees_the_draft(visitor, board, path):
    assert (visitor.get(path).status_code, board.get(path).status_code) == (302, 403)


def test_writing_takes_as_many_queries_for_many_lines(secretariat, plan, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        secretariat.get(NEXT)
