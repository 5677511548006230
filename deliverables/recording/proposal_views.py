"""Report on a deliverable, and answer what others report: accept it, change it, or send it back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from deliverables.models import AlreadyAnswered, AlreadyProposed, Conflict, Deliverable, Proposal
from deliverables.proposals.forms import AcceptForm, ProposalForm, SendBackForm
from deliverables.proposals.rights import capacity_of
from deliverables.status import Status
from deliverables.views import FormState, deliverable_page
from plans.access import account_required, get_plan, plan_permission_required, post_only, return_url
from plans.common.dates import date_format
from plans.common.form_fields import add_model_errors
from plans.form_drafts import form_data
from plans.translations import colon

ANSWERED = {  # what a second answer is told
    "accepted": gettext_lazy("%(name)s has accepted this already."),
    "sent_back": gettext_lazy("%(name)s has sent this back already."),
    "withdrawn": gettext_lazy("%(name)s has withdrawn this report, or sent another one."),
}


@post_only
@account_required
def propose(request, slug, code):
    """Store what somebody reports. With an error, show the form again with everything that was entered."""
    plan = get_plan(request, slug)
    rows = Deliverable.objects.of_plan(plan.slug, code).with_withdrawal().with_current_status()
    deliverable = get_object_or_404(rows)
    capacity = capacity_of(request.user, deliverable)
    if capacity is None:
        raise PermissionDenied

    own = Proposal.objects.last_of(request.user, deliverable)
    form = ProposalForm(form_data(request), request.FILES, deliverable=deliverable, proposal=own)
    if not (form.is_valid() and store_proposal(form, deliverable, by=request.user, capacity=capacity)):
        return deliverable_page(request, deliverable, None, FormState(form, 422))
    text = _("Sent to the Secretariat. It counts once they have accepted it; you will get an e-mail.")
    messages.success(request, text)
    return HttpResponseRedirect(return_url(request, deliverable.get_absolute_url()))


def store_proposal(form, deliverable, *, by, capacity):
    """Store the proposal of a valid form and return it. If a rule forbids it, the form has the errors: return None."""
    seen, submission = form.cleaned_data["seen"], form.cleaned_data["submission"]
    options = {"by": by, "capacity": capacity, "seen": seen, "submission": submission}
    try:
        return Proposal.objects.propose(deliverable, form.report, replaces=form.cleaned_data["replaces"], **options)
    except AlreadyProposed as other:
        form.replace(other.proposal)
        return None
    except ValidationError as error:
        add_model_errors(form, error)
        return None


@post_only
@account_required
def withdraw_proposal(request, slug, key):
    """Take back one's own proposal while it waits."""
    proposal = get_object_or_404(Proposal, plan=get_plan(request, slug), key=key, proposed_by=request.user)
    withdraw(request, proposal, by=request.user)
    return HttpResponseRedirect(return_url(request, proposal.deliverable.get_absolute_url()))


def withdraw(request, proposal, *, by):
    """Withdraw a proposal of a person, and say so, or why that is too late. Return whether it was withdrawn."""
    try:
        proposal.withdraw(by=by)
    except AlreadyAnswered as answered:
        messages.error(request, answered_text(answered.proposal))
        return False
    messages.success(request, _("Withdrawn. Nothing was recorded."))
    return True


@plan_permission_required("deliverables.record_status")
@require_safe
def proposal_page(request, slug, key):
    """Show a proposal with the form to change it before it is accepted."""
    proposal = get_proposal(request, slug, key)
    data = form_data(request)
    if data and "comment" in data:  # a draft of the other form of this page
        return answer_page(request, proposal, send_back_form=SendBackForm(data))
    form = ProposalForm(data, deliverable=proposal.deliverable, proposal=proposal)
    if request.GET.get("status") in Status.recordable():  # such as to accept as in progress what lacks evidence
        form.initial["status"] = request.GET["status"]
    return answer_page(request, proposal, form)


