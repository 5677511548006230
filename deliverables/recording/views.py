"""Record or confirm a status, on the deliverable's page or in place, under a row of a list.

In place, htmx sends the header `HX-Request` and gets back only the parts of the page that change. Without that header
every response is a whole page.
"""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from deliverables.filters import DeliverableFilter
from deliverables.forms import ConfirmForm, StatusForm
from deliverables.models import Conflict, Deliverable, standings_of
from deliverables.rows import list_rows
from deliverables.status import Status
from deliverables.views import FormState, deliverable_page, draft_of_status, update_to_correct
from plans.access import get_plan, plan_and_date, plan_permission_required, post_only, return_url
from plans.common.dates import date_format
from plans.form_drafts import form_data


@plan_permission_required("deliverables.record_status")
@require_safe
def status_form(request, slug, code):
    """Show the form alone, to open under its row, with the status of `?status=` selected. See the page without htmx."""
    _plan, _as_of = plan_and_date(request, slug)
    deliverable = get_object_or_404(Deliverable.objects.of_plan(slug, code).not_withdrawn().with_current_status())
    if not request.htmx:
        return redirect(deliverable.get_absolute_url() + "#record")

    status = request.GET.get("status")
    status = status if status in Status.recordable() else None
    correcting, data = update_to_correct(request, deliverable), draft_of_status(request, deliverable)
    if data and status:
        data["status"] = status
    options = {"status": status, "correcting": correcting, "auto_id": ids_in_place(request, code)}
    form = StatusForm(data, deliverable=deliverable, **options)
    return row_form(request, deliverable, FormState(form))


@post_only
@plan_permission_required("deliverables.record_status")
def record_status(request, slug, code):
    """Record a status. After a conflict or an error, show the form again with everything that was entered."""
    plan, _as_of = plan_and_date(request, slug)
    deliverable = get_object_or_404(
        Deliverable.objects.of_plan(slug, code).select_related("measure__action_line__plan")
    )
    auto_id = ids_in_place(request, code) if request.htmx else "id_%s"
    form = StatusForm(form_data(request), request.FILES, deliverable=deliverable, auto_id=auto_id)
    if not form.is_valid():
        return redisplay_form(request, deliverable, FormState(form, 422))

    try:
        update = deliverable.record(by=request.user, **form.report)
    except Conflict as conflict:
        form.renew()
        return redisplay_form(request, deliverable, FormState(form, 409, conflict))
    except ValidationError as error:
        form.add_error(None, error)
        return redisplay_form(request, deliverable, FormState(form, 422))

    messages.success(request, recorded_message(deliverable, update))
    if request.htmx:
        return row_in_place(request, plan, code)
    return redirect(deliverable)


@post_only
@plan_permission_required("deliverables.record_status")
def confirm_status(request, slug, code):
    """Record that the status is still true today. After a conflict, show what was recorded with an empty form."""
    plan, _as_of = plan_and_date(request, slug)
    deliverable = get_object_or_404(Deliverable.objects.of_plan(slug, code).with_withdrawal().with_current_status())
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("Nothing was confirmed: the form is incomplete. Reload the page."))

    try:
        update = deliverable.confirm(by=request.user, on=timezone.localdate(), **form.cleaned_data)
    except Conflict as conflict:
        auto_id = ids_in_place(request, code) if request.htmx else "id_%s"
        blank = StatusForm(deliverable=deliverable, auto_id=auto_id)
        return redisplay_form(request, deliverable, FormState(blank, 409, conflict), with_row=True)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return row_in_place(request, plan, code) if request.htmx else redirect(deliverable)

    messages.success(request, confirmed_message(deliverable, update))
    if request.htmx:
        return row_in_place(request, plan, code)
    return HttpResponseRedirect(back_to(request, deliverable))


