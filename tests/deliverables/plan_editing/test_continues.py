"""From one plan to the next: what was left open is carried over, with a link to the old deliverable and back."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deliverables.models import Deliverable
from deliverables.plan_editing import structure
from plans.codes import Code
from plans.models import ActionLine, Measure, Organisation, Plan, Translation, Visibility
from tests.builders import deliverable, new_plan, report

pytestmark = pytest.mark.django_db
NEW = {"title": "The next plan", "slug": "2021-2023", "starts_on": "2021-01-01", "ends_on": "2023-12-31"}
FIRST = "/plans/2021-2023/L1M1D1/"
OLD = "/plans/2018-2020/L1M1D2/"


def page_text(response):
    return " ".join(response.content.decode().split())


def start_from(client, old_plan, **fields):
    organisation = Organisation.objects.get(slug="metropolis").pk
    return client.post(
        "/plans/new/", NEW | {"organisation": organisation, "start": "open", "source": old_plan.pk} | fields
    )


def first(slug="2021-2023"):
    return Deliverable.objects.of_plan(slug, Code(1, 1, 1)).with_update().get()


@pytest.fixture
def following(plan):
    """A public plan, the first deliverable of which continues L1M1D2 of the plan 2018-2020."""
    following = new_plan(deliverables=2)
    Deliverable.objects.filter(pk=first().pk).update(continues=deliverable("L1M1D2"))
    return following


def edit(client, text, path="L1M1D1/", page="/plans/2021-2023/edit/", shown=""):
    stored = Deliverable.objects.of_plan(page.split("/")[2], Code.parse(path.strip("/"))).get()
    fields = {"was": stored.title, "title": stored.title, "initial-continues": shown, "continues": text}
    return client.post(page + path, fields | {"number": stored.number, "initial-number": stored.number})


# A new plan


def test_a_new_plan_starts_from_what_another_left_open(secretariat, plan):
    assert start_from(secretariat, plan).url == "/plans/2021-2023/edit/"
    rows = Deliverable.objects.of_plan("2021-2023").with_update()
    assert len(rows) == 16
    assert {(row.code, row.title, row.continues.plan.slug) for row in rows} == {
        (row.code, row.title, "2018-2020")
        for row in Deliverable.objects.of_plan("2018-2020").with_update().exclude(status="attained")
    }


def test_only_lines_and_measures_with_something_open_are_carried_over(secretariat, plan):
    Deliverable.objects.of_plan("2018-2020").within(Code(2)).update(status="attained")
    start_from(secretariat, plan)
    measures = Measure.objects.filter(action_line__plan__slug="2021-2023")
    assert list(ActionLine.objects.filter(plan__slug="2021-2023").values_list("number", flat=True)) == [1, 3]
    assert {str(measure.code) for measure in measures} == {
        str(row.code.in_measure) for row in Deliverable.objects.of_plan("2021-2023")
    }


def test_people_themes_names_and_translations_go_along_and_dates_do_not(secretariat, sofia, plan):
    row = deliverable("L2M10D1")
    Deliverable.objects.filter(pk=row.pk).update(responsible=sofia, due_on=date(2020, 6, 30))
    Translation.objects.set_translations(plan, "es", {row.title: "Mapa"}, by=sofia)
    start_from(secretariat, plan)
    copy = Deliverable.objects.of_plan("2021-2023", Code(2, 10, 1)).get()
    assert (copy.responsible, copy.due_on, copy.status) == (sofia, None, "no_status")
    assert (copy.measure.short_name, copy.measure.themes.get().slug) == ("Youth in metropolitan governance", "youth")
    assert copy.plan.translated_texts("es").get(copy.title) == "Mapa"


def test_what_was_withdrawn_is_not_carried_over(secretariat, plan):
    Deliverable.objects.filter(pk=deliverable("L1M1D2").pk).update(withdrawn_on=date(2020, 1, 1))
    start_from(secretariat, plan)
    assert Deliverable.objects.of_plan("2021-2023").count() == 15


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"source": ""}, "Choose the plan to start from."),
        ({"starts_on": "2018-01-01"}, "Action Plan 2018–2020 does not begin before the new plan."),
    ],
)
def test_what_cannot_be_continued_is_told(secretariat, plan, fields, text):
    response = start_from(secretariat, plan, **fields)
    assert (response.status_code, text in page_text(response)) == (422, True)


def test_a_plan_of_another_organisation_is_not_continued(secretariat, plan):
    other = Organisation.objects.create(slug="other", name="Other")
    response = start_from(secretariat, plan, organisation=other.pk)
    assert "This is a plan of another organisation." in page_text(response)


def test_a_copy_of_another_plan_has_no_links(secretariat, plan):
    start_from(secretariat, plan, start="plan")
    assert not Deliverable.objects.exclude(continues=None).exists()


# The link on a deliverable


def test_a_link_is_set_and_removed_by_the_form(secretariat, plan):
    new_plan()
    assert edit(secretariat, "2018-2020 l1m1d2").status_code == 302
    assert first().continues == deliverable("L1M1D2")
    assert 'value="2018-2020 L1M1D2"' in page_text(secretariat.get("/plans/2021-2023/edit/L1M1D1/"))
    edit(secretariat, "", shown="2018-2020 L1M1D2")
    assert first().continues is None


def test_a_link_that_is_left_alone_stays(secretariat, following):
    edit(secretariat, "2018-2020 L1M1D2", shown="2018-2020 L1M1D2")
    assert first().continues == deliverable("L1M1D2")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("2018-2020 L9M9D9", "There is no deliverable “2018-2020 L9M9D9”."),
        ("L1M1D2", "There is no deliverable “L1M1D2”."),
        ("2018-2020 L1M1", "There is no deliverable “2018-2020 L1M1”."),
        ("2021-2023 L1M1D2", "This is a deliverable of the same plan."),
        ("2024-2026 L1M1D1", "Action Plan 2024–2026 does not begin before this plan."),
    ],
)
def test_a_text_that_names_no_earlier_deliverable_is_told(secretariat, plan, text, error):
    new_plan(deliverables=2)
    later = new_plan("2024-2026")
    Plan.objects.filter(pk=later.pk).update(starts_on=date(2024, 1, 1), ends_on=date(2026, 12, 31))
    response = edit(secretariat, text)
    assert (response.status_code, error in page_text(response)) == (422, True)


def test_a_deliverable_of_another_organisation_is_refused(plan, sofia):
    new_plan()
    Plan.objects.filter(pk=plan.pk).update(organisation=Organisation.objects.create(slug="other", name="Other"))
    row = first()
    row.continues = deliverable("L1M1D2")
    with pytest.raises(ValidationError, match="another organisation"):
        structure.save_part(row, by=sofia, fields=["continues"])


def test_the_first_plan_offers_no_link(secretariat, plan):
    assert "continues" not in secretariat.get("/plans/2018-2020/edit/L1M1D2/").context["form"].fields


def test_somebody_elses_link_is_not_overwritten(secretariat, following):
    response = edit(secretariat, "2018-2020 L1M1D3")
    assert "Meanwhile somebody entered “2018-2020 L1M1D2”." in page_text(response)
    assert first().continues == deliverable("L1M1D2")


def test_what_another_plan_continues_is_not_removed(secretariat, sofia, plan):
    for slug, year in (("2021-2023", 2021), ("2024-2026", 2024)):
        draft = new_plan(slug, visibility=Visibility.DRAFT)
        Plan.objects.filter(pk=draft.pk).update(starts_on=date(year, 1, 1), ends_on=date(year + 2, 12, 31))
    Deliverable.objects.filter(pk=first("2024-2026").pk).update(continues=first())
    with pytest.raises(ValidationError, match="2024-2026 L1M1D1 continues L1M1D1, or a part of it"):
        structure.remove(Plan.objects.get(slug="2021-2023"), Code(1, 1, 1), first().title)


# Pages


def test_both_pages_link_to_each_other(visitor, following):
    assert f'Continues: <a href="{OLD}">Action Plan 2018–2020, L1M1D2</a>' in page_text(visitor.get(FIRST))
    assert f'Continued in: <a href="{FIRST}">Action Plan 2021–2023, L1M1D1</a>' in page_text(visitor.get(OLD))


def test_a_plan_that_the_reader_may_not_read_is_not_named(visitor, secretariat, following):
    Plan.objects.filter(pk=following.pk).update(visibility=Visibility.DRAFT)
    named = ["2021–2023, L1M1D1" in page_text(client.get(OLD)) for client in (visitor, secretariat)]
    assert named == [False, True]


def test_the_page_takes_as_many_queries_with_many_links(visitor, following):
    visitor.get(OLD)
    counts = []
    for _number in range(2):
        Plan.objects.raise_revision()
        with CaptureQueriesContext(connection) as counted:
            visitor.get(OLD)
        counts.append(len(counted))
        Deliverable.objects.of_plan("2021-2023").update(continues=deliverable("L1M1D2"))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("text", ["2018-2020 L1M1D2", ""])
def test_a_cached_page_of_the_old_plan_knows_a_new_link_and_a_removed_one(visitor, secretariat, plan, text):
    new_plan()
    if not text:
        Deliverable.objects.filter(pk=first().pk).update(continues=deliverable("L1M1D2"))
    assert ("Continued in" in page_text(visitor.get(OLD))) is not bool(text)
    edit(secretariat, text, shown="" if text else "2018-2020 L1M1D2")
    assert ("Continued in" in page_text(visitor.get(OLD))) is bool(text)


@pytest.mark.parametrize(("changed", "path"), [("2021-2023", OLD), ("2018-2020", FIRST)])
def test_a_cached_page_forgets_a_plan_that_is_no_longer_public(visitor, secretariat, following, changed, path):
    assert "Continue" in page_text(visitor.get(path))
    form = secretariat.get(f"/plans/{changed}/edit/plan/").context["form"]
    sent = {field.html_name: field.value() or "" for field in form if field.name != "goals"}
    sent |= {f"initial-{name}": value for name, value in sent.items()}
    secretariat.post(f"/plans/{changed}/edit/plan/", sent | {"visibility": "members"})
    assert Plan.objects.get(slug=changed).visibility == "members"
    assert "Continue" not in page_text(visitor.get(path))


def test_recording_leaves_the_pages_of_the_other_plan_as_they_are(following, plan, sofia):
    """They name the other plan, and not the status there: recording in one plan does not write to another."""
    report(first(), "attained", by=sofia)
    assert Plan.objects.get(pk=plan.pk).revision == plan.revision
