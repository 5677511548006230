"""Preview the changes of an uploaded file, and apply all of them or none, by the rules and ways of the forms."""

from django.db import transaction
from django.utils.translation import gettext as _

from deliverables.models import NewUpdates
from deliverables.plan_editing import structure
from deliverables.plan_editing.saving import PartChanges, SavePart
from plans.codes import Code, numbers_in
from plans.models import PlanChanged
from reports.imports.mapping.choices import Content
from reports.imports.mapping.lines import mapped_lines
from reports.imports.plan_rows import preview_plan
from reports.imports.preview import ImportPreview
from reports.imports.status_rows import RecordStatus, preview_statuses


def preview_import(plan, reading):
    """Return the `ImportPreview` of a `Reading` for the plan as it was read just now. Nothing is changed."""
    preview, lines = ImportPreview(plan), mapped_lines(reading, plan)
    preview.left_out, preview.remarks, preview.total = lines.left_out, lines.remarks, len(lines.rows)
    for problem in lines.problems:
        preview.refuse(*problem)
    content = reading.choices.content
    used = [(row, line) for row, line in lines.rows if content != Content.STATUSES or "status" in line]
    rows = [(row, line) for row, line in used if check_code(row, line, preview)]

    parts = preview_plan(plan, rows, preview) if content != Content.STATUSES else None
    if content != Content.PLAN:
        preview_statuses(plan, [(row, line) for row, line in rows if "status" in line], preview, parts)
    return preview


def check_code(row, line, preview):
    """Return whether a line has the code of a deliverable that no line has before it. Add a problem if not."""
    code = line["code"]
    if not isinstance(code, Code) or code.deliverable is None:
        preview.refuse(row, "code", code_error(line))
        return False
    if code in preview.rows_by_code:
        text = _("%(code)s is already in row %(row)s. Remove one of the two rows.")
        preview.refuse(row, "code", text % {"code": code, "row": preview.rows_by_code[code]})
        return False
    preview.rows_by_code[code] = row
    return True


def code_error(line):
    """Return what is wrong with the code of a line that has none, or a text that is none."""
    given = str(line["code"])
    if not given:
        text = _("No deliverable of this plan is called “%s”. To add it, choose to import the plan too.")
        return text % line.get("title", "")[:60]
    if len(numbers_in(given) or ()) > 3:
        text = _("“%s” has more than three levels. Leave one out, or choose new codes in the order of the file.")
        return text % given[:40]
    return _("“%s” is not the code of a deliverable, such as L2M10D1.") % given[:40]


def apply(imported, preview, *, seen, by, at, decision=None):
    """Apply the preview of an import in one transaction. The import then has its result, and no file.

    `seen` is the revision of the plan that the person saw. All is validated before the plan is locked, so that nobody
    waits for it: under the lock it is only compared and written. Raise `PlanChanged` if the plan has changed since it
    was seen or read (an optimistic lock), `ValidationError` if a rule forbids a step. Nothing is applied then.
    """
    plan = preview.plan
    if preview.problems or plan.revision != seen:
        raise PlanChanged

    parts = [step for step in preview.steps if isinstance(step, SavePart)]
    statuses = [step for step in preview.steps if isinstance(step, RecordStatus)]
    updates = [step.signed(by=by, at=at, submission=imported.key) for step in statuses]
    linked = structure.linked_plans(plan, parts)
    changes = PartChanges(plan, parts, by=by, decision=decision, at=at)
    new = NewUpdates(plan, updates)
    changes.prepare()
    new.prepare()

    with transaction.atomic():
        locked = structure.lock_as_read(plan, also=linked, others=changes.continued_plans)
        if parts:
            changes.write(locked, linked)
        new.write(locked)
        imported.finish(preview.counts, at)
