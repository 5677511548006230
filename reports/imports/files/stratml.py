"""Read a plan or performance report in StratML (ISO 17469-1, ANSI/AIIM 22) as a table: a row for each indicator.

The elements have the same names in each version and part of the standard, so namespaces are not looked at. What the
table has no column for (organization, vision, mission, values, stakeholders) is left out.
"""

import re

from django.utils.translation import gettext as _

from plans.common.text import normalise
from reports.imports.files.sheet_limits import MAX_ROWS, Damaged, Refused, parse_xml, too_many_rows
from reports.imports.files.source import Sheet

ROOTS = ("PerformancePlanOrReport", "StrategicPlan", "PerformancePlan", "PerformanceReport")
HEADS = [
    "Goal code", "Goal", "Goal description", "Objective code", "Objective", "Objective description", "Indicator",
    "Unit", "Target", "Actual", "Due on", "Status", "Link",
]  # fmt: skip


PLACEHOLDER = re.compile(r"\[to[ _]be[ _]\w+\]", re.IGNORECASE)  # which the field's own forms write into what is empty
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:)\]]")


class Element:
    """An element of XML: its name, its text, and the elements in it."""

    __slots__ = ("children", "pieces", "tag")

    def __init__(self, tag):
        self.tag, self.pieces, self.children = tag, [], []

    @property
    def text(self):
        return "".join(self.pieces)

    def all(self, tag):
        return [child for child in self.children if child.tag == tag]

    def get(self, tag):
        """Return the text of the first element of this name in it that has one, or an empty text."""
        texts = (normalise(PLACEHOLDER.sub("", child.text)) for child in self.all(tag))
        return next((text for text in texts if text), "")

    def find(self, tag):
        """Return the elements of this name in it, at any depth, but not inside another of them."""
        found = []
        for child in self.children:
            found += [child] if child.tag == tag else child.find(tag)
        return found


def read_stratml(root):
    """Return the plan under the root of a file as a `Sheet`."""
    rows = [row for goal in root.find("Goal") for row in rows_of_goal(goal)]
    if len(rows) >= MAX_ROWS:
        raise too_many_rows()
    return Sheet(root.get("Name"), list(enumerate([HEADS, *rows], start=1)))


def parse(content):
    """Return the root of an XML file as an `Element`."""
    document = Element("")
    path = [document]

    def begin(tag, _attributes):
        element = Element(tag)
        path[-1].children.append(element)
        path.append(element)

    def text(data):
        path[-1].pieces.append(data)

    try:
        parse_xml(content, begin, text, lambda _tag: path.pop())
    except Damaged:
        raise Refused(
            _("This StratML file is damaged, or declares a document type. Export it again from where it was written.")
        ) from None
    return document.children[0]


def rows_of_goal(goal):
    """Yield a row for each indicator of a goal and of its objectives, and for each objective without any."""
    cells = [goal.get("SequenceIndicator"), *name_and_description(goal)]
    found = 0
    for part in [goal, *goal.all("Objective")]:
        own = ["", "", ""] if part is goal else [part.get("SequenceIndicator"), *name_and_description(part)]
        indicators = [
            row for indicator in part.all("PerformanceIndicator") if any(row := cells_of_indicator(indicator))
        ]
        if any(own) and not indicators:
            indicators = [[""] * 6]
        links = links_of(part) if indicators else ""
        for row in indicators:
            found += 1
            yield [*cells, *own, *row, links]
    if not found:
        yield [*cells, *[""] * 9, links_of(goal)]


def name_and_description(part):
    """Return what a goal or objective is called, and its description where that is not its only text."""
    name, description = part.get("Name"), part.get("Description")
    return (name, description) if name else (description, "")


def cells_of_indicator(indicator):
    """Return the indicator, its unit, target and actual result, when it is due, and its status."""
    instances = indicator.all("MeasurementInstance")
    targets = [result for instance in instances for result in instance.all("TargetResult")]
    actuals = [result for instance in instances for result in instance.all("ActualResult")]
    ends = [part.get("EndDate") for part in targets + instances]
    return [
        indicator.get("MeasurementDimension"),
        indicator.get("UnitOfMeasurement"),
        "; ".join(filter(None, map(result_of, targets))),
        "; ".join(filter(None, map(result_of, actuals))),
        max(ends, default=""),
        next((status for result in reversed(actuals) if (status := status_of(result))), ""),
    ]


def descriptors_of(result):
    """Return the pairs of name and value that describe a result."""
    return [(part.get("DescriptorName"), part.get("DescriptorValue")) for part in [*result.all("Descriptor"), result]]


def result_of(result):
    """Return the number, the descriptor and the description of a result as one text."""
    described = [f"{name}: {value}" if name and value else value for name, value in descriptors_of(result)]
    return ", ".join(filter(None, [result.get("NumberOfUnits"), *described, result.get("Description")]))


def status_of(result):
    return next((value for name, value in descriptors_of(result) if "status" in name.lower()), "")


def links_of(part):
    """Return the addresses that a goal or objective and its indicators name, one a line."""
    texts = [part.get("OtherInformation"), part.get("Description")]
    for indicator in part.all("PerformanceIndicator"):
        texts.append(indicator.get("OtherInformation"))
        texts += [result.get("Description") for result in indicator.find("ActualResult")]
    return "\n".join(dict.fromkeys(link for text in texts for link in LINK.findall(text)))
