"""Import statuses: each row that reports something new becomes a status update in the history."""

import re
import uuid
from dataclasses import dataclass
from itertools import zip_longest

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from deliverables.models import REPORT_FIELDS, Deliverable, Evidence, StatusUpdate, join_lines, split_lines
from deliverables.status import Reason, Status
from plans.common.text import normalise
from reports.imports.preview import date_error, day_of, is_withdrawn, parse_choice, parse_date

EVIDENCE_COLUMNS = ("evidence_link", "evidence_title")  # with a line for each piece
STATUS_COLUMNS = (*REPORT_FIELDS, *EVIDENCE_COLUMNS)


def preview_statuses(plan, lines, preview, parts=None):
    """Add the changes, problems and steps of a table of statuses to the preview.

    `parts` are the `PlanParts` of the same table, if it changes the plan too: new deliverables, and other targets.
    """
    stored = Deliverable.objects.of_plan(plan.slug).with_withdrawal().with_current_status().with_seen()
    deliverables = {deliverable.code: deliverable for deliverable in stored}
    if parts:
        take_from(parts, deliverables)
    history, withdrawn = History(plan, lines), withdrawn_on(plan, day_of(lines))

    for row, line in lines:
        deliverable = deliverables.get(line["code"])
        if deliverable is None and parts and is_withdrawn(line["status"]):
            continue  # `preview_plan` has left it out
        if deliverable is None:
            text = _("This plan has no deliverable %s. To add it, choose to import the plan too.")
            preview.refuse(row, "code", text % line["code"])
        else:
            deliverable.was_withdrawn = deliverable.withdrawn_on or deliverable.code in withdrawn
            preview_status(row, line, deliverable, history, preview)


def take_from(parts, deliverables):
    """Add the new deliverables of a table, and the targets that it sets, to those that are stored."""
    for code, part in parts.deliverables.items():
        if code in deliverables:
            deliverables[code].target, deliverables[code].target_unit = part.target, part.target_unit
    for code, part in parts.new.items():
        part.seen = 0
        deliverables[code] = part


def withdrawn_on(plan, day):
    """Return the codes of the deliverables that were withdrawn on the day of a file; none without a day."""
    if day is None:
        return set()
    return {row.code for row in Deliverable.objects.of_plan(plan.slug).withdrawn(day).with_update()}


class History:
    """The updates in effect of each deliverable, and the entry of the history that the file was exported after."""

    def __init__(self, plan, lines):
        self.plan = plan
        self.updates = {}
        for update in StatusUpdate.objects.filter(plan=plan).in_effect_on(None).with_evidence():
            self.updates.setdefault(update.deliverable_id, []).append(update)
        for updates in self.updates.values():
            remember_achieved(updates)
        heads = {line["history_head"] for _row, line in lines if line.get("history_head")}
        self.exported_after = self.sequence_of(heads.pop()) if len(heads) == 1 else None

    def sequence_of(self, digest):
        """Return the number of this plan's entry with that digest, or None."""
        update = self.plan.updates.filter(digest=digest).first()
        return update and update.sequence

    def current(self, deliverable):
        """Return the update that decides the current status, or None."""
        return next(iter(self.updates.get(deliverable.pk, [])), None)

    def contains(self, deliverable, report):
        """Return whether this report is already recorded, for the current day or an earlier one.

        The file may be one of ours in which only the status was changed, and which was imported before.
        """
        updates = self.updates.get(deliverable.pk, [])
        recorded = [as_texts(update, report) for update in updates]
        return report in recorded or without_former(report, updates) in recorded

    def files(self, deliverable):
        """Return the files that are evidence in the updates of a deliverable."""
        pieces = [piece for update in self.updates.get(deliverable.pk, []) for piece in update.evidence]
        return [piece.file for piece in pieces if piece.file]

    def is_empty_by(self, deliverable, day):
        """Return whether a deliverable had no status on a day."""
        return not any(update.effective_on <= day for update in self.updates.get(deliverable.pk, []))


def remember_achieved(updates):
    """Give each of a deliverable's updates, latest first, the quantity known with it, as a file has it: `known`."""
    known = None
    for update in reversed(updates):
        known = update.achieved if update.achieved is not None else known
        update.known = known


def preview_status(row, line, deliverable, history, preview):
    """Add the changes, the problems and the step of one row."""
    current, given = history.current(deliverable), line["status"]
    if reports_nothing(line, deliverable, history):
        return

    status = parse_choice(Status, given)
    if status is None or status is Status.NO_STATUS:
        text = _("“%s” cannot be recorded. Choose what it means, or write attained, in_progress or not_developed.")
        preview.refuse(row, "status", text % given[:40])
        return
    report = parse_report(row, line, status, preview)
    if history.contains(deliverable, report):
        return
    report = without_former(report, [current])
    if history.exported_after is not None and deliverable.seen > history.exported_after:
        text = _("%s was updated after this file was exported. Export it again and make your change there.")
        preview.refuse(row, "status", text % deliverable.code)

    day = parse_date(report.get("effective_on", ""))
    is_earlier = bool(day and current and day < current.effective_on)
    before = as_texts(current, report)
    values = {name: (before[name], report[name]) for name in report}
    if current is None:
        preview.add(row, deliverable.code, deliverable.title, _("First status"), report)
    else:
        preview.compare(row, deliverable.code, deliverable.title, values, is_earlier=is_earlier)
    if day is not None and row not in preview.refused_rows:
        fields = to_fields(report, history.files(deliverable))
        preview.statuses += 1
        preview.steps.append(RecordStatus(validate_report(row, deliverable, fields, preview)))


