"""What an uploaded table would change in a plan, row by row; and changing it, all or nothing, by the usual doors."""

from django.db import transaction
from django.utils.translation import gettext as _

from plans.codes import Code
from plans.models import Plan, PlanChanged
from plans.translations import in_every_language
from reports.files.fields import ORIGIN
from reports.imports.models import Import
from reports.imports.plan_rows import preview_plan
from reports.imports.preview import LABELS, ImportPreview
from reports.imports.status_rows import preview_statuses

NEEDED = {Import.Kind.STATUSES: ("code", "status"), Import.Kind.PLAN: ("code", "title")}


def preview_import(plan, table, kind):
    """What a table of this kind would change in a plan as it stands now."""
    preview = ImportPreview()
    names = columns_of(table.heads, kind, preview)
    if preview.problems:
        return preview
    lines = [(row, {name: cell for name, cell in zip(names, line, strict=True) if name}) for row, line in table.lines]
    lines = [line for line in lines if has_code(*line, preview)]
    (preview_statuses if kind == Import.Kind.STATUSES else preview_plan)(plan, lines, preview)
    preview.problems.sort(key=lambda problem: problem.row)
    return preview


def columns_of(heads, kind, preview):
    """The name of each column, as data or as label; what is unknown, twice or missing is a problem."""
    known = {text: name for name, label in LABELS.items() for text in in_every_language(label)}
    known |= {name: name for name in [*LABELS, *ORIGIN]}
    names = [known.get(head.lower()) for head in heads]
    for head, name in zip(heads, names, strict=True):
        if name is None:
            text = _("The tracker knows no column “%s”. Take it out, or call it as in the template.")
            preview.refuse(1, head[:80], text % head[:80])
        elif names.count(name) > 1:
            preview.refuse(1, name, _("The column “%s” is there twice. Take one out.") % head)
    for name in NEEDED[kind]:
        if name not in names:
            preview.refuse(1, name, _("The column “%s” is missing. Take the template, or an export.") % LABELS[name])
    return names


def has_code(row, line, preview):
    """Whether a line names a deliverable that no line before it names."""
    code = Code.parse(line["code"])
    if code is None or code.deliverable is None:
        text = _("“%s” is not the code of a deliverable, such as L2M10D1.")
        preview.refuse(row, "code", text % line["code"][:40])
        return False
    line["code"] = code
    seen = preview.rows_by_code
    if code in seen:
        text = _("%(code)s is in row %(row)d already. Keep one of the two.")
        preview.refuse(row, "code", text % {"code": code, "row": seen[code]})
        return False
    seen[code] = row
    return True


def apply(imported, *, seen, by, at, decision=None):
    """Do all that an import proposes, in one transaction, and forget it. `seen` is the revision its preview showed.

    Raises `PlanChanged` where the plan was changed since, `ValidationError` where a rule forbids a part: then nothing
    is changed.
    """
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=imported.plan_id)
        if plan.revision != seen:
            raise PlanChanged
        preview = preview_import(plan, imported.rows, imported.kind)
        if preview.problems:
            raise PlanChanged
        for step in preview.steps:
            step.apply(by=by, at=at, submission=imported.key, decision=decision)
        imported.delete()
    return preview
