"""Write the summary as a performance report in StratML, Part 2 (the schema of ISO 17469 of May 2016, 2.2.8).

Action lines are its goals, measures its objectives, deliverables the performance indicators of these. The first
measurement instance of an indicator holds the target; each report that counts is one more, the last gives the status.
What the standard has no element for, such as the reason, is a result with a descriptor, named as the column of the CSV.
`reports/imports/files/own_stratml.py` reads all of it back.
"""

from uuid import uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from deliverables.models import StatusUpdate
from deliverables.models.status_update_query import CODE_RELATIONS
from deliverables.status import Status
from plans.common.text import printable
from plans.models import Plan
from plans.translations import colon
from reports.files.fields import COLUMN_LABELS, ORIGIN_LABELS, origin
from reports.files.identifiers import uuid_of
from reports.files.sentences import document_title, opening_lines

NAMESPACE = "urn:ISO:std:iso:17469:tech:xsd:PerformancePlanOrReport"


def write_stratml(summary, publication=None):
    """Return the report as XML in the active language."""
    root = Element("PerformancePlanOrReport", {"xmlns": NAMESPACE, "Type": "Performance_Report"})
    add(root, "Name", document_title(summary, publication))
    add(root, "Description", f"{summary.localized_headline} {summary.counts}.".strip())
    add(root, "OtherInformation", "\n".join(introduction(summary, publication)))
    Core(summary, publication).add_to(root)
    add_administration(root, summary, publication)
    add(add(root, "Submitter"), "EmailAddress", settings.CONTACT_EMAIL)

    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def add(parent, name, text="", **attributes):
    """Add an element with a text to another, and return it."""
    element = SubElement(parent, name, attributes)
    element.text = printable(str(text))
    return element


def introduction(summary, publication):
    """Return what this document is, its date and what is missing, then a line for each value of its origin."""
    values = {COLUMN_LABELS["language"]: get_language()}
    values |= {ORIGIN_LABELS[name]: value for name, value in origin(summary, publication).items()}
    lines = [f"{label}{colon()}{value}" for label, value in values.items() if value]
    return [*opening_lines(summary, publication), *lines]


def add_administration(root, summary, publication):
    """Add the period of the plan, and when and where the report was published."""
    plan = summary.plan
    page = settings.SITE_URL + reverse("summary", args=[plan.slug, "stratml.xml"])
    number = publication.number if publication else "current"
    element = add(root, "AdministrativeInformation")
    add(element, "Identifier", xml_id(uuid_of(plan, "report", number, summary.as_of, get_language())))
    add(element, "StartDate", plan.starts_on)
    add(element, "EndDate", plan.ends_on)
    add(element, "PublicationDate", publication.published_on if publication else summary.as_of)
    add(element, "Source", publication.link if publication else page)


def xml_id(uuid):
    """Return a UUID as an ID in XML, which may not begin with a digit."""
    return f"_{uuid}"