def reports_nothing(line, deliverable, history):
    """Return whether a row of an export only repeats that there was no status on its date, or that it is withdrawn."""
    if is_withdrawn(line["status"]):
        return bool(deliverable.was_withdrawn)
    if parse_choice(Status, line["status"]) is not Status.NO_STATUS:
        return False
    day = parse_date(line.get("as_of", ""))
    return history.current(deliverable) is None or bool(day and history.is_empty_by(deliverable, day))


def parse_report(row, line, status, preview):
    """Return the report in a row as texts, by the columns that the file has."""
    report = {name: line[name] for name in STATUS_COLUMNS if name in line} | {"status": status.value}
    report |= {name: one_line_each(report[name]) for name in EVIDENCE_COLUMNS if name in report}
    if report.get("reason"):
        reason = parse_choice(Reason, report["reason"])
        if reason is None:
            text = _("“%(given)s” is not a reason. Write one of: %(known)s.")
            known = ", ".join(Reason.values)
            preview.refuse(row, "reason", text % {"given": report["reason"][:40], "known": known})
        report["reason"] = reason.value if reason else ""

    if parse_date(report.get("effective_on", "")) is None:
        preview.refuse(row, "effective_on", date_error(report.get("effective_on", "")))
    if (text := report.get("expected_on")) and parse_date(text) is None:
        preview.refuse(row, "expected_on", date_error(text))
    if (text := report.get("achieved")) and not re.fullmatch("[0-9]{1,9}", text):
        preview.refuse(row, "achieved", _("“%s” is not a whole number, such as 6.") % text[:40])
    return report


def one_line_each(text):
    """Return a text with a line for each piece of evidence, without blanks around the lines and at its end."""
    return "\n".join(line.strip() for line in text.splitlines()).rstrip()


def with_file(piece, files):
    """Return a piece of evidence with the file that its link names, as our own exports do, instead of the link.

    `files` are those that the deliverable has already: no import attaches the file of another.
    """
    file = next((file for file in files if piece.link == Evidence(file=file).url), None)
    return Evidence(piece.title, "", file) if file else piece


def to_fields(report, files=()):
    """Return a valid report of texts as the values that `Deliverable.record` takes. See `with_file`."""
    fields = {name: report.get(name, "") for name in REPORT_FIELDS}
    links, titles = (split_lines(report.get(name, "")) for name in EVIDENCE_COLUMNS)
    dates = {name: parse_date(fields[name]) for name in ("effective_on", "expected_on")}
    achieved = int(fields["achieved"]) if fields["achieved"] else None
    pieces = [Evidence(title, link).cleaned() for link, title in zip_longest(links, titles, fillvalue="")]
    evidence = tuple(with_file(piece, files) for piece in pieces)
    return fields | dates | {"status": Status(fields["status"]), "achieved": achieved, "evidence": evidence}


def without_former(report, updates):
    """Return the report of a row in which only the status was changed, without what belongs to a status of `updates`.

    The reason for “not developed” and the evidence for “attained” are in our own exports beside the status: nobody
    should have to clear them by hand, and no evidence should go along by itself.
    """
    emptied = {}
    for former, names in {Status.NOT_DEVELOPED: ["reason"], Status.ATTAINED: EVIDENCE_COLUMNS}.items():
        reports = [as_texts(update, report) for update in updates if update and update.status == former]
        if report["status"] != former:
            emptied |= {name: "" for name in names if any(report.get(name) == each.get(name) for each in reports)}
    return report | {name: "" for name in emptied if name in report}


def as_texts(update, names):
    """Return the fields of an update as texts, as a file has them. Without an update, the status is `no_status`."""
    if update is None:
        return {name: "no_status" if name == "status" else "" for name in names}
    texts = {
        "evidence_link": join_lines(piece.url for piece in update.evidence),
        "evidence_title": join_lines(piece.title for piece in update.evidence),
    }
    texts["achieved"] = "" if update.known is None else str(update.known)
    values = {name: texts[name] if name in texts else getattr(update, name) for name in names}
    return {
        name: "" if value is None else normalise(str(getattr(value, "value", value))) for name, value in values.items()
    }


def validate_report(row, deliverable, fields, preview):
    """Return an unsaved update, validated with the rules of the model. Add each error as a problem of its column.

    The deliverable may be a new one of the same file.
    """
    fields = dict(fields)
    evidence = fields.pop("evidence")
    update = StatusUpdate(plan=preview.plan, deliverable=deliverable, **fields)
    update.evidence = evidence
    try:
        update.validate(REPORT_FIELDS)
        if deliverable.withdrawn_on:
            raise ValidationError(_("%s is withdrawn, so it cannot be updated. Remove this row.") % deliverable.code)
    except ValidationError as error:
        for name, texts in getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages}).items():
            preview.refuse(row, "status" if name == NON_FIELD_ERRORS else name, " ".join(texts))
    return update


@dataclass
class RecordStatus:
    """The step that records a status update, which is validated already."""

    update: StatusUpdate

    def signed(self, *, by, at, submission):
        """Return the update with who records it, and when.

        Its idempotency key is derived from that of the import, so that an import sent twice is recorded once.
        """
        update = self.update
        update.recorded_by, update.recorded_by_name, update.recorded_at = by, by.name, at
        update.submission = uuid.uuid5(submission, str(update.deliverable.key))
        return update
