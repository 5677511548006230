"""Read a StratML report that this tracker wrote: a row for each deliverable, with the columns of our own CSV.

`reports/files/stratml.py` writes it. Of several reports on a deliverable, the last one is read.
"""

import re
from functools import cache

from deliverables.models import join_lines
from plans.codes import Code
from plans.common.text import normalise
from plans.translations import labels_in_all_languages
from reports.files.fields import COLUMN_LABELS, ORIGIN_LABELS
from reports.imports.files.sheet_limits import MAX_ROWS, too_many_rows
from reports.imports.files.source import Sheet

HEADS = [
    "code", "action_line_title", "measure_name", "measure_statement", "themes", "title", "due_on", "target",
    "target_unit", "regions", "continues", "status", "effective_on", "reason", "note", "next_step", "expected_on",
    "achieved", "evidence_title", "evidence_link", "as_of", "history_head",
]  # fmt: skip


@cache
def names_by_label():
    """Return the name of a column by its label in each language, in lower case."""
    labels = COLUMN_LABELS | ORIGIN_LABELS
    return {text: name for name, label in labels.items() for text in labels_in_all_languages(label)}


def is_ours(root):
    """Return whether this tracker wrote a report: it says the day that it shows, and its indicators have codes."""
    codes = [text_of(indicator, "SequenceIndicator") for indicator in root.find("PerformanceIndicator")]
    return "as_of" in labelled(text_of(root, "OtherInformation")) and bool(codes) and all(map(is_code, codes))


def is_code(text):
    code = Code.parse(text)
    return bool(code and code.deliverable)


def read_own_stratml(root):
    """Return the `Sheet` of a report of ours."""
    origin = labelled(text_of(root, "OtherInformation"))
    rows = [
        row_of(indicator, goal, objective) | origin
        for goal in root.find("Goal")
        for objective in goal.all("Objective")
        for indicator in objective.all("PerformanceIndicator")
    ]
    if len(rows) >= MAX_ROWS:
        raise too_many_rows()
    table = [HEADS, *([row.get(head, "") for head in HEADS] for row in rows)]
    return Sheet(text_of(root, "Name"), list(enumerate(table, start=1)))


def text_of(element, *path):
    """Return the text of the first element at a path of names, empty without one. No placeholder is taken out."""
    for name in path:
        element = next(iter(element.all(name)), None)
        if element is None:
            return ""
    return normalise(element.text)


def labelled(text):
    """Return the values of lines such as “As of: 2020-12-31”, by the name of the column with that label."""
    pairs = (re.split(r"\s*:\s+", line, maxsplit=1) for line in text.split("\n"))
    return {names_by_label().get(pair[0].lower(), ""): pair[1] for pair in pairs if len(pair) == 2}


def row_of(indicator, goal, objective):
    """Return the texts of an indicator, its objective and its goal, by the names of the columns."""
    first, *reports = indicator.all("MeasurementInstance") or [indicator]  # another program may have removed them
    row = {
        "code": text_of(indicator, "SequenceIndicator"),
        "action_line_title": text_of(goal, "Name"),
        "measure_name": text_of(objective, "Name"),
        "measure_statement": text_of(objective, "Description"),
        "themes": re.sub(r"\A[^:]*:\s+", "", text_of(objective, "OtherInformation")),
        "title": text_of(indicator, "MeasurementDimension"),
        "due_on": text_of(first, "TargetResult", "EndDate"),
        "target": text_of(first, "TargetResult", "NumberOfUnits"),
        "regions": text_of(first, "Place", "Name"),
        "continues": text_of(indicator, "Relationship", "Description"),
        "status": "no_status",
    }
    row["target_unit"] = text_of(indicator, "UnitOfMeasurement") if row["target"] else ""
    for report in reports:
        row |= report_of(report)
    return row


def report_of(instance):
    """Return what a measurement instance reports. A withdrawal has a status alone: the report before it stays."""
    results = {}
    for result in [*instance.all("TargetResult"), *instance.all("ActualResult")]:
        name = names_by_label().get(text_of(result, "Descriptor", "DescriptorName").lower(), "")
        results.setdefault(name, []).append(result)

    status, reason, step = (results.get(name, [None])[0] for name in ("status", "reason", "next_step"))
    evidence = results.get("evidence_title", [])
    if status is None:
        return {}
    return {
        "status": text_of(status, "Descriptor", "DescriptorValue"),
        "effective_on": text_of(status, "EndDate"),
        "achieved": text_of(status, "NumberOfUnits"),
        "note": text_of(status, "Description"),
        "reason": text_of(reason, "Descriptor", "DescriptorValue") if reason else "",
        "next_step": text_of(step, "Description") if step else "",
        "expected_on": text_of(step, "EndDate") if step else "",
        "evidence_title": join_lines(text_of(each, "Descriptor", "DescriptorValue") for each in evidence),
        "evidence_link": join_lines(text_of(each, "Description") for each in evidence),
    }
