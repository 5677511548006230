"""An uploaded table of statuses: each row that says something new becomes a report in the history."""

import uuid
from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deliverables.models import Deliverable, StatusUpdate
from deliverables.status import Reason, Status
from plans.translations import in_every_language
from reports.files.fields import WITHDRAWN
from reports.imports.preview import date_error, parse_date
from reports.imports.reading import as_stored

REPORTED = ("status", "effective_on", "reason", "evidence_title", "evidence_link", "note")

NOT_REPORTED = {field.name for field in StatusUpdate._meta.fields} - set(REPORTED)


def preview_statuses(plan, lines, preview):
    found = {
        each.code: each
        for each in Deliverable.objects.of_plan(plan.slug).with_withdrawal().with_current_status().with_seen()
    }
    history = History(plan, lines)
    for row, line in lines:
        deliverable = found.get(line["code"])
        if deliverable is None:
            preview.refuse(row, "code", _("This plan has no deliverable %s.") % line["code"])
        else:
            preview_status(row, line, deliverable, history, preview)


class History:
    """What was reported on each deliverable of a plan, and how much of it a file knew of."""

    def __init__(self, plan, lines):
        self.plan = plan
        self.updates = {}
        for update in StatusUpdate.objects.filter(plan=plan).in_effect_on(None):
            self.updates.setdefault(update.deliverable_id, []).append(update)
        self.made_at = self.place_of({line["history_head"] for _row, line in lines if line.get("history_head")})

    def place_of(self, heads):
        """The entry that the file was made after, where it says so and comes from this plan; else None."""
        update = self.plan.updates.filter(digest=heads.pop()).first() if len(heads) == 1 else None
        return update and update.sequence

    def current(self, deliverable):
        return next(iter(self.updates.get(deliverable.pk, [])), None)

    def says(self, deliverable, report):
        """Whether a report is recorded already, be it for an earlier day than the current one."""
        return any(as_texts(update, report) == report for update in self.updates.get(deliverable.pk, []))

    def was_silent(self, deliverable, day):
        """Whether nothing was reported on a deliverable by a day."""
        return not any(update.effective_on <= day for update in self.updates.get(deliverable.pk, []))


def preview_status(row, line, deliverable, history, preview):
    current, given = history.current(deliverable), line["status"]
    if says_nothing(line, deliverable, history):
        preview.unchanged += 1
        return
    status = one_of(Status, given)
    if status is None or status is Status.NO_STATUS:
        text = _("“%s” cannot be recorded. Write attained, in_progress or not_developed.")
        preview.refuse(row, "status", text % given[:40])
        return
    report = reported(row, line, status, preview)
    if history.says(deliverable, report):
        preview.unchanged += 1
        return
    if history.made_at is not None and deliverable.seen > history.made_at:
        text = _("Something else was recorded on %s since this file was made. Take a new export for it.")
        preview.refuse(row, "status", text % deliverable.code)
    fields = {name: report.get(name, "") for name in REPORTED}
    day = parse_date(fields["effective_on"])
    is_earlier = bool(day and current and day < current.effective_on)
    now = as_texts(current, report)
    preview.compare(row, deliverable.code, {name: (now[name], report[name]) for name in report}, is_earlier=is_earlier)
    if day is not None:
        check(row, deliverable, fields | {"effective_on": day}, preview)
        preview.steps.append(RecordStatus(deliverable, fields | {"effective_on": day, "status": status}))


def says_nothing(line, deliverable, history):
    """Whether a row of our own exports tells only that nothing was reported by its day, or that it is withdrawn."""
    given = line["status"].lower()
    if deliverable.withdrawn_on:
        return given in (WITHDRAWN, *in_every_language(gettext_lazy("Withdrawn")))
    day = parse_date(line.get("as_of", ""))
    is_silent = one_of(Status, given) is Status.NO_STATUS
    return is_silent and (history.current(deliverable) is None or bool(day and history.was_silent(deliverable, day)))


def reported(row, line, status, preview):
    """What a line says of its deliverable, as texts by column, for the columns that it has."""
    report = {name: line[name] for name in REPORTED if name in line} | {"status": status.value}
    if report.get("reason"):
        reason = one_of(Reason, report["reason"])
        if reason is None:
            text = _("“%(given)s” is not a reason. Write one of: %(known)s.")
            known = ", ".join(Reason.values)
            preview.refuse(row, "reason", text % {"given": report["reason"][:40], "known": known})
        report["reason"] = reason.value if reason else ""
    if parse_date(report.get("effective_on", "")) is None:
        preview.refuse(row, "effective_on", date_error(report.get("effective_on", "")))
    return report


def one_of(choices, text):
    """The choice that a text names, by its value or its label in either case; None for none."""
    by_text = {text: choice for choice in choices for text in (choice.value, *in_every_language(choice.label))}
    return by_text.get(text.lower())


def as_texts(update, names):
    """The fields of an update as a file would hold them; of none, that there is no status."""
    if update is None:
        return {name: "no_status" if name == "status" else "" for name in names}
    values = {name: getattr(update, name) for name in names}
    return {name: as_stored(str(getattr(value, "value", value))) for name, value in values.items()}


def check(row, deliverable, fields, preview):
    """Hold a report against the rules of a status update, each error under its column."""
    update = StatusUpdate(plan=deliverable.plan, deliverable=deliverable, **fields)
    try:
        update.clean_fields(exclude=NOT_REPORTED)
        update.clean()
        if deliverable.withdrawn_on:
            raise ValidationError(_("%s is withdrawn: nothing more is recorded on it.") % deliverable.code)
    except ValidationError as error:
        for name, texts in getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages}).items():
            preview.refuse(row, "status" if name == NON_FIELD_ERRORS else name, " ".join(texts))


@dataclass
class RecordStatus:
    """Record a report on a deliverable."""

    deliverable: Deliverable
    fields: dict

    def apply(self, *, by, at, submission, decision):
        number = uuid.uuid5(submission, str(self.deliverable.key))
        self.deliverable.record(by=by, at=at, seen=self.deliverable.seen, submission=number, **self.fields)
