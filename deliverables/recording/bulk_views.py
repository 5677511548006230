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
from deliverables.forms import ManyForm, codes_in, rows_field
from deliverables.recording.bulk import Conflicts, Outcome, chosen, plan_records, record_many
from deliverables.status import Status
from plans.access import page_before, permission_needed, post_only, typed_before_sign_in
from plans.codes import Code
from plans.models import Plan


@permission_needed("deliverables.record_status")
@require_safe
def many(request, slug):
    """The form for the rows chosen: `?row=` for each, or `?all=1` with the list's filters."""
    plan = Plan.objects.get_for(request.user, slug)
    typed = typed_before_sign_in(request)
    deliverables = chosen(plan, codes_in(typed["rows"]) if "rows" in typed else asked_for(request, plan))
    marks = {"rows": rows_field(deliverables), "submission": uuid.uuid4()}
    form = ManyForm(plan=plan, initial={"effective_on": timezone.localdate()} | typed | marks)
    return many_page(request, plan, form, deliverables)


def asked_for(request, plan):
    """The codes that the list's form sends."""
    if request.GET.get("all"):
        found = DeliverableFilter(request.GET, plan=plan, reader=request.user)
        return {deliverable.code for deliverable in found.rows}
    return {code for text in request.GET.getlist("row") if (code := Code.parse(text))}


@post_only
@permission_needed("deliverables.record_status")
def preview_many(request, slug):
    """What the report would come to on each of the rows, and the button that records it."""
    plan = Plan.objects.get_for(request.user, slug)
    form = ManyForm(request.POST, plan=plan)
    if not form.is_valid():
        return many_page(request, plan, form, rows_of(plan, form), status=422)
    return many_page(request, plan, form, rows_of(plan, form), is_preview=True)


@post_only
@permission_needed("deliverables.record_status")
def apply_many(request, slug):
    plan = Plan.objects.get_for(request.user, slug)
    form = ManyForm(request.POST, plan=plan)
    if not form.is_valid():
        return many_page(request, plan, form, rows_of(plan, form), status=422)
    seen, submission = form.cleaned_data["rows"], form.cleaned_data["submission"]
    try:
        updates = record_many(plan, seen, form.report, by=request.user, submission=submission)
    except Conflicts as conflicts:
        deliverables = rows_of(plan, form)
        form.renew(deliverables)
        return many_page(request, plan, form, deliverables, is_preview=True, conflicts=conflicts, status=409)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return many_page(request, plan, form, rows_of(plan, form), status=422)
    text = ngettext("Recorded on %(number)d deliverable.", "Recorded on %(number)d deliverables.", len(updates))
    messages.success(request, text % {"number": len(updates)})
    return redirect(page_before(request, reverse("deliverables", args=[slug])))


def rows_of(plan, form):
    """The deliverables that a form was sent for, as they stand now."""
    return chosen(plan, form.cleaned_data.get("rows", {}))


def many_page(request, plan, form, deliverables, *, is_preview=False, conflicts=None, status=200):
    planned = plan_records(deliverables, form.report) if is_preview else []
    groups = {outcome: [each.deliverable for each in planned if each.outcome == outcome] for outcome in Outcome}
    context = {
        "plan": plan,
        "form": form,
        "deliverables": deliverables,
        "is_preview": is_preview,
        "status": is_preview and Status(form.report["status"]),
        "groups": {outcome: rows for outcome, rows in groups.items() if rows},
        "to_record": len(planned) - len(groups[Outcome.NOTHING]),
        "conflicts": conflicts,
        "next": page_before(request, reverse("deliverables", args=[plan.slug])),
    }
    return render(request, "deliverables/recording/bulk.html", context, status=status)
