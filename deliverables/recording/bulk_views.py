"""Many at once: choose rows in the list, fill in one report, look at what it comes to, record it on all."""

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
from deliverables.recording.bulk import BulkConflict, BulkEffect, preview_effects, record_bulk, selected
from deliverables.status import Status
from plans.access import plan_permission_required, post_only, restore_typed, return_url
from plans.codes import Code
from plans.models import Plan


@plan_permission_required("deliverables.record_status")
@require_safe
def bulk_update(request, slug):
    """The form for the rows chosen: `?row=` for each, or `?all=1` with the list's filters."""
    plan = Plan.objects.get_for(request.user, slug)
    typed = restore_typed(request)
    deliverables = selected(plan, codes_in(typed["rows"]) if "rows" in typed else asked_for(request, plan))
    marks = {"rows": rows_value(deliverables), "submission": uuid.uuid4()}
    form = BulkUpdateForm(plan=plan, initial={"effective_on": timezone.localdate()} | typed | marks)
    return bulk_page(request, plan, form, deliverables)


def asked_for(request, plan):
    """The codes that the list's form sends."""
    if request.GET.get("all"):
        found = DeliverableFilter(request.GET, plan=plan, reader=request.user)
        return {deliverable.code for deliverable in found.rows}
    return {code for text in request.GET.getlist("row") if (code := Code.parse(text))}


@post_only
@plan_permission_required("deliverables.record_status")
def preview_bulk(request, slug):
    """What the report would come to on each of the rows, and the button that records it."""
    plan = Plan.objects.get_for(request.user, slug)
    form = BulkUpdateForm(request.POST, plan=plan)
    if not form.is_valid():
        return bulk_page(request, plan, form, rows_of(plan, form), status=422)
    return bulk_page(request, plan, form, rows_of(plan, form), is_preview=True)


@post_only
@plan_permission_required("deliverables.record_status")
def apply_bulk(request, slug):
    plan = Plan.objects.get_for(request.user, slug)
    form = BulkUpdateForm(request.POST, plan=plan)
    if not form.is_valid():
        return bulk_page(request, plan, form, rows_of(plan, form), status=422)
    seen, submission = form.cleaned_data["rows"], form.cleaned_data["submission"]
    try:
        updates = record_bulk(plan, seen, form.report, by=request.user, submission=submission)
    except BulkConflict as conflicts:
        deliverables = rows_of(plan, form)
        form.renew(deliverables)
        return bulk_page(request, plan, form, deliverables, is_preview=True, conflicts=conflicts, status=409)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return bulk_page(request, plan, form, rows_of(plan, form), status=422)
    text = ngettext("Recorded on %(number)d deliverable.", "Recorded on %(number)d deliverables.", len(updates))
    messages.success(request, text % {"number": len(updates)})
    return redirect(return_url(request, reverse("deliverables", args=[slug])))


def rows_of(plan, form):
    """The deliverables that a form was sent for, as they stand now."""
    return selected(plan, form.cleaned_data.get("rows", {}))


def bulk_page(request, plan, form, deliverables, *, is_preview=False, conflicts=None, status=200):
    planned = preview_effects(deliverables, form.report) if is_preview else []
    groups = {effect: [each.deliverable for each in planned if each.effect == effect] for effect in BulkEffect}
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
