"""The e-mails of reporting: what a round asks, reminders, reports to check, and the answers to them."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from deliverables.models import Proposal, ProposalState, ReportingRound
from deliverables.rounds.board import Answer, board_of
from plans.common.dates import date_format
from plans.models import Plan, Translation
from plans.translations import ENGLISH
from reports.mail.models import Message, has_valid_address, unsubscribe_url
from reports.mail.reminders import store_message
from reports.mail.rendering import render_mail
from reports.mail.report_links import url_for
from reports.mail.rows import Row

REMINDED_BEFORE = timedelta(days=7)  # how long before its last day a round reminds by itself
ANSWERED = (ProposalState.ACCEPTED, ProposalState.SENT_BACK)


def ask(board, parties=None, *, now):
    """Store one message for each person of the parties (default: all) with what is still asked of them.

    It is a reminder to those whom the round has written to. Who wants no reminders gets none, but the first question.
    Returns the people who will be written to.
    """
    reporting_round, asked = board.round, []
    people = {person.pk: asks for person, asks in board.people(parties).items()}
    reminded = set(Message.objects.of_round(reporting_round).exclude(sent_at=None).values_list("person", flat=True))
    for person in get_user_model().objects.filter(has_valid_address(), pk__in=people, is_active=True):
        is_reminder = person.pk in reminded
        if is_reminder and not person.reminders:
            continue
        may_read = Plan.objects.visible_to(person).filter(pk=reporting_round.plan_id).exists()
        if may_read and any(each.is_missing for each in people[person.pk]):
            with override(person.language or ENGLISH), transaction.atomic():
                store_request(board, person, people[person.pk], now, is_reminder=is_reminder)
            asked.append(person)
    return asked


def store_request(board, person, asks, now, *, is_reminder):
    """Store the message of a round to a person. It takes the place of one that waits for a mail server."""
    reporting_round, plan = board.round, board.round.plan
    for waiting in Message.objects.waiting_for(person, Message.Kind.ROUND, now, plan):
        waiting.delete()
    context = request_context(board, person, asks, is_reminder=is_reminder)
    context["button"]["url"] = url_for(reporting_round, person)
    message = Message(person=person, kind=Message.Kind.ROUND, plan=plan, items=items_of(reporting_round, asks))
    message.subject = context.pop("subject")
    return store_message(message, context, now)


def items_of(reporting_round, asks):
    """Return what is stored with a message of a round: its key, and those of the deliverables that it asks about."""
    return [str(reporting_round.key), *sorted(str(each.deliverable.key) for each in asks if each.is_missing)]


def request_context(board, person, asks, *, is_reminder):
    """Return what the templates of a request show. `button` has no address yet: it is the person's signed link."""
    reporting_round, missing = board.round, [each for each in asks if each.is_missing]
    plan = reporting_round.plan
    Translation.objects.load([plan], get_language())
    day, done = date_format(reporting_round.closes_on), len(asks) - len(missing)
    subject = ngettext("One report is due by %(day)s", "%(number)d reports are due by %(day)s", len(missing))
    subject = subject % {"number": len(missing), "day": day}
    names = ", ".join(board.in_place_of(person))
    return {
        "subject": _("Reminder: %s") % subject if is_reminder else subject,
        "in_place_of": _("You are asked as the deputy of %(names)s.") % {"names": names} if names else "",
        "thanks": thanks(done, len(missing)),
        "rows": [request_row(each, plan) for each in missing],
        "round": reporting_round,
        "plan": plan,
        "button": {"url": "", "label": report_label(asks, plan)},
        "is_reminder": is_reminder,
        "unsubscribe_url": unsubscribe_url(person, Message.Kind.ROUND, plan),
    }


def thanks(done, missing):
    """Return the first sentence: thanks for what was reported, and how much is open."""
    if not done:
        return ngettext("Please report on this deliverable:", "Please report on these deliverables:", missing)
    text = ngettext("Thank you for your report.", "Thank you for your %(number)d reports.", done) % {"number": done}
    return text + " " + ngettext("One is still open:", "%(number)d are still open:", missing) % {"number": missing}


def report_label(asks, plan):
    """Return the text of the button: it names the region where all questions are for one."""
    regions = {each.party.region for each in asks}
    region = regions.pop() if len(regions) == 1 else None
    return _("Report for %s") % plan.translated_texts().get(region.name) if region else _("Report")


