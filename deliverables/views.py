from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from deliverables.filters import DeliverableFilter
from deliverables.forms import StatusForm
from deliverables.models import Conflict, Deliverable
from plans.access import permission_needed, plan_in_view, typed_before_sign_in

ROWS_A_PAGE = 100


@require_safe
def deliverable_list(request, slug):
    plan, as_of = plan_in_view(request, slug)
    found = DeliverableFilter(request.GET, plan=plan, as_of=as_of)
    counts = found.counts
    paginator = Paginator(found.rows, ROWS_A_PAGE)
    paginator.count = counts.total
    page = paginator.get_page(request.GET.get("page"))
    context = {"plan": plan, "as_of": as_of, "filter": found, "counts": counts, "page": page}
    return render(request, "deliverables.html", context)


@require_safe
def deliverable_detail(request, slug, code):
    plan, as_of = plan_in_view(request, slug)
    deliverable = get_object_or_404(Deliverable.objects.of(slug, code).standing(as_of))
    form = None
    if as_of is None and request.user.has_perm("deliverables.record_status"):
        form = StatusForm(deliverable=deliverable, typed=typed_before_sign_in(request))
    return deliverable_page(request, plan, as_of, deliverable, form)


@require_POST
@permission_needed("deliverables.record_status")
def record_status(request, slug, code):
    plan, _as_of = plan_in_view(request, slug)
    deliverable = get_object_or_404(Deliverable.objects.of(slug, code).standing())
    form = StatusForm(request.POST, deliverable=deliverable)
    if not form.is_valid():
        return deliverable_page(request, plan, None, deliverable, form, status=422)
    try:
        update = deliverable.record(by=request.user, **form.cleaned_data)
    except Conflict as conflict:
        form.renew()
        return deliverable_page(request, plan, None, deliverable, form, status=409, conflict=conflict.latest)
    request.session.pop("typed", None)
    messages.success(request, recorded_message(deliverable, update))
    return redirect(deliverable)


def recorded_message(deliverable, update):
    if update.status == deliverable.status and update.effective_on == deliverable.status_on:
        return _("Recorded: %(code)s is %(status)s.") % {
            "code": deliverable.code,
            "status": update.status.label.lower(),
        }
    return _("Recorded for %(day)s. A later report says how %(code)s stands today: %(status)s.") % {
        "day": date_format(update.effective_on),
        "code": deliverable.code,
        "status": deliverable.status.label.lower(),
    }


def deliverable_page(request, plan, as_of, deliverable, form, *, status=200, conflict=None):
    history = deliverable.updates.select_related("correction").latest_first()
    if as_of is not None:
        history = history.filter(effective_on__lte=as_of)
    before, after = deliverable.neighbours()
    context = {
        "plan": plan,
        "as_of": as_of,
        "deliverable": deliverable,
        "history": history,
        "before": before,
        "after": after,
        "form": form,
        "conflict": conflict,
    }
    return render(request, "deliverable.html", context, status=status)
