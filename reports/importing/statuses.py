"""An uploaded table of statuses: each row that says something new becomes a report in the history."""

import uuid
from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from deliverables.models import Deliverable
from deliverables.status import Reason, Status
from deliverables.updates import StatusUpdate
from reports.columns import WITHDRAWN
from reports.importing.proposal import as_day, not_a_day
from reports.text import printable

REPORTED = ("status", "effective_on", "reason", "evidence_title", "evidence_link", "note")

NOT_REPORTED = {field.name for field in StatusUpdate._meta.fields} - set(REPORTED)


def propose_statuses(plan, lines, proposal):
    found = {each.code: each for each in Deliverable.objects.of(plan.slug).standing().to_record_on()}
    current = StatusUpdate.objects.in_bulk([each.update_id for each in found.values() if each.update_id])
    made_at = place_in_history(plan, lines)
    for row, line in lines:
        deliverable = found.get(line["code"])
        if deliverable is None:
            proposal.refuse(row, "code", _("This plan has no deliverable %s.") % line["code"])
        else:
            propose_status(row, line, deliverable, current.get(deliverable.update_id), made_at, proposal)


def place_in_history(plan, lines):
    """The entry that the file was made after, where it says so and comes from this plan; else None."""
    heads = {line["history_head"] for _row, line in lines if line.get("history_head")}
    update = plan.updates.filter(digest=heads.pop()).first() if len(heads) == 1 else None
    return update and update.sequence


def propose_status(row, line, deliverable, current, made_at, proposal):
    given = line["status"].strip()
    if given.lower() in (WITHDRAWN, _("Withdrawn").lower()) and deliverable.withdrawn_on:
        proposal.unchanged += 1
        return
    status = one_of(Status, given)
    if status is None or (status is Status.NO_STATUS and current):
        text = _("“%s” cannot be recorded. Write attained, in_progress or not_developed.")
        proposal.refuse(row, "status", text % given[:40])
        return
    report = reported(row, line, status, proposal)
    now = {name: printable(stored(current, name)) for name in report}
    if report is None or status is Status.NO_STATUS or now == report:
        proposal.unchanged += 1
        return
    if made_at is not None and deliverable.seen > made_at:
        text = _("Something else was recorded on %s since this file was made. Take a new export for it.")
        proposal.refuse(row, "status", text % deliverable.code)
    proposal.compare(row, deliverable.code, {name: (now[name], report[name]) for name in report})
    fields = {name: report.get(name, "") for name in REPORTED}
    day = as_day(fields["effective_on"])
    if day is not None:
        check(row, deliverable, fields | {"effective_on": day}, proposal)
        proposal.steps.append(Record(deliverable, fields | {"effective_on": day, "status": status}))


def reported(row, line, status, proposal):
    """What a line says of its deliverable, as texts by column, for the columns that it has."""
    report = {name: line[name].strip() for name in REPORTED if name in line} | {"status": status.value}
    if report.get("reason"):
        reason = one_of(Reason, report["reason"])
        if reason is None:
            text = _("“%(given)s” is not a reason. Write one of: %(known)s.")
            known = ", ".join(Reason.values)
            proposal.refuse(row, "reason", text % {"given": report["reason"][:40], "known": known})
        report["reason"] = reason.value if reason else ""
    if status is not Status.NO_STATUS and as_day(report.get("effective_on", "")) is None:
        proposal.refuse(row, "effective_on", not_a_day(report.get("effective_on", "")))
    return report


def one_of(choices, text):
    """The choice that a text names, by its value or its label in either case; None for none."""
    by_text = {choice.value: choice for choice in choices} | {str(choice.label).lower(): choice for choice in choices}
    return by_text.get(text.lower())


def stored(update, name):
    """A field of the update that says how a deliverable stands, as a text; nothing without one."""
    value = getattr(update, name, "") if update else Status.NO_STATUS if name == "status" else ""
    return value.value if isinstance(value, Status) else str(value).strip()


def check(row, deliverable, fields, proposal):
    """Hold a report against the rules of a status update, each error under its column."""
    update = StatusUpdate(plan=deliverable.plan, deliverable=deliverable, **fields)
    try:
        update.clean_fields(exclude=NOT_REPORTED)
        update.clean()
        if deliverable.withdrawn_on:
            raise ValidationError(_("%s is withdrawn: nothing more is recorded on it.") % deliverable.code)
    except ValidationError as error:
        for name, texts in getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages}).items():
            proposal.refuse(row, "status" if name == NON_FIELD_ERRORS else name, " ".join(texts))


@dataclass
class Record:
    """Record a report on a deliverable."""

    deliverable: Deliverable
    fields: dict

    def apply(self, *, by, at, submission, decision):
        number = uuid.uuid5(submission, str(self.deliverable.key))
        self.deliverable.record(by=by, at=at, seen=self.deliverable.seen, submission=number, **self.fields)
