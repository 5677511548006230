"""Links, quantities, dates and lists as other people write them in a cell, as our own files would hold them."""

import re

from deliverables.models.evidence import MAX_EVIDENCE, NO_TEXT
from reports.imports.mapping.dates import read_date

LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
WHOLE_LINK = re.compile(r"(?:https?://|www\.)\S*", re.IGNORECASE)
NUMBER = re.compile(r"([1-9]\d{0,2}(?:[., \u00a0]\d{3})+|\d+)(?:[.,]0+)?")
# A unit begins with a letter or a sign. “6 to 8 parks” has two numbers.
UNIT = re.compile(r"\s*((?!(?:to|or|and|a|o|y|à|ou|et)\s+\d)(?:[^\W\d_]|[%€$£¥₹]).*)?")
EMAIL = re.compile(r"[^\s<>,;()@]{1,64}@[^\s<>,;()@]{1,190}\.\w+")
LONGEST_NUMBER = 200  # characters of a cell with a number and its unit


def split_links(text, titles):
    """Return (links, titles, others): the texts of our columns of evidence, and what fits into neither.

    `text` may hold several links, and words beside them, which become the title if there is none. `others` are words
    beside a title, and links over the most that an update has. Our own files stay as they are.
    """
    others = []
    if all(WHOLE_LINK.fullmatch(line.strip()) or line.strip() == NO_TEXT for line in text.split("\n")):
        links = [with_scheme(line) for line in text.split("\n")]
    else:
        links = [with_scheme(without_punctuation(match)) for match in LINK.findall(text)]
        beside = " ".join(LINK.sub(" ", text).split()).strip(" :;,|–-()")
        others += [beside] if beside and titles and beside not in titles else []
        titles = titles or beside
    if not links:
        return "", titles, others

    lines = titles.split("\n") if titles else []
    lines = lines if len(lines) == len(links) else [" ".join(lines), *[NO_TEXT] * (len(links) - 1)]
    kept = slice(None, MAX_EVIDENCE)
    return "\n".join(links[kept]), "\n".join(lines[kept]) if titles else "", others + links[MAX_EVIDENCE:]


def without_punctuation(link):
    """Return a link without the marks of the sentence around it. A bracket that it opens belongs to it."""
    bare = link.rstrip(").,;")
    opened, end = bare.count("(") - bare.count(")"), len(bare)
    for place, mark in enumerate(link[len(bare) :], start=len(bare) + 1):
        if mark == ")" and opened > 0:
            opened, end = opened - 1, place
    return link[:end]


def with_scheme(link):
    return f"https://{link}" if link.lower().startswith("www.") else link.strip()


def whole_number(text, *, has_decimal_point=False):
    """Return a number as digits, without separators of thousands. Other texts stay as they are.

    With `has_decimal_point`, as in the number cells of a workbook, `1.125` is no whole number.
    """
    if has_decimal_point and re.fullmatch(r"\d+\.\d*[1-9]", text):
        return text
    match = len(text) <= LONGEST_NUMBER and NUMBER.fullmatch(text.strip())
    return re.sub(r"\D", "", match[1]) if match else text.strip()


def split_target(text, *, has_decimal_point=False):
    """Return (number, unit) of a target such as “6 pilot projects” or “85 %”. The unit may be empty.

    `has_decimal_point` is that of `whole_number`.
    """
    if has_decimal_point and re.fullmatch(r"\d+\.\d*[1-9]", text):
        return text, ""
    match = len(text) <= LONGEST_NUMBER and re.fullmatch(rf"{NUMBER.pattern}{UNIT.pattern}", text.strip())
    return (re.sub(r"\D", "", match[1]), (match[2] or "").strip()) if match else (text.strip(), "")


def as_date(text, *, month_first):
    """Return (text, is_period): a date in ISO 8601, and whether the cell names a period. Others stay as they are."""
    read = read_date(text, month_first=month_first) if text else None
    return (read.day.isoformat(), read.is_period) if read else (text, False)


def email_in(text):
    """Return the e-mail address in a text such as “Ana López <ana@example.org>”, or the text itself without one."""
    match = EMAIL.search(text)
    return match[0] if match else text
