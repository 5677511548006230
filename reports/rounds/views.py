"""The pages of reporting rounds: open one, see who has reported and what there is to check, remind, close."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from deliverables.models import Proposal, ProposalState, ReportingRound
from deliverables.proposals.to_check import proposals_to_check
from deliverables.rounds.board import board_of, close_round, preview_of, progress_of_round
from plans.access import account_required, get_plan, plan_permission_required, post_only
from plans.common.form_fields import add_model_errors
from plans.common.security_log import log_event
from plans.form_drafts import form_data
from reports.mail.models import Message
from reports.mail.reporting import ask, preview
from reports.rounds.asked import asked_of
from reports.rounds.forms import ExtendForm, RoundForm

MAY_RUN = "deliverables.record_status"
# An e-mail has its styles in itself, which no page of ours may. Nothing in it runs or loads.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox"


@plan_permission_required(MAY_RUN)
@require_safe
def rounds(request, slug):
    """Show the rounds of a plan, the newest first."""
    plan = get_plan(request, slug)
    found = plan.rounds.order_by("-number")
    opened = next((each for each in found if each.is_open), None)
    context = {"plan": plan, "rounds": found, "round": opened}
    return render(request, "reports/rounds/rounds.html", context)


@plan_permission_required(MAY_RUN)
@require_http_methods(["GET", "HEAD", "POST"])
def open_round(request, slug):
    """Open a round, and write to everybody whom it asks."""
    plan = get_plan(request, slug)
    other = ReportingRound.objects.open_in(plan)
    if other and request.method != "POST":
        messages.info(request, _("“%s” is still open. Close it first.") % other.name)
        return redirect("round", slug, other.number)
    form = RoundForm(form_data(request), plan=plan)
    asked = None
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():  # a round without its e-mails would ask nobody
            if opened := try_open(form, plan, by=request.user):
                asked = ask(board_of(opened), now=timezone.now())
    if asked is not None:
        log_event("reporting round opened", request, plan=plan.slug, round=opened.number, people=len(asked))
        text = ngettext(
            "Open. One e-mail goes out within ten minutes.",
            "Open. %(number)d e-mails go out within ten minutes.",
            len(asked),
        )
        messages.success(request, text % {"number": len(asked)})
        return redirect("round", slug, opened.number)

    context = {"plan": plan, "form": form, "board": preview_of(plan, form.open)}
    status = 422 if request.method == "POST" else 200
    return render(request, "reports/rounds/open.html", context, status=status)


def try_open(form, plan, *, by):
    """Open the round of a valid form and return it. If a rule forbids it, the form has the errors: return None."""
    values = {"name": form.cleaned_data["name"], "closes_on": form.cleaned_data["closes_on"]}
    try:
        return ReportingRound.objects.begin(plan, deliverables=form.chosen, by=by, **values)
    except ValidationError as error:
        add_model_errors(form, error)
        return None


def get_round(request, slug, number):
    plan = get_plan(request, slug)
    return get_object_or_404(ReportingRound.objects.select_related("plan__organisation"), plan=plan, number=number)


@plan_permission_required(MAY_RUN)
@require_safe
def round_page(request, slug, number):
    """Show a round: the reports to check, and who has reported."""
    return show_round(request, get_round(request, slug, number))


def show_round(request, reporting_round, *, form=None, status=200):
    plan = get_plan(request, reporting_round.plan.slug)
    answers = list(Proposal.objects.filter(round=reporting_round).values_list("state", flat=True))
    board = board_of(reporting_round) if reporting_round.is_open else None
    answered, total = progress_of_round(reporting_round, board)
    if board:
        note_last_mails(board)
    to_check = proposals_to_check(plan)
    context = to_check | {
        "plan": plan,
        "round": reporting_round,
        "board": board,
        "answered": answered,
        "total": total,
        "is_done": bool(total) and answered == total and not to_check["proposals"],
        "takes_reports": reporting_round.takes_reports_on(timezone.localdate()),
        "accepted": answers.count(ProposalState.ACCEPTED),
        "sent_back": answers.count(ProposalState.SENT_BACK),
        "extend_form": form or ExtendForm(initial={"closes_on": reporting_round.closes_on}),
        "may_answer": True,
        "next": reverse("round", args=[plan.slug, reporting_round.number]),
    }
    return render(request, "reports/rounds/round.html", context, status=status)


def note_last_mails(board):
    """Give each party `written_at`, when one of its people was last written to, and `is_to_be_sent`: a mail waits.

    `is_written_to_today` is true where either is so today.
    """
    today = timezone.localdate()
    found = Message.objects.of_round(board.round).order_by("made_at", "pk")
    sent = dict(found.exclude(sent_at=None).values_list("person", "sent_at"))
    to_be_sent = set(found.waiting().values_list("person", flat=True))
    for party in board.parties:
        people = {person.pk for person in party.party.people}
        party.written_at = max((sent[pk] for pk in people & sent.keys()), default=None)
        party.is_to_be_sent = bool(people & to_be_sent)
        is_written = bool(party.written_at) and timezone.localdate(party.written_at) == today
        party.is_written_to_today = party.is_to_be_sent or is_written


@post_only
@plan_permission_required(MAY_RUN)
def remind(request, slug, number):
    """Remind one party of what it has not reported, or all that are late."""
    reporting_round = get_round(request, slug, number)
    if not reporting_round.takes_reports_on(timezone.localdate()):
        text = _("This round takes no more reports: nobody is asked any more. Move its last day first.")
        messages.error(request, text)
        return redirect("round", slug, number)

    board, party = board_of(reporting_round), request.POST.get("party", "")
    note_last_mails(board)
    if party:
        chosen = [each for each in board.late if each.party.key == party]
    else:
        chosen = [each for each in board.late if not each.is_written_to_today]
    if chosen:
        asked = ask(board, chosen, now=timezone.now())
        text = ngettext(
            "One reminder goes out within ten minutes.", "%(number)d reminders go out within ten minutes.", len(asked)
        )
        messages.success(request, text % {"number": len(asked)})
    elif board.late:
        messages.info(request, _("All who are late got an e-mail today. Remind them tomorrow, or one by one."))
    else:
        messages.info(request, _("Nothing is missing: everybody who was asked has reported."))
    return redirect("round", slug, number)


@plan_permission_required(MAY_RUN)
@require_safe
def reminder_preview(request, slug, number):
    """Show the reminder that a party would get, as an e-mail program does."""
    reporting_round, party = get_round(request, slug, number), request.GET.get("party", "")
    board = board_of(reporting_round)
    found = [each for each in board.late or board.parties if not party or each.party.key == party]
    if not found:
        return redirect("round", slug, number)
    content = preview(board, found[0], language=get_language())
    return HttpResponse(content, headers={"Content-Security-Policy": MAIL_POLICY, "Cache-Control": "private, no-store"})


@post_only
@plan_permission_required(MAY_RUN)
def extend_round(request, slug, number):
    """Move the last day for reports."""
    reporting_round = get_round(request, slug, number)
    if not reporting_round.is_open:
        messages.error(request, _("This round is closed. Open a new one."))
        return redirect("round", slug, number)
    form = ExtendForm(form_data(request))
    if form.is_valid():
        try:
            reporting_round.extend(form.cleaned_data["closes_on"])
        except ValidationError as error:
            form.add_error("closes_on", error.messages)
    if not form.is_valid():
        return show_round(request, get_round(request, slug, number), form=form, status=422)
    messages.success(request, _("Saved. The links in the e-mails work until then."))
    return redirect("round", slug, number)


@post_only
@plan_permission_required(MAY_RUN)
def end_round(request, slug, number):
    """Close a round. Reports that wait can still be answered."""
    reporting_round = get_round(request, slug, number)
    close_round(reporting_round, by=request.user)
    log_event("reporting round closed", request, plan=slug, round=number)
    messages.success(request, _("Closed. The links in the e-mails no longer work."))
    return redirect("round", slug, number)


@account_required
@require_safe
def my_reports(request, slug):
    """Show what is asked of a person, or what they may report on, where they have no region of their own."""
    plan = get_plan(request, slug)
    context = {
        "plan": plan,
        "asked": asked_of(request.user, plan),
        "next": request.path,
    }
    return render(request, "reports/rounds/mine.html", context)
