"""The pages of a bulk update: select rows in the list, fill in one report, preview it, and record it on all."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from deliverables.filters import DeliverableFilter
from deliverables.forms import BulkUpdateForm, codes_in, rows_value
from deliverables.recording.bulk import BulkConflict, BulkEffect, preview_effects, record_bulk, report_errors, selected
from deliverables.status import Status
from plans.access import get_plan, plan_permission_required, post_only, return_url
from plans.codes import Code
from plans.form_drafts import form_data


@plan_permission_required("deliverables.record_status")
@require_safe
def bulk_update(request, slug):
    """Show the form for the selected rows: `?row=` for each, or `?all=1` with the list's filters."""
    plan = get_plan(request, slug)
    draft = form_data(request, page=request.path)
    codes = selected_codes(request, plan) or (codes_in(draft.get("rows", "")) if draft else set())
    deliverables = selected(plan, codes)

    hidden = {"rows": rows_value(deliverables), "submission": str(uuid.uuid4())}
    if draft:  # for whichever rows are selected now
        draft["rows"], draft["submission"] = hidden.values()
    form = BulkUpdateForm(draft, plan=plan, initial={"effective_on": timezone.localdate()} | hidden)
    return bulk_page(request, form, deliverables)


def selected_codes(request, plan):
    """Return the codes of the rows that are selected in the list, or of all rows that its filters show."""
    if request.GET.get("all"):
        filters = DeliverableFilter(request.GET, plan=plan, reader=request.user)
        return {deliverable.code for deliverable in filters.rows}

    return {code for text in request.GET.getlist("row") if (code := Code.parse(text))}


@post_only
@plan_permission_required("deliverables.record_status")
def preview_bulk(request, slug):
    """Show what the report would change on each of the rows, with the button that records it."""
    plan = get_plan(request, slug)
    form = BulkUpdateForm(form_data(request), request.FILES, plan=plan)
    if not form.is_valid():
        return bulk_page(request, form, rows_of(plan, form), status=422)

    rows = rows_of(plan, form)
    if errors := report_errors(plan, rows, form.report):
        form.add_error(None, errors)
        return bulk_page(request, form, rows, status=422)
    return bulk_page(request, form, rows)


@post_only
@plan_permission_required("deliverables.record_status")
def apply_bulk(request, slug):
    """Record the report on all rows, and go back to the list."""
    plan = get_plan(request, slug)
    form = BulkUpdateForm(form_data(request), request.FILES, plan=plan)
    if not form.is_valid():
        return bulk_page(request, form, rows_of(plan, form), status=422)

    seen, submission = form.cleaned_data["rows"], form.cleaned_data["submission"]
    try:
        updates = record_bulk(plan, seen, form.report, by=request.user, submission=submission)
    except BulkConflict as conflicts:
        deliverables = rows_of(plan, form)
        form.renew(deliverables)
        return bulk_page(request, form, deliverables, status=409, conflicts=conflicts)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return bulk_page(request, form, rows_of(plan, form), status=422)

    text = ngettext("Recorded on %(number)d deliverable.", "Recorded on %(number)d deliverables.", len(updates))
    messages.success(request, text % {"number": len(updates)})
    return redirect(return_url(request, reverse("deliverables", args=[slug])))


def rows_of(plan, form):
    """Return the deliverables that a form was sent for, with their current status."""
    return selected(plan, form.cleaned_data.get("rows", {}))


def bulk_page(request, form, deliverables, *, status=200, conflicts=None):
    """Return the page of a bulk update; a valid report comes with the preview of what it would change."""
    plan, is_preview = form.instance.plan, request.method == "POST" and form.is_valid()
    planned = preview_effects(deliverables, form.report) if is_preview else []
    groups = {effect: [row.deliverable for row in planned if row.effect == effect] for effect in BulkEffect}

    context = {
        "plan": plan,
        "form": form,
        "deliverables": deliverables,
        "is_preview": is_preview,
        "status": is_preview and Status(form.report["status"]),
        "groups": {effect: rows for effect, rows in groups.items() if rows},
        "to_record": len(planned) - len(groups[BulkEffect.NOTHING]),
        "conflicts": conflicts,
        "next": return_url(request, reverse("deliverables", args=[plan.slug])),
    }
    return render(request, "deliverables/recording/bulk.html", context, status=status)
