"""Import a table in three steps: upload it, preview its changes, apply all of them or none."""

import csv
import io
import re

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from deliverables.plan_editing.decision_forms import DecisionForm
from plans.access import get_plan, plan_permission_required, post_only
from plans.common import upload_limits
from plans.common.imported_on_use import imported_on_use
from plans.common.uploads import larger_than
from plans.form_drafts import form_data
from plans.models import PlanChanged
from reports.files.fields import COLUMNS
from reports.imports.applying import apply, preview_import
from reports.imports.forms import ImportForm
from reports.imports.models import Import
from reports.imports.preview import LABELS, RESPONSIBLE
from reports.imports.reading import Refused, read_table, too_large
from reports.imports.status_rows import STATUS_COLUMNS

MAX_SHOWN = 500  # changes, and problems, on the preview page
new_workbook = imported_on_use("xlsxwriter.Workbook")
TEMPLATES = {
    "plan": [
        "code",
        "action_line_title",
        "measure_statement",
        "measure_name",
        "themes",
        "title",
        "due_on",
        "target",
        "target_unit",
        RESPONSIBLE,
    ],
    "statuses": [column.name for column in COLUMNS if column.name in ("code", "title", *STATUS_COLUMNS)],
}


@plan_permission_required("plans.change_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request, slug):
    """Show the form, or read the uploaded file and continue with its preview."""
    plan = get_plan(request, slug)
    if larger_than(request, upload_limits.IMPORT + upload_limits.OVERHEAD):
        refusal = too_large()
        context = {"plan": plan, "form": ImportForm(), "refusal": refusal}
        return render(request, "reports/imports/upload.html", context, status=413)

    initial = {"kind": suggested_kind(plan)}
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            table = read_table(file.read())
        except Refused as reason:
            form.add_error("file", str(reason))
        else:
            kind, name = form.cleaned_data["kind"], file.name[:200]
            imported = Import(plan=plan, kind=kind, file_name=name, by=request.user)
            imported.store(table, timezone.now())
            return redirect("import_preview", slug, imported.key)

    status = 422 if form.errors else 200
    return render(request, "reports/imports/upload.html", {"plan": plan, "form": form}, status=status)


def suggested_kind(plan):
    """Return the kind of import to suggest: an empty plan needs its own parts first."""
    return Import.Kind.STATUSES if plan.action_lines.exists() else Import.Kind.PLAN


@plan_permission_required("plans.change_plan")
@require_safe
def preview(request, slug, key):
    """Show what a person's own import would change. Raise 404 for the imports of others."""
    plan = get_plan(request, slug)
    imported = get_object_or_404(plan.imports, key=key, by=request.user)
    return preview_page(request, imported)


def preview_page(request, imported, *, decision=None, outdated=False, status=200):
    """Return the preview page. `decision` is the form that came back with errors, if any."""
    plan = get_plan(request, imported.plan.slug)
    preview = preview_import(plan, imported.rows, imported.kind)

    context = {
        "plan": plan,
        "imported": imported,
        "preview": preview,
        "changes": preview.changes[:MAX_SHOWN],
        "problems": preview.problems[:MAX_SHOWN],
        "form": decision or (DecisionForm(decision_draft(request), plan=plan) if preview.needs_decision else None),
        "outdated": outdated,
    }
    return render(request, "reports/imports/preview.html", context, status=status)


def decision_draft(request):
    """Return the draft of the decision that was typed on this page, None for a form that was just sent."""
    return form_data(request, page=request.path) if request.method == "GET" else None


@post_only
@plan_permission_required("plans.change_plan")
def apply_import(request, slug, key):
    plan = get_plan(request, slug)
    imported = plan.imports.filter(key=key, by=request.user).first()
    if imported is None:
        messages.info(request, _("This import has already been applied, or has expired after a day."))
        return redirect("changes", slug)

    preview = preview_import(plan, imported.rows, imported.kind)
    form = DecisionForm(form_data(request), plan=plan) if preview.needs_decision else None
    if form and not form.is_valid():
        return preview_page(request, imported, decision=form, status=422)

    seen = request.POST.get("seen", "")
    try:
        apply(
            imported,
            preview,
            seen=int(seen) if re.fullmatch("[0-9]{1,18}", seen) else 0,
            by=request.user,
            at=timezone.now(),
            decision=form and form.entered_decision,
        )
    except (PlanChanged, ValidationError) as reason:
        if isinstance(reason, ValidationError):
            messages.error(request, _("Nothing was applied. %s") % " ".join(reason.messages))
        plan.refresh_from_db()
        return preview_page(request, imported, decision=form, outdated=isinstance(reason, PlanChanged), status=409)

    rows = preview.rows_changed
    text = ngettext("Applied: one row of “%(file)s”.", "Applied: %(rows)d rows of “%(file)s”.", rows)
    messages.success(request, text % {"rows": rows, "file": imported.file_name})
    return redirect("edit_plan" if imported.kind == Import.Kind.PLAN else "changes", slug)


@plan_permission_required("plans.change_plan")
@require_safe
def template(request, slug, kind, extension):
    """Return an empty table with the column names that an import reads."""
    get_plan(request, slug)
    if kind not in TEMPLATES or extension not in ("csv", "xlsx"):
        raise Http404

    content = template_csv(TEMPLATES[kind]) if extension == "csv" else template_xlsx(TEMPLATES[kind])
    headers = {"Content-Disposition": f'attachment; filename="template-{kind}.{extension}"'}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def template_csv(names):
    text = io.StringIO(newline="")
    csv.writer(text).writerow(names)
    return text.getvalue().encode("utf-8-sig")


def template_xlsx(names):
    """Return a workbook with the labels of the columns.

    The cells have the text format: a spreadsheet would convert dates to the format of its country otherwise.
    """
    file = io.BytesIO()
    with new_workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet(_("Deliverables"))
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@", "text_wrap": True})
        for column, name in enumerate(names):
            sheet.set_column(column, column, 40 if name in ("title", "note", "measure_statement") else 20, text)
            sheet.write_string(0, column, str(LABELS[name]), bold)
        sheet.freeze_panes(1, 0)
    return file.getvalue()