def request_row(ask, plan):
    deliverable, texts = ask.deliverable, plan.translated_texts()
    due = _("Due %(day)s") % {"day": date_format(deliverable.due_on)} if deliverable.due_on else ""
    is_back = ask.answer == Answer.SENT_BACK
    return Row(
        title=texts.get(deliverable.title),
        path=deliverable.get_absolute_url(),
        facts=(due, _("Sent back") if is_back else ""),
        quote=ask.proposal.comment if is_back else "",
        measure=texts.get(deliverable.measure.short_name),
        code=str(deliverable.code),
        status=deliverable.current_status,
    )


def preview(board, party, *, language):
    """Return the HTML of the reminder that a party would get, without a working link."""
    with override(language):
        person = party.party.people[0]
        context = request_context(board, person, party.asks, is_reminder=True)
        context |= {"person": person, "unsubscribe_url": "#"}
        context["button"]["url"] = "#"
        return render_mail(("reports/mail/round.txt", "reports/mail/round.html"), context)[1]


def remind_before_closing(now):
    """Remind everybody who has not reported in a round that closes within `REMINDED_BEFORE`, once a round."""
    today = timezone.localdate(now)
    rounds = ReportingRound.objects.open().filter(reminded_on=None, closes_on__range=(today, today + REMINDED_BEFORE))
    for reporting_round in rounds.select_related("plan__organisation"):
        if reporting_round.opened_on >= reporting_round.closes_on - REMINDED_BEFORE:
            continue  # it lasts a week or less: everybody has just been asked
        with transaction.atomic():
            # The condition again: of two runs at once, one reminds.
            if ReportingRound.objects.filter(pk=reporting_round.pk, reminded_on=None).update(reminded_on=today):
                board = board_of(reporting_round)
                ask(board, board.late, now=now)


@dataclass
class OpenBoards:
    """The boards of open rounds that still take reports on `today`, each made once for a run of the outbox."""

    today: date
    boards: dict = field(default_factory=dict)

    def get(self, key):
        """Return the board of the round with this key, or None."""
        if key not in self.boards:
            found = ReportingRound.objects.open().select_related("plan__organisation").filter(key=key).first()
            takes_reports = found is not None and found.takes_reports_on(self.today)
            self.boards[key] = board_of(found) if takes_reports else None
        return self.boards[key]


def is_settled(message, boards):
    """Return whether a message asks for what is done by now: a report that is there, or one that was checked.

    A message of a round that asks for more than is missing by now is made again: see `renew`.
    """
    if message.kind == Message.Kind.ROUND:
        board = boards.get(message.items[0])
        return not (board and any(each.is_missing for each in board.asks_of(message.person)))
    if message.kind == Message.Kind.PROPOSALS:
        return not Proposal.objects.waiting().filter(key__in=message.items).exists()
    return False


def renew(message, boards, now):
    """Make the message of a round again if something else is missing by now. Return whether it was."""
    if message.kind != Message.Kind.ROUND:
        return False
    board = boards.get(message.items[0])
    asks = board.asks_of(message.person)
    if items_of(board.round, asks) == message.items:
        return False
    earlier = Message.objects.of_round(board.round).filter(person=message.person).exclude(sent_at=None)
    with override(message.person.language or ENGLISH), transaction.atomic():
        message.delete()
        store_request(board, message.person, asks, now, is_reminder=earlier.exists())
    return True


def announce_proposals(now):
    """Store a message for each person of the secretariat with the reports that have arrived since the last one."""
    for plan in Plan.objects.filter(proposals__state=ProposalState.WAITING, proposals__announced_at=None).distinct():
        with transaction.atomic():
            Plan.objects.select_for_update().get(pk=plan.pk)
            new = list(Proposal.objects.waiting().filter(plan=plan, announced_at=None).for_page())
            for person in checkers():
                with override(person.language or ENGLISH):
                    store_announcement(plan, person, new, now)
            Proposal.objects.filter(pk__in=[each.pk for each in new]).update(announced_at=now)


def checkers():
    """Return who gets the reports to check: the secretariat or, where it has nobody, the administrators."""
    people = get_user_model().objects.filter(has_valid_address(), is_active=True, reminders=True)
    for role in ("Secretariat", "Administrators"):
        if found := list(people.filter(groups__name=role)):
            return found
    return []


