"""An outline: lines and measures in their own rows, such as “1 Mobility”, “1.1 Cycling”, above “1.1.1 New lane”."""

from django.utils.translation import gettext as _

from reports.imports.mapping.numbering import FILE, read_codes
from reports.imports.preview import named_rows

LEVELS = ("action_line_title", "measure_statement")


def is_outline(reading):
    """Return whether the codes of a table say which rows are lines and measures, and no column does."""
    fields = set(reading.choices.fields)
    return reading.choices.codes == FILE and {"code", "title"} <= fields and not fields & {*LEVELS, "action_line"}


def with_levels(rows, reading, lines):
    """Return the rows of an outline without its lines and measures, whose titles are those of the rows below them.

    Other tables stay as they are. A row without any below it is a deliverable, whatever its level. What rows of lines
    and measures hold besides their title is left out, and `lines` tell so.
    """
    if not is_outline(reading):
        return rows
    numbers = read_codes([line.get("code", "") for _row, line in rows])
    deepest = max((len(each) for each in numbers if each), default=0)
    titles = {each: line["title"] for each, (_row, line) in zip(numbers, rows, strict=True) if each and line["title"]}
    parents = {each[:count] for each in numbers if each for count in range(1, len(each))}
    upper = {each for each in titles if each in parents}
    if deepest not in (2, 3) or not upper:
        return rows

    deliverables, fuller = [], []
    for each, (row, line) in zip(numbers, rows, strict=True):
        if each in upper:
            fuller += [row] if any(text for name, text in line.items() if name not in ("code", "title")) else []
            continue
        for count, name in enumerate(LEVELS[: deepest - 1], start=1):
            line[name] = titles.get((each or ())[:count], "")
        deliverables.append((row, line))
    if fuller:
        lines.left_out.append(_("What rows of lines and measures hold besides their title: %s.") % named_rows(fuller))
    return deliverables
