"""Preview the changes of an uploaded table, and apply all of them or none, with the methods that the forms use."""

from django.db import transaction
from django.utils.translation import gettext as _

from plans.codes import Code
from plans.models import Plan, PlanChanged
from plans.translations import labels_in_all_languages
from reports.files.fields import FORMER_LABELS, ORIGIN, ORIGIN_LABELS
from reports.imports.models import Import
from reports.imports.plan_rows import preview_plan
from reports.imports.preview import LABELS, ImportPreview
from reports.imports.status_rows import preview_statuses

REQUIRED_COLUMNS = {Import.Kind.STATUSES: ("code", "status"), Import.Kind.PLAN: ("code", "title")}


def preview_import(plan, table, kind):
    """Return the `ImportPreview` of a table of this kind for the current plan. Nothing is changed."""
    preview = ImportPreview()
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


def apply(imported, *, seen, by, at, decision=None):
    """Apply an import in one transaction, and delete it. `seen` is the revision of the plan that its preview showed.

    Raise `PlanChanged` if the plan has changed since (an optimistic lock), `ValidationError` if a rule forbids a step.
    Nothing is applied then.
    """
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=imported.plan_id)
        if plan.revision != seen:
            raise PlanChanged

        # Read the table again under the lock: its steps hold objects that must be current.
        preview = preview_import(plan, imported.rows, imported.kind)
        if preview.problems:
            raise PlanChanged

        for step in preview.steps:
            step.apply(by=by, at=at, submission=imported.key, decision=decision)
        imported.delete()
    return preview
