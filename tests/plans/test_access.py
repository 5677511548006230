from datetime import date

import pytest
import time_machine
from django.core.exceptions import BadRequest

from plans.access import as_of_date
from plans.models import Plan

PLAN = Plan(starts_on=date(2018, 1, 1))


def test_an_empty_date_means_now():
    assert as_of_date("", PLAN) is None


def test_a_date_is_parsed():
    assert as_of_date(" 2019-12-31 ", PLAN) == date(2019, 12, 31)


@pytest.mark.parametrize(
    "text", ["31/12/2019", "2019-02-30", "20191231", "2019-W01-1", "yesterday", "\x00", "2019-12-31' OR 1=1"]
)
def test_an_invalid_date_is_refused_with_the_expected_form(text):
    with pytest.raises(BadRequest, match="Write it as year-month-day, such as 2019-12-31"):
        as_of_date(text, PLAN)


@time_machine.travel("2026-11-24 12:00 +0000")
def test_a_future_date_is_refused():
    with pytest.raises(BadRequest, match="25 November 2026 is in the future"):
        as_of_date("2026-11-25", PLAN)


def test_a_date_before_the_plan_is_refused():
    with pytest.raises(BadRequest, match="The plan starts on 1 January 2018"):
        as_of_date("0001-01-01", PLAN)
