"""Dates as spreadsheets hold them: ISO 8601, serial numbers, words, and periods, which mean their last day."""

import calendar
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.utils.dates import MONTHS, MONTHS_3, MONTHS_ALT, MONTHS_AP

from plans.common.text import fold
from plans.translations import labels_in_all_languages

SERIAL_ZERO, SERIALS = date(1899, 12, 30), range(20_000, 80_000)  # days since then: the years 1954 to 2119
YEARS = range(1990, 2101)
TIME = re.compile(r"[T\s]+\d{1,2}:\d\d(:\d\d(\.\d+)?)?\s*([ap]\.?m\.?|Z|[+-]\d\d:?\d\d)?$", re.IGNORECASE)
CHINESE_UNITS = str.maketrans({"年": " ", "月": " ", "日": " "})
FILLERS = {
    "de", "del", "of", "the", "le", "la", "el", "en", "by", "before", "avant", "antes", "end", "fin", "final",
    "finales", "late", "during", "throughout", "durante", "courant",
}  # fmt: skip
MIDDLE = {"mid": "h1", "mediados": "h1", "mi": "h1"}
RANGE = re.compile(r"\s+[-–—]\s*|\s*[-–—]\s+|\s+(?:to|until|al?|hasta|au?|à)\s+")
LONGEST = 60  # no date has more characters
ORDINALS = {
    "1": "first 1st primer primero premier 1er 1ere 1o i",
    "2": "second 2nd segundo deuxieme 2e 2eme 2o ii",
    "3": "third 3rd tercer tercero troisieme 3e 3eme 3er 3o iii",
    "4": "fourth 4th cuarto quatrieme 4e 4eme 4o iv",
}
NUMBERS = {word: number for number, words in ORDINALS.items() for word in words.split()}
KINDS = "quarter|trimestre|semestre|half|q|t|h|s"
PERIOD = rf"(?:(?P<y1>\d{{4}}) ?)?(?:(?P<n1>[1-4]) ?(?P<k1>{KINDS})|(?P<k2>{KINDS}) ?(?P<n2>[1-4]))"
PERIOD = re.compile(PERIOD + r"(?: ?(?P<y2>\d{4}|(?<! )\d\d))?")
HALVES = {"h", "s", "half", "semestre"}


@dataclass(frozen=True)
class ReadDate:
    """A date in a cell. `is_period` is for a year, a half, a quarter, a month or two dates: the last day was taken."""

    day: date
    is_period: bool = False


def read_date(text, *, month_first=False):
    """Return the `ReadDate` in a text, or None. `month_first` decides about dates such as 3/4/2019."""
    if len(text) > LONGEST:
        return None
    text = TIME.sub("", text.strip())
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and int(float(text)) in SERIALS:
        return ReadDate(SERIAL_ZERO + timedelta(days=int(float(text))))
    words = words_of(text)
    try:
        day = whole_day(words, month_first) or period(words)
    except ValueError:  # there is no 31 February
        return None
    return day or last_of_two(text, month_first)


def last_of_two(text, month_first):
    """Return the last of two dates, such as “enero - marzo 2018”, None for other texts."""
    first, *last = RANGE.split(text)
    if len(last) != 1 or not re.search(r"\d", words_of(first)):
        return None
    end = read_date(last[0], month_first=month_first)
    return end and ReadDate(end.day, is_period=True)


def words_of(text):
    """Return a date as words in lower case: `m12` for the name of a month, digits for ordinals, without fillers."""
    words = [
        word for word in fold(text.translate(CHINESE_UNITS)).removeprefix("a lo largo ").split() if word not in FILLERS
    ]
    words = [MIDDLE.get(word) or NUMBERS.get(word) or month_names().get(word, word) for word in words]
    return " ".join(re.sub(r"^(\d{1,2})(?:st|nd|rd|th|er|o)$", r"\1", word) for word in words)


@cache
def month_names():
    """Return `m1` to `m12` by the names of the months in all languages, as `fold` leaves them, and by their beginnings.

    A beginning has three letters or more, such as “févr”, and is that of one month alone.
    """
    named = [
        (fold(text), f"m{number}")
        for months in (MONTHS, MONTHS_ALT, MONTHS_3, MONTHS_AP)
        for number, label in months.items()
        for text in labels_in_all_languages(label)
    ]
    beginnings = defaultdict(set)
    for name, month in named:
        for length in range(3, len(name)):
            beginnings[name[:length]].add(month)
    return {begin: months.pop() for begin, months in beginnings.items() if len(months) == 1} | dict(named)


def whole_day(words, month_first):
    words = re.sub(r"^(\d{4})(\d\d)(\d\d)$", r"\1 \2 \3", words)
    if match := re.fullmatch(r"(\d{4}) m?(\d{1,2}) (\d{1,2})", words):
        year, month, day = match.groups()
    elif match := re.fullmatch(r"(\d{1,2}) m(\d{1,2}) (\d{4}|\d\d)", words):
        day, month, year = match.groups()
    elif match := re.fullmatch(r"m(\d{1,2}) (\d{1,2}) (\d{4})", words):
        month, day, year = match.groups()
    elif match := numeric(words):
        day, month, year = match.group(2, 1, 3) if month_first else match.groups()
    else:
        return None
    return ReadDate(date(full_year(year), int(month), int(day)))


def numeric(words):
    """Return the match of a date of three numbers, of which the first two are day and month, in whatever order."""
    return re.fullmatch(r"(\d{1,2}) (\d{1,2}) (\d{4}|\d\d)", words)


def full_year(text):
    """Return a year. Of two digits, those from 70 on are of the last century."""
    year = int(text)
    return year if len(text) > 2 else year + (1900 if year >= 70 else 2000)


def period(words):
    if match := re.fullmatch(r"(?:\d{4} )?(\d{4})", words):  # of two years, such as 2018-2020, the last
        return last_day(match[1], 12)
    if match := re.fullmatch(r"m(\d{1,2}) (\d{4}|\d\d)|(\d{1,2}) (\d{4})", words):
        return last_day(match[2] or match[4], match[1] or match[3])
    if match := re.fullmatch(r"(\d{4}) m?(\d{1,2})", words):
        return last_day(*match.groups())
    match = PERIOD.fullmatch(words)
    if match is None or bool(match["y1"]) == bool(match["y2"]):
        return None
    number = int(match["n1"] or match["n2"])
    months = 6 if (match["k1"] or match["k2"]) in HALVES else 3
    return last_day(match["y1"] or match["y2"], number * months)


def last_day(year, month):
    """Return the last day of a month. Raise `ValueError` if there is no such month, or the year is none of a plan."""
    year, month = full_year(year), int(month)
    if year not in YEARS or not 1 <= month <= 12:
        raise ValueError
    return ReadDate(date(year, month, calendar.monthrange(year, month)[1]), is_period=True)


def orders_of(texts):
    """Return the orders that dates of three numbers can have: "day", "month", or both where nothing tells them apart.

    Empty without such dates, or where either order gives the same days.
    """
    short = [TIME.sub("", text) for text in texts if len(text) <= LONGEST]
    pairs = [(int(match[1]), int(match[2])) for text in short if (match := numeric(words_of(text)))]
    if all(first == second for first, second in pairs):
        return set()
    firsts, seconds = zip(*pairs, strict=True)
    return {order for order, months in (("day", seconds), ("month", firsts)) if max(months) <= 12} or {"day", "month"}
