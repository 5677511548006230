"""Links, quantities, dates and lists as other people write them in a cell, as our own files would hold them."""

import re

from deliverables.models.evidence import MAX_EVIDENCE, NO_TEXT
from reports.imports.mapping.dates import read_date

LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
WHOLE_LINK = re.compile(r"(?:https?://|www\.)\S*", re.IGNORECASE)
NUMBER = re.compile(r"(\d{1,3}(?:[., \u00a0]\d{3})+|\d+)(?:[.,]0+)?")
EMAIL = re.compile(r"[^\s<>,;()]+@[^\s<>,;()]+\.\w+")


def split_links(text, titles):
    """Return (links, titles, others): the texts of our columns of evidence, and links over the most that an update has.

    `text` may hold several links, and words beside them, which become the title. Our own files stay as they are.
    """
    if all(WHOLE_LINK.fullmatch(line.strip()) or line.strip() == NO_TEXT for line in text.split("\n")):
        links = [with_scheme(line) for line in text.split("\n")]
    else:
        links = [with_scheme(match.rstrip(".,;)")) for match in LINK.findall(text)]
        beside = " ".join(LINK.sub(" ", text).split()).strip(" :;,|–-()")
        titles = titles or beside
    if not links:
        return "", titles, []

    lines = titles.split("\n") if titles else []
    lines = lines if len(lines) == len(links) else [" ".join(lines), *[NO_TEXT] * (len(links) - 1)]
    kept = slice(None, MAX_EVIDENCE)
    return "\n".join(links[kept]), "\n".join(lines[kept]) if titles else "", links[MAX_EVIDENCE:]


def with_scheme(link):
    return f"https://{link}" if link.lower().startswith("www.") else link.strip()


def whole_number(text):
    """Return a number as digits, without separators of thousands. Other texts stay as they are."""
    match = NUMBER.fullmatch(text.strip())
    return re.sub(r"\D", "", match[1]) if match else text.strip()


def split_target(text):
    """Return (number, unit) of a target such as “6 pilot projects” or “85 %”. The unit may be empty."""
    match = re.fullmatch(rf"{NUMBER.pattern}\s*([^\d.,].*)?", text.strip())
    return (re.sub(r"\D", "", match[1]), (match[2] or "").strip()) if match else (text.strip(), "")


def as_date(text, *, month_first):
    """Return (text, is_period): a date in ISO 8601, and whether the cell names a period. Others stay as they are."""
    read = read_date(text, month_first=month_first) if text else None
    return (read.day.isoformat(), read.is_period) if read else (text, False)


def email_in(text):
    """Return the e-mail address in a text such as “Ana López <ana@example.org>”, or the text itself without one."""
    match = EMAIL.search(text)
    return match[0] if match else text
