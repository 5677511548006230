"""The list and a deliverable, to be read; the forms on them are answered in `recording` and `many_views`."""

import re
import uuid

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from deliverables.attention import freshness_text
from deliverables.filters import DeliverableFilter
from deliverables.forms import StatusForm, marks
from deliverables.models import Amendment, Deliverable
from plans.access import plan_and_date, restore_typed
from plans.page_cache import cached_page

ROWS_A_PAGE = 100


@require_safe
@cached_page
def deliverable_list(request, slug):
    if "gap" in request.GET:  # what `attention` was called before release 1.0: readers have kept such links
        query = request.GET.copy()
        query["attention"] = query.pop("gap")[-1]
        return redirect(f"{request.path}?{query.urlencode()}", permanent=True)
    plan, as_of = plan_and_date(request, slug)
    found = DeliverableFilter(request.GET, plan=plan, reader=request.user, as_of=as_of)
    counts = found.counts
    may_record = may_record_now(request, as_of) and not found.active.get("withdrawn")
    paginator = Paginator(found.rows.with_seen() if may_record else found.rows, ROWS_A_PAGE)
    paginator.count = counts.total
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = page.object_list.grouped_under(found.measures)
    context = {
        "plan": plan,
        "as_of": as_of,
        "filter": found,
        "counts": counts,
        "page": ready_to_show(page, plan, as_of, found.day),
        "may_record": may_record,
        "may_choose": may_record,
        "next": request.get_full_path(),
        "withdrawn": plan.amendments_length and Deliverable.objects.of_plan(slug).withdrawn(as_of).count(),
    }
    return render(request, "deliverables/list.html", context)


def ready_to_show(rows, plan, as_of, day, *, table="row"):
    """The same rows, each in the words of the day, with how fresh its report is and what its form needs.

    `table` tells the tables of a page apart: a row may be in several.
    """
    then = Amendment.objects.wording_on(plan, as_of)
    for row in rows:
        row.title = then.get(row.code, row.title)
        row.freshness, row.submission = str(freshness_text(row, day)), uuid.uuid4()
        row.responsible_name = row.responsible.name if row.responsible else ""
        row.element = f"{table}-{row.code}"
    return rows


@require_safe
@cached_page
def deliverable_detail(request, slug, code):
    plan, as_of = plan_and_date(request, slug)
    deliverable = get_object_or_404(
        Deliverable.objects.of_plan(slug, code).existing_on(as_of).with_withdrawal(as_of).with_current_status(as_of)
    )
    form = None
    if may_record_now(request, as_of) and not deliverable.withdrawn_on:
        correcting = update_to_correct(request, deliverable)
        form = StatusForm(deliverable=deliverable, typed=restore_typed(request), correcting=correcting)
    return deliverable_page(request, plan, as_of, deliverable, form)


def may_record_now(request, as_of):
    """Whether this person may record here: the past is looked at, not written in."""
    return as_of is None and request.user.has_perm("deliverables.record_status")


def update_to_correct(request, deliverable):
    """The update that `?correct=` names, None where it names none of this deliverable that still counts."""
    sequence = request.GET.get("correct", "")
    if not re.fullmatch(r"[0-9]{1,9}", sequence):
        return None
    return deliverable.updates.in_effect().filter(sequence=sequence).first()


def deliverable_page(request, plan, as_of, deliverable, form, *, status=200, conflict=None):
    history = deliverable.updates.with_is_late().select_related("correction", "corrects").latest_first()
    if as_of is not None:
        history = history.filter(effective_on__lte=as_of)
    before, after = deliverable.neighbours(as_of)
    then = Amendment.objects.wording_on(plan, as_of)
    context = {
        "plan": plan,
        "as_of": as_of,
        "deliverable": deliverable,
        "title": then.get(deliverable.code, deliverable.title),
        "statement": then.get(deliverable.code.in_measure, deliverable.measure.statement),
        "line_title": then.get(deliverable.code.in_line, deliverable.measure.action_line.title),
        "withdrawn_on": deliverable.withdrawn_as_of,
        "amendments": plan.amendments_length and Amendment.objects.for_page(plan).about(deliverable.code, as_of),
        "may_edit": as_of is None and request.user.has_perm("plans.change_plan"),
        "history": history,
        "before": before,
        "after": after,
        "form": form,
        "conflict": conflict,
        "freshness": freshness_text(deliverable, as_of or timezone.localdate()),
        "confirming": form and marks(deliverable),
    }
    return render(request, "deliverables/deliverable.html", context, status=status)
