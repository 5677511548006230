"""Preview the changes of an uploaded table, and apply all of them or none, by the rules and ways of the forms."""

from django.db import transaction
from django.utils.translation import gettext as _

from deliverables.models import NewUpdates
from deliverables.plan_editing import structure
from deliverables.plan_editing.saving import PartChanges
from plans.codes import Code
from plans.models import PlanChanged
from plans.translations import labels_in_all_languages
from reports.files.fields import FORMER_LABELS, ORIGIN, ORIGIN_LABELS
from reports.imports.models import Import
from reports.imports.plan_rows import SavePart, preview_plan
from reports.imports.preview import LABELS, ImportPreview
from reports.imports.status_rows import RecordStatus, preview_statuses

REQUIRED_COLUMNS = {Import.Kind.STATUSES: ("code", "status"), Import.Kind.PLAN: ("code", "title")}


def preview_import(plan, table, kind):
    """Return the `ImportPreview` of a table of this kind for the plan as it was read just now. Nothing is changed."""
    preview = ImportPreview(plan)
    names = column_names(table.heads, kind, preview)
    if preview.problems:
        return preview

    lines = [(row, {name: cell for name, cell in zip(names, line, strict=True) if name}) for row, line in table.lines]
    lines = [line for line in lines if parse_code(*line, preview)]
    (preview_statuses if kind == Import.Kind.STATUSES else preview_plan)(plan, lines, preview)
    preview.problems.sort(key=lambda problem: problem.row)
    return preview


def column_names(heads, kind, preview):
    """Return the names of the columns, given by name or label. Unknown, repeated and missing ones are problems."""
    known = {
        text: name
        for labels in (FORMER_LABELS, LABELS, ORIGIN_LABELS)
        for name, label in labels.items()
        for text in labels_in_all_languages(label)
    }
    known |= {name: name for name in [*LABELS, *ORIGIN]}
    names = [known.get(head.lower()) for head in heads]

    for head, name in zip(heads, names, strict=True):
        if name is None:
            text = _("The column “%s” is unknown. Remove it, or use a column name from the template.")
            preview.refuse(1, head[:80], text % head[:80])
        elif names.count(name) > 1:
            preview.refuse(1, name, _("The column “%s” appears twice. Remove one of them.") % head)
    for name in REQUIRED_COLUMNS[kind]:
        if name not in names:
            text = _("The column “%s” is missing. Start from the template or from an export.")
            preview.refuse(1, name, text % LABELS[name])

    return names


def parse_code(row, line, preview):
    """Replace the code of a line by its `Code`. Return False, and add a problem, if it is invalid or repeated."""
    code = Code.parse(line["code"])
    if code is None or code.deliverable is None:
        text = _("“%s” is not the code of a deliverable, such as L2M10D1.")
        preview.refuse(row, "code", text % line["code"][:40])
        return False

    line["code"] = code
    if code in preview.rows_by_code:
        text = _("%(code)s is already in row %(row)d. Remove one of the two rows.")
        preview.refuse(row, "code", text % {"code": code, "row": preview.rows_by_code[code]})
        return False

    preview.rows_by_code[code] = row
    return True


def apply(imported, preview, *, seen, by, at, decision=None):
    """Apply the preview of an import in one transaction, and delete the import.

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
        imported.delete()
