"""Dates are formatted as each language writes them."""

from datetime import date

import pytest
from django.utils.translation import override

from plans.common.dates import date_format


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