def get_proposal(request, slug, key):
    return get_object_or_404(Proposal.objects.for_page(), plan=get_plan(request, slug), key=key)


@post_only
@plan_permission_required("deliverables.record_status")
def accept_proposal(request, slug, key):
    """Record what is proposed: as it is, or as it was changed on the form of `proposal_page`."""
    proposal = get_proposal(request, slug, key)
    if "submission" in request.POST:  # the form with all fields, not the button alone
        form = ProposalForm(form_data(request), request.FILES, deliverable=proposal.deliverable, proposal=proposal)
    else:
        form = AcceptForm(request.POST)
    if not form.is_valid():
        return answer_page(request, proposal, form, status=422)

    report = form.report if isinstance(form, ProposalForm) else None
    try:
        update = proposal.accept(by=request.user, seen=form.cleaned_data["seen"], report=report)
    except AlreadyAnswered as answered:
        return already_answered(request, answered.proposal)
    except Conflict as conflict:
        return answer_page(request, proposal, form, status=409, conflict=conflict)
    except ValidationError as error:
        add_model_errors(form, error)
        return answer_page(request, proposal, form, status=422)
    messages.success(request, accepted_message(proposal, update))
    return HttpResponseRedirect(return_url(request, reverse("todo", args=[slug])))


def accepted_message(proposal, update):
    """Return the notice after accepting as HTML, with a link to correct what was recorded."""
    deliverable = proposal.deliverable
    values = {
        "status": update.status.label,
        "day": date_format(update.effective_on),
        "name": proposal.proposed_by_name,
    }
    return format_html(
        '<b>{}{}{}</b> <span>{}</span> <a href="{}">{}</a>',
        _("Accepted"),
        colon(),
        deliverable.plan.translated_texts().get(deliverable.title).html,
        _("%(status)s, reported for %(day)s. %(name)s gets an e-mail.") % values,
        f"{deliverable.get_absolute_url()}?correct={update.sequence}#record",
        _("Correct this"),
    )


@post_only
@plan_permission_required("deliverables.record_status")
def send_back(request, slug, key):
    """Send a proposal back with a comment."""
    proposal = get_proposal(request, slug, key)
    form = SendBackForm(form_data(request))
    if not form.is_valid():
        return answer_page(request, proposal, send_back_form=form, status=422)
    try:
        proposal.send_back(by=request.user, comment=form.cleaned_data["comment"])
    except AlreadyAnswered as answered:
        return already_answered(request, answered.proposal)
    except ValidationError as error:
        add_model_errors(form, error)
        return answer_page(request, proposal, send_back_form=form, status=422)
    messages.success(request, _("Sent back. %s gets an e-mail with your comment.") % proposal.proposed_by_name)
    return HttpResponseRedirect(return_url(request, reverse("todo", args=[slug])))


def already_answered(request, proposal):
    """Go to the deliverable, and say who was faster, and how they have answered."""
    messages.error(request, answered_text(proposal))
    return HttpResponseRedirect(proposal.deliverable.get_absolute_url())


def answered_text(proposal):
    """Return who has answered a proposal, and how."""
    return ANSWERED[proposal.state] % {"name": proposal.answered_by_name or proposal.proposed_by_name}


def answer_page(request, proposal, form=None, *, send_back_form=None, status=200, conflict=None):
    """Return the page of one proposal. A form of the button alone is replaced by the form with all its fields."""
    errors = None
    if not isinstance(form, ProposalForm):
        errors = form.errors if form is not None and status == 422 else None
        form = ProposalForm(deliverable=proposal.deliverable, proposal=proposal)
    elif conflict:
        form.renew()

    context = {
        "plan": get_plan(request, proposal.plan.slug),
        "proposal": proposal,
        "deliverable": proposal.deliverable,
        "form": form,
        "errors": errors,
        "send_back_form": send_back_form or SendBackForm(),
        "conflict": conflict,
        "next": return_url(request, reverse("todo", args=[proposal.plan.slug])),
    }
    return render(request, "deliverables/proposals/page.html", context, status=status)
