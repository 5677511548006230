"""A plan is compared since a meeting or an edition, by its name."""

from datetime import date

import pytest
import time_machine

from plans.models import Meeting, Plan, Translation
from reports.baselines import baselines_of
from tests.builders import new_plan, publish

pytestmark = pytest.mark.django_db
CHANGES = "/plans/2018-2020/changes/"
SINCE = "meeting-8f276515-8b55-5674-b684-5ad9c8905f02"
LINK = f"{CHANGES}?since={SINCE}"


def page_text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def edition(plan, sofia):
    """Published on 24 November 2026, as of the last day of the plan."""
    return publish(plan, by=sofia, as_of=date(2020, 12, 31), title="Three-year report")


def hold_board(day):
    return Meeting(organisation=Plan.objects.get(slug="2018-2020").organisation, name="Board", held_on=day).store()


def labels(form):
    return [str(label) for _value, label in form.fields["since"].choices]


# What is offered


@pytest.mark.parametrize("path", [CHANGES, f"{CHANGES}?from=2020-01-01", f"{CHANGES}?from=soon"])
def test_meetings_and_editions_are_offered_newest_first(visitor, edition, path):
    hold_board(date(2019, 6, 1))
    publish(edition.plan, by=edition.published_by, as_of=date(2019, 12, 31), title="Interim report")
    assert labels(visitor.get(path).context["period"]) == [
        "The date in “From”",
        "General Assembly of Members, 30 November 2020",
        "Board, 1 June 2019",
        "Interim report, edition 2, 24 November 2026",
        "Three-year report, edition 1, 24 November 2026",
    ]


def test_what_is_before_the_plan_in_the_future_or_of_another_is_not_offered(plan):
    for day in (date(2017, 12, 31), date(2999, 1, 1)):
        hold_board(day)
    assert [each.day for each in baselines_of(plan, date(2026, 11, 24)).values()] == [date(2020, 11, 30)]
    assert baselines_of(new_plan(), date(2026, 11, 24)) == {}


def test_a_page_of_an_earlier_date_offers_what_there_was_by_then(visitor, edition):
    assert labels(visitor.get(f"{CHANGES}?as_of=2020-11-29").context["period"]) == ["The date in “From”"]
    assert len(labels(visitor.get(f"{CHANGES}?as_of=2020-11-30").context["period"])) == 2


# What is compared


def test_since_a_meeting_the_first_date_is_its_day(visitor, plan):
    response = visitor.get(f"{LINK}&to=2020-12-31")
    text, comparison = page_text(response), response.context["comparison"]
    assert (comparison.start.as_of, comparison.end.as_of) == (date(2020, 11, 30), date(2020, 12, 31))
    headline = "Since the meeting on 30 November 2020 (General Assembly of Members)"
    assert f'<h1 class="long">{headline}</h1> <p class="byline">online</p>' in text
    assert "<title>Since the meeting on 30 November 2020 (General Assembly of Members)" in text
    assert "Changes after 30 November 2020 and up to 31 December 2020." in text


def test_since_an_edition_the_first_date_is_its_as_of_date(visitor, edition):
    response = visitor.get(f"{CHANGES}?since=edition-1")
    assert response.context["comparison"].start.as_of == date(2020, 12, 31)
    assert '<h1 class="long">Since edition 1, as of 31 December 2020</h1>' in page_text(response)


def test_until_today_unless_a_date_is_given(visitor, plan):
    with time_machine.travel(date(2021, 3, 1)):
        assert visitor.get(LINK).context["comparison"].end.as_of == date(2021, 3, 1)
        assert visitor.get(f"{LINK}&as_of=2020-12-31").context["comparison"].end.as_of == date(2020, 12, 31)


@pytest.mark.parametrize("first", ["2018-01-01", "2020-12-31", "soon", ""])
def test_since_decides_where_both_are_given(visitor, plan, first):
    response = visitor.get(f"{LINK}&from={first}&to=2021-01-01")
    assert response.context["comparison"].start.as_of == date(2020, 11, 30)
    page = page_text(response)
    assert 'name="from" value="2020-11-30"' in page
    assert f'<option value="{SINCE}" selected>' in page


