"""Recording a status: from the deliverable's page, or in place in a list, where only what changes is sent back.

A form in place comes with htmx, which sends `HX-Request`; without it every answer is a page of its own.
"""

import re
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
from deliverables.models import Conflict, Deliverable
from deliverables.status import Status
from deliverables.views import deliverable_page, ready_to_show, update_to_correct
from plans.access import plan_and_date, plan_permission_required, post_only, return_url
from plans.common.dates import date_format


@plan_permission_required("deliverables.record_status")
@require_safe
def status_form(request, slug, code):
    """The form alone, to be opened under its row; `?status=` is chosen in it. A page of its own without htmx."""
    plan, _as_of = plan_and_date(request, slug)
    deliverable = get_object_or_404(Deliverable.objects.of_plan(slug, code).not_withdrawn().with_current_status())
    if not request.htmx:
        return redirect(deliverable.get_absolute_url() + "#record")
    wanted = {"status": status} if (status := request.GET.get("status")) in Status.recordable() else {}
    correcting = update_to_correct(request, deliverable)
    form = StatusForm(deliverable=deliverable, typed=wanted, correcting=correcting, auto_id=ids_in_place(request, code))
    return editor(request, plan, deliverable, form, back_to(request, deliverable))


@post_only
@plan_permission_required("deliverables.record_status")
def record_status(request, slug, code):
    plan, _as_of = plan_and_date(request, slug)
    deliverable = get_object_or_404(
        Deliverable.objects.of_plan(slug, code).select_related("measure__action_line__plan")
    )
    auto_id = ids_in_place(request, code) if request.htmx else "id_%s"
    form = StatusForm(request.POST, deliverable=deliverable, auto_id=auto_id)
    if not form.is_valid():
        return form_again(request, plan, deliverable, form, status=422)
    try:
        update = deliverable.record(by=request.user, **form.cleaned_data)
    except Conflict as conflict:
        form.renew()
        return form_again(request, plan, deliverable, form, status=409, conflict=conflict)
    except ValidationError as error:
        form.add_error(None, error)
        return form_again(request, plan, deliverable, form, status=422)
    request.session.pop("typed", None)
    messages.success(request, recorded_message(deliverable, update))
    if request.htmx:
        return row_in_place(request, plan, code)
    return redirect(deliverable)


@post_only
@plan_permission_required("deliverables.record_status")
def confirm_status(request, slug, code):
    plan, _as_of = plan_and_date(request, slug)
    deliverable = get_object_or_404(Deliverable.objects.of_plan(slug, code).with_withdrawal().with_current_status())
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("Nothing was confirmed: the form came back incomplete. Load the page again."))
    try:
        update = deliverable.confirm(by=request.user, on=timezone.localdate(), **form.cleaned_data)
    except Conflict as conflict:
        auto_id = ids_in_place(request, code) if request.htmx else "id_%s"
        blank = StatusForm(deliverable=deliverable, auto_id=auto_id)
        return form_again(request, plan, deliverable, blank, status=409, conflict=conflict, with_row=True)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return row_in_place(request, plan, code) if request.htmx else redirect(deliverable)
    messages.success(request, confirmed_message(deliverable, update))
    if request.htmx:
        return row_in_place(request, plan, code)
    return HttpResponseRedirect(back_to(request, deliverable))


def element_in_place(request, code):
    """The row on the page that a form in place belongs to: its `id`."""
    asked = request.POST.get("row") or request.GET.get("row", "")
    return asked if re.fullmatch(rf"[a-z_]+-{code}", asked) else f"row-{code}"


def ids_in_place(request, code):
    """A list may have several forms open: the fields of each have ids of their own."""
    return f"id_{element_in_place(request, code)}_%s"


def back_to(request, deliverable):
    """The list the reader came from, with its filters; else the deliverable's page."""
    return return_url(request, deliverable.get_absolute_url())


def recorded_message(deliverable, update):
    if update.status == deliverable.status and update.effective_on == deliverable.status_on:
        text = _("Recorded: %(code)s is %(status)s.")
    else:
        text = _("Recorded for %(day)s. A later report says how %(code)s stands today: %(status)s.")
    return with_correction(text, deliverable, update)


def confirmed_message(deliverable, update):
    return with_correction(_("Confirmed: %(code)s is still %(status)s."), deliverable, update)


def with_correction(text, deliverable, update):
    """A sentence on what was recorded, with the way to mend it."""
    values = {
        "code": deliverable.code,
        "status": deliverable.status.label.lower(),
        "day": date_format(update.effective_on),
    }
    address = f"{deliverable.get_absolute_url()}?correct={update.sequence}#record"
    return format_html('{} <a href="{}">{}</a>', text % values, address, _("Correct this"))


def form_again(request, plan, deliverable, form, *, status, conflict=None, with_row=False):
    """The form with its errors, or what somebody else recorded, and everything that was typed."""
    if not request.htmx:
        shown = Deliverable.objects.of_plan(plan.slug, deliverable.code).with_withdrawal().with_current_status().get()
        return deliverable_page(request, plan, None, shown, form, status=status, conflict=conflict)
    where = back_to(request, deliverable)
    row = shown_row(request, plan, deliverable.code) if with_row else None
    return editor(request, plan, deliverable, form, where, status=status, conflict=conflict, row=row)


def editor(request, plan, deliverable, form, where, *, status=200, conflict=None, row=None):
    """The form in place; `row` is the deliverable's own, where that is what was asked to change."""
    context = {
        "plan": plan,
        "deliverable": deliverable,
        "form": form,
        "next": where,
        "element": element_in_place(request, deliverable.code),
        "conflict": conflict,
        "row": row,
        "may_record": True,
        "may_choose": is_list(plan, where),
    }
    return render(request, "deliverables/recording/row_form.html", context, status=status)


def is_list(plan, where):
    """Whether a page is the list of a plan, whatever its filters."""
    return urlsplit(where).path == reverse("deliverables", args=[plan.slug])


def shown_row(request, plan, code):
    """A deliverable as the row of a list shows it."""
    deliverable = Deliverable.objects.of_plan(plan.slug, code).with_withdrawal().with_current_status().with_seen()
    row = ready_to_show(deliverable, plan, None, timezone.localdate())[0]
    row.element = element_in_place(request, code)
    return row


def row_in_place(request, plan, code):
    """What recording changes on a list: the row, the counts and the bar of the list's filters, and the notice."""
    row = shown_row(request, plan, code)
    place = urlsplit(back_to(request, row))
    in_list = is_list(plan, place.geturl())
    found = DeliverableFilter(QueryDict(place.query), plan=plan, reader=request.user) if in_list else None
    context = {
        "plan": plan,
        "row": row,
        "may_record": True,
        "may_choose": found is not None,
        "filter": found,
        "counts": found and found.counts,
        "withdrawn": Deliverable.objects.of_plan(plan.slug).withdrawn().count(),
        "next": place.geturl(),
    }
    response = render(request, "deliverables/recording/recorded_row.html", context)
    return trigger_client_event(response, "recorded", {"row": row.element}, after="settle")
