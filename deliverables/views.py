"""The pages of a plan's deliverables: the list, and one deliverable. Their forms are handled in `recording`."""

import re
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from deliverables.attention import freshness_text, is_open
from deliverables.filters import DeliverableFilter
from deliverables.forms import EVIDENCE_NAMES, StatusForm
from deliverables.models import (
    Amendment,
    Conflict,
    Deliverable,
    LinkCheck,
    Proposal,
    load_evidence,
    load_takedowns,
    neighbours_of,
)
from deliverables.proposals.forms import ProposalForm
from deliverables.proposals.rights import capacity_of
from deliverables.proposals.to_check import waiting_on
from deliverables.rows import list_rows, may_be_confirmed
from deliverables.status import Status
from plans.access import get_plan, plan_and_date
from plans.codes import Code
from plans.common.dates import distance_text
from plans.common.prepared import prepared
from plans.form_drafts import form_data
from plans.memory import by_structure
from plans.models import visibilities_for
from plans.page_cache import cached_page

ROWS_A_PAGE = 100


@dataclass(frozen=True)
class HistoryRights:
    """What the reader of a history sees of its entries: names, and links to correct one and to take down its texts."""

    for_members: bool
    may_correct: bool
    may_take_down: bool

    @classmethod
    def of(cls, reader, *, may_correct):
        return cls(reader.is_authenticated, may_correct, reader.has_perm("deliverables.take_down_text"))


@dataclass(frozen=True)
class FormState:
    """The status form of a page (None for readers), with the HTTP status and the conflict if it was sent in vain."""

    form: StatusForm | None
    http_status: int = 200
    conflict: Conflict | None = None


