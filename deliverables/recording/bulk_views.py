"""The pages of a bulk update: select rows in the list, fill in the grid, record it, and correct it if need be."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from deliverables.filters import DeliverableFilter
from deliverables.models import StatusUpdate, load_evidence
from deliverables.recording.bulk import (
    MAX_ROWS,
    BulkConflict,
    BulkErrors,
    RowKey,
    entries_of,
    entries_text,
    record_bulk,
)
from deliverables.recording.bulk_forms import BulkGrid, GridForm
from plans.access import get_plan, plan_permission_required, post_only, return_url
from plans.codes import Code
from plans.form_drafts import form_data


@plan_permission_required("deliverables.record_status")
@require_safe
def bulk_update(request, slug):
    """Show the grid: `?row=` for each row, `?all=1` with the list's filters, or `?correct=` with entries to correct.

    A draft is shown in the rows that it is about. Without a selection, it says itself which rows these are. One that is
    about none of the rows is not shown: what it has for all rows was not typed for these.
    """
    plan = get_plan(request, slug)
    draft, entries = form_data(request, page=request.path), list(entries_of(plan, request.GET.get("correct", "")))
    drafted = RowKey.parse_all(draft.get("rows", "")) if draft else {}
    keys = keys_to_correct(entries) if entries else selected_keys(request, plan) or drafted

    typed = {code: key for code, key in drafted.items() if code in keys and keys[code].corrects == key.corrects}
    if not typed:
        draft = request.form_draft = None
    grid = BulkGrid(plan, keys | typed, draft, typed=typed)
    return grid_page(request, grid, not_shown=len(entries) - len(grid.forms) if entries else 0)


def keys_to_correct(entries):
    """Return the key of the row that corrects each entry, unless it is corrected already, by code."""
    return {each.deliverable.code: RowKey(corrects=each.sequence) for each in entries if not each.is_corrected}


def selected_keys(request, plan):
    """Return a key for each row that is selected in the list, or that its filters show, by code."""
    if request.GET.get("all"):
        filters = DeliverableFilter(request.GET, plan=plan, reader=request.user)
        return {deliverable.code: RowKey() for deliverable in filters.rows}

    return {code: RowKey() for text in request.GET.getlist("row") if (code := Code.parse(text))}


@post_only
@plan_permission_required("deliverables.record_status")
def apply_bulk(request, slug):
    """Record the reports of the grid, and show what was recorded. In vain, show it with all that was entered."""
    plan, form = get_plan(request, slug), GridForm(request.POST)
    if not form.is_valid():
        grid = BulkGrid(plan, {})
        grid.errors += [error for errors in form.errors.values() for error in errors][:1]
        return grid_page(request, grid, status=422)

    keys = form.cleaned_data["rows"]
    grid = BulkGrid(plan, keys, form_data(request))
    if not grid.is_valid():
        return grid_page(request, grid, status=422)

    try:
        updates = record_bulk(grid.reports, by=request.user)
    except BulkConflict as conflict:
        return conflict_page(request, plan, keys, conflict.latest)
    except BulkErrors as broken:
        grid.add_errors(broken.errors)
        return grid_page(request, grid, status=422)

    query = {"entries": entries_text(updates), "next": list_url(request, slug)}
    return redirect(f"{reverse('bulk_recorded', args=[slug])}?{urlencode(query)}")


@plan_permission_required("deliverables.record_status")
@require_safe
def bulk_recorded(request, slug):
    """Show what was recorded at once, the entries of `?entries=`, with the link to correct it."""
    plan = get_plan(request, slug)
    updates = list(entries_of(plan, request.GET.get("entries", "")))
    load_evidence(updates)

    context = {
        "plan": plan,
        "updates": updates,
        "may_be_corrected": any(not update.is_corrected for update in updates),
        "entries": updates and entries_text(updates),
        "next": list_url(request, slug),
    }
    return render(request, "deliverables/recording/bulk_recorded.html", context)


def conflict_page(request, plan, keys, latest):
    """Return the grid with all that was entered, and what somebody else has recorded meanwhile, `latest` by code.

    Their rows get the current `seen`, so that the form can be sent again. Where they have corrected the entry that was
    to be corrected, the row becomes an update of its own.
    """
    to_correct = {code: keys[code].corrects for code in latest}
    corrected = StatusUpdate.objects.filter(plan=plan, corrects__sequence__in=to_correct.values())
    corrected = set(corrected.values_list("corrects__sequence", flat=True))
    renewed = {code: RowKey(corrects=None if number in corrected else number) for code, number in to_correct.items()}

    grid = BulkGrid(plan, keys | renewed, form_data(request))
    for form in grid.forms:
        form.row.latest = latest.get(form.row.deliverable.code)
    return grid_page(request, grid, status=409)


def list_url(request, slug):
    """Return the address of the list that the person came from, with its filters."""
    return return_url(request, reverse("deliverables", args=[slug]))


def grid_page(request, grid, *, status=200, not_shown=0):
    """Return the page of the grid, whose errors are shown once it was sent.

    `not_shown` is the number of entries to correct that have no row: they are corrected already, or withdrawn.
    """
    context = {
        "plan": grid.plan,
        "grid": grid,
        "is_refused": status == 422,
        "conflicts": [form for form in grid.forms if form.row.latest],
        "most": MAX_ROWS,
        "not_shown": not_shown,
        "next": list_url(request, grid.plan.slug),
    }
    return render(request, "deliverables/recording/bulk.html", context, status=status)