def element_in_place(request, code):
    """Return the `id` of the row that a request in place is about: its target, or the one that its form names."""
    element = request.POST.get("row") or request.htmx.target or ""
    return element if re.fullmatch(rf"[a-z_]+-{code}", element) else f"row-{code}"


def ids_in_place(request, code):
    """Return the pattern of a form's field ids, different for each row: several forms may be open in a list."""
    return f"id_{element_in_place(request, code)}_%s"


def back_to(request, deliverable):
    """Return the URL of the list that the reader came from, with its filters, or else of the deliverable's page."""
    return return_url(request, deliverable.get_absolute_url())


def recorded_message(deliverable, update):
    """Return the notice after recording. A report for an earlier day does not change the current status."""
    if update.status == deliverable.status and update.effective_on == deliverable.status_on:
        text = _("Recorded: %(code)s is %(status)s.")
    else:
        text = _("Recorded for %(day)s. The current status of %(code)s comes from a later report: %(status)s.")
    return with_correction_link(text, deliverable, update)


def confirmed_message(deliverable, update):
    """Return the notice after confirming."""
    return with_correction_link(_("Confirmed: %(code)s is still %(status)s."), deliverable, update)


def with_correction_link(text, deliverable, update):
    """Return a notice as HTML, its placeholders filled in, with a link to correct the update."""
    values = {
        "code": deliverable.code,
        "status": deliverable.status.label.lower(),
        "day": date_format(update.effective_on),
    }
    address = f"{deliverable.get_absolute_url()}?correct={update.sequence}#record"
    return format_html('{} <a href="{}">{}</a>', text % values, address, _("Correct this"))


def redisplay_form(request, deliverable, state, *, with_row=False):
    """Return the form with its errors, or what somebody else recorded, and everything that was typed."""
    plan, code = get_plan(request, deliverable.plan.slug), deliverable.code
    if request.htmx:
        return row_form(request, deliverable, state, row=shown_row(request, plan, code) if with_row else None)

    current = Deliverable.objects.of_plan(plan.slug, code).with_withdrawal().with_current_status().get()
    return deliverable_page(request, current, None, state)


def row_form(request, deliverable, state, *, row=None):
    """Return the form under its row; `row` is the row itself, where that is what the request was to change."""
    plan = get_plan(request, deliverable.plan.slug)

    context = {
        "plan": plan,
        "deliverable": deliverable,
        "form": state.form,
        "element": element_in_place(request, deliverable.code),
        "conflict": state.conflict,
        "row": row,
        "may_record": True,
        "may_select": is_list(plan, back_to(request, deliverable)),
    }
    return render(request, "deliverables/recording/row_form.html", context, status=state.http_status)


def is_list(plan, url):
    """Return whether a URL is that of the plan's list of deliverables, with any filters."""
    return urlsplit(url).path == reverse("deliverables", args=[plan.slug])


def shown_row(request, plan, code):
    """Return the row of a deliverable in a list."""
    found = [standing for standing in standings_of(plan) if standing.code == code]
    (row,) = list_rows(found, plan, None, timezone.localdate())
    return replace(row, element=element_in_place(request, code))


def row_in_place(request, plan, code):
    """Return the parts of a list that recording changes: the row, the counts and bar of its filters, and the notice."""
    plan.is_only_read = True  # from here on: what was recorded is stored
    row = shown_row(request, plan, code)
    url = return_url(request, reverse("deliverable", args=[plan.slug, code]))
    query = QueryDict(urlsplit(url).query)
    filters = DeliverableFilter(query, plan=plan, reader=request.user) if is_list(plan, url) else None

    context = {
        "plan": plan,
        "row": row,
        "may_record": True,
        "may_select": filters is not None,
        "filter": filters,
        "counts": filters and filters.counts,
        "withdrawn": filters and plan.amendments_length and filters.withdrawn_count,
        "next": url,
    }
    response = render(request, "deliverables/recording/recorded_row.html", context)
    return trigger_client_event(response, "recorded", {"row": row.element}, after="settle")
