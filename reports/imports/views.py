"""Importing a table: choose the file, look at what it would change, apply all of it or nothing."""

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
from xlsxwriter import Workbook

from deliverables.plan_editing.part_forms import DecisionForm
from plans.access import plan_permission_required, post_only
from plans.common.uploads import larger_than
from plans.models import Plan, PlanChanged
from reports.imports.applying import apply, preview_import
from reports.imports.forms import ImportForm
from reports.imports.models import Import
from reports.imports.preview import LABELS, RESPONSIBLE
from reports.imports.reading import Refused, read_table

LARGEST_BODY = 5_100_000  # bytes: a file of 5 MB and the form around it
SHOWN = 500  # changes on one page
TEMPLATES = {
    "plan": ["code", "action_line_title", "measure_statement", "themes", "title", "due_on", RESPONSIBLE],
    "statuses": ["code", "title", "status", "effective_on", "reason", "evidence_title", "evidence_link", "note"],
}


@plan_permission_required("plans.change_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request, slug):
    plan = Plan.objects.get_for(request.user, slug)
    if larger_than(request, LARGEST_BODY):
        form = ImportForm()
        refusal = _("This file is larger than 5 MB. Take out what the tracker does not read, such as pictures.")
        return render(
            request, "reports/imports/upload.html", {"plan": plan, "form": form, "refusal": refusal}, status=413
        )
    start = {"kind": likely_kind(plan)}
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm(initial=start)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            table = read_table(file.read())
        except Refused as reason:
            form.add_error("file", str(reason))
        else:
            kind, now = form.cleaned_data["kind"], timezone.now()
            imported = Import.begin(plan, table, kind=kind, file_name=file.name, by=request.user, at=now)
            return redirect("import_preview", slug, imported.key)
    return render(
        request, "reports/imports/upload.html", {"plan": plan, "form": form}, status=422 if form.errors else 200
    )


def likely_kind(plan):
    """What an empty plan waits for is itself."""
    return Import.Kind.STATUSES if plan.action_lines.exists() else Import.Kind.PLAN


@plan_permission_required("plans.change_plan")
@require_safe
def preview(request, slug, key):
    plan, imported = import_in_view(request, slug, key)
    return preview_page(request, plan, imported)


def import_in_view(request, slug, key):
    """The plan and one's own import of it, or 404."""
    plan = Plan.objects.get_for(request.user, slug)
    return plan, get_object_or_404(plan.imports, key=key, by=request.user)


def preview_page(request, plan, imported, *, decision=None, outdated=False, status=200):
    preview = preview_import(plan, imported.rows, imported.kind)
    context = {
        "plan": plan,
        "imported": imported,
        "preview": preview,
        "changes": preview.changes[:SHOWN],
        "problems": preview.problems[:SHOWN],
        "form": decision or (DecisionForm(plan=plan) if preview.needs_decision else None),
        "outdated": outdated,
    }
    return render(request, "reports/imports/preview.html", context, status=status)


@post_only
@plan_permission_required("plans.change_plan")
def apply_import(request, slug, key):
    plan = Plan.objects.get_for(request.user, slug)
    imported = plan.imports.filter(key=key, by=request.user).first()
    if imported is None:
        messages.info(request, _("This import is applied already, or was left for over a day."))
        return redirect("changes", slug)
    needs_decision = preview_import(plan, imported.rows, imported.kind).needs_decision
    form = DecisionForm(request.POST, plan=plan) if needs_decision else None
    if form and not form.is_valid():
        return preview_page(request, plan, imported, decision=form, status=422)
    seen = request.POST.get("seen", "")
    try:
        preview = apply(
            imported,
            seen=int(seen) if re.fullmatch("[0-9]{1,18}", seen) else 0,
            by=request.user,
            at=timezone.now(),
            decision=form and form.entered_decision,
        )
    except (PlanChanged, ValidationError) as reason:
        if isinstance(reason, ValidationError):
            messages.error(request, _("Nothing was applied. %s") % " ".join(reason.messages))
        plan.refresh_from_db()
        return preview_page(
            request, plan, imported, decision=form, outdated=isinstance(reason, PlanChanged), status=409
        )
    rows = preview.rows_changed
    text = ngettext("Applied: one row of “%(file)s”.", "Applied: %(rows)d rows of “%(file)s”.", rows)
    messages.success(request, text % {"rows": rows, "file": imported.file_name})
    return redirect("edit_plan" if imported.kind == Import.Kind.PLAN else "changes", slug)


@plan_permission_required("plans.change_plan")
@require_safe
def template(request, slug, kind, extension):
    """A table with the column names that an import reads, and nothing in it yet."""
    Plan.objects.get_for(request.user, slug)
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
    """The column names by their labels, columns of texts: a spreadsheet leaves a day as it was typed."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet(_("Deliverables"))
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@", "text_wrap": True})
        for place, name in enumerate(names):
            sheet.set_column(place, place, 40 if name in ("title", "note", "measure_statement") else 20, text)
            sheet.write_string(0, place, str(LABELS[name]), bold)
        sheet.freeze_panes(1, 0)
    return file.getvalue()