def store_announcement(plan, person, proposals, now):
    waiting = list(Message.objects.waiting_for(person, Message.Kind.PROPOSALS, now, plan))
    keys = {key for message in waiting for key in message.items}
    for message in waiting:
        message.delete()
    proposals = [*Proposal.objects.waiting().filter(key__in=keys).for_page(), *proposals]
    Translation.objects.load([plan], get_language())
    subject = ngettext("One report to check", "%(number)d reports to check", len(proposals))
    message = Message(person=person, kind=Message.Kind.PROPOSALS, plan=plan)
    message.items, message.subject = [str(each.key) for each in proposals], subject % {"number": len(proposals)}
    context = {
        "plan": plan,
        "rows": [proposal_row(each, plan) for each in proposals],
        "button": {"url": settings.SITE_URL + reverse("todo", args=[plan.slug]), "label": _("Open your to-do list")},
        "unsubscribe_url": unsubscribe_url(person, Message.Kind.PROPOSALS, plan),
    }
    return store_message(message, context, now)


def proposal_row(proposal, plan, *facts, quote=""):
    texts = plan.translated_texts()
    region = texts.get(proposal.region.name) if proposal.region else ""
    return Row(
        title=texts.get(proposal.deliverable.title),
        path=proposal.deliverable.get_absolute_url(),
        facts=facts or (proposal.proposed_by_name, region),
        quote=quote,
        code=str(proposal.deliverable.code),
        status=proposal.status,
    )


def tell_answers(now):
    """Store a message for each person whose reports were answered since the last one."""
    answered = Proposal.objects.filter(state__in=ANSWERED, answer_sent_at=None)
    for person, plan in set(answered.values_list("proposed_by", "plan")):
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(pk=plan)
            answers = list(answered.filter(proposed_by=person, plan=plan).for_page())
            proposals = [each for each in answers if not each.is_superseded()]
            author = get_user_model().objects.filter(has_valid_address(), pk=person, is_active=True).first()
            if author and proposals and Plan.objects.visible_to(author).filter(pk=plan.pk).exists():
                with override(author.language or ENGLISH):
                    store_answers(plan, author, proposals, now)
            Proposal.objects.filter(pk__in=[each.pk for each in answers]).update(answer_sent_at=now)


def store_answers(plan, person, proposals, now):
    Translation.objects.load([plan], get_language())
    back = [each for each in proposals if each.state == ProposalState.SENT_BACK]
    accepted = [each for each in proposals if each.state == ProposalState.ACCEPTED]
    message = Message(person=person, kind=Message.Kind.ANSWERS, plan=plan, items=[str(each.key) for each in proposals])
    message.subject = answers_subject(len(accepted), len(back))
    context = {
        "plan": plan,
        "accepted": [
            proposal_row(each, plan, _("Accepted with changes") if each.was_changed else _("Accepted"))
            for each in accepted
        ],
        "back": [proposal_row(each, plan, _("Sent back"), quote=each.comment) for each in back],
        "button": answers_button(plan, person, back or accepted),
    }
    return store_message(message, context, now)


def answers_subject(accepted, back):
    if back:
        text = ngettext("A question about your report", "Questions about %(number)d of your reports", back)
        return text % {"number": back}
    text = ngettext("Your report was accepted", "%(number)d of your reports were accepted", accepted)
    return text % {"number": accepted}


def answers_button(plan, person, proposals):
    """Return the button: the person's link into the round while it takes reports, otherwise the deliverable's page."""
    first = proposals[0]
    is_back = first.state == ProposalState.SENT_BACK
    if is_back and first.round and first.round.takes_reports_on(timezone.localdate()):
        of_one = f"{first.deliverable.code}/" if len(proposals) == 1 else ""
        return {"url": url_for(first.round, person) + of_one, "label": _("Answer")}
    label = _("Answer") if is_back else _("See it in the plan")
    return {"url": settings.SITE_URL + first.deliverable.get_absolute_url(), "label": label}


def make_reporting_messages(now):
    """Store all messages about rounds and proposals that are due."""
    remind_before_closing(now)
    announce_proposals(now)
    tell_answers(now)
