"""Dates are formatted as each language writes them."""

from datetime import date

import pytest
from django.utils.translation import override

from plans.common.dates import date_format, distance_text


@pytest.mark.parametrize(
    ("language", "day", "form", "text"),
    [
        ("en", date(2018, 1, 1), "DATE_FORMAT", "1 January 2018"),
        ("es", date(2018, 1, 1), "DATE_FORMAT", "1 de enero de 2018"),
        ("fr", date(2018, 1, 1), "DATE_FORMAT", "1er janvier 2018"),
        ("fr", date(2018, 1, 11), "DATE_FORMAT", "11 janvier 2018"),
        ("es", date(2020, 12, 31), "SHORT_DATE_FORMAT", "31 dic 2020"),
        ("fr", date(2020, 12, 1), "SHORT_DATE_FORMAT", "1er déc. 2020"),
        ("fr", date(2020, 12, 1), "Y-m-d", "2020-12-01"),
    ],
)
def test_a_date_is_formatted_for_the_language(language, day, form, text):
    with override(language):
        assert date_format(day, form) == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 11, 24), "today"),
        (date(2026, 11, 25), "in 1 day"),
        (date(2026, 12, 7), "in 13 days"),
        (date(2026, 12, 8), "in 2 weeks"),
        (date(2027, 6, 30), "in 7 months"),
        (date(2029, 12, 31), "in 3 years"),
        (date(2026, 9, 24), "2 months ago"),
        (date(2024, 11, 24), "2 years ago"),
    ],
)
def test_a_distance_is_in_the_unit_that_people_would_use(day, text):
    assert distance_text(day, date(2026, 11, 24)) == text
