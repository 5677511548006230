import time
from datetime import date

import pytest

from reports.imports.mapping.dates import orders_of, read_date


@pytest.mark.parametrize(
    "text",
    [
        "2019-12-31", "2019-12-31 00:00:00", "2019-12-31T17:00", "2019/12/31", "20191231", "43830", "43830.5",
        "31/12/2019", "31.12.2019", "31-12-2019", "31.12.19", "31/12/2019 23:59", "31 December 2019", "31 Dec 2019",
        "December 31, 2019", "31st December 2019", "31 de diciembre de 2019", "31 dic 2019", "31 décembre 2019",
        "2019年12月31日", "31-Dec-19",
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(text):
    read = read_date(text)
    assert (read.day, read.is_period) == (date(2019, 12, 31), False)


@pytest.mark.parametrize("text", ["1 March 2019", "1 mars 2019", "1er mars 2019", "1º de marzo de 2019", "1/3/2019"])
def test_a_day_with_a_single_digit_is_read_in_three_languages(text):
    assert read_date(text).day == date(2019, 3, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019", "2019-12-31"),
        ("2018-2019", "2019-12-31"),
        ("2018/2019", "2019-12-31"),
        ("end of 2019", "2019-12-31"),
        ("fin de 2019", "2019-12-31"),
        ("finales de 2019", "2019-12-31"),
        ("a lo largo de 2019", "2019-12-31"),
        ("courant 2019", "2019-12-31"),
        ("mediados de 2019", "2019-06-30"),
        ("mid-2019", "2019-06-30"),
        ("Q3 2019", "2019-09-30"),
        ("Q3/2019", "2019-09-30"),
        ("2019Q4", "2019-12-31"),
        ("2019-Q1", "2019-03-31"),
        ("3rd quarter of 2019", "2019-09-30"),
        ("T4 2019", "2019-12-31"),
        ("3T19", "2019-09-30"),
        ("II Trimestre de 2017", "2017-06-30"),
        ("2e trimestre 2018", "2018-06-30"),
        ("H1 2019", "2019-06-30"),
        ("1H 2017", "2017-06-30"),
        ("S2-2018", "2018-12-31"),
        ("primer semestre de 2018", "2018-06-30"),
        ("dic-19", "2019-12-31"),
        ("February 2020", "2020-02-29"),
        ("févr. 2019", "2019-02-28"),
        ("sept. 2019", "2019-09-30"),
        ("marzo/2019", "2019-03-31"),
        ("2019-02", "2019-02-28"),
        ("02/2019", "2019-02-28"),
        ("01/2017 - 06/2018", "2018-06-30"),
        ("de enero a marzo de 2018", "2018-03-31"),
        ("1/1/2017 – 30/6/2018", "2018-06-30"),
    ],
)
def test_of_a_period_the_last_day_is_taken(text, day):
    read = read_date(text)
    assert (read.day.isoformat(), read.is_period) == (day, True)


@pytest.mark.parametrize(
    "text",
    ["", "ongoing", "Permanente", "31/02/2019", "2019-13-01", "Q5 2019", "12", "3", "19999", "x 2019", "1.1.1",
     "principios de 2017", "4/2019/2020/2021", "1" * 50_000, " " * 50_000 + "x"],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_other_texts_are_no_dates(text):
    assert read_date(text) is None


def test_a_long_text_costs_no_time():
    started = time.process_time()
    orders_of(["1 " * 20_000, " " * 40_000 + "x", "- " * 20_000])
    read_date(" " * 40_000 + "x")
    assert time.process_time() - started < 0.2


def test_the_month_may_come_first():
    assert read_date("3/4/2019", month_first=True).day == date(2019, 3, 4)
    assert read_date("2019-03-04", month_first=True).day == date(2019, 3, 4)


@pytest.mark.parametrize(
    ("texts", "orders"),
    [
        (["31/12/2019", "1/2/2019"], {"day"}),
        (["12/31/2019", "1/2/2019"], {"month"}),
        (["1/2/2019", "3/4/2019"], {"day", "month"}),
        (["1/1/2019", "2/2/2019"], set()),
        (["2019-12-31", "2019", "dic-19"], set()),
        (["31/12/2019", "12/31/2019"], {"day", "month"}),
    ],
)
def test_the_order_of_day_and_month_is_what_all_dates_allow(texts, orders):
    assert orders_of(texts) == orders
