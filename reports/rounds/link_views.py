"""Report without signing in, by the signed link of an e-mail. It opens what its person is asked, and nothing else."""

from functools import wraps

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from deliverables.models import Proposal
from deliverables.proposals.forms import ProposalForm
from deliverables.proposals.rights import asked_capacity
from deliverables.recording.file_views import answer_upload
from deliverables.recording.proposal_views import store_proposal, withdraw
from plans.access import post_only
from plans.common.security_log import log_event
from plans.form_drafts import normalised_post
from reports.mail.report_links import read_link
from reports.rounds.asked import asked_of


def by_link(view):
    """Decorate a view to get the `ReportLink` of its token. 404 for a forged one, 410 with a page once it has ended."""

    @wraps(view)
    def guarded(request, token, *args, **kwargs):
        link = read_link(token)
        if link is None:
            raise Http404
        if link.round.takes_reports_on(timezone.localdate()):
            response = view(request, link, *args, **kwargs)
        else:
            log_event("report link has ended", request, account=link.person.pk, plan=link.round.plan.slug)
            context = {"round": link.round, "token": token}
            response = render(request, "reports/rounds/link_ended.html", context, status=410)
        # The address is a key: no cache, no search engine and no other address gets to know it.
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return guarded


@require_safe
@by_link
def report_by_link(request, link):
    """Show what the person of a link is asked."""
    asked = asked_of(link.person, link.round.plan)
    context = {"link": link, "asked": asked, "token": request.resolver_match.kwargs["token"]}
    return render(request, "reports/rounds/link.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def report_one_by_link(request, link, code):
    """Show the form of one of the deliverables, and store what is reported."""
    token = request.resolver_match.kwargs["token"]
    row = next((each for each in asked_of(link.person, link.round.plan).rows if each.deliverable.code == code), None)
    capacity = row and asked_capacity(link.person, row.deliverable)
    if capacity is None:
        raise Http404

    form = ProposalForm(
        normalised_post(request),
        request.FILES if request.method == "POST" else None,
        deliverable=row.deliverable,
        proposal=Proposal.objects.last_of(link.person, row.deliverable),
        upload_url=reverse("upload_by_link", args=[token]),
    )
    is_valid = request.method == "POST" and form.is_valid()
    if is_valid and store_proposal(form, row.deliverable, by=link.person, capacity=capacity):
        log_event("report by link", request, account=link.person.pk, plan=link.round.plan.slug, code=str(code))
        messages.success(request, _("Sent to the Secretariat. You will get an e-mail with their answer."))
        return redirect("report_by_link", token)

    context = {"link": link, "row": row, "deliverable": row.deliverable, "form": form, "token": token}
    status = 422 if request.method == "POST" else 200
    return render(request, "reports/rounds/link_form.html", context, status=status)


@post_only
@by_link
def withdraw_by_link(request, link, key):
    """Take back the person's own report on something that they are asked, while it waits."""
    asked = [row.deliverable for row in asked_of(link.person, link.round.plan).rows]
    proposal = get_object_or_404(Proposal, key=key, proposed_by=link.person, deliverable__in=asked)
    if withdraw(request, proposal, by=link.person):
        log_event("report withdrawn by link", request, account=link.person.pk, plan=link.round.plan.slug)
    return redirect("report_by_link", request.resolver_match.kwargs["token"])


@post_only
@by_link
def upload_by_link(request, link):
    """Store a file for the form of a link, while it asks something of its person."""
    if not asked_of(link.person, link.round.plan).rows:
        raise Http404
    log_event("upload by link", request, account=link.person.pk, plan=link.round.plan.slug)
    return answer_upload(request)
