import pytest

from tests.builders import deliverable, publish, report

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
NEXT = PLAN + "editions/new/"


def texts(response):
    return " ".join(response.content.decode().split())


def test_reports_without_an_edition_say_what_to_do(visitor, secretariat):
    assert "No edition has been published yet. The figures as of today are beside." in texts(
        visitor.get(PLAN + "reports/")
    )
    assert f'href="{NEXT}"' in texts(secretariat.get(PLAN + "reports/"))


def test_the_page_says_when_the_record_of_its_day_has_changed(visitor, plan, sofia):
    publish(plan, by=sofia, as_of=deliverable("L1M1D1").status_on)
    assert "has changed since this edition was published" not in texts(visitor.get(PLAN + "editions/1/"))
    report(deliverable("L1M1D1"), "in_progress", by=sofia, effective_on=deliverable("L1M1D1").status_on)
    page = texts(visitor.get(PLAN + "editions/1/"))
    assert "It is now: 48 attained, 11 in progress, 6 not developed." in page
    assert "One entry has been added since." in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_editions(visitor, plan, sofia, django_assert_num_queries, number):
    for _edition in range(number):
        publish(plan, by=sofia)
    with django_assert_num_queries(11):
        visitor.get(PLAN + "reports/")
    with django_assert_num_queries(9):
        visitor.get(f"{PLAN}editions/{number}/")
