"""What is stored of the check of a link, and how it is said."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from deliverables.models import LinkCheck, LinkState

pytestmark = pytest.mark.django_db
LINK = "https://docs.example/report"
WORKS, NOT_FOUND, UNKNOWN = LinkState.WORKS, LinkState.NOT_FOUND, LinkState.UNKNOWN
FIRST = datetime(2026, 11, 5, 23, 30, tzinfo=UTC)  # in Madrid it is the sixth


def after(*states):
    """The check of a link after results a month apart."""
    for number, state in enumerate(states):
        LinkCheck.objects.store(LINK, state, at=FIRST + timedelta(days=30 * number))
    return LinkCheck.objects.get()


@pytest.mark.parametrize(
    ("states", "since", "sentence"),
    [
        ([WORKS], None, "Works, checked 6 November 2026"),
        ([UNKNOWN], None, "Could not be checked on 6 November 2026"),
        ([NOT_FOUND], date(2026, 11, 6), "Not found since 6 November 2026"),
        ([NOT_FOUND, NOT_FOUND], date(2026, 11, 6), "Not found since 6 November 2026"),
        ([WORKS, NOT_FOUND, NOT_FOUND], date(2026, 12, 6), "Not found since 6 December 2026"),
        (
            [NOT_FOUND, UNKNOWN],
            date(2026, 11, 6),
            "Not found since 6 November 2026, could not be checked on 6 December 2026",
        ),
        ([NOT_FOUND, UNKNOWN, NOT_FOUND], date(2026, 11, 6), "Not found since 6 November 2026"),
        ([NOT_FOUND, WORKS], None, "Works, checked 6 December 2026"),
        ([NOT_FOUND, WORKS, UNKNOWN], None, "Could not be checked on 5 January 2027"),
    ],
)
def test_the_day_since_when_a_page_is_gone_stays_until_it_works(states, since, sentence):
    check = after(*states)
    assert (check.state, check.not_found_since, str(check.sentence)) == (states[-1], since, sentence)


def test_the_sentence_has_the_dates_of_the_language():
    check = after(WORKS)
    with override("es"):
        assert "6 de noviembre de 2026" in str(check.sentence)


def test_the_longest_link_can_be_stored():
    link = "https://docs.example/" + "".join(chr(0x4E00 + number) for number in range(979))
    LinkCheck.objects.store(link, WORKS, at=FIRST)
    assert LinkCheck.objects.get().link == link


@pytest.mark.parametrize(("state", "since"), [(WORKS, date(2026, 11, 6)), (NOT_FOUND, None)])
def test_the_database_refuses_a_day_that_does_not_fit_the_result(state, since):
    with pytest.raises(IntegrityError), transaction.atomic():
        LinkCheck.objects.create(key="k", link=LINK, state=state, checked_at=FIRST, not_found_since=since)


@pytest.mark.parametrize("since", [date(2026, 11, 6), None])
def test_the_database_takes_either_for_a_check_that_could_not_be_made(since):
    LinkCheck.objects.create(key="k", link=LINK, state=UNKNOWN, checked_at=FIRST, not_found_since=since)
    assert LinkCheck.objects.not_found().exists() == bool(since)