class Core:
    """The part of the report that holds the organisation, goals, objectives and indicators."""

    def __init__(self, summary, publication):
        self.summary, self.plan, self.publication = summary, summary.plan, publication
        self.texts = summary.plan.translated_texts()
        self.updates = updates_by_code(summary)
        self.continued = identifiers_by_reference(summary)

    def add_to(self, root):
        element = add(root, "StrategicPlanCore")
        organisation = add(element, "Organization")
        names = [self.plan.organisation.name, self.texts.get(self.plan.organisation.full_name)]
        add(organisation, "Name", names[0])
        add(organisation, "Identifier", xml_id(uuid_of(self.plan, "organisation")))
        add(organisation, "Description", names[1])

        lines = [line for line in self.summary.lines if self.is_shown(line.measures)]
        for line in lines:
            self.add_goal(element, line)
        if not lines:  # the standard wants one
            goal = add(element, "Goal")
            add(goal, "Name")
            add(goal, "Description")

    def is_shown(self, measures):
        """Return whether the file lists anything of these measures. Without filters it lists all of them."""
        return self.summary.selection.is_all or any(map(self.rows_of, measures))

    def rows_of(self, measure):
        rows = sorted([*measure.rows, *measure.withdrawn], key=lambda row: row.code)
        return [row.translated(self.texts) for row in rows if row.code in self.summary.selection]

    def add_goal(self, parent, line):
        goal = add(parent, "Goal")
        add(goal, "Name", self.texts.get(line.title))
        add(goal, "Description", f"{line.counts}." if line.counts.total else "")
        add(goal, "Identifier", xml_id(uuid_of(self.plan, line.code)))
        add(goal, "SequenceIndicator", line.code)
        if self.publication and (comment := self.publication.text("comments", line.code)):
            add(goal, "OtherInformation", comment)
        for measure in line.measures:
            if self.is_shown([measure]):
                self.add_objective(goal, measure)

    def add_objective(self, parent, measure):
        rows, objective = self.rows_of(measure), add(parent, "Objective")
        if measure.short_name:
            add(objective, "Name", self.texts.get(measure.short_name))
        add(objective, "Description", self.texts.get(measure.statement))
        add(objective, "Identifier", xml_id(uuid_of(self.plan, measure.code)))
        add(objective, "SequenceIndicator", measure.code)
        for region in dict.fromkeys(region for row in rows for region in row.regions):
            role = add(add_named(objective, "Stakeholder", region, StakeholderTypeType="Generic_Group"), "Role")
            add(role, "Name", _("Region"))
            add(role, "RoleType", "Performer")
        if measure.themes:
            names = sorted(self.texts.get(theme.name) for theme in measure.themes)
            add(objective, "OtherInformation", f"{COLUMN_LABELS['themes']}{colon()}{'; '.join(names)}")
        for row in rows:
            self.add_indicator(objective, row)

    def add_indicator(self, parent, row):
        kind = "Quantitative" if row.target else "Qualitative"
        indicator = add(parent, "PerformanceIndicator", ValueChainStage="Output", PerformanceIndicatorType=kind)
        add(indicator, "SequenceIndicator", row.code)
        add(indicator, "MeasurementDimension", row.title)
        add(indicator, "UnitOfMeasurement", row.target.unit if row.target else COLUMN_LABELS["status"])
        add(indicator, "Identifier", xml_id(uuid_of(self.plan, row.code)))
        if row.continues:
            related = add(indicator, "Relationship", RelationshipType="Peer_To")
            add(related, "ReferentIdentifier", self.continued[row.continues])
            add(related, "Name", COLUMN_LABELS["continues"])
            add(related, "Description", row.continues)

        self.add_measurements(indicator, row)
        page = settings.SITE_URL + reverse("deliverable", args=[self.plan.slug, row.code])
        unofficial = f"{COLUMN_LABELS['translation']}{colon()}{_('Unofficial')}" if row.is_unofficial else ""
        add(indicator, "OtherInformation", "\n".join(filter(None, [page, unofficial])))

    def add_measurements(self, indicator, row):
        """Add the target, each report that counts, the latest last, and a withdrawal."""
        instance = add(indicator, "MeasurementInstance")
        if row.regions:
            add_named(instance, "Place", "; ".join(row.regions))
        target = row.target and row.target.number
        add_result(instance, "TargetResult", "status", Status.ATTAINED.label, end=row.due_on, number=target)

        updates = self.updates.get(row.code, [])
        for update in updates:
            achieved = row.achieved if update is updates[-1] else update.achieved
            add_update(add(indicator, "MeasurementInstance"), update, achieved)
        if row.withdrawn_on:
            day, instance = row.withdrawn_on, add(indicator, "MeasurementInstance")
            add_result(instance, "ActualResult", "status", _("Withdrawn"), start=day, end=day)


def add_named(parent, tag, name, **attributes):
    """Add an element that has a name, such as a place, and return it."""
    element = add(parent, tag, **attributes)
    add(element, "Name", name)
    return element


def add_update(instance, update, achieved):
    """Add what a status update says. A next step comes first: it is a target."""
    if update.next_step or update.expected_on:
        add_result(instance, "TargetResult", "next_step", end=update.expected_on, text=update.next_step)

    day = {"start": update.effective_on, "end": update.effective_on}
    add_result(instance, "ActualResult", "status", update.status.label, **day, number=achieved, text=update.note)
    if update.reason:
        add_result(instance, "ActualResult", "reason", update.get_reason_display(), **day)
    for piece in update.evidence:
        add_result(instance, "ActualResult", "evidence_title", piece.title, **day, text=piece.url)
    for sentence in update.takedown_sentences:
        add_descriptor(add_dates(add(instance, "ActualResult"), **day), _("Taken down"), sentence)


def add_result(instance, tag, column, value="", *, start=None, end=None, number=None, text=""):
    """Add a result with a descriptor that is named as a column of the CSV."""
    result = add_dates(add(instance, tag), start, end)
    if number is not None:
        add(result, "NumberOfUnits", number)
    add_descriptor(result, COLUMN_LABELS[column], value)
    if text:
        add(result, "Description", text)


def add_dates(result, start, end):
    for tag, day in (("StartDate", start), ("EndDate", end)):
        if day:
            add(result, tag, day)
    return result


def add_descriptor(result, name, value):
    descriptor = add(result, "Descriptor")
    add(descriptor, "DescriptorName", name)
    if value:
        add(descriptor, "DescriptorValue", value)


def updates_by_code(summary):
    """Return the updates in effect on the day of the summary by code, earliest first: the last sets the status."""
    updates = StatusUpdate.objects.filter(plan=summary.plan).in_effect_on(summary.as_of).reverse()
    found = {}
    for update in updates.select_related(*CODE_RELATIONS).with_evidence().with_takedowns():
        found.setdefault(update.deliverable.code, []).append(update)
    return found


def identifiers_by_reference(summary):
    """Return the identifier of each deliverable of another plan that one continues. One query, none without any."""
    references = {row.continues for row in summary.listed_rows if row.continues}
    if not references:
        return {}
    keys = dict(Plan.objects.filter(slug__in={each.split()[0] for each in references}).values_list("slug", "key"))
    return {each: xml_id(uuid5(keys[each.split()[0]], each.split()[1])) for each in references}