def test_two_dates_are_compared_as_before(visitor, plan):
    response = visitor.get(f"{CHANGES}?since=&from=2020-01-01&to=2020-12-31")
    assert response.context["comparison"].start.as_of == date(2020, 1, 1)
    assert "<h1>Two dates compared</h1>" in page_text(response)


@pytest.mark.parametrize("value", ["edition-1", "meeting-x", "meeting-00000000-0000-4000-8000-000000000000", "nothing"])
def test_an_unknown_value_is_a_clear_error_and_the_only_one(visitor, plan, value):
    response = visitor.get(f"{CHANGES}?since={value}")
    assert (response.status_code, "comparison" in response.context) == (200, False)
    assert response.context["period"].errors == {
        "since": ["No such meeting or edition is listed. Choose one from the list."]
    }
    assert "No such meeting or edition is listed." in page_text(response)


def test_a_meeting_of_another_plans_time_is_unknown(visitor, plan):
    new_plan()
    assert visitor.get(f"/plans/2021-2023/changes/?since={SINCE}").context["period"].errors.keys() == {"since"}


def test_a_last_date_before_the_meeting_is_a_clear_error(visitor, plan):
    assert "This day is before the first one." in page_text(visitor.get(f"{LINK}&to=2020-11-29"))


def test_since_nothing_is_the_page_of_changes(visitor, secretariat):
    pages = [client.get(f"{CHANGES}?since=") for client in (visitor, secretariat)]
    assert ["<h1>Changes</h1>" in page_text(page) for page in pages] == [True, True]


def test_a_visitors_page_is_cached_for_each_value(visitor, edition):
    pages = [page_text(visitor.get(f"{CHANGES}?since={value}")) for value in (SINCE, "edition-1")]
    assert [page.count('<h1 class="long">Since') for page in pages] == [1, 1]
    assert pages[0] != pages[1]


# Languages


def test_a_name_that_is_not_translated_is_marked_as_english(visitor, plan):
    text = page_text(visitor.get(f"/es{LINK}"))
    assert '<span lang="en">General Assembly of Members</span>' in text
    assert f'<option value="{SINCE}" lang="en" selected>' in text


def test_a_name_is_shown_in_the_language_of_the_page(visitor, plan, sofia):
    texts = {"General Assembly of Members": "Asamblea General de Miembros", "online": "en línea"}
    Translation.objects.set_translations(plan, "es", texts, by=sofia)
    for path in (f"/es{LINK}", f"/es{CHANGES}", "/es/plans/2018-2020/"):
        assert "Asamblea General de Miembros, 30 de noviembre de 2020" in page_text(visitor.get(path))


def test_the_texts_to_translate_hold_name_and_place(secretariat, plan):
    texts = secretariat.get("/plans/2018-2020/edit/translations/es/").context["form"].texts
    assert {"General Assembly of Members": "Meeting", "online": "Place of a meeting"}.items() <= texts.items()


# The overview


def test_the_overview_leads_to_the_changes_since_the_last_meeting(visitor, plan):
    text = page_text(visitor.get("/plans/2018-2020/"))
    assert f'<a href="{LINK}"> Since the last meeting (General Assembly of Members, 30 November 2020) </a>' in text


def test_the_overview_as_of_a_date_leads_to_the_meeting_before_it(visitor, plan):
    hold_board(date(2019, 6, 1))
    pages = [page_text(visitor.get(f"/plans/2018-2020/?as_of={day}")) for day in ("2019-06-01", "2020-11-30")]
    assert ["Since the last meeting" in page for page in pages] == [False, True]
    assert "Since the last meeting (Board, 1 June 2019)" in pages[1]
    assert "changes/?as_of=2020-11-30&amp;since=meeting-" in pages[1]


def test_the_overview_of_a_plan_without_a_meeting_has_no_such_link(visitor, plan):
    new_plan()
    assert "Since the last meeting" not in page_text(visitor.get("/plans/2021-2023/"))
