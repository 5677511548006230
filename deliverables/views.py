"""The list and a deliverable, to be read; the forms on them are answered in `recording` and `many_views`."""

import re
import uuid

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from deliverables.attention import freshness_of
from deliverables.filters import DeliverableFilter
from deliverables.forms import StatusForm, marks
from deliverables.models import Amendment, Deliverable
from plans.access import plan_in_view, typed_before_sign_in
from plans.page_cache import kept

ROWS_A_PAGE = 100


@require_safe
@kept
def deliverable_list(request, slug):
    plan, as_of = plan_in_view(request, slug)
    found = DeliverableFilter(request.GET, plan=plan, reader=request.user, as_of=as_of)
    counts = found.counts
    may_record = may_record_now(request, as_of) and not found.chosen.get("withdrawn")
    paginator = Paginator(found.rows.to_record_on() if may_record else found.rows, ROWS_A_PAGE)
    paginator.count = counts.total
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = page.object_list.under(found.measures)
    context = {
        "plan": plan,
        "as_of": as_of,
        "filter": found,
        "counts": counts,
        "page": ready_to_show(page, plan, as_of, found.day),
        "may_record": may_record,
        "may_choose": may_record,
        "next": request.get_full_path(),
        "withdrawn": plan.amendments_length and Deliverable.objects.of(slug).withdrawn(as_of).count(),
    }
    return render(request, "deliverables/list.html", context)


def ready_to_show(rows, plan, as_of, day, *, table="row"):
    """The same rows, each in the words of the day, with how fresh its report is and what its form needs.

    `table` tells the tables of a page apart: a row may be in several.
    """
    then = Amendment.objects.wording_on(plan, as_of)
    for row in rows:
        row.title = then.get(row.code, row.title)
        row.freshness, row.submission = str(freshness_of(row, day)), uuid.uuid4()
        row.in_the_hands_of = row.responsible.name if row.responsible else ""
        row.element = f"{table}-{row.code}"
    return rows


@require_safe
@kept
def deliverable_detail(request, slug, code):
    plan, as_of = plan_in_view(request, slug)
    deliverable = get_object_or_404(Deliverable.objects.of(slug, code).there_by(as_of).fate(as_of).standing(as_of))
    form = None
    if may_record_now(request, as_of) and not deliverable.withdrawn_on:
        correcting = update_to_correct(request, deliverable)
        form = StatusForm(deliverable=deliverable, typed=typed_before_sign_in(request), correcting=correcting)
    return deliverable_page(request, plan, as_of, deliverable, form)


def may_record_now(request, as_of):
    """Whether this person may record here: the past is looked at, not written in."""
    return as_of is None and request.user.has_perm("deliverables.record_status")


def update_to_correct(request, deliverable):
    """The update that `?correct=` names, None where it names none of this deliverable that still counts."""
    sequence = request.GET.get("correct", "")
    if not re.fullmatch(r"[0-9]{1,9}", sequence):
        return None
    return deliverable.updates.counting().filter(sequence=sequence).first()


def deliverable_page(request, plan, as_of, deliverable, form, *, status=200, conflict=None):
    history = deliverable.updates.marking_late().select_related("correction", "corrects").latest_first()
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
        "withdrawn_on": deliverable.out_on,
        "amendments": plan.amendments_length and Amendment.objects.for_page(plan).about(deliverable.code, as_of),
        "may_edit": as_of is None and request.user.has_perm("plans.change_plan"),
        "history": history,
        "before": before,
        "after": after,
        "form": form,
        "conflict": conflict,
        "freshness": freshness_of(deliverable, as_of or timezone.localdate()),
        "confirming": form and marks(deliverable),
    }
    return render(request, "deliverables/deliverable.html", context, status=status)
