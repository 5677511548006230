import re
import uuid

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from deliverables.filters import DeliverableFilter
from deliverables.forms import ConfirmForm, StatusForm, marks
from deliverables.freshness import freshness_of
from deliverables.models import Deliverable
from deliverables.updates import Conflict
from plans.access import permission_needed, plan_in_view, post_only, typed_before_sign_in

ROWS_A_PAGE = 100


@require_safe
def deliverable_list(request, slug):
    plan, as_of = plan_in_view(request, slug)
    found = DeliverableFilter(request.GET, plan=plan, as_of=as_of)
    counts = found.counts
    may_record = may_record_now(request, as_of)
    paginator = Paginator(found.rows.to_record_on() if may_record else found.rows, ROWS_A_PAGE)
    paginator.count = counts.total
    page = paginator.get_page(request.GET.get("page"))
    for row in page:
        row.freshness, row.submission = freshness_of(row, found.day), uuid.uuid4()
    context = {"plan": plan, "as_of": as_of, "filter": found, "counts": counts, "page": page, "may_record": may_record}
    return render(request, "deliverables.html", context)


@require_safe
def deliverable_detail(request, slug, code):
    plan, as_of = plan_in_view(request, slug)
    deliverable = get_object_or_404(Deliverable.objects.of(slug, code).standing(as_of))
    form = None
    if may_record_now(request, as_of):
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


@post_only
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
        return deliverable_page(request, plan, None, deliverable, form, status=409, conflict=conflict)
    except ValidationError as error:
        form.add_error(None, error)
        return deliverable_page(request, plan, None, deliverable, form, status=422)
    request.session.pop("typed", None)
    messages.success(request, recorded_message(deliverable, update))
    return redirect(deliverable)


@post_only
@permission_needed("deliverables.record_status")
def confirm_status(request, slug, code):
    plan, _as_of = plan_in_view(request, slug)
    deliverable = get_object_or_404(Deliverable.objects.of(slug, code).standing())
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("Nothing was confirmed: the form came back incomplete. Load the page again."))
    try:
        deliverable.confirm(by=request.user, on=timezone.localdate(), **form.cleaned_data)
    except Conflict as conflict:
        blank = StatusForm(deliverable=deliverable)
        return deliverable_page(request, plan, None, deliverable, blank, status=409, conflict=conflict)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(deliverable)
    message = _("Confirmed: %(code)s is still %(status)s.")
    messages.success(request, message % {"code": deliverable.code, "status": deliverable.status.label.lower()})
    return HttpResponseRedirect(back_to(request, deliverable))


def back_to(request, deliverable):
    """The list the reader came from, with its filters; else the deliverable's page."""
    page = request.POST.get("next", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return page if is_ours else deliverable.get_absolute_url()


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
    history = deliverable.updates.marking_late().select_related("correction", "corrects").latest_first()
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
        "freshness": freshness_of(deliverable, as_of or timezone.localdate()),
        "confirming": form and marks(deliverable),
    }
    return render(request, "deliverable.html", context, status=status)