@require_safe
@cached_page(*DeliverableFilter.base_filters, "page", "gap")
def deliverable_list(request, slug):
    """Show the deliverables that pass the filters, a page at a time, with their counts."""
    if "gap" in request.GET:  # the name of `attention` before release 1.0: such links were shared and bookmarked
        query = request.GET.copy()
        query["attention"] = query.pop("gap")[-1]
        return redirect(f"{request.path}?{query.urlencode()}", permanent=True)

    plan, as_of = plan_and_date(request, slug)
    filters = DeliverableFilter(request.GET, plan=plan, reader=request.user, as_of=as_of)
    may_record = may_record_now(request, as_of) and not filters.active.get("withdrawn")

    page = Paginator(filters.rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = list_rows(page.object_list, plan, as_of, filters.day)

    context = {
        "plan": plan,
        "as_of": as_of,
        "filter": filters,
        "counts": filters.counts,
        "page": page,
        "texts_shown": [row.title for row in page],
        "may_record": may_record,
        "may_select": may_record,
        "is_member": request.user.is_authenticated,
        "recordable_statuses": Status.recordable(),
        "next": request.get_full_path(),
        "withdrawn": plan.amendments_length and filters.withdrawn_count,
    }
    return render(request, "deliverables/list.html", context)


@require_safe
@cached_page("as_of", has_form=True)
def deliverable_detail(request, slug, code):
    """Show a deliverable with its history, and its status form to whoever may record."""
    plan, as_of = plan_and_date(request, slug)
    found = deliverables_at(slug, code.line, code.measure, code.deliverable, as_of)
    if not found:
        raise Http404
    (deliverable,) = found

    form = None
    if may_record_now(request, as_of) and not deliverable.withdrawn_on:
        correcting = update_to_correct(request, deliverable)
        form = StatusForm(draft_of_status(request, deliverable), deliverable=deliverable, correcting=correcting)
    elif as_of is None and capacity_of(request.user, deliverable):
        own = Proposal.objects.last_of(request.user, deliverable)
        form = ProposalForm(draft_of_status(request, deliverable), deliverable=deliverable, proposal=own)
    return deliverable_page(request, deliverable, as_of, FormState(form))


@prepared
def deliverables_at(slug, line, measure, number, as_of):
    deliverables = Deliverable.objects.of_plan(slug, Code(line, measure, number)).existing_on(as_of)
    return deliverables.with_withdrawal(as_of).with_current_status(as_of)


def may_record_now(request, as_of):
    """Return whether this person may record on this page: not on one that shows an earlier date."""
    return as_of is None and request.user.has_perm("deliverables.record_status")


def draft_of_status(request, deliverable):
    """Return the data of a draft of a deliverable's status form, None without one.

    With the number of an entry in `?correct=`, a draft that corrects another entry, or none, is not shown. With an
    empty one, the draft corrects none.
    """
    data, correcting = form_data(request, page=deliverable.get_absolute_url()), request.GET.get("correct")
    if data and correcting and data.get("corrects") != correcting:
        request.form_draft = None
        return None
    if data and correcting == "" and data.get("corrects"):
        came_along = EVIDENCE_NAMES if data.get("carries_evidence") else ()
        for name in ("corrects", "carries_evidence", *came_along):
            data[name] = ""
    return data


def update_to_correct(request, deliverable):
    """Return the update of this deliverable that `?correct=` names, or None if there is none in effect."""
    sequence = request.GET.get("correct", "")
    if not re.fullmatch(r"[0-9]{1,9}", sequence):
        return None

    return deliverable.updates.in_effect().filter(sequence=sequence).first()


def due_text(deliverable, day):
    """Return how far the due date is from a day as text; empty for what is attained, or has none."""
    due_on = deliverable.due_as_of
    if due_on is None or deliverable.current_status == Status.ATTAINED:
        return ""
    if due_on >= day:
        return distance_text(due_on, day)
    if is_open(deliverable, day):
        return _("%(when)s, and not attained") % {"when": distance_text(due_on, day)}
    return _("past, and not attained")


def evidence_of(history):
    """Return each piece of evidence in effect once, with the day that it was first given for, the latest first."""
    pieces = {}
    for update in history:
        for piece in () if update.is_corrected else update.evidence:
            pieces[piece] = update.effective_on
    return pieces


def checked_evidence(evidence, reader):
    """Return each piece of evidence with its day and the last check of its link, None where the reader sees none."""
    checks = LinkCheck.objects.shown_to(reader, [piece.link for piece in evidence])
    return [(piece, day, checks.get(piece.link)) for piece, day in evidence.items()]


def proposals_on(deliverable, plan, reader, form):
    """Return the proposals on a deliverable that a reader sees: the secretariat those that wait, an author the last."""
    if reader.has_perm("deliverables.record_status"):
        waiting = Proposal.objects.waiting().filter(deliverable=deliverable).for_page()
        return waiting if deliverable.pk in waiting_on(plan) else ()
    if isinstance(form, ProposalForm):
        own = form.proposal
    else:  # such as where somebody else is responsible now
        own = Proposal.objects.last_of(reader, deliverable) if reader.is_authenticated else None
    return [own] if own else []


def amendments_about(plan, code, as_of):
    """Return the amendments of a part, its measure and its line in force by a day (None: today), the latest first."""
    codes = {str(part) for part in (code.in_line, code.in_measure, code)}
    return [
        amendment
        for amendment in amendments_of(plan)
        if amendment.code in codes and (as_of is None or amendment.in_force_on <= as_of)
    ]


@by_structure
def amendments_of(plan):
    return list(Amendment.objects.for_page(plan)) if plan.amendments_length else []


def linked_with(deliverable, plan, reader):
    """Return the deliverable that this one continues, and those that continue it, in plans that a reader may read."""
    return [
        other
        for other in links_of(plan, *visibilities_for(reader))
        if other.pk == deliverable.continues_id or other.continues_id == deliverable.pk
    ]


@by_structure
def links_of(plan, *visibilities):
    readable = Deliverable.objects.filter(measure__action_line__plan__visibility__in=visibilities)
    return list(readable.linked_with(plan))


def deliverable_page(request, deliverable, as_of, state):
    """Return the page of a deliverable as of a date, with the form in `state`."""
    plan, form = get_plan(request, deliverable.plan.slug), state.form
    is_report = isinstance(form, ProposalForm)
    may_correct = form is not None and not is_report

    history = [update for update in deliverable.history if as_of is None or update.effective_on <= as_of]
    load_evidence(history)
    load_takedowns(plan, history)
    day = as_of or timezone.localdate()
    wording = Amendment.objects.wording_on(plan, as_of)
    texts = {
        "title": wording.get(deliverable.code, deliverable.title),
        "statement": wording.get(deliverable.code.in_measure, deliverable.measure.statement),
        "line_title": wording.get(deliverable.code.in_line, deliverable.measure.action_line.title),
    }

    line = deliverable.measure.action_line
    line.title = texts["line_title"]  # the way to this page names it

    context = texts | {
        "plan": plan,
        "as_of": as_of,
        "deliverable": deliverable,
        "texts_shown": texts.values(),
        "withdrawn_on": deliverable.withdrawn_as_of,
        "amendments": amendments_about(plan, deliverable.code, as_of),
        "may_edit": as_of is None and request.user.has_perm("plans.change_plan"),
        "linked": linked_with(deliverable, plan, request.user),
        "regions": Deliverable.objects.regions_in(plan).get(deliverable.pk, ()),
        "history": history,
        "history_rights": HistoryRights.of(request.user, may_correct=may_correct),
        "current": next((update for update in history if not update.is_corrected), None),
        "evidence": checked_evidence(evidence_of(history), request.user),
        "due_text": due_text(deliverable, day),
        "neighbours": neighbours_of(plan, deliverable.code, as_of),
        "form": form,
        "may_correct": may_correct,
        "is_report": is_report,
        "proposals": proposals_on(deliverable, plan, request.user, form) if as_of is None else (),
        "may_answer": request.user.has_perm("deliverables.record_status"),
        "conflict": state.conflict,
        "freshness": freshness_text(deliverable, day),
        "confirming": may_correct and may_be_confirmed(deliverable, day) and deliverable.seen,
    }
    return render(request, "deliverables/deliverable.html", context, status=state.http_status)
