"""Import a file: upload it, choose what its columns become, preview its changes, apply all of them or none."""

import csv
import io
import re
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
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
from reports.imports.files.reading import Refused, read_source, too_large
from reports.imports.forms import ColumnsForm, ImportForm, ShapeForm, reshaped
from reports.imports.mapping.choices import guess
from reports.imports.mapping.tables import OtherColumns
from reports.imports.models import ColumnMapping, Import
from reports.imports.preview import LABELS, RESPONSIBLE
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
    """Show the form, or read the uploaded file and continue with its columns, or with its preview if it is ours."""
    plan = get_plan(request, slug)
    if larger_than(request, upload_limits.IMPORT + upload_limits.OVERHEAD):
        context = {"plan": plan, "form": ImportForm(), "refusal": too_large()}
        return render(request, "reports/imports/upload.html", context, status=413)

    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            imported = store_upload(plan, file.name, file.read(), request.user)
        except Refused as reason:
            form.add_error("file", str(reason))
        else:
            page = "import_preview" if imported.reading.is_certain else "import_columns"
            return redirect(page, slug, imported.key)

    context = {"plan": plan, "form": form, "applied": plan.imports.applied()}
    return render(request, "reports/imports/upload.html", context, status=422 if form.errors else 200)


def store_upload(plan, name, content, by):
    """Read an uploaded file and return it as a stored `Import`. Raise `Refused` if it cannot be read."""
    source = read_source(content)
    reading = guess(source, plan, partial(ColumnMapping.find, plan))
    if not reading.choices.sheets or not reading.table.rows:
        raise Refused(_("The file has no rows below its column names. Add some, then try again."))
    imported = Import(plan=plan, file_name=name[:200], by=by, content=content if source.encodings else None)
    imported.store(reading, timezone.now())
    return imported


@plan_permission_required("plans.change_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request, slug, key):
    """Show what each column and word of a person's own import becomes, or store what they chose."""
    plan = get_plan(request, slug)
    imported = get_object_or_404(plan.imports, key=key, by=request.user)
    if imported.applied_at:
        return redirect("import_preview", slug, key)

    reading, data = imported.reading, form_data(request)
    shape = ShapeForm(data, reading=reading, samples=imported.samples)
    form = ColumnsForm(data, reading=reading, plan=plan)
    if request.method == "POST" and shape.is_valid():
        try:
            if shape.is_changed:
                return read_again(request, imported, shape)
            if form.is_valid():
                return continue_with(request, imported, form.chosen)
        except OtherColumns as reason:
            text = _("The sheet “%s” has other columns. Choose sheets with the same ones, or one alone.")
            shape.add_error("sheets", text % reason.sheet)

    context = {"plan": plan, "imported": imported, "shape": shape, "form": form, "reading": reading}
    has_errors = request.method == "POST"
    return render(request, "reports/imports/columns.html", context, status=422 if has_errors else 200)


def read_again(request, imported, shape):
    """Read another table of the file, and show its columns."""
    chosen, reading = shape.chosen, imported.reading
    if chosen.get("encoding", reading.choices.encoding) != reading.choices.encoding:
        reading.source = read_source(bytes(imported.content), encoding=chosen["encoding"])
    imported.choose(reshaped(reading, chosen, imported.plan))
    messages.info(request, _("The file was read again. Check what each column becomes."))
    return redirect("import_columns", imported.plan.slug, imported.key)


def continue_with(request, imported, reading):
    """Store the choices, and go on to the preview, or back to the questions that they raise."""
    imported.choose(reading)
    plan = imported.plan
    asked = ColumnsForm(reading=imported.reading, plan=plan).fields.keys() - request.POST.keys()
    new = {name for name in asked if name.startswith("word_") or name == "effective_on"}
    if new:
        messages.info(request, _("Say also what the words of the status mean."))
        return redirect("import_columns", plan.slug, imported.key)
    ColumnMapping.remember(plan, reading)
    return redirect("import_preview", plan.slug, imported.key)


@plan_permission_required("plans.change_plan")
@require_safe
def preview(request, slug, key):
    """Show what a person's own import would change, or what it changed. Raise 404 for the imports of others."""
    plan = get_plan(request, slug)
    imported = get_object_or_404(plan.imports, key=key, by=request.user)
    if imported.applied_at:
        return render(request, "reports/imports/applied.html", {"plan": plan, "imported": imported})
    if not imported.reading.names_deliverables:  # nobody has answered the page of the columns yet
        return redirect("import_columns", slug, key)
    return preview_page(request, imported)


def preview_page(request, imported, *, decision=None, outdated=False, status=200):
    """Return the preview page. `decision` is the form that came back with errors, if any."""
    plan = get_plan(request, imported.plan.slug)
    preview = preview_import(plan, imported.reading)

    context = {
        "plan": plan,
        "imported": imported,
        "preview": preview,
        "changes": preview.changes[:MAX_SHOWN],
        "problems": preview.joined_problems[:MAX_SHOWN],
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
    """Apply a person's own import, and show what it did. One that is applied already is shown again."""
    plan = get_plan(request, slug)
    imported = plan.imports.filter(key=key, by=request.user).first()
    if imported is None:
        messages.info(request, _("This import has expired after a day. Upload the file again."))
        return redirect("import", slug)
    if imported.applied_at:
        return redirect("import_preview", slug, key)

    if not imported.reading.names_deliverables:
        return redirect("import_columns", slug, key)
    if request.POST.get("choices", imported.choices_digest) != imported.choices_digest:
        return preview_page(request, imported, outdated=True, status=409)

    preview = preview_import(plan, imported.reading)
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
        imported.refresh_from_db()
        if imported.applied_at:  # by the same button, pressed twice
            return redirect("import_preview", slug, key)
        return preview_page(request, imported, decision=form, outdated=isinstance(reason, PlanChanged), status=409)

    return redirect("import_preview", slug, key)


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
